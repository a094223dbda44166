"""Time limits of single records: pauses and extensions, and which rung of which record was told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date

from sqlalchemy import Connection, select, text

from include.domain.forms import Form
from include.domain.notices import NewNotice, NoticeState, SendMode
from include.domain.registers import STATE, RegisterMoved, parts
from include.domain.time_limits import Entered, History, LimitChange, Rung
from include.gateways.ledger import outbox
from include.gateways.ledger.audit import Trail, audited
from include.gateways.ledger.database import Database, insert_new
from include.gateways.ledger.registers import ENTRY_LOCK
from include.gateways.ledger.tables import notice, shaped
from include.gateways.ledger.time_limit_tables import record_rung, record_state, time_limit_change


class TimeLimits:
    def __init__(self, database: Database) -> None:
        self._database = database

    def histories(self, campaign_id: str, form: Form) -> dict[str, History]:
        """Number → what happened to the record's limits, for the records with anything."""
        kept = next((each for each in parts(form)[0].kept if each.name == STATE), None)
        names = kept.column.choice_list if kept else None
        entered: defaultdict[str, list[Entered]] = defaultdict(list)
        came = (
            select(record_state)
            .where(record_state.c.campaign_id == campaign_id, record_state.c.register == form.key)
            .order_by(record_state.c.id)
        )
        with self._database.reading() as connection:
            changes = _changes(connection, campaign_id, form.key)
            for row in connection.execute(came):
                state = form.choice_label(names, row.state) if names else row.state
                entered[row.number].append(Entered(state, row.since))
        return {
            number: History(tuple(changes.get(number, ())), tuple(entered.get(number, ())))
            for number in {**changes, **entered}
        }

    def enter(self, campaign_id: str, change: LimitChange, *, known: History, on: date, actor: str) -> None:
        """Enter a pause, resumption or extension, audited. Raise RegisterMoved when ``known`` is no longer all."""
        with audited(self._database) as (connection, trail):
            if connection.dialect.name == "postgresql":
                # Of two people who extend at once the second is told; SQLite has one writer anyway.
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ENTRY_LOCK})
            before = _changes(connection, campaign_id, change.register).get(change.number, [])
            if tuple(before) != known.changes:
                raise RegisterMoved(change.number)
            facts = asdict(change)
            connection.execute(time_limit_change.insert().values(campaign_id=campaign_id, **facts))
            where = f"{campaign_id}/{change.register}/{change.number}"
            trail.note("time_limit_change", where, None, facts, on=on, actor=actor, reason=change.reason)

    def plan(self, digests: Mapping[NewNotice, Sequence[Rung]]) -> int:
        """Enter digests with the rungs they tell, in one transaction; return how many rungs are new.

        A digest on its way takes no more rungs: those wait for the next. A digest without rungs is not entered.
        """
        with audited(self._database) as (connection, trail):
            return sum(_tell(connection, trail, digest, rungs) for digest, rungs in digests.items() if rungs)

    def rungs(self, campaign_id: str, *, mode: SendMode, register: str | None = None) -> list[Rung]:
        """Everything told so far, in order."""
        asked = (
            select(*shaped(record_rung, Rung))
            .where(record_rung.c.campaign_id == campaign_id, record_rung.c.mode == mode)
            .order_by(record_rung.c.id)
        )
        if register is not None:
            asked = asked.where(record_rung.c.register == register)
        with self._database.reading() as connection:
            return [Rung(**row._mapping) for row in connection.execute(asked)]


def _tell(connection: Connection, trail: Trail, digest: NewNotice, rungs: Sequence[Rung]) -> int:
    outbox.enter(connection, trail, [digest])
    state = connection.scalar(select(notice.c.state).where(notice.c.key == digest.key).with_for_update())
    if state is not NoticeState.PLANNED:
        return 0
    common = {"campaign_id": digest.campaign_id, "mode": digest.mode}
    rows = [common | asdict(rung) for rung in rungs]
    new = connection.execute(insert_new(record_rung, connection), rows).rowcount
    if new:
        told = [f"{rung.register}/{rung.number}/{rung.rung}" for rung in rungs]
        trail.note("record_rung", digest.key, None, {"rungs": told, "count": new}, on=digest.planned_on)
    return new


def _changes(connection: Connection, campaign_id: str, register: str) -> dict[str, list[LimitChange]]:
    asked = (
        select(*shaped(time_limit_change, LimitChange))
        .where(time_limit_change.c.campaign_id == campaign_id, time_limit_change.c.register == register)
        .order_by(time_limit_change.c.id)
    )
    found: defaultdict[str, list[LimitChange]] = defaultdict(list)
    for row in connection.execute(asked):
        found[row.number].append(LimitChange(**row._mapping))
    return dict(found)
