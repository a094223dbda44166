"""What every unit owes, and where each debt stands."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, literal, select, update

from include.domain import obligations as rules
from include.domain.campaign import Owed
from include.domain.notices import NoticeKind, NoticeState
from include.domain.obligations import (
    SETTLED,
    UNSETTLED,
    Extension,
    IllegalMove,
    Missing,
    Obligation,
    ObligationState,
)
from include.domain.occasions import ONCE
from include.gateways.ledger.audit import Trail, audited
from include.gateways.ledger.database import Database, expect_many_rows, in_chunks, insert_new
from include.gateways.ledger.tables import extension, in_force, notice, obligation, shaped, unit

_BY_ID = select(*shaped(obligation, Obligation)).where(obligation.c.id == bindparam("its_id"))


class Obligations:
    def __init__(self, database: Database) -> None:
        self._database = database

    def open(
        self,
        campaign_id: str,
        phase_key: str,
        owed: Owed,
        *,
        due_on: date,
        on: date,
        closed: bool = False,
        occasion: str = ONCE,
    ) -> int:
        """One obligation per unit in force of the kinds that owe; return how many are new. Set-based."""
        state = ObligationState.CLOSED if closed else ObligationState.OPEN
        row = {
            "campaign_id": unit.c.campaign_id,
            "phase_key": literal(phase_key),
            "form": literal(owed.form),
            "occasion": literal(occasion),
            "unit_code": unit.c.code,
            "unit_name": unit.c.name,
            "unit_kind": unit.c.kind,
            "state": literal(state.value),
            "due_on": literal(due_on),
            "scan_required": literal(owed.stamped_scan),
            "filled_by": literal(owed.filled_by),
        }
        # Asked before, and not left to the constraint: every day finds almost all of them there already.
        is_there = (
            select(obligation.c.id)
            .where(
                obligation.c.campaign_id == unit.c.campaign_id,
                obligation.c.phase_key == phase_key,
                obligation.c.form == owed.form,
                obligation.c.occasion == occasion,
                obligation.c.unit_code == unit.c.code,
            )
            .exists()
        )
        owing = select(*row.values()).where(
            unit.c.campaign_id == campaign_id, unit.c.kind.in_(owed.owed_by), in_force(on), ~is_there
        )
        with audited(self._database) as (connection, trail):
            expect_many_rows(connection)
            statement = insert_new(obligation, connection).from_select(list(row), owing)
            entered = connection.execute(statement).rowcount
            if entered:
                what = {"phase": phase_key, "form": owed.form, "owed_by": owed.owed_by, "due_on": due_on}
                if occasion != ONCE:
                    what["occasion"] = occasion
                trail.note("obligation", campaign_id, None, what | {"state": state, "count": entered}, on=on)
        return entered

    def get(self, obligation_id: int) -> Obligation:
        """Raise KeyError when there is none."""
        with self._database.reading() as connection:
            row = connection.execute(_BY_ID, {"its_id": obligation_id}).one_or_none()
        if row is None:
            raise KeyError(obligation_id)
        return Obligation(**row._mapping)

    def of_unit(self, campaign_id: str, unit_code: str, form: str) -> Obligation | None:
        """The unit's obligation for that form; of several phases the one with the latest due date."""
        return self.of_units(campaign_id, [unit_code], [form]).get((unit_code, form))

    def of_units(
        self, campaign_id: str, unit_codes: Collection[str], forms: Collection[str]
    ) -> dict[tuple[str, str], Obligation]:
        """By unit code and form what ``of_unit`` says; what nobody owes is absent."""
        return {owed: each[-1] for owed, each in self.owed_by(campaign_id, unit_codes, forms).items()}

    def owed_by(
        self, campaign_id: str, unit_codes: Collection[str], forms: Collection[str]
    ) -> dict[tuple[str, str], tuple[Obligation, ...]]:
        """By unit code and form everything owed, of all phases and occasions, in the order of due dates."""
        found: dict[tuple[str, str], tuple[Obligation, ...]] = {}
        for chunk in in_chunks(sorted(unit_codes)):
            owed = self._select(
                _obligations()
                .where(
                    obligation.c.campaign_id == campaign_id,
                    obligation.c.unit_code.in_(chunk),
                    obligation.c.form.in_(sorted(forms)),
                )
                .order_by(obligation.c.due_on, obligation.c.id)
            )
            for each in owed:
                key = (each.unit_code, each.form)
                found[key] = (*found.get(key, ()), each)
        return found

    def all(
        self,
        campaign_id: str,
        phase_key: str,
        *,
        form: str | None = None,
        occasion: str | None = None,
        due_on: date | None = None,
        states: Collection[ObligationState] | None = None,
    ) -> list[Obligation]:
        """By unit code."""
        statement = _obligations().where(
            obligation.c.campaign_id == campaign_id, obligation.c.phase_key == phase_key
        )
        if form is not None:
            statement = statement.where(obligation.c.form == form)
        if occasion is not None:
            statement = statement.where(obligation.c.occasion == occasion)
        if due_on is not None:
            statement = statement.where(obligation.c.due_on == due_on)
        if states is not None:
            statement = statement.where(obligation.c.state.in_(states))
        return sorted(self._select(statement), key=lambda each: (each.unit_code, each.form, each.due_on))

    def missing(self, campaign_id: str, phase_key: str, *, due_on: date, on: date) -> list[Missing]:
        """What units themselves still owe of that due date, by unit code; telephones as of a day."""
        its_unit = and_(
            unit.c.campaign_id == obligation.c.campaign_id,
            unit.c.code == obligation.c.unit_code,
            in_force(on),
        )
        reminders = (
            select(func.count())
            .where(
                notice.c.obligation_id == obligation.c.id,
                notice.c.kind.in_([NoticeKind.REMINDER, NoticeKind.OVERDUE]),
                notice.c.state == NoticeState.ACCEPTED,
            )
            .scalar_subquery()
        )
        facts = [obligation.c[name] for name in Missing._fields if name in obligation.c]
        statement = (
            select(*facts, unit.c.contact_phone, reminders)
            .select_from(obligation.outerjoin(unit, its_unit))
            .where(
                obligation.c.campaign_id == campaign_id,
                obligation.c.phase_key == phase_key,
                obligation.c.due_on == due_on,
                obligation.c.filled_by == "unit",
                obligation.c.state.in_(UNSETTLED),
            )
        )
        with self._database.reading() as connection:
            return sorted(
                (Missing(*row) for row in connection.execute(statement).all()),
                key=lambda each: (each.unit_code, each.form),
            )

    def due_dates(self, campaign_id: str, phase_key: str, form: str, *, occasion: str = ONCE) -> list[date]:
        """Distinct due dates of unsettled obligations that units themselves fill, ascending."""
        statement = (
            select(obligation.c.due_on)
            .distinct()
            .where(
                obligation.c.campaign_id == campaign_id,
                obligation.c.phase_key == phase_key,
                obligation.c.form == form,
                obligation.c.occasion == occasion,
                obligation.c.filled_by == "unit",
                obligation.c.state.in_(UNSETTLED),
            )
            .order_by(obligation.c.due_on)
        )
        with self._database.reading() as connection:
            return list(connection.scalars(statement))

    def counts(
        self,
        campaign_id: str,
        phase_key: str,
        *,
        is_recurring: bool | None = None,
        occasions: Collection[str] | None = None,
        filled_by: str | None = None,
    ) -> dict[ObligationState, int]:
        statement = (
            select(obligation.c.state, func.count())
            .where(obligation.c.campaign_id == campaign_id, obligation.c.phase_key == phase_key)
            .group_by(obligation.c.state)
        )
        if is_recurring is not None:
            is_once = obligation.c.occasion == ONCE
            statement = statement.where(~is_once if is_recurring else is_once)
        if occasions is not None:
            statement = statement.where(obligation.c.occasion.in_(sorted(occasions)))
        if filled_by is not None:
            statement = statement.where(obligation.c.filled_by == filled_by)
        with self._database.reading() as connection:
            return dict(connection.execute(statement).all())

    def extend(self, obligation_id: int, *, due_on: date, reason: str, approved_by: str, on: date) -> bool:
        """Move one unit's due date back; return whether that is news.

        Raise IllegalMove when nothing is owed any more, ValueError for a date that is not later.
        """
        with audited(self._database) as (connection, trail):
            old = connection.execute(
                select(obligation.c.state, obligation.c.due_on)
                .where(obligation.c.id == obligation_id)
                .with_for_update()
            ).one()
            if old.due_on == due_on:
                return False
            if old.state in SETTLED:
                raise IllegalMove(f"报送任务已“{old.state.zh}”，无需延期")
            if due_on < old.due_on:
                raise ValueError(f"延期后的截止日{due_on}早于现截止日{old.due_on}，请填写更晚的日期")
            connection.execute(
                update(obligation).where(obligation.c.id == obligation_id).values(due_on=due_on)
            )
            connection.execute(
                extension.insert().values(
                    obligation_id=obligation_id,
                    old_due_on=old.due_on,
                    due_on=due_on,
                    reason=reason,
                    approved_by=approved_by,
                    granted_on=on,
                )
            )
            trail.note(
                "obligation",
                obligation_id,
                {"due_on": old.due_on},
                {"due_on": due_on},
                on=on,
                actor=approved_by,
                reason=reason,
            )
        return True

    def extensions(self, obligation_id: int) -> list[Extension]:
        """Every move of its due date, in order."""
        statement = (
            select(*shaped(extension, Extension))
            .where(extension.c.obligation_id == obligation_id)
            .order_by(extension.c.id)
        )
        with self._database.reading() as connection:
            return [Extension(**row._mapping) for row in connection.execute(statement)]

    def _select(self, statement: Select[Any]) -> list[Obligation]:
        with self._database.reading() as connection:
            return [Obligation(**row._mapping) for row in connection.execute(statement)]


