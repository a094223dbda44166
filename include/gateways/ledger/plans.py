"""Who is to be written to, decided by the database for all units at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
)

from include.domain.notices import NoticeKind, NoticeState, notice_key
from include.domain.obligations import REPORTED, ObligationState
from include.domain.occasions import owed_under
from include.domain.plans import BulkPlan, Reason
from include.gateways.ledger.database import in_chunks, insert_new
from include.gateways.ledger.inbound_tables import address_state
from include.gateways.ledger.tables import in_force, notice, obligation, unit

LAUNCH = "launch"
CHASING = (NoticeKind.LAUNCH, NoticeKind.REMINDER, NoticeKind.OVERDUE)


def decided(plan: BulkPlan) -> Iterator[Subquery]:
    """Unit by unit, the one decision that plan and preview share: written to, or why not."""
    statement, code = _of_roster(plan) if plan.form is None else _of_obligations(plan)
    if plan.units is None:
        yield statement.subquery("line")
        return
    for codes in in_chunks(sorted(plan.units)):
        yield statement.where(code.in_(codes)).subquery("line")


def _of_roster(plan: BulkPlan) -> tuple[Select[Any], ColumnElement[str]]:
    """Every unit in force that day: what is told to all is told to those who owe nothing too."""
    key = literal(_key_prefix(plan)) + unit.c.code
    reason = case(
        (~has_address(), Reason.NO_ADDRESS.value),
        (notice.c.id.is_not(None), Reason.ALREADY_SENT.value),
        else_=Reason.SEND.value,
    )
    statement = (
        select(
            # PostgreSQL takes a bare NULL of a subquery for a text.
            cast(null(), Integer).label("obligation_id"),
            unit.c.code.label("unit_code"),
            unit.c.name.label("unit_name"),
            literal(plan.due_on, Date).label("due_on"),
            key.label("key"),
            reason.label("reason"),
            unit.c.kind.label("unit_kind"),
            mailbox().label("mailbox"),
        )
        .select_from(unit.outerjoin(notice, notice.c.key == key))
        .where(unit.c.campaign_id == plan.campaign_id, in_force(plan.on))
    )
    return statement, unit.c.code


def _of_obligations(plan: BulkPlan) -> tuple[Select[Any], ColumnElement[str]]:
    key = literal(_key_prefix(plan)) + obligation.c.unit_code
    launch = notice.alias("launch")
    state = obligation.c.state
    reason = case(
        (state.in_(REPORTED), Reason.ACCEPTED.value),
        (state == ObligationState.WAIVED, Reason.WAIVED.value),
        (state == ObligationState.CLOSED, Reason.CLOSED.value),
        (~has_address(), Reason.NO_ADDRESS.value),
        (notice.c.id.is_not(None), Reason.ALREADY_SENT.value),
        (launch.c.id.is_not(None), Reason.JUST_LAUNCHED.value),
        (_written_to_since(plan), Reason.OVERTAKEN.value),
        else_=Reason.SEND.value,
    )
    of_the_day = and_(
        unit.c.campaign_id == obligation.c.campaign_id,
        unit.c.code == obligation.c.unit_code,
        in_force(plan.on),
    )
    statement = (
        select(
            obligation.c.id.label("obligation_id"),
            obligation.c.unit_code,
            obligation.c.unit_name,
            obligation.c.due_on,
            key.label("key"),
            reason.label("reason"),
            obligation.c.unit_kind,
            mailbox().label("mailbox"),
        )
        .select_from(
            obligation.outerjoin(unit, of_the_day)
            .outerjoin(notice, notice.c.key == key)
            .outerjoin(
                launch,
                and_(
                    launch.c.key == _launch_key(plan, obligation.c.unit_code), launch.c.planned_on == plan.on
                ),
            )
        )
        .where(
            obligation.c.campaign_id == plan.campaign_id,
            obligation.c.phase_key == plan.phase_key,
            obligation.c.form == plan.form,
            obligation.c.occasion == plan.occasion,
            obligation.c.filled_by == "unit",
        )
    )
    if plan.due_on is not None:
        statement = statement.where(obligation.c.due_on == plan.due_on)
    return statement, obligation.c.unit_code


def _written_to_since(plan: BulkPlan) -> ColumnElement[bool]:
    """Whether a later day's run has planned for the unit: the ladder climbs, a late run for an earlier day is too late.

    The launch notice is not on the ladder; it is owed once, however late.
    """
    if plan.step_key == LAUNCH:
        return false()
    since = notice.alias("since")
    return (
        select(since.c.id)
        .where(
            since.c.obligation_id == obligation.c.id,
            since.c.mode == plan.mode,
            since.c.kind.in_(CHASING),
            since.c.planned_on > plan.on,
        )
        .exists()
    )


def has_address() -> ColumnElement[bool]:
    """Whether mail can reach the unit: one of its addresses is known and not suspended."""
    return or_(_is_usable(unit.c.contact_email), _is_usable(unit.c.backup_email))


def mailbox() -> ColumnElement[str | None]:
    """The address that would be used now, in lower case, as ``Unit.address`` chooses it."""
    addresses = (unit.c.contact_email, unit.c.backup_email)
    return case(*((_is_usable(each), func.lower(each)) for each in addresses))


def _is_usable(address: Column[str | None]) -> ColumnElement[bool]:
    suspended = select(address_state.c.address).where(address_state.c.suspended_since.is_not(None))
    return and_(address.is_not(None), func.lower(address).not_in(suspended))


def _group_key(plan: BulkPlan, lines: Subquery) -> ColumnElement[str | None]:
    """The key of the first of the units that share a mailbox; none for a unit that has its own.

    It holds no address: whether they still share one is looked up again when the mail is written. What goes
    to the whole roster speaks to one kind of unit at a time, each kind having its own points of inspection.
    """
    alike = [lines.c.mailbox] if plan.form is not None else [lines.c.mailbox, lines.c.unit_kind]
    first, last = (pick(lines.c.unit_code).over(partition_by=alike) for pick in (func.min, func.max))
    return case((and_(lines.c.mailbox.is_not(None), first < last), literal(_key_prefix(plan)) + first))


def _key_prefix(plan: BulkPlan) -> str:
    """A rung belongs to its due date: an extended unit climbs the ladder of its new date from below."""
    if plan.form is None:
        return notice_key(plan.mode, plan.campaign_id, plan.phase_key, plan.step_key, "")
    rung = (plan.step_key,) if plan.due_on is None else (plan.step_key, plan.due_on.isoformat())
    form = owed_under(plan.form, plan.occasion)
    return notice_key(plan.mode, plan.campaign_id, plan.phase_key, form, *rung, "")


def _launch_key(plan: BulkPlan, unit_code: ColumnElement[str]) -> ColumnElement[str]:
    form = owed_under(plan.form or "", plan.occasion)
    prefix = notice_key(plan.mode, plan.campaign_id, plan.phase_key, form, LAUNCH, "")
    return literal(prefix) + unit_code


def counted(connection: Connection, lines: Subquery) -> list[tuple[Reason, int]]:
    rows = connection.execute(select(lines.c.reason, func.count()).group_by(lines.c.reason))
    return [(Reason(reason), number) for reason, number in rows]


def enter(connection: Connection, plan: BulkPlan, decided: Subquery, dispatch_id: int) -> int:
    # The groups are of all that share a mailbox, also of those not written to this time.
    lines = select(decided, _group_key(plan, decided).label("group_key")).subquery("grouped")
    # The launch notice begins the thread; a mail that replied to itself would confuse mailboxes.
    thread = null() if plan.form is None or plan.step_key == LAUNCH else _launch_key(plan, lines.c.unit_code)
    row = {
        "key": lines.c.key,
        "mode": literal(plan.mode.value),
        "campaign_id": literal(plan.campaign_id),
        "phase_key": literal(plan.phase_key),
        "kind": literal(plan.kind.value),
        "planned_on": literal(plan.on),
        "step_key": literal(plan.step_key),
        "obligation_id": lines.c.obligation_id,
        "unit_code": lines.c.unit_code,
        "due_on": lines.c.due_on,
        "thread_key": thread,
        "dispatch_id": literal(dispatch_id),
        "group_key": lines.c.group_key,
        "useful_until": literal(plan.useful_until, Date),
        "state": literal(NoticeState.PLANNED.value),
    }
    # In one order for all: two runs that entered the same keys in different orders could deadlock.
    wanted = select(*row.values()).where(lines.c.reason == Reason.SEND.value).order_by(lines.c.key)
    return connection.execute(insert_new(notice, connection).from_select(list(row), wanted)).rowcount


def leave_out_overtaken(counts: dict[Reason, int], entered: int) -> None:
    """Those another run entered between counting and inserting are already sent, not lost."""
    overtaken = counts.pop(Reason.SEND, 0) - entered
    if overtaken:
        counts[Reason.ALREADY_SENT] = counts.get(Reason.ALREADY_SENT, 0) + overtaken


def described(plan: BulkPlan, entered: int, left_out: dict[Reason, int]) -> dict[str, Any]:
    what = asdict(plan) | {"units": None if plan.units is None else len(plan.units)}
    return what | {"count": entered, "left_out": left_out}
