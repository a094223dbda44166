"""Every message before it is sent, while, and after: one row each, told apart by its key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, update

from include.domain.notices import (
    ALLOWED,
    Attachment,
    NewNotice,
    Notice,
    NoticeKind,
    NoticeState,
    OutboxRow,
)
from include.domain.obligations import IllegalMove
from include.domain.plans import BulkPlan, PlanCounts, PlanLine, Reason
from include.domain.units import Unit
from include.gateways.ledger import plans
from include.gateways.ledger.audit import Trail, audited
from include.gateways.ledger.columns import BEIJING
from include.gateways.ledger.database import Database, insert_new
from include.gateways.ledger.obligations import UNSETTLED
from include.gateways.ledger.roster import FACTS, as_unit
from include.gateways.ledger.tables import (
    delivery_attempt,
    notice,
    obligation,
    shaped,
    unit,
)

TAKEN_OVER = frozenset({NoticeState.ACCEPTED, NoticeState.RENDERED})


class Outbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    def plan(self, notices: Sequence[NewNotice]) -> int:
        """Enter notices; return how many are new. A key already there is left alone."""
        with audited(self._database) as (connection, trail):
            return enter(connection, trail, notices)

    def plan_units(self, plan: BulkPlan) -> PlanCounts:
        """Enter one notice for each unit that owes and can be reached, in one statement.

        With ``plan.units`` given it is one statement for every ten thousand of them.
        """
        counts: dict[Reason, int] = {}
        entered = 0
        with audited(self._database) as (connection, trail):
            for lines in plans.decided(plan):
                for reason, number in plans.counted(connection, lines):
                    counts[reason] = counts.get(reason, 0) + number
                entered += plans.enter(connection, plan, lines)
            plans.leave_out_overtaken(counts, entered)
            if entered:
                trail.note(
                    "notice", plan.campaign_id, None, plans.described(plan, entered, counts), on=plan.on
                )
        return PlanCounts(entered=entered, left_out=counts)

    def preview_units(self, plan: BulkPlan) -> list[PlanLine]:
        """What ``plan_units`` would do, unit by unit, entering nothing."""
        with self._database.reading() as connection:
            rows = [row for lines in plans.decided(plan) for row in connection.execute(select(lines))]
        return sorted(
            (
                PlanLine(row.unit_code, row.unit_name, row.due_on, plan.step_key, Reason(row.reason))
                for row in rows
            ),
            key=lambda line: line.unit_code,
        )

    def claim(self, campaign_id: str, *, limit: int, now: datetime, lease: timedelta) -> list[Notice]:
        """Move planned notices whose time has come to *sending*; two workers never get the same one."""
        # A CTE, because PostgreSQL may run a subquery in IN twice and then lock more than the limit.
        due = (
            select(notice.c.id)
            .where(
                notice.c.campaign_id == campaign_id,
                notice.c.state == NoticeState.PLANNED,
                or_(notice.c.not_before.is_(None), notice.c.not_before <= now),
            )
            .order_by(notice.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        statement = (
            update(notice)
            .where(notice.c.id.in_(select(due.c.id)), notice.c.state == NoticeState.PLANNED)
            .values(state=NoticeState.SENDING, lease_until=now + lease, attempts=notice.c.attempts + 1)
            .returning(*shaped(notice, Notice))
        )
        with audited(self._database) as (connection, trail):
            claimed = sorted(map(_notice, connection.execute(statement)), key=lambda each: each.id)
            _note_set(trail, campaign_id, NoticeState.PLANNED, NoticeState.SENDING, claimed, now)
        return claimed

    def expire_leases(self, *, now: datetime) -> int:
        """Move *sending* notices whose lease has run out to *in doubt*; return how many."""
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
        with audited(self._database) as (connection, trail):
            expired = connection.execute(statement).all()
            for campaign_id in sorted({row.campaign_id for row in expired}):
                own = [row for row in expired if row.campaign_id == campaign_id]
                _note_set(trail, campaign_id, NoticeState.SENDING, NoticeState.IN_DOUBT, own, now)
        return len(expired)

    def record(
        self,
        notice_id: int,
        state: NoticeState,
        *,
        at: datetime,
        to: str | None = None,
        message_id: str | None = None,
        detail: str = "",
    ) -> None:
        """Write down what became of a claimed notice and of this attempt.

        Raise IllegalMove outside ``notices.ALLOWED``, KeyError for an unknown notice.
        """
        said = {"recipient": to, "message_id": message_id, "detail": detail}
        with audited(self._database) as (connection, trail):
            _move(connection, trail, notice_id, state, said, at=at, lease_until=None)

    def release(self, notice_id: int, *, at: datetime, not_before: datetime, detail: str) -> None:
        """Back to *planned*: nothing was handed over, a later try is safe."""
        said = {"recipient": None, "message_id": None, "detail": detail}
        with audited(self._database) as (connection, trail):
            _move(
                connection,
                trail,
                notice_id,
                NoticeState.PLANNED,
                said,
                at=at,
                lease_until=None,
                not_before=not_before,
            )

    def counts(self, campaign_id: str) -> dict[tuple[NoticeKind, NoticeState], int]:
        statement = (
            select(notice.c.kind, notice.c.state, func.count())
            .where(notice.c.campaign_id == campaign_id)
            .group_by(notice.c.kind, notice.c.state)
        )
        with self._database.reading() as connection:
            return {(kind, state): number for kind, state, number in connection.execute(statement)}

    def rows(self, campaign_id: str) -> list[OutboxRow]:
        """Everything ever planned, in order of entry."""
        statement = (
            select(*shaped(notice, OutboxRow))
            .where(notice.c.campaign_id == campaign_id)
            .order_by(notice.c.id)
        )
        with self._database.reading() as connection:
            return [OutboxRow(**row._mapping) for row in connection.execute(statement)]

    def keys(self, campaign_id: str, *, kind: NoticeKind) -> set[str]:
        """Keys of that kind already entered, whatever became of them."""
        statement = select(notice.c.key).where(notice.c.campaign_id == campaign_id, notice.c.kind == kind)
        with self._database.reading() as connection:
            return set(connection.scalars(statement))

    def is_sent(self, *, edition_id: int) -> bool:
        """Whether the mail server took over (or the rehearsal rendered) the mail of a report edition."""
        statement = select(notice.c.id).where(
            notice.c.edition_id == edition_id, notice.c.state.in_(TAKEN_OVER)
        )
        with self._database.reading() as connection:
            return connection.scalar(statement.limit(1)) is not None

    def chased(self, campaign_id: str, phase_key: str) -> dict[int, int]:
        """Obligation id → reminders and overdue notices (次) the server took over; none means absent."""
        statement = (
            select(notice.c.obligation_id, func.count().label("number"))
            .where(
                notice.c.campaign_id == campaign_id,
                notice.c.phase_key == phase_key,
                notice.c.kind.in_([NoticeKind.REMINDER, NoticeKind.OVERDUE]),
                notice.c.state == NoticeState.ACCEPTED,
            )
            .group_by(notice.c.obligation_id)
        )
        with self._database.reading() as connection:
            return {row.obligation_id: row.number for row in connection.execute(statement)}

    def unreachable(self, campaign_id: str, phase_key: str) -> list[Unit]:
        """Units that must still send something themselves and have no address (电话联系名单), by code."""
        owing = select(obligation.c.unit_code).where(
            obligation.c.campaign_id == campaign_id,
            obligation.c.phase_key == phase_key,
            obligation.c.filled_by == "unit",
            obligation.c.state.in_(UNSETTLED),
        )
        statement = select(*FACTS).where(
            unit.c.campaign_id == campaign_id,
            unit.c.left_on.is_(None),
            unit.c.contact_email.is_(None),
            unit.c.code.in_(owing),
        )
        with self._database.reading() as connection:
            found = [as_unit(row._mapping) for row in connection.execute(statement)]
        return sorted(found, key=lambda each: each.code)


def enter(connection: Connection, trail: Trail, notices: Sequence[NewNotice]) -> int:
    """Enter notices in a transaction of the caller's; return how many are new."""
    if not notices:
        return 0
    rows = [_entry(each) for each in notices]
    entered = connection.execute(insert_new(notice, connection), rows).rowcount
    if entered:
        kinds = sorted({each.kind for each in notices})
        first = notices[0]
        what = {"kinds": kinds, "given": len(notices), "count": entered, "first_key": first.key}
        trail.note("notice", first.campaign_id, None, what, on=first.planned_on)
    return entered