def move(
    connection: Connection,
    trail: Trail,
    obligation_id: int,
    old: ObligationState,
    new: ObligationState,
    *,
    on: date,
    actor: str,
    reason: str,
    **values: Any,
) -> None:
    """One step along the state machine, audited. Raise IllegalMove, also when another was faster."""
    rules.move(old, new)
    moved = connection.execute(
        update(obligation)
        .where(obligation.c.id == obligation_id, obligation.c.state == old)
        .values(state=new, **values)
    )
    if moved.rowcount != 1:
        raise IllegalMove(f"报送任务 {obligation_id} 已不在“{old.zh}”状态，不能变为“{new.zh}”")
    trail.note(
        "obligation",
        obligation_id,
        {"state": old},
        {"state": new} | values,
        on=on,
        actor=actor,
        reason=reason,
    )


def close(
    connection: Connection,
    trail: Trail,
    campaign_id: str,
    unit_code: str,
    change_id: int,
    *,
    on: date,
    actor: str,
    reason: str,
) -> None:
    """A unit has left: what it has not settled is closed; what was accepted stays accepted."""
    mine = (obligation.c.campaign_id == campaign_id) & (obligation.c.unit_code == unit_code)
    unsettled = select(obligation.c.id, obligation.c.state).where(mine, obligation.c.state.in_(UNSETTLED))
    for id_, state in connection.execute(unsettled.with_for_update()).all():
        move(
            connection,
            trail,
            id_,
            state,
            ObligationState.CLOSED,
            on=on,
            actor=actor,
            reason=reason,
            closed_by=change_id,
        )


def reopen(
    connection: Connection,
    trail: Trail,
    campaign_id: str,
    unit_code: str,
    *,
    on: date,
    actor: str,
    reason: str,
) -> None:
    """A unit is back: what its leaving closed is owed again, and nothing else."""
    mine = (obligation.c.campaign_id == campaign_id) & (obligation.c.unit_code == unit_code)
    closed = select(obligation.c.id).where(mine, obligation.c.closed_by.is_not(None))
    for id_ in connection.scalars(closed.with_for_update()).all():
        move(
            connection,
            trail,
            id_,
            ObligationState.CLOSED,
            ObligationState.OPEN,
            on=on,
            actor=actor,
            reason=reason,
            closed_by=None,
        )


def _obligations() -> Select[Any]:
    return select(*shaped(obligation, Obligation))
