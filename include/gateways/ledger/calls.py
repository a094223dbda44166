"""Telephone calls to units: append-only, one for a unit and time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date

from sqlalchemy import ColumnElement, Connection, select

from include.domain.calls import PhoneCall, contradiction
from include.gateways.ledger.audit import audited
from include.gateways.ledger.database import Database, in_chunks, insert_new
from include.gateways.ledger.tables import phone_call, shaped

_CALL = shaped(phone_call, PhoneCall)
_IN_ORDER = (phone_call.c.called_on, phone_call.c.called_at, phone_call.c.id)


class Calls:
    def __init__(self, database: Database) -> None:
        self._database = database

    def enter(
        self, campaign_id: str, calls: Sequence[PhoneCall], *, on: date, actor: str, reason: str
    ) -> int:
        """Enter calls, all or none; return how many are new. The same one again changes nothing.

        Raise ValueError for one that says something else of a unit and time already entered.
        """
        entered = 0
        with audited(self._database) as (connection, trail):
            for call in calls:
                facts = {"campaign_id": campaign_id} | asdict(call)
                entry = insert_new(phone_call, connection).values(facts).returning(phone_call.c.id)
                new_id = connection.scalar(entry)
                if new_id is None:
                    _refuse_another(connection, campaign_id, call)
                    continue
                entered += 1
                # The trail is kept for ever and read by more people than the roster, where the number stands.
                told = {name: value for name, value in facts.items() if name != "number"}
                trail.note("phone_call", new_id, None, told, on=on, actor=actor, reason=reason)
        return entered

    def of_unit(self, campaign_id: str, unit_code: str) -> list[PhoneCall]:
        """In the order of days and times."""
        return self._read(phone_call.c.campaign_id == campaign_id, phone_call.c.unit_code == unit_code)

    def of_units(self, campaign_id: str, codes: Collection[str], *, on: date) -> dict[str, list[PhoneCall]]:
        """Calls made by that day by unit, each unit's in order; units without one are left out."""
        found: defaultdict[str, list[PhoneCall]] = defaultdict(list)
        for some in in_chunks(sorted(self._called(campaign_id, on).intersection(codes))):
            for call in self._read(
                phone_call.c.campaign_id == campaign_id,
                phone_call.c.unit_code.in_(some),
                phone_call.c.called_on <= on,
            ):
                found[call.unit_code].append(call)
        return dict(found)

    def _called(self, campaign_id: str, on: date) -> set[str]:
        """The units called by that day: few, where a hundred thousand may be asked about."""
        statement = (
            select(phone_call.c.unit_code)
            .distinct()
            .where(phone_call.c.campaign_id == campaign_id, phone_call.c.called_on <= on)
        )
        with self._database.reading() as connection:
            return set(connection.scalars(statement))

    def _read(self, *conditions: ColumnElement[bool]) -> list[PhoneCall]:
        with self._database.reading() as connection:
            rows = connection.execute(select(*_CALL).where(*conditions).order_by(*_IN_ORDER))
            return [PhoneCall(**row._mapping) for row in rows]


def _refuse_another(connection: Connection, campaign_id: str, call: PhoneCall) -> None:
    row = connection.execute(
        select(*_CALL).where(
            phone_call.c.campaign_id == campaign_id,
            phone_call.c.unit_code == call.unit_code,
            phone_call.c.called_on == call.called_on,
            phone_call.c.called_at == call.called_at,
        )
    ).one()
    if why := contradiction(call, PhoneCall(**row._mapping)):
        raise ValueError(f"{call.unit_code}：{why}")
