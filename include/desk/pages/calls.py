"""电话催办: whom to call, the list to take along, and what comes back of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from include.desk import asked as asked_for
from include.desk.pages.forms import NO_KEY
from include.desk.pages.units import listed, units_asked
from include.desk.paper import address, root_of, show
from include.desk.session import Seen, Visitor
from include.desk.tables import XLSX, Column, Paging, Table, export
from include.domain.access import Right
from include.domain.calls import PhoneCall, has_wrong_number, last_said
from include.domain.campaign import Campaign
from include.domain.errors import GiveUp
from include.domain.glances import Show, UnitLine
from include.domain.units import Unit
from include.steps import calls as steps
from include.steps import hand_in, named
from include.steps.calls import Reviewed

router = APIRouter()

ENVELOPE = 64 * 1024
_UNITS = (
    Column("name", "单位", link="page", width=36),
    Column("phone", "联系电话", width=18),
    Column("why", "缘由", width=22),
    Column("overdue", "逾期（件）", "count"),
    Column("next_due", "最近截止日", "day"),
    Column("last", "最近一次通话", width=34),
)
_FINDINGS = (
    Column("where", "位置", width=16),
    Column("header", "栏目", width=14),
    Column("message", "问题和改法", width=80),
)
_CALLS = (
    Column("unit", "单位", width=36),
    Column("when", "通话时间", width=18),
    Column("said", "结果", width=24),
    Column("spoken_to", "接听岗位", width=18),
    Column("note", "通话内容", width=50),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a list handed in: looked at alone, refused, or entered (次)."""

    name: str
    reviewed: Reviewed | None = None
    entered: int | None = None
    refusal: str = ""


@router.get("/calls")
def calls(request: Request, who: Seen) -> Response:
    return _page(request, who, asked_for.campaign(request, who))


