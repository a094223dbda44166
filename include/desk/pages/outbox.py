"""发件箱: every mail planned or sent, one mail as it was sent, what is still to come, whether sending is stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from include.desk import asked as asked_for
from include.desk.paper import address, show
from include.desk.session import Seen, Visitor
from include.desk.tables import Column, Paging, Table, export, is_export
from include.domain.campaign import Campaign
from include.domain.errors import GiveUp, NotFound
from include.domain.glances import UnitsAsked
from include.domain.mail_list import Attempt, MailRow, MailsAsked, SentMail
from include.domain.notices import NoticeKind, NoticeState, SendMode
from include.domain.plans import EVERYTHING, Dispatch, Stop
from include.steps import deliver, forecast, one_mail, stop_sending
from include.steps.forecast import Planned
from include.steps.one_mail import OneMail

router = APIRouter()

TONES = {
    NoticeState.ACCEPTED: "good",
    NoticeState.IN_DOUBT: "bad",
    NoticeState.REFUSED: "bad",
    NoticeState.BOUNCED: "bad",
    NoticeState.HELD: "warn",
}
MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
"""A mail is shown, never run: no script, no form, no link out of its frame."""
MOST_UNITS = 100_000

_MAILS = (
    Column("id", "编号", link="page", width=10),
    Column("planned_on", "登记日", "day"),
    Column("kind", "类别", link="page", width=24),
    Column("whom", "单位或岗位", width=36),
    Column("recipient", "收件邮箱", width=30),
    Column("state", "状态", width=14),
    Column("at", "最近办理", "moment"),
    Column("detail", "说明", width=50),
)
_WAITING = (
    Column("planned_on", "登记日", "day"),
    Column("kind", "类别", width=18),
    Column("phase", "阶段"),
    Column("step", "档次", width=14),
    Column("due_on", "报送截止", "day"),
    Column("entered", "待发（份）", "count"),
)
_ATTEMPTS = (
    Column("at", "时间", "moment"),
    Column("state", "结果", width=14),
    Column("recipient", "收件邮箱", width=30),
    Column("detail", "邮件服务器或系统的说明", width=70),
)
_FORECAST = (
    Column("day", "日期", "day"),
    Column("phase", "阶段", width=22),
    Column("title", "事项", width=30),
    Column("count", "最多（份）", "count"),
)


@router.get("/outbox")
def outbox(request: Request, who: Seen) -> Response:
    campaign = asked_for.campaign(request, who)
    asked, paging, root = _asked(request, who, campaign), Paging.of(request), _root(request)
    mails = who.using.ledger.mail_list
    states = who.office.answer(
        ("mail states", campaign.id, who.on, who.regions),
        lambda: mails.states(campaign.id, on=who.on, regions=who.regions),
    )
    rows = mails.page(asked, limit=paging.size, offset=paging.offset)
    table = Table(
        "mails",
        "邮件",
        _MAILS,
        [_line(each, campaign, root, whole=is_export(request)) for each in rows],
        total=_total(asked, len(rows), states, paging, who),
        empty="没有符合条件的邮件。",
    )
    waiting, stops = _waiting(campaign, who), _stops(campaign, who)
    about = f"{campaign.title}；日期：{who.on}；{_said(asked)}"
    return export(request, [table, waiting], about=about) or show(
        request,
        "outbox.html.j2",
        who,
        campaign=campaign,
        asked=asked,
        table=table,
        waiting=waiting,
        paging=paging,
        figures=_figures(campaign, states, root),
        stops=stops,
        must_confirm=any(each.scope == EVERYTHING and each.by == stop_sending.SYSTEM for each in stops),
        pause=deliver.why_not_now(campaign, who.using),
        mode=who.using.mail_server.mode,
        modes=SendMode,
        choices=_choices(who),
    )


@router.get("/outbox/{campaign_id}/forecast")
def coming(request: Request, who: Seen, campaign_id: str) -> Response:
    campaign = who.campaign(campaign_id)
    reckoned_at, found = who.office.reckon(
        ("forecast", campaign.id, who.on, who.regions), lambda: (who.using.now(), _forecast(campaign, who))
    )
    table = Table(
        "forecast",
        "逐日发送预测",
        _FORECAST,
        [
            {"day": each.day, "phase": phase, "title": each.title, "count": each.count}
            for phase, each in found
        ],
        empty="没有尚待发送的通知：报送任务尚未开列，或各档次都已发送。",
        note="按目前尚未报送的单位计，报送一家少一家；收件回执、退回重报等随来件发送的邮件不在其中。",
    )
    return export(request, [table], about=f"{campaign.title}；自{who.on}起") or show(
        request,
        "forecast.html.j2",
        who,
        campaign=campaign,
        table=table,
        days=_by_day([each for _, each in found]),
        reckoned_at=reckoned_at,
    )


@router.get("/outbox/{campaign_id}/{notice_id}")
def mail(request: Request, who: Seen, campaign_id: str, notice_id: int) -> Response:
    campaign = who.campaign(campaign_id)
    found = _find(campaign, notice_id, who)
    table = Table(
        "attempts",
        "发送经过",
        _ATTEMPTS,
        [_attempt(each) for each in found.attempts],
        empty="还没有发送过。",
    )
    sent, why_not = _words(request, campaign, found, who)
    return export(request, [table], about=f"{campaign.title}；邮件{notice_id}") or show(
        request,
        "mail.html.j2",
        who,
        campaign=campaign,
        mail=found,
        row=found.row,
        whom=_whom(found.row, campaign),
        step=_step(found.row.step_key, campaign),
        tone=TONES.get(found.row.state, ""),
        table=table,
        sent=sent,
        is_preview=sent is not None and sent is not found.sent,
        why_not=why_not,
        states=NoticeState,
    )


@router.get("/outbox/{campaign_id}/{notice_id}/body")
def body(request: Request, who: Seen, campaign_id: str, notice_id: int) -> Response:
    campaign = who.campaign(campaign_id)
    found = _find(campaign, notice_id, who)
    sent, why_not = _words(request, campaign, found, who)
    if sent is None:
        raise NotFound(why_not)
    return HTMLResponse(sent.html, headers={"Content-Security-Policy": MAIL_POLICY})


@router.get("/outbox/{campaign_id}/{notice_id}/files/{place}")
def file(request: Request, who: Seen, campaign_id: str, notice_id: int, place: int) -> Response:
    campaign = who.campaign(campaign_id)
    name, content = one_mail.attachment(campaign, _find(campaign, notice_id, who), place - 1, using=who.using)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type="application/octet-stream", headers=headers)


def _find(campaign: Campaign, notice_id: int, who: Visitor) -> OneMail:
    return one_mail.find(campaign, notice_id, on=who.on, regions=who.regions, using=who.using)


def _words(request: Request, campaign: Campaign, found: OneMail, who: Visitor) -> tuple[SentMail | None, str]:
    """What the mail said; what it would say now where that is asked for; else why neither can be shown."""
    if found.sent is not None:
        return found.sent, ""
    if found.is_shared:
        return None, "这封邮件合并了其他县区单位的通知，不予显示正文。"
    if "now" not in request.query_params:
        return None, ""
    try:
        return one_mail.now(campaign, found, on=who.on, using=who.using), ""
    except GiveUp as reason:
        return None, f"按目前的台账不会发送这封邮件：{reason}"


def _asked(request: Request, who: Visitor, campaign: Campaign) -> MailsAsked:
    query = request.query_params
    return MailsAsked(
        campaign.id,
        who.on,
        who.regions,
        kind=asked_for.one_of(NoticeKind, query.get("kind")),
        state=asked_for.one_of(NoticeState, query.get("state")),
        unit=query.get("unit", "").strip()[:60],
        day=asked_for.day(query.get("day")),
    )


def _total(
    asked: MailsAsked, shown: int, states: Mapping[NoticeState, int], paging: Paging, who: Visitor
) -> int:
    """How many there are in all, counted only where neither the states nor the end of the list tell."""
    if asked == MailsAsked(asked.campaign_id, asked.on, asked.regions):
        return sum(states.values())
    if 0 < shown < paging.size or (paging.number == 1 and not shown):
        return paging.offset + shown
    return who.office.answer(asked, lambda: who.using.ledger.mail_list.count(asked))


def _said(asked: MailsAsked) -> str:
    said = [
        asked.kind.zh if asked.kind else "",
        asked.state.zh if asked.state else "",
        f"单位含“{asked.unit}”" if asked.unit else "",
        f"{asked.day}登记" if asked.day else "",
    ]
    return "范围：" + ("，".join(each for each in said if each) or "全部")


def _line(row: MailRow, campaign: Campaign, root: str, *, whole: bool) -> dict[str, Any]:
    """What the server said to a mail it took over is left to the mail's own page, and to the workbook (``whole``)."""
    is_fine = row.state is NoticeState.ACCEPTED
    return {
        "id": row.id,
        "planned_on": row.planned_on,
        "kind": _subject(row, campaign),
        "whom": _whom(row, campaign),
        "recipient": row.recipient,
        "state": row.state.zh,
        "at": row.at,
        "detail": row.detail if whole or not is_fine else None,
        "page": address(f"{root}/outbox", campaign.id, row.id),
        "tone": "" if is_fine else TONES.get(row.state, ""),
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "at": attempt.at,
        "state": attempt.state.zh,
        "recipient": attempt.recipient,
        "detail": attempt.detail,
        "tone": TONES.get(attempt.state, ""),
    }


