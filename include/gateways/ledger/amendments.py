"""Due dates moved, and tasks dropped, for all units at once because the notice was amended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update

from include.domain.amendments import Asked, Difference, Standing
from include.domain.obligations import SETTLED, UNSETTLED, ObligationState
from include.gateways.ledger.audit import audited
from include.gateways.ledger.database import Database
from include.gateways.ledger.tables import extension, obligation

_EXTENDED = obligation.c.id.in_(select(extension.c.obligation_id))
_COUNTS = obligation.c.state != ObligationState.CLOSED


class Amendments:
    def __init__(self, database: Database) -> None:
        self._database = database

    def standing(self, campaign_id: str) -> list[Standing]:
        """What is owed, by form, phase, occasion and due date; what was closed is left out."""
        grouped = (obligation.c.phase_key, obligation.c.form, obligation.c.occasion, obligation.c.due_on)
        statement = (
            select(
                *grouped,
                func.count().label("units"),
                func.sum(case((obligation.c.state.in_(UNSETTLED), 1), else_=0)).label("open"),
                func.sum(case((_EXTENDED, 1), else_=0)).label("extended"),
            )
            .where(obligation.c.campaign_id == campaign_id, _COUNTS)
            .group_by(*grouped)
        )
        with self._database.reading() as connection:
            return [
                Standing(
                    Asked(row.phase_key, row.form, row.occasion),
                    row.due_on,
                    row.units,
                    row.open,
                    row.extended,
                )
                for row in connection.execute(statement)
            ]

    def received_days(self, campaign_id: str, change: Difference) -> list[date]:
        """The days on which the returns it concerns came in."""
        statement = (
            select(obligation.c.received_on)
            .distinct()
            .where(_concerned(campaign_id, change), obligation.c.received_on.is_not(None))
        )
        with self._database.reading() as connection:
            return sorted(connection.scalars(statement))

    def move(
        self,
        campaign_id: str,
        change: Difference,
        *,
        late: Mapping[date, int],
        on: date,
        actor: str,
        reason: str,
    ) -> int:
        """Give what it concerns the new date; return how many (家).

        ``late`` says how many days late a return of each day is by the new date.
        """
        concerned = _concerned(campaign_id, change)
        with audited(self._database) as (connection, trail):
            for day, days in late.items():
                connection.execute(
                    update(obligation)
                    .where(concerned, obligation.c.received_on == day)
                    .values(days_late=days)
                )
            moved = connection.execute(update(obligation).where(concerned).values(due_on=change.new)).rowcount
            if moved:
                asked = change.asked._asdict()
                trail.note(
                    "obligation",
                    campaign_id,
                    asked | {"due_on": change.old},
                    asked | {"due_on": change.new, "count": moved},
                    on=on,
                    actor=actor,
                    reason=reason,
                )
        return moved

    def drop(self, campaign_id: str, change: Difference, *, on: date, actor: str, reason: str) -> int:
        """Close what the notice no longer asks for and nobody has settled; return how many (家)."""
        concerned = and_(_asked(campaign_id, change), obligation.c.state.not_in(SETTLED))
        with audited(self._database) as (connection, trail):
            closed = connection.execute(
                update(obligation).where(concerned).values(state=ObligationState.CLOSED)
            ).rowcount
            if closed:
                asked = change.asked._asdict()
                trail.note(
                    "obligation",
                    campaign_id,
                    asked,
                    asked | {"state": ObligationState.CLOSED, "count": closed},
                    on=on,
                    actor=actor,
                    reason=reason,
                )
        return closed


def _asked(campaign_id: str, change: Difference) -> ColumnElement[bool]:
    return and_(
        obligation.c.campaign_id == campaign_id,
        obligation.c.phase_key == change.asked.phase,
        obligation.c.form == change.asked.form,
        obligation.c.occasion == change.asked.occasion,
        obligation.c.due_on == change.old,
        _COUNTS,
    )


def _concerned(campaign_id: str, change: Difference) -> ColumnElement[bool]:
    """What a unit was granted by itself is only ever moved to a later day."""
    return and_(_asked(campaign_id, change), or_(~_EXTENDED, obligation.c.due_on < change.new))