def _entry(new: NewNotice) -> dict[str, Any]:
    facts = {column.name: getattr(new, column.name) for column in shaped(notice, NewNotice)}
    attachments = [asdict(attachment) for attachment in new.attachments]
    return facts | {"attachments": attachments or None, "state": NoticeState.PLANNED}


def _notice(row: Row[Any]) -> Notice:
    facts = dict(row._mapping)
    attachments = tuple(Attachment(**attachment) for attachment in facts.pop("attachments") or ())
    return Notice(**facts, attachments=attachments)


def _note_set(
    trail: Trail, campaign_id: str, old: NoticeState, new: NoticeState, moved: Sequence[Any], now: datetime
) -> None:
    if moved:
        ids = sorted(each.id for each in moved)
        trail.note("notice", campaign_id, {"state": old}, {"state": new, "ids": ids}, on=_day(now))


def _move(
    connection: Connection,
    trail: Trail,
    notice_id: int,
    state: NoticeState,
    said: dict[str, Any],
    *,
    at: datetime,
    **values: Any,
) -> None:
    old = connection.execute(
        select(notice.c.state, notice.c.attempts).where(notice.c.id == notice_id).with_for_update()
    ).one_or_none()
    if old is None:
        raise KeyError(notice_id)
    if state not in ALLOWED[old.state]:
        raise IllegalMove(f"通知 {notice_id} 不能由“{old.state.zh}”变为“{state.zh}”")
    connection.execute(
        update(notice)
        .where(notice.c.id == notice_id, notice.c.state == old.state)
        .values(state=state, **said, **values)
    )
    connection.execute(
        delivery_attempt.insert().values(notice_id=notice_id, number=old.attempts, at=at, state=state, **said)
    )
    trail.note("notice", notice_id, {"state": old.state}, {"state": state} | said, on=_day(at))


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