def _whom(row: MailRow, campaign: Campaign) -> str:
    if row.unit_code:
        return f"{row.unit_name}（{row.unit_code}）" if row.unit_name else row.unit_code
    posts = {each.key: each.title for each in campaign.posts}
    return posts.get(row.post_key or "", row.post_key or "办公室")


def _subject(row: MailRow, campaign: Campaign) -> str:
    """A rung by its own name, which says more than that it is a reminder."""
    is_rung = row.kind in (NoticeKind.REMINDER, NoticeKind.OVERDUE)
    return (is_rung and _step(row.step_key, campaign)) or row.kind.zh


def _step(key: str | None, campaign: Campaign) -> str:
    """The rung's name, for those that have one."""
    return next((each.title for each in campaign.ladder if each.key == key), "")


def _figures(campaign: Campaign, states: Mapping[NoticeState, int], root: str) -> list[dict[str, Any]]:
    always = {NoticeState.PLANNED, NoticeState.ACCEPTED, NoticeState.IN_DOUBT}
    return [
        {
            "title": each.zh,
            "value": states.get(each, 0),
            "unit": "份",
            "tone": TONES.get(each, "") if states.get(each) else "",
            "link": address(f"{root}/outbox", campaign=campaign.id, state=each.value),
        }
        for each in NoticeState
        if each in always or each in states
    ]


