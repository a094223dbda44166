"""Rules waived for single units."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from sqlalchemy import select

from include.domain.waivers import Waiver
from include.gateways.ledger.audit import audited
from include.gateways.ledger.database import Database, insert_new
from include.gateways.ledger.tables import shaped, waiver


class Waivers:
    def __init__(self, database: Database) -> None:
        self._database = database

    def grant(self, campaign_id: str, granted: Waiver) -> None:
        """Enter a waiver; the same rule, unit and day again changes nothing."""
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
                    actor=granted.approved_by,
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
