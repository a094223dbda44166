"""One institution: what it owes, what the registers have on it, and all that happened, in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from include.desk.paper import address, distance, root_of, show
from include.desk.session import Seen, Visitor
from include.desk.tables import Column, Table, export
from include.domain.access import Right
from include.domain.campaign import Campaign
from include.domain.codes import region_name
from include.domain.plans import Stop, unit_scope
from include.domain.registers import DUE, STATE, written
from include.domain.units import Unit
from include.steps import calls, unit_history
from include.steps.grade_units import INSTITUTIONS
from include.steps.unit_history import EventKind, History

router = APIRouter()

TIPS = "tip"


@router.get("/units/{campaign_id}/{code}")
def unit(request: Request, who: Seen, campaign_id: str, code: str) -> Response:
    campaign = who.campaign(campaign_id)
    found = who.unit(campaign, code)
    history = unit_history.find(
        campaign, found, on=who.on, using=who.using, without=() if _sees_tips(who) else (TIPS,)
    )
    root = root_of(request)
    tables = [
        _obligations(history, campaign, who),
        *_records(history, campaign, who, root),
        _timeline(history),
    ]
    about = f"{campaign.title}；{found.code} {found.name}；日期：{who.on}"
    return export(request, tables, about=about) or show(
        request,
        "unit.html.j2",
        who,
        campaign=campaign,
        unit=found,
        is_graded=found.kind in INSTITUTIONS and not who.regions,
        region=region_name(found.region_code),
        suspended=_suspended(found, who),
        is_number_wrong=bool(calls.unusable_numbers(campaign, [found.code], on=who.on, using=who.using)),
        has_left=who.using.ledger.roster.unit(campaign.id, found.code, on=who.on) is None,
        stop=_stop(campaign, found, who),
        figures=_figures(history, who),
        tables=tables[:-1],
        timeline=tables[-1],
        days=_days(history, campaign, root),
        elsewhere=_elsewhere(campaign, found, who),
    )


def _sees_tips(who: Visitor) -> bool:
    """Reports by the public are for those who handle or audit them."""
    return any(who.may(right) for right in (Right.ACT, Right.SEE_TIPSTERS, Right.SEE_TRAIL))


def _obligations(history: History, campaign: Campaign, who: Visitor) -> Table:
    columns = (
        Column("form", "应报材料", width=34),
        Column("phase", "阶段"),
        Column("due_on", "截止日", "day"),
        Column("state", "状态", width=16),
        Column("distance", "时限", width=18),
        Column("received_on", "收到", "day"),
        Column("accepted_on", "通过", "day"),
    )
    rows = []
    for each in history.obligations:
        is_late = not each.is_settled and each.due_on < who.on
        late = f"迟{each.days_late}个工作日" if each.days_late else "按期"
        settled = late if each.accepted_on else "—"
        rows.append(
            {
                "form": unit_history.form_title(each.form, who.using)
                + ("（零报告）" if each.is_zero else ""),
                "phase": campaign.phase(each.phase_key).title,
                "due_on": each.due_on,
                "state": each.state.zh,
                "distance": settled if each.is_settled else distance(each.due_on, who),
                "received_on": each.received_on,
                "accepted_on": each.accepted_on,
                "tone": "bad" if is_late else "good" if each.is_settled else "warn",
            }
        )
    return Table("obligations", "报送任务", columns, rows, empty="本次行动中该单位没有报送任务。")


def _records(history: History, campaign: Campaign, who: Visitor, root: str) -> list[Table]:
    columns = (
        Column("number", "编号", link="page", width=20),
        Column("state", "状态", width=14),
        Column("due_on", "期限", "day"),
        Column("said", "摘要", width=70),
    )
    return [
        Table(
            key,
            who.using.forms[key].title,
            columns,
            [
                {
                    "number": each.number,
                    "page": _tipster(key, each.number, campaign, who, root),
                    "state": written(each.values.get(STATE)),
                    "due_on": each.values.get(DUE),
                    "said": unit_history.summary(who.using.forms[key], each),
                }
                for each in records
            ],
        )
        for key, records in history.records.items()
    ]


def _tipster(register: str, number: str, campaign: Campaign, who: Visitor, root: str) -> str:
    """The way to who gave a tip, for those who handle tips."""
    if register != TIPS or not who.may(Right.SEE_TIPSTERS, campaign.id):
        return ""
    return address(f"{root}/tips", campaign.id, number, "identity")


def _timeline(history: History) -> Table:
    columns = (
        Column("day", "日期", "day"),
        Column("kind", "类别", width=12),
        Column("what", "事项", width=50),
        Column("detail", "说明", width=70),
    )
    rows = [
        {
            "day": each.day,
            "kind": each.kind.zh,
            "what": each.what,
            "detail": "；".join((each.detail, *each.lines)).strip("；"),
        }
        for each in history.events
    ]
    return Table("timeline", "经过", columns, rows, empty="还没有记录。")


def _days(history: History, campaign: Campaign, root: str) -> list[dict[str, Any]]:
    """The events by day, the newest day first, in their order within the day."""
    found: list[dict[str, Any]] = []
    for each in history.events:
        if not found or found[-1]["day"] != each.day:
            found.append({"day": each.day, "events": []})
        link = (
            address(f"{root}/outbox", campaign.id, each.number)
            if each.kind is EventKind.MAIL and each.number
            else ""
        )
        found[-1]["events"].append({"event": each, "link": link})
    return found[::-1]


def _figures(history: History, who: Visitor) -> list[dict[str, Any]]:
    settled = sum(each.is_settled for each in history.obligations)
    overdue = sum(not each.is_settled and each.due_on < who.on for each in history.obligations)
    kinds = [each.kind for each in history.events]
    return [
        {"title": "应报", "value": len(history.obligations), "unit": "件"},
        {"title": "已办结", "value": settled, "unit": "件", "tone": "good"},
        {"title": "逾期", "value": overdue, "unit": "件", "tone": "bad" if overdue else ""},
        {"title": "已发邮件", "value": kinds.count(EventKind.MAIL), "unit": "份"},
        {"title": "电话催办", "value": kinds.count(EventKind.CALL), "unit": "次"},
        {"title": "收到文件", "value": kinds.count(EventKind.FILE), "unit": "份"},
        {"title": "台账记录", "value": sum(map(len, history.records.values())), "unit": "条"},
    ]


def _suspended(unit: Unit, who: Visitor) -> Mapping[str, Any]:
    mails = [each.lower() for each in (unit.contact_email, unit.backup_email) if each]
    return who.using.ledger.inbound.suspended(mails) if mails else {}


def _stop(campaign: Campaign, unit: Unit, who: Visitor) -> Stop | None:
    """The stop that keeps mails from this unit, if one stands."""
    scope = unit_scope(campaign.id, unit.code)
    return next((each for each in who.using.ledger.outbox.stops(campaign.id) if each.scope == scope), None)


def _elsewhere(campaign: Campaign, unit: Unit, who: Visitor) -> list[Campaign]:
    others = [each.id for each in who.campaigns if each.id != campaign.id]
    found = who.using.ledger.glances.campaigns_of(unit.code, among=others) if others else []
    return [each for each in who.campaigns if each.id in found]