def _stops(campaign: Campaign, who: Visitor) -> list[Stop]:
    """What stands in the way; that of single units only for who sees all of them."""
    standing = stop_sending.standing(campaign, who.using)
    return [each for each in standing if not who.regions or each.scope in (EVERYTHING, campaign.id)]


def _waiting(campaign: Campaign, who: Visitor) -> Table:
    batches = [] if who.regions else who.using.ledger.outbox.dispatches(campaign.id, waiting=True)
    return Table("waiting", "等待批准的批次", _WAITING, [_batch(each, campaign) for each in batches])


def _batch(batch: Dispatch, campaign: Campaign) -> dict[str, Any]:
    phases = {each.key: each.title for each in campaign.phases}
    return {
        "planned_on": batch.planned_on,
        "kind": batch.kind.zh,
        "phase": phases.get(batch.phase_key or ""),
        "step": _step(batch.step_key, campaign),
        "due_on": batch.due_on,
        "entered": batch.entered,
        "tone": "warn",
    }


def _choices(who: Visitor) -> dict[str, list[tuple[str, str]]]:
    return {
        "campaign": [(each.id, each.short_title) for each in who.campaigns],
        "kind": [("", "全部类别"), *((each.value, each.zh) for each in NoticeKind)],
        "state": [("", "全部状态"), *((each.value, each.zh) for each in NoticeState)],
    }


def _forecast(campaign: Campaign, who: Visitor) -> list[tuple[str, Planned]]:
    """Title of the phase and what it still sends, by day."""
    units = None
    if who.regions:
        asked = UnitsAsked(campaign.id, who.on, who.regions)
        found = who.using.ledger.glances.units(asked, limit=MOST_UNITS, offset=0)
        units = frozenset(each.code for each in found)
    planned = [
        (phase.title, each)
        for phase in campaign.phases
        for each in forecast.mails(campaign, phase, on=who.on, using=who.using, units=units)
    ]
    return sorted(planned, key=lambda each: each[1].day)


def _by_day(planned: Sequence[Planned]) -> list[dict[str, Any]]:
    """Each day's total with its share of the fullest day, for the bars."""
    totals: dict[Any, int] = {}
    for each in planned:
        totals[each.day] = totals.get(each.day, 0) + each.count
    most = max(totals.values(), default=1)
    return [{"day": day, "count": count, "share": 100 * count / most} for day, count in totals.items()]


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", ""))
