"""发件箱: every mail planned or sent, found by what is known of it, and whether sending is stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from include.desk import asked as asked_for
from include.desk.paper import address, root_of, show
from include.desk.session import Seen, Visitor
from include.desk.tables import Column, Paging, Table, export, is_export
from include.domain.campaign import Campaign
from include.domain.mail_list import MailRow, MailsAsked
from include.domain.notices import NoticeKind, NoticeState, SendMode
from include.domain.plans import EVERYTHING, Dispatch, Stop
from include.steps import deliver, stop_sending

router = APIRouter()

TONES = {
    NoticeState.ACCEPTED: "good",
    NoticeState.IN_DOUBT: "bad",
    NoticeState.REFUSED: "bad",
    NoticeState.BOUNCED: "bad",
    NoticeState.HELD: "warn",
}

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


@router.get("/outbox")
def outbox(request: Request, who: Seen) -> Response:
    campaign = asked_for.campaign(request, who)
    asked, paging, root = _asked(request, who, campaign), Paging.of(request), root_of(request)
    mails = who.using.ledger.mail_list
    states = who.office.answers.recent(
        ("mail states", campaign.id, who.on, who.regions),
        lambda: mails.states(campaign.id, on=who.on, regions=who.regions, until=asked.until),
    )
    rows = mails.page(asked, limit=paging.size, offset=paging.offset)
    table = Table(
        "mails",
        "邮件",
        _MAILS,
        [_line(each, campaign, root, whole=is_export(request)) for each in rows],
        total=_total(asked, len(rows), states, paging, who),
        empty="没有符合条件的邮件。",
        note="" if who.is_today else f"列出{who.on}及以前登记的邮件；状态、说明是现在的，不是当天的。",
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
        # Of today all there is; looked up by its index, and a run may have been made for a day to come.
        until=None if who.is_today else who.on,
    )


def _total(
    asked: MailsAsked, shown: int, states: Mapping[NoticeState, int], paging: Paging, who: Visitor
) -> int:
    """How many there are in all, counted only where neither the states nor the end of the list tell."""
    if asked == MailsAsked(asked.campaign_id, asked.on, asked.regions, until=asked.until):
        return sum(states.values())
    return paging.total(
        shown, lambda: who.office.answers.recent(asked, lambda: who.using.ledger.mail_list.count(asked))
    )


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
        "whom": whom_of(row, campaign),
        "recipient": row.recipient,
        "state": row.state.zh,
        "at": row.at,
        "detail": row.detail if whole or not is_fine else None,
        "page": address(f"{root}/outbox", campaign.id, row.id),
        "tone": "" if is_fine else TONES.get(row.state, ""),
    }


def whom_of(row: MailRow, campaign: Campaign) -> str:
    if row.unit_code:
        return f"{row.unit_name}（{row.unit_code}）" if row.unit_name else row.unit_code
    posts = {each.key: each.title for each in campaign.posts}
    return posts.get(row.post_key or "", row.post_key or "办公室")


def _subject(row: MailRow, campaign: Campaign) -> str:
    """A rung by its own name, which says more than that it is a reminder."""
    is_rung = row.kind in (NoticeKind.REMINDER, NoticeKind.OVERDUE)
    return (is_rung and step_title(row.step_key, campaign)) or row.kind.zh


def step_title(key: str | None, campaign: Campaign) -> str:
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
            "link": address(f"{root}/outbox", campaign=campaign.id, state=each.value)
            if states.get(each)
            else "",
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
        "step": step_title(batch.step_key, campaign),
        "due_on": batch.due_on,
        "entered": batch.entered,
        "tone": "warn",
    }


def _choices(who: Visitor) -> dict[str, list[tuple[str, str]]]:
    return {
        "campaign": asked_for.campaign_choices(who),
        "kind": [("", "全部类别"), *((each.value, each.zh) for each in NoticeKind)],
        "state": [("", "全部状态"), *((each.value, each.zh) for each in NoticeState)],
    }
