"""The office's registers: records and their details, added and changed, never deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, delete, func, select, text, update

from include.domain.forms import Form
from include.domain.registers import (
    NUMBER,
    RECORD,
    STATE,
    Change,
    Kept,
    Part,
    Record,
    RegisterMoved,
    parts,
    written,
)
from include.domain.returns import Value
from include.gateways.ledger.audit import Trail, audited
from include.gateways.ledger.database import Database, in_chunks
from include.gateways.ledger.register_tables import SEALED, TABLES
from include.gateways.ledger.sealed import Seal
from include.gateways.ledger.tables import audit
from include.gateways.ledger.time_limit_tables import record_state

ENTRY_LOCK = 7_340_003
IMPORTED, CORRECTED = "台账导入：新增", "台账导入：修改"
RESEALED = "更换举报人信息密钥"


class Registers:
    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    @property
    def can_seal(self) -> bool:
        """Whether personal data can be kept: there is a key to encrypt it with."""
        return self._seal.is_ready

    def records(
        self, campaign_id: str, form: Form, *, confidential: bool = False, entered_until: date | None = None
    ) -> dict[str, dict[str, Record]]:
        """Table → number → record, in the order of entry; confidential parts are empty unless asked for."""
        with self._database.reading() as connection:
            return {
                part.table: self._read(connection, campaign_id, form, part, entered_until)
                if confidential or not part.is_confidential
                else {}
                for part in parts(form)
            }

    def of_all_campaigns(self, form: Form) -> list[Record]:
        """The records of every campaign, in the order of entry, without details and confidential parts."""
        records = parts(form)[0]
        table = TABLES[records.table]
        with self._database.reading() as connection:
            rows = connection.execute(select(table).order_by(table.c.id))
            return [self._record(form, records, row) for row in rows]

    def of_unit(self, campaign_id: str, form: Form, unit_code: str) -> list[tuple[date, Record]]:
        """The records about one unit with the day each was entered, in the order of entry; nothing confidential."""
        records = parts(form)[0]
        table = TABLES[records.table]
        asked = (
            select(table)
            .where(table.c.campaign_id == campaign_id, table.c.unit_code == unit_code)
            .order_by(table.c.id)
        )
        with self._database.reading() as connection:
            return [(row.entered_on, self._record(form, records, row)) for row in connection.execute(asked)]

    def counts(self, campaign_id: str, form: Form) -> dict[str, dict[str, int]]:
        """Records (条) by the values of each field the form counts by: header → value → number."""
        assert form.office_register is not None
        records = parts(form)[0]
        table = TABLES[records.table]
        found = {}
        with self._database.reading() as connection:
            for field in form.office_register.count_by:
                kept = records.named(field)
                column = table.c[kept.name]
                rows = connection.execute(
                    select(column, func.count()).where(table.c.campaign_id == campaign_id).group_by(column)
                )
                numbers = {written(_shown(form, kept, value)): number for value, number in rows}
                found[kept.column.header] = dict(sorted(numbers.items(), key=lambda item: -item[1]))
        return found

    def enter(
        self,
        campaign_id: str,
        form: Form,
        changes: Sequence[Change],
        *,
        on: date,
        actor: str,
        source_sha256: str,
        reason: str = "",
    ) -> None:
        """Add and change records in one transaction with its audit. All or none; nothing is ever deleted."""
        with audited(self._database) as (connection, trail):
            if connection.dialect.name == "postgresql":
                # What was looked at must not move until it is entered; SQLite has one writer anyway.
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ENTRY_LOCK})
            work = _Entry(connection, trail, campaign_id, form, self._seal, on, actor, source_sha256, reason)
            for part in parts(form):
                here = [change for change in changes if change.part.table == part.table]
                if here:
                    known = self._read(connection, campaign_id, form, part)
                    if any(change.old != _values(known.get(change.number)) for change in here):
                        raise RegisterMoved(form.title)
                    work.enter(part, here)

    def changed_by(self, campaign_id: str, form: Form, number: str) -> set[str]:
        """Who has changed that record so far (actors of the audit)."""
        asked = (
            select(audit.c.actor)
            .distinct()
            .where(audit.c.entity == form.key, audit.c.entity_id == f"{campaign_id}/{number}")
        )
        with self._database.reading() as connection:
            return set(connection.scalars(asked))

    def disclosed(
        self, campaign_id: str, form: Form, facts: Mapping[str, Any], *, on: date, actor: str, reason: str
    ) -> None:
        """Put on record that personal data was taken out, by whom and what for."""
        with audited(self._database) as (_, trail):
            trail.note(form.key, campaign_id, None, facts, on=on, actor=actor, reason=reason)

    def resealed(self, form: Form, *, on: date, actor: str) -> int:
        """Encrypt the personal data of all campaigns anew with the newest key; return how many records (条)."""
        number = 0
        with audited(self._database) as (connection, trail):
            for part in parts(form):
                if not part.is_confidential:
                    continue
                table = TABLES[part.table]
                for row in connection.execute(select(table.c.id, table.c[SEALED])).all():
                    renewed = {SEALED: self._seal.renewed(row.sealed)}
                    connection.execute(update(table).where(table.c.id == row.id).values(renewed))
                    number += 1
            trail.note(form.key, "*", None, {"resealed": number}, on=on, actor=actor, reason=RESEALED)
        return number

    def _read(
        self,
        connection: Connection,
        campaign_id: str,
        form: Form,
        part: Part,
        entered_until: date | None = None,
    ) -> dict[str, Record]:
        table = TABLES[part.table]
        asked = select(table).where(table.c.campaign_id == campaign_id).order_by(table.c.id)
        if entered_until is not None:
            asked = asked.where(table.c.entered_on <= entered_until)
        return {row.number: self._record(form, part, row) for row in connection.execute(asked)}

    def _record(self, form: Form, part: Part, row: Row[Any]) -> Record:
        facts = row._mapping
        values: dict[str, Value] = {RECORD: facts[RECORD]} if part.is_detail else {}
        in_words = [each for each in part.kept if each.name in facts]
        values |= {each.name: _shown(form, each, facts[each.name]) for each in in_words}
        if part.is_confidential:
            values |= self._seal.opened(facts[SEALED])
        return Record(row.number, values)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One import being entered."""

    connection: Connection
    trail: Trail
    campaign_id: str
    form: Form
    seal: Seal
    on: date
    actor: str
    source_sha256: str
    reason: str = ""

    def enter(self, part: Part, changes: Sequence[Change]) -> None:
        table = TABLES[part.table]
        added = [change for change in changes if change.old is None]
        if added:
            first = {"campaign_id": self.campaign_id, "entered_on": self.on}
            self.connection.execute(
                table.insert(), [first | self._row(part, change, change.new) for change in added]
            )
            facts = {"added": len(added), "numbers": [change.number for change in added]}
            self._note(part, "", None, facts | {"source_sha256": self.source_sha256}, IMPORTED)
        changed = [change for change in changes if change.old is not None]
        if changed:
            self._update(table, [self._row(part, change, change.new) for change in changed])
            for change in changed:
                self._note(part, f"/{change.number}", *_difference(change), CORRECTED)
        if not part.is_detail:
            self._enter_entries(part, changes)
            self._enter_states(part, changes)

    def _row(self, part: Part, change: Change, values: Mapping[str, Value]) -> dict[str, Any]:
        row: dict[str, Any] = {NUMBER: change.number, "source_sha256": self.source_sha256}
        if part.is_detail:
            row[RECORD] = written(values[RECORD])
        if part.is_confidential:
            return row | {SEALED: self.seal.closed({n: v for n, v in values.items() if n != RECORD})}
        own = {each.name: _stored(self.form, each, values.get(each.name)) for each in part.kept}
        return own | row

    def _update(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        statement = (
            update(table)
            .where(table.c.campaign_id == self.campaign_id, table.c.number == bindparam("of_number"))
            .values({name: bindparam(name) for name in rows[0] if name != NUMBER})
        )
        self.connection.execute(
            statement,
            [{("of_number" if name == NUMBER else name): row[name] for name in row} for row in rows],
        )

    def _enter_entries(self, part: Part, changes: Sequence[Change]) -> None:
        assert self.form.office_register is not None
        for field, name in self.form.office_register.entries.items():
            kept, table = part.named(field), TABLES[name]
            here = [change for change in changes if kept in change.fields]
            for numbers in in_chunks([change.number for change in here]):
                self.connection.execute(
                    delete(table).where(
                        table.c.campaign_id == self.campaign_id, table.c.record_number.in_(numbers)
                    )
                )
            entries = [
                {"campaign_id": self.campaign_id, RECORD: change.number, "code": code}
                for change in here
                for code in self.form.entries(_list_of(self.form, kept), written(change.new.get(kept.name)))
            ]
            if entries:
                self.connection.execute(table.insert(), entries)

    def _enter_states(self, part: Part, changes: Sequence[Change]) -> None:
        """Every state a record comes to, with the day: time limits ask how long it stood there."""
        kept = next((each for each in part.kept if each.name == STATE), None)
        came = [change for change in changes if kept in change.fields and change.new.get(STATE)]
        if kept is None or not came:
            return
        states = [
            {
                "campaign_id": self.campaign_id,
                "register": part.table,
                "number": change.number,
                "state": _stored(self.form, kept, change.new[STATE]),
                "since": self.on,
            }
            for change in came
        ]
        self.connection.execute(record_state.insert(), states)

    def _note(
        self, part: Part, where: str, old: Mapping[str, Any] | None, new: Mapping[str, Any], reason: str
    ) -> None:
        entity_id, why = f"{self.campaign_id}{where}", self.reason or reason
        self.trail.note(part.table, entity_id, old, new, on=self.on, actor=self.actor, reason=why)


def _difference(change: Change) -> tuple[dict[str, Value], dict[str, Value]]:
    """Old and new value of what differs; of personal data only that it does."""
    old = change.old or {}
    if change.part.is_confidential:
        hidden: dict[str, Value] = {each.name: "（加密）" for each in change.fields}
        return hidden, hidden
    names = [each.name for each in change.fields]
    return {name: old.get(name) for name in names}, {name: change.new.get(name) for name in names}


def _values(record: Record | None) -> Mapping[str, Value] | None:
    return record.values if record else None


def _list_of(form: Form, kept: Kept) -> str:
    """The named list whose labels a text column holds, by the rule that says so."""
    return next(
        rule.choice_list
        for rule in form.rules
        if rule.kind == "each_in_list" and rule.field == kept.column.field
    )


def _stored(form: Form, kept: Kept, value: Value) -> Any:
    """A choice from a named list by its code, so that its words may change; a number of the ledger as text."""
    if value is None:
        return None
    if kept.column.choice_list is not None:
        return form.choice_code(kept.column.choice_list, str(value))
    return written(value) if kept.name in {NUMBER, RECORD} else value


def _shown(form: Form, kept: Kept, stored: Any) -> Value:
    if stored is None:
        return None
    if kept.column.choice_list is not None:
        return form.choice_label(kept.column.choice_list, stored)
    return int(stored) if kept.name in {NUMBER, RECORD} and kept.column.type == "count" else stored