@router.get("/calls/{campaign_id}/list")
def to_call(request: Request, who: Seen, campaign_id: str) -> Response:
    """The workbook of the units asked for as on 机构, of those to be called unless told."""
    campaign = who.campaign(campaign_id)
    who.demand(Right.ACT, campaign.id)
    asked = units_asked(request, who, campaign, usually=Show.TO_CALL)
    lines = who.using.ledger.glances.units(asked, limit=steps.MOST_UNITS + 1, offset=0)
    try:
        content = steps.workbook(campaign, [each.code for each in lines], on=who.on, using=who.using)
    except GiveUp as refusal:
        return _page(request, who, campaign, Answer("", refusal=str(refusal)), status=422)
    except ValueError as fault:
        raise HTTPException(503, NO_KEY) from fault
    name = quote(f"{campaign.short_title}_{who.on:%Y%m%d}_{steps.WORKBOOK_NAME}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(content, media_type=XLSX, headers=headers)


@router.post("/calls/{campaign_id}")
async def hand_in_list(request: Request, who: Seen, campaign_id: str) -> Response:
    """Looked at alone, or entered whole: one wrong line and nothing is."""
    asked_for.refuse_large(request, hand_in.LARGEST + ENVELOPE)
    campaign = await run_in_threadpool(who.campaign, campaign_id)
    who.demand(Right.ACT, campaign.id)
    async with request.form(max_files=1, max_fields=4) as fields:
        file = fields.get("file")
        content = await file.read(hand_in.LARGEST + 1) if isinstance(file, UploadFile) else b""
        name = (file.filename or "") if isinstance(file, UploadFile) else ""
        texts = {key: value for key, value in fields.items() if isinstance(value, str)}
    return await run_in_threadpool(_handed_in, request, who, campaign, texts, name, content)


def _handed_in(
    request: Request, who: Visitor, campaign: Campaign, texts: Mapping[str, str], name: str, content: bytes
) -> Response:
    on, post = who.office.today(), texts.get("post", "")
    try:
        if not content:
            raise GiveUp("没有选择文件，或文件是空的（0字节），请重新选择。")
        if len(content) > hand_in.LARGEST:
            raise GiveUp(f"文件超过{hand_in.LARGEST // 1024 // 1024}MB，不是电话催办表，请核对后重新选择。")
        reviewed = steps.review(campaign, content, by=post, on=on, using=who.using)
        entered = None
        if texts.get("what") != "look" and not reviewed.errors:
            actor = named.signed(named.post(campaign, post), who.user)
            entered = steps.enter(campaign, reviewed, on=on, actor=actor, using=who.using)
    except (GiveUp, ValueError) as refusal:
        return _page(request, who, campaign, Answer(name, refusal=str(refusal)), post=post, status=422)
    status = 422 if reviewed.errors else 200
    return _page(request, who, campaign, Answer(name, reviewed, entered), post=post, status=status)


def _page(
    request: Request,
    who: Visitor,
    campaign: Campaign,
    answer: Answer | None = None,
    *,
    post: str = "",
    status: int = 200,
) -> Response:
    asked = units_asked(request, who, campaign, usually=Show.TO_CALL)
    paging = Paging.of(request)
    lines, total = listed(asked, paging, who)
    table = Table(
        "calls",
        "电话待联系" if asked.show is Show.TO_CALL else asked.show.zh,
        _UNITS,
        _units(lines, campaign, who, root_of(request)),
        total=total,
        empty="没有需要打电话的单位。",
        note=(
            f"列入：未办结且无可用邮箱、{steps.TELLS_FOR}个工作日内没有电话告知过的；承诺报送、约定回电的日子已到而仍未办结的。"
        ),
    )
    tables = _reviewed(answer.reviewed, campaign, who) if answer and answer.reviewed else []
    return export(request, [table], about=f"{campaign.title}；日期：{who.on}") or show(
        request,
        "calls.html.j2",
        who,
        status=status,
        campaign=campaign,
        campaigns=asked_for.campaign_choices(who),
        table=table,
        paging=paging,
        list_page=address(f"{root_of(request)}/calls", campaign.id, "list")
        + (f"?{request.url.query}" if request.method == "GET" and request.url.query else ""),
        is_callable=0 < total <= steps.MOST_UNITS,
        most=steps.MOST_UNITS,
        may_act=who.may(Right.ACT, campaign.id),
        posts=[(each.key, each.title) for each in campaign.posts],
        post=post,
        answer=answer,
        tables=tables,
    )


def _units(lines: Sequence[UnitLine], campaign: Campaign, who: Visitor, root: str) -> list[dict[str, Any]]:
    codes = [each.code for each in lines]
    units = who.using.ledger.roster.known(campaign.id, codes)
    made = who.using.ledger.calls.of_units(campaign.id, codes, on=who.on)
    return [_unit(each, units[each.code], made.get(each.code, ()), campaign, who.on, root) for each in lines]


def _unit(
    line: UnitLine, unit: Unit, made: Sequence[PhoneCall], campaign: Campaign, on: date, root: str
) -> dict[str, Any]:
    last = made[-1] if made else None
    is_wrong = has_wrong_number(last, unit.contact_phone)
    return {
        "name": line.name,
        "code": line.code,
        "phone": f"{unit.contact_phone or '未登记'}{'（号码有误）' if is_wrong else ''}",
        "why": _why(line, last, on),
        "overdue": line.overdue or None,
        "next_due": line.next_due,
        "last": last_said(made),
        "page": address(f"{root}/units", campaign.id, line.code),
        "tone": "bad" if line.overdue else "warn",
    }


def _why(line: UnitLine, last: PhoneCall | None, on: date) -> str:
    if last and last.next_on and last.next_on <= on:
        return "约定的日子已到"
    return "未办结" if line.has_address else "邮件通知不到"


def _reviewed(reviewed: Reviewed, campaign: Campaign, who: Visitor) -> list[Table]:
    if reviewed.findings:
        rows = [
            {"where": each.place, "header": each.header, "message": each.message, "tone": "bad"}
            for each in reviewed.findings
        ]
        return [Table("findings", "须改正", _FINDINGS, rows)]
    units = who.using.ledger.roster.known(campaign.id, {each.unit_code for each in reviewed.calls})
    rows = [
        {
            "unit": f"{units[each.unit_code].name}（{each.unit_code}）",
            "when": each.when,
            "said": each.zh,
            "spoken_to": each.spoken_to,
            "note": each.note,
        }
        for each in reviewed.calls
    ]
    return [Table("reviewed", "表中的通话", _CALLS, rows, empty="没有新的通话。")]
