"""Every message before it is sent, while, and after: one row each, told apart by its key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    func,
    select,
    update,
)

from include.domain.inbound import MessageKind
from include.domain.notices import (
    Message,
    NewNotice,
    Notice,
    NoticeKind,
    NoticeState,
    OutboxRow,
    SendMode,
)
from include.domain.obligations import UNSETTLED
from include.domain.plans import BulkPlan, Coverage, Dispatch, PlanCounts, PlanLine, Reason, Returned, Stop
from include.gateways.ledger import dispatches, plans, sending, stops
from include.gateways.ledger.audit import Trail, audited
from include.gateways.ledger.database import Database, expect_many_rows, insert_new
from include.gateways.ledger.inbound_tables import inbound_message
from include.gateways.ledger.tables import (
    delivery_attempt,
    dispatch,
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
        with audited(self._database) as (connection, trail):
            expect_many_rows(connection)
            dispatch_id = dispatches.begin(connection, plan)
            entered = 0
            for lines in plans.decided(plan):
                found = dict(plans.counted(connection, lines))
                for reason, number in found.items():
                    counts[reason] = counts.get(reason, 0) + number
                if Reason.SEND in found:
                    entered += plans.enter(connection, plan, lines, dispatch_id)
            plans.leave_out_overtaken(counts, entered)
            waiting = dispatches.close(connection, dispatch_id, plan, entered)
            if entered:
                trail.note(
                    "notice", plan.campaign_id, None, plans.described(plan, entered, counts), on=plan.on
                )
        return PlanCounts(entered=entered, left_out=counts, waiting=entered if waiting else 0)

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

    def claim(
        self, campaign_id: str, *, mode: SendMode, limit: int, now: datetime, lease: timedelta
    ) -> list[Notice]:
        """Move planned notices whose time has come to *sending*; two workers never get the same one.

        ``limit`` counts mails: notices planned for one contact are claimed together. Nothing is claimed
        while sending is stopped, nor from a batch nobody has approved yet, nor what was planned in another
        send mode: a rehearsal must neither be sent nor use up what is meant to be.
        """
        with audited(self._database) as (connection, trail):
            return sending.claim(connection, trail, campaign_id, mode=mode, limit=limit, now=now, lease=lease)

    def expire_leases(self, *, now: datetime) -> int:
        """Move *sending* notices whose lease has run out to *in doubt*; return how many."""
        with audited(self._database) as (connection, trail):
            return sending.expire_leases(connection, trail, now=now)

    def record_mail(
        self,
        notice_ids: Sequence[int],
        state: NoticeState,
        *,
        at: datetime,
        to: str | None = None,
        message_id: str | None = None,
        detail: str = "",
        mail: Message | None = None,
    ) -> int:
        """Write down what became of the claimed notices (at least one) of one mail, of all or of none.

        ``mail`` is what was handed over; its words are kept.

        Return the number of the latest attempt, see ``attempts_made``. Raise IllegalMove outside
        ``notices.ALLOWED``, KeyError for an unknown notice.
        """
        with audited(self._database) as (connection, trail):
            return sending.record(
                connection,
                trail,
                notice_ids,
                state,
                at=at,
                to=to,
                message_id=message_id,
                detail=detail,
                mail=mail,
            )

    def record_and_claim(
        self,
        campaign_id: str,
        notice_ids: Sequence[int],
        state: NoticeState,
        *,
        mode: SendMode,
        lease: timedelta,
        at: datetime,
        to: str | None = None,
        message_id: str | None = None,
        detail: str = "",
        mail: Message | None = None,
    ) -> tuple[int, list[Notice]]:
        """``record_mail``, then ``claim`` of one mail, in one transaction: one wait for the disk instead of two.

        Return what the two return. Whatever happens, one of the two mails at most is left *sending*.
        """
        with audited(self._database) as (connection, trail):
            attempt = sending.record(
                connection,
                trail,
                notice_ids,
                state,
                at=at,
                to=to,
                message_id=message_id,
                detail=detail,
                mail=mail,
            )
            return attempt, sending.claim(
                connection, trail, campaign_id, mode=mode, limit=1, now=at, lease=lease
            )

    def release(
        self, notice_id: int, *, at: datetime, not_before: datetime, detail: str, alone: bool = False
    ) -> None:
        """Back to *planned*: nothing was handed over, a later try is safe.

        ``alone`` takes it out of its group: its unit no longer shares the contact of the others.
        """
        said = sending.said(detail=detail)
        with audited(self._database) as (connection, trail):
            sending.move(
                connection,
                trail,
                notice_id,
                NoticeState.PLANNED,
                said,
                at=at,
                lease_until=None,
                not_before=not_before,
                **({"group_key": None} if alone else {}),
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

    def newest_of(
        self, campaign_id: str, unit_codes: Collection[str], *, kind: NoticeKind
    ) -> dict[str, OutboxRow]:
        """By unit the notice of that kind entered last; units without one are left out."""
        statement = (
            select(*shaped(notice, OutboxRow))
            .where(
                notice.c.campaign_id == campaign_id,
                notice.c.unit_code.in_(unit_codes),
                notice.c.kind == kind,
            )
            .order_by(notice.c.id)
        )
        with self._database.reading() as connection:
            rows = [OutboxRow(**row._mapping) for row in connection.execute(statement)]
        return {str(row.unit_code): row for row in rows}

    def keys(self, campaign_id: str, *, kind: NoticeKind) -> set[str]:
        """Keys of that kind already entered, whatever became of them."""
        statement = select(notice.c.key).where(notice.c.campaign_id == campaign_id, notice.c.kind == kind)
        with self._database.reading() as connection:
            return set(connection.scalars(statement))

    def due(self, campaign_id: str, *, mode: SendMode, now: datetime) -> int:
        """Notices (份) that could be claimed now."""
        statement = select(func.count()).where(sending.CLAIMABLE)
        with self._database.reading() as connection:
            return connection.scalar(statement, {"of": campaign_id, "by": mode, "now": now}) or 0

    def in_doubt(self, campaign_id: str) -> list[OutboxRow]:
        """Those of which nobody knows whether they left, in order of entry; a person settles them."""
        return [row for row in self.rows(campaign_id) if row.state is NoticeState.IN_DOUBT]

    def settle(self, notice_id: int, *, was_sent: bool, by: str, reason: str, at: datetime) -> str:
        """A person's finding on a notice in doubt: it had left, or it is to be sent once more; return its key.

        Raise IllegalMove unless it is in doubt.
        """
        state = NoticeState.ACCEPTED if was_sent else NoticeState.PLANNED
        with audited(self._database) as (connection, trail):
            sending.expect(connection, notice_id, NoticeState.IN_DOUBT)
            sending.move(
                connection,
                trail,
                notice_id,
                state,
                {"detail": f"{by}：{reason}"},
                at=at,
                actor=by,
                reason=reason,
            )
            return str(connection.scalar(select(notice.c.key).where(notice.c.id == notice_id)))

    def came_back(self, campaign_id: str) -> list[Returned]:
        """Notices that count as sent although their mail has bounced for good, in order of entry.

        A bounced digest concerns every notice that was in it.
        """
        addressed = notice.alias("addressed")
        statement = (
            select(notice.c.id, notice.c.unit_code, inbound_message.c.reason)
            .distinct()
            .join(addressed, addressed.c.message_id == notice.c.message_id)
            .join(inbound_message, inbound_message.c.notice_id == addressed.c.id)
            .where(
                notice.c.campaign_id == campaign_id,
                notice.c.state == NoticeState.ACCEPTED,
                inbound_message.c.kind == MessageKind.BOUNCE,
                inbound_message.c.bounce_is_permanent,
            )
            .order_by(notice.c.id)
        )
        with self._database.reading() as connection:
            return [Returned(*row) for row in connection.execute(statement)]

    def bounce(self, notice_id: int, *, at: datetime, detail: str) -> bool:
        """A mail that was taken over has come back; return whether that is news."""
        with audited(self._database) as (connection, trail):
            state = connection.scalar(select(notice.c.state).where(notice.c.id == notice_id))
            if state is not NoticeState.ACCEPTED:
                return False
            sending.move(connection, trail, notice_id, NoticeState.BOUNCED, {"detail": detail}, at=at)
        return True

    def plan_again(self, notice_id: int, *, on: date) -> bool:
        """Enter a notice whose mail came back once more, for the unit's other address; return whether it is new.

        Its batch has one notice more to account for.
        """
        copied = [
            column
            for column in notice.c
            if column.name not in ("id", "key", "planned_on", "state", "attempts", "detail", *_OF_ONE_TRY)
        ]
        with audited(self._database) as (connection, trail):
            old = connection.execute(select(notice.c.key, *copied).where(notice.c.id == notice_id)).one()
            row = dict(old._mapping) | {
                "key": f"{old.key}/again",
                "planned_on": on,
                "state": NoticeState.PLANNED,
                "attempts": 0,
                "detail": "",
                "group_key": None,
            }
            entered = connection.execute(insert_new(notice, connection), [row]).rowcount
            if entered:
                connection.execute(
                    update(dispatch)
                    .where(dispatch.c.id == old.dispatch_id)
                    .values(entered=dispatch.c.entered + 1)
                )
                trail.note("notice", old.campaign_id, None, {"again": notice_id}, on=on)
        return bool(entered)

    def attempts_made(self) -> int:
        """The number of the latest attempt; it only grows, unless the ledger was put back to an older day."""
        with self._database.reading() as connection:
            return connection.scalar(select(func.max(delivery_attempt.c.id))) or 0

    def sent_between(self, start: datetime, end: datetime) -> int:
        """Mails (封) the server took over from ``start`` until before ``end``, of all campaigns."""
        statement = select(func.count(delivery_attempt.c.message_id.distinct())).where(
            delivery_attempt.c.state == NoticeState.ACCEPTED,
            delivery_attempt.c.at >= start,
            delivery_attempt.c.at < end,
        )
        with self._database.reading() as connection:
            return connection.scalar(statement) or 0

    def stop(self, scope: str, *, by: str, reason: str, at: datetime) -> None:
        """Nothing of the scope (a campaign, or ``*``) is claimed from now on; the first reason stays."""
        stops.stop(self._database, scope, by=by, reason=reason, at=at)

    def resume(self, scope: str, *, by: str, reason: str, at: datetime) -> bool:
        """Let the scope send again; return whether it was stopped."""
        return stops.resume(self._database, scope, by=by, reason=reason, at=at)

    def stops(self, campaign_id: str | None = None) -> list[Stop]:
        """What stands in the way of sending: of that campaign, or of any."""
        return stops.standing(self._database, campaign_id)

    def dispatches(self, campaign_id: str, *, waiting: bool = False) -> list[Dispatch]:
        """The batches of a campaign in order of entry; ``waiting`` for those nobody has decided yet."""
        return dispatches.of(self._database, campaign_id, waiting=waiting)

    def decide(self, dispatch_id: int, *, approved: bool, by: str, reason: str, at: datetime) -> bool:
        """A person's word on a batch; a refused one is skipped whole. Return whether it was still open."""
        return dispatches.decide(self._database, dispatch_id, approved=approved, by=by, reason=reason, at=at)

    def dispatch(self, dispatch_id: int) -> Dispatch:
        """Raise KeyError when there is none."""
        return dispatches.get(self._database, dispatch_id)

    def states(self, dispatch_id: int) -> Counter[NoticeState]:
        """The notices (份) of a batch by state."""
        statement = (
            select(notice.c.state, func.count())
            .where(notice.c.dispatch_id == dispatch_id)
            .group_by(notice.c.state)
        )
        with self._database.reading() as connection:
            return Counter(dict(connection.execute(statement).all()))

    def samples(self, dispatch_id: int, *, limit: int) -> list[Notice]:
        """The first notices of a batch that have not left yet, claimed by nobody."""
        statement = (
            select(*shaped(notice, Notice))
            .where(notice.c.dispatch_id == dispatch_id, notice.c.state == NoticeState.PLANNED)
            .order_by(notice.c.id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [sending.as_notice(row) for row in connection.execute(statement)]

    def count_units(self, plan: BulkPlan) -> dict[Reason, int]:
        """What ``plan_units`` would do, in numbers (家), entering nothing."""
        counts: dict[Reason, int] = {}
        with self._database.reading() as connection:
            for lines in plans.decided(plan):
                for reason, number in plans.counted(connection, lines):
                    counts[reason] = counts.get(reason, 0) + number
        return counts

    def waiting(self) -> int:
        """Notices (份) planned and not yet sent, of all campaigns: they share the mailbox."""
        statement = select(func.count()).where(notice.c.state == NoticeState.PLANNED)
        with self._database.reading() as connection:
            return connection.scalar(statement) or 0

    def coverage(self, dispatch_id: int) -> list[Coverage]:
        """What became of a batch, unit by unit: every unit that owed the form then, by code."""
        return dispatches.coverage(self._database, dispatch_id)

    def is_sent(self, *, edition_id: int) -> bool:
        """Whether the mail server took over (or the rehearsal rendered) the mail of a report edition."""
        statement = select(notice.c.id).where(
            notice.c.edition_id == edition_id, notice.c.state.in_(TAKEN_OVER)
        )
        with self._database.reading() as connection:
            return connection.scalar(statement.limit(1)) is not None

    def count_unreachable(self, campaign_id: str, phase_key: str) -> int:
        """Units (家) that must still send something themselves and have no address."""
        owing = select(obligation.c.unit_code).where(
            obligation.c.campaign_id == campaign_id,
            obligation.c.phase_key == phase_key,
            obligation.c.filled_by == "unit",
            obligation.c.state.in_(UNSETTLED),
        )
        statement = select(func.count()).where(
            unit.c.campaign_id == campaign_id,
            unit.c.left_on.is_(None),
            ~plans.has_address(),
            unit.c.code.in_(owing),
        )
        with self._database.reading() as connection:
            return connection.scalars(statement).one()


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


_OF_ONE_TRY = ("not_before", "lease_until", "recipient", "message_id", "group_key")
