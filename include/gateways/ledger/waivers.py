"""Rules waived for single units."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from sqlalchemy import ColumnElement, delete, select, update

from include.domain.waivers import Waiver
from include.gateways.ledger.audit import audited
from include.gateways.ledger.database import Database, insert_new
from include.gateways.ledger.tables import shaped, waiver


class Waivers:
    def __init__(self, database: Database) -> None:
        self._database = database

    def grant(self, campaign_id: str, granted: Waiver, *, actor: str = "") -> None:
        """Enter a waiver, by its approver unless somebody else is named; the same rule, unit and day again changes nothing."""
        facts = {"campaign_id": campaign_id} | asdict(granted)
        with audited(self._database) as (connection, trail):
            entry = insert_new(waiver, connection).values(**facts)
            new_id = connection.scalar(entry.returning(waiver.c.id))
            if new_id is not None:
                trail.note(
                    "waiver",
                    new_id,
                    None,
                    facts,
                    on=granted.granted_on,
                    actor=actor or granted.approved_by,
                    reason=granted.reason,
                )

    def in_force(self, campaign_id: str, form: str, *, on: date) -> dict[str, tuple[Waiver, ...]]:
        """Unit code → the waivers that hold that day, for the units that have any."""
        statement = (
            select(*shaped(waiver, Waiver))
            .where(
                waiver.c.campaign_id == campaign_id,
                waiver.c.form == form,
                waiver.c.granted_on <= on,
                waiver.c.expires_on >= on,
            )
            .order_by(waiver.c.id)
        )
        found: dict[str, tuple[Waiver, ...]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(statement):
                each = Waiver(**row._mapping)
                found[each.unit_code] = (*found.get(each.unit_code, ()), each)
        return found

    def all(self, campaign_id: str) -> list[Waiver]:
        """Everything granted, whether it still holds or not, in order of entry."""
        return self._read(waiver.c.campaign_id == campaign_id)

    def of_unit(self, campaign_id: str, unit_code: str) -> list[Waiver]:
        """Everything granted to one unit, in order of entry."""
        return self._read(waiver.c.campaign_id == campaign_id, waiver.c.unit_code == unit_code)

    def _read(self, *conditions: ColumnElement[bool]) -> list[Waiver]:
        statement = select(*shaped(waiver, Waiver)).where(*conditions).order_by(waiver.c.id)
        with self._database.reading() as connection:
            return [Waiver(**row._mapping) for row in connection.execute(statement)]

    def revoke(self, campaign_id: str, granted: Waiver, *, on: date, by: str, reason: str) -> None:
        """End a waiver the day before, or take out one that never held a day. Raise ValueError, KeyError."""
        left = granted.ended(on, by=by, reason=reason)
        same = [waiver.c.campaign_id == campaign_id, *(waiver.c[k] == v for k, v in asdict(granted).items())]
        with audited(self._database) as (connection, trail):
            id_ = connection.scalar(select(waiver.c.id).where(*same).with_for_update())
            if id_ is None:
                raise KeyError(granted.rule)
            if left is None:
                connection.execute(delete(waiver).where(waiver.c.id == id_))
            else:
                connection.execute(update(waiver).where(waiver.c.id == id_).values(asdict(left)))
            facts = asdict(left) if left else None
            trail.note("waiver", id_, asdict(granted), facts, on=on, actor=by, reason=reason)
