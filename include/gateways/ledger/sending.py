"""One mail at a time: claimed by one worker, then recorded; every step along the state machine is audited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    String,
    and_,
    bindparam,
    or_,
    select,
    update,
)

from include.domain.notices import ALLOWED, Attachment, Message, Notice, NoticeState, SendMode
from include.domain.obligations import IllegalMove
from include.gateways.ledger import letter_book, stops
from include.gateways.ledger.audit import SYSTEM, Trail
from include.gateways.ledger.columns import BEIJING
from include.gateways.ledger.tables import delivery_attempt, dispatch, notice, shaped


def claim(
    connection: Connection,
    trail: Trail,
    campaign_id: str,
    *,
    mode: SendMode,
    limit: int,
    now: datetime,
    lease: timedelta,
) -> list[Notice]:
    """As ``Outbox.claim``, in a transaction of the caller's."""
    ids = _next_mails(connection, limit, {"of": campaign_id, "by": mode, "now": now})
    rows = connection.execute(_CLAIM, {"ids": ids, "lease_until": now + lease}) if ids else ()
    claimed = sorted(map(as_notice, rows), key=lambda each: each.id)
    _note_set(trail, campaign_id, NoticeState.PLANNED, NoticeState.SENDING, claimed, now)
    return claimed


def record(
    connection: Connection,
    trail: Trail,
    notice_ids: Sequence[int],
    state: NoticeState,
    *,
    at: datetime,
    to: str | None,
    message_id: str | None,
    detail: str,
    mail: Message | None = None,
) -> int:
    """As ``Outbox.record_mail``, in a transaction of the caller's."""
    if mail is not None:
        letter_book.keep(connection, mail, at)
    what = said(to=to, message_id=message_id, detail=detail)
    return max(
        move(connection, trail, notice_id, state, what, at=at, lease_until=None) for notice_id in notice_ids
    )


def expire_leases(connection: Connection, trail: Trail, *, now: datetime) -> int:
    """As ``Outbox.expire_leases``, in a transaction of the caller's."""
    statement = (
        update(notice)
        .where(notice.c.state == NoticeState.SENDING, notice.c.lease_until <= now)
        .values(
            state=NoticeState.IN_DOUBT,
            lease_until=None,
            detail="发送中断，不能确定邮件是否已发出；请与收件单位或邮箱“已发送”核对后处理",
        )
        .returning(notice.c.id, notice.c.campaign_id)
    )
    expired = connection.execute(statement).all()
    for campaign_id in sorted({row.campaign_id for row in expired}):
        own = [row for row in expired if row.campaign_id == campaign_id]
        _note_set(trail, campaign_id, NoticeState.SENDING, NoticeState.IN_DOUBT, own, now)
    return len(expired)


def said(*, detail: str, to: str | None = None, message_id: str | None = None) -> dict[str, Any]:
    """What is known of one attempt, by column."""
    return {"recipient": to, "message_id": message_id, "detail": detail}


def move(
    connection: Connection,
    trail: Trail,
    notice_id: int,
    state: NoticeState,
    said: dict[str, Any],
    *,
    at: datetime,
    actor: str = SYSTEM,
    reason: str = "",
    **values: Any,
) -> int:
    """One step along the state machine, audited; return the number of the attempt."""
    old = connection.execute(_STANDING, {"its_id": notice_id}).one_or_none()
    if old is None:
        raise KeyError(notice_id)
    if state not in ALLOWED[old.state]:
        raise IllegalMove(f"通知 {notice_id} 不能由“{old.state.zh}”变为“{state.zh}”")
    connection.execute(_MOVE, {"its_id": notice_id, "from": old.state, "state": state, **said, **values})
    attempt = connection.execute(
        _ATTEMPT, {"notice_id": notice_id, "number": old.attempts, "at": at, "state": state, **said}
    )
    trail.note(
        "notice",
        notice_id,
        {"state": old.state},
        {"state": state} | said,
        on=_day(at),
        actor=actor,
        reason=reason,
    )
    return int(attempt.inserted_primary_key[0])


