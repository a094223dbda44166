"""机构: the roster as a list one can search."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from include.desk import asked as asked_for
from include.desk.paper import address, root_of, show
from include.desk.session import Seen, Visitor
from include.desk.tables import Column, Paging, Table, export
from include.domain.access import Right
from include.domain.campaign import Campaign
from include.domain.codes import region_name
from include.domain.glances import Show, UnitLine, UnitsAsked
from include.domain.model import UnitKind
from include.steps import calls, unit_history

router = APIRouter()

NO_ROSTER = "本次行动还没有导入名册；导入后这里列出应报送的单位。"
CALLED = frozenset({Show.OWING, Show.OVERDUE, Show.UNREACHABLE, Show.TO_CALL, Show.AGREED})
"""Lists of units that may be taken along to be called."""

_UNITS = (
    Column("code", "机构编码", link="page", width=18),
    Column("name", "机构名称", link="page", width=36),
    Column("kind", "类别", width=14),
    Column("region", "区划", width=16),
    Column("level", "等级", width=12),
    Column("owed", "应报（件）", "count"),
    Column("settled", "已办结（件）", "count"),
    Column("overdue", "逾期（件）", "count"),
    Column("next_due", "最近截止日", "day"),
    Column("address", "邮箱", width=10),
)


@router.get("/units")
def units(request: Request, who: Seen) -> Response:
    campaign = asked_for.campaign(request, who)
    asked, paging = units_asked(request, who, campaign), Paging.of(request)
    lines, total = listed(asked, paging, who)
    table = Table(
        "units",
        _title(asked),
        _UNITS,
        [_line(each, campaign, request) for each in lines],
        total=total,
        empty="没有符合条件的单位。" if total or _has_roster(campaign, who) else NO_ROSTER,
    )
    about = f"{campaign.title}；日期：{who.on}；{_said(asked, campaign, who)}"
    return export(request, [table], about=about) or show(
        request,
        "units.html.j2",
        who,
        campaign=campaign,
        asked=asked,
        narrowed=_narrowed(asked, campaign, who),
        table=table,
        paging=paging,
        choices=_choices(campaign, who),
        call_list=_call_list(request, asked, total, campaign, who),
    )


def listed(asked: UnitsAsked, paging: Paging, who: Visitor) -> tuple[list[UnitLine], int]:
    """One page of the list, and how many units it has in all."""
    glances = who.using.ledger.glances
    lines = glances.units(asked, limit=paging.size, offset=paging.offset)

    def count() -> int:
        return who.office.answers.of_entries(("count", asked), lambda: glances.count_units(asked))

    return lines, paging.total(len(lines), count)


def units_asked(
    request: Request, who: Visitor, campaign: Campaign, *, usually: Show = Show.ALL
) -> UnitsAsked:
    """What the address asks for; what it asks that does not exist is as if not asked."""
    query = request.query_params
    return UnitsAsked(
        campaign.id,
        who.on,
        who.regions,
        text=query.get("text", "").strip()[:60],
        kind=asked_for.one_of(UnitKind, query.get("kind")),
        region=query.get("region", "")[:12],
        show=asked_for.one_of(Show, query.get("show")) or usually,
        phase=query.get("phase", "")[:48],
        form=query.get("form", "")[:48],
        due_on=asked_for.day(query.get("due", "")),
        told_since=calls.told_since(who.on, who.using),
    )


def _call_list(request: Request, asked: UnitsAsked, total: int, campaign: Campaign, who: Visitor) -> str:
    """Where the list to call these units is; empty where they owe nothing, are too many, or may not be acted on."""
    is_callable = asked.show in CALLED and 0 < total <= calls.MOST_UNITS
    if not (is_callable and who.may(Right.ACT, campaign.id)):
        return ""
    return f"{address(f'{root_of(request)}/calls', campaign.id, 'list')}?{request.url.query}"


def _has_roster(campaign: Campaign, who: Visitor) -> bool:
    return who.using.ledger.roster.frozen_on(campaign.id) is not None


def _title(asked: UnitsAsked) -> str:
    return "机构名单" if asked.show is Show.ALL else f"机构名单：{asked.show.zh}"


def _narrowed(asked: UnitsAsked, campaign: Campaign, who: Visitor) -> str:
    """Which return the list is narrowed to, in words; empty when to none."""
    phases = {each.key: each.title for each in campaign.phases}
    said = [
        phases.get(asked.phase, asked.phase),
        f"《{unit_history.form_title(asked.form, who.using)}》" if asked.form else "",
        f"{asked.due_on}到期" if asked.due_on else "",
    ]
    return "，".join(each for each in said if each)


def _said(asked: UnitsAsked, campaign: Campaign, who: Visitor) -> str:
    said = [
        asked.show.zh,
        asked.kind.zh if asked.kind else "",
        region_name(asked.region) if asked.region else "",
        f"名称或编码含“{asked.text}”" if asked.text else "",
        _narrowed(asked, campaign, who),
    ]
    return "范围：" + "，".join(each for each in said if each)


def _line(line: UnitLine, campaign: Campaign, request: Request) -> dict[str, Any]:
    root = root_of(request)
    return {
        "code": line.code,
        "name": line.name,
        "kind": line.kind.zh,
        "region": region_name(line.region_code),
        "level": line.level,
        "owed": line.owed,
        "settled": line.settled,
        "overdue": line.overdue or None,
        "next_due": line.next_due,
        "address": "有" if line.has_address else "无可用",
        "page": address(f"{root}/units", campaign.id, line.code),
        "tone": "bad" if line.overdue else "good" if line.owed and line.owed == line.settled else "",
    }


def _choices(campaign: Campaign, who: Visitor) -> dict[str, list[tuple[str, str]]]:
    regions = who.office.answers.of_entries(
        ("regions", campaign.id, who.on, who.regions),
        lambda: who.using.ledger.glances.regions(campaign.id, on=who.on, regions=who.regions),
    )
    return {
        "campaign": asked_for.campaign_choices(who),
        "show": [(each.value, each.zh) for each in Show],
        "kind": [("", "全部类别"), *((each.value, each.zh) for each in UnitKind)],
        "region": [
            ("", "全部区划"),
            *((code, f"{region_name(code)}（{number}家）") for code, number in regions.items()),
        ],
    }