def expect(connection: Connection, notice_id: int, state: NoticeState) -> None:
    found = connection.scalar(select(notice.c.state).where(notice.c.id == notice_id))
    if found is not state:
        now = f"“{found.zh}”" if found else "不在台账中"
        raise IllegalMove(f"通知 {notice_id} 现为{now}，只有“{state.zh}”的通知需要核实")


def as_notice(row: Row[Any]) -> Notice:
    facts = dict(row._mapping)
    attachments = tuple(Attachment(**attachment) for attachment in facts.pop("attachments") or ())
    return Notice(**facts, attachments=attachments)


def _next_mails(connection: Connection, most: int, given: dict[str, Any]) -> list[int]:
    """Ids of the notices of the next mails, as many mails as ``most``.

    One simple statement after the other: in a single one neither database finds its way through a large outbox by
    the indexes. Only the first of a group is locked: two workers that locked its members one by one could deadlock.
    """
    first = connection.execute(_FIRST, given | {"most": most}).all()
    groups = [row.group_key for row in first if row.group_key is not None]
    mates = connection.scalars(_MATES, given | {"groups": groups}) if groups else ()
    return sorted({*(row.id for row in first), *mates})


def _claimable() -> ColumnElement[bool]:
    campaign_id = bindparam("of", type_=String)
    undecided = select(dispatch.c.id).where(
        dispatch.c.campaign_id == campaign_id,
        dispatch.c.needs_approval,
        or_(dispatch.c.approved.is_(None), dispatch.c.approved.is_(False)),
    )
    return and_(
        notice.c.campaign_id == campaign_id,
        notice.c.mode == bindparam("by"),
        notice.c.state == NoticeState.PLANNED,
        _is_time(notice),
        or_(notice.c.dispatch_id.is_(None), notice.c.dispatch_id.not_in(undecided)),
        ~stops.STOPPED,
    )


def _is_first_of_group() -> ColumnElement[bool]:
    before = notice.alias("before")
    return ~(
        select(before.c.id)
        .where(
            before.c.group_key == notice.c.group_key,
            before.c.state == NoticeState.PLANNED,
            _is_time(before),
            before.c.id < notice.c.id,
        )
        .exists()
    )


def _is_time(row: Any) -> ColumnElement[bool]:
    return or_(row.c.not_before.is_(None), row.c.not_before <= bindparam("now"))


def _note_set(
    trail: Trail, campaign_id: str, old: NoticeState, new: NoticeState, moved: Sequence[Any], now: datetime
) -> None:
    if moved:
        ids = sorted(each.id for each in moved)
        trail.note("notice", campaign_id, {"state": old}, {"state": new, "ids": ids}, on=_day(now))


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()


CLAIMABLE = _claimable()
"""Parameters: ``of`` a campaign, ``by`` a send mode, ``now``."""

# Made once: every mail runs them, and making a statement costs more than running it.
_FIRST = (
    select(notice.c.id, notice.c.group_key)
    .where(CLAIMABLE, _is_first_of_group())
    .order_by(notice.c.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)
_MATES = select(notice.c.id).where(notice.c.group_key.in_(bindparam("groups", expanding=True)), CLAIMABLE)
_CLAIM = (
    update(notice)
    .where(notice.c.id.in_(bindparam("ids", expanding=True)), notice.c.state == NoticeState.PLANNED)
    .values(state=NoticeState.SENDING, attempts=notice.c.attempts + 1)
    .returning(*shaped(notice, Notice))
)
_ITS_ID = notice.c.id == bindparam("its_id")
_STANDING = select(notice.c.state, notice.c.attempts).where(_ITS_ID).with_for_update()
_MOVE = update(notice).where(_ITS_ID, notice.c.state == bindparam("from"))
_ATTEMPT = delivery_attempt.insert()
