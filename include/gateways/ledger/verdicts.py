"""What verdicts on returns do to files, figures and debts, within one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, select, update

from include.domain import obligations as rules
from include.domain.obligations import SETTLED, ObligationState
from include.domain.returns import Finding, Judgement, SelfCheckItem, Verdict
from include.gateways.ledger.audit import Trail
from include.gateways.ledger.database import in_chunks
from include.gateways.ledger.tables import finding, obligation, return_file, self_check_item

MOVES_TO = {
    Verdict.ACCEPTED: ObligationState.ACCEPTED,
    Verdict.ACCEPTED_WITH_WARNINGS: ObligationState.ACCEPTED,
    Verdict.RETURNED: ObligationState.RETURNED,
    Verdict.PARTIAL: ObligationState.PARTIAL,
}
STILL_OPEN = frozenset({None, Verdict.UNCLAIMED, Verdict.PARTIAL})
"""A verdict still to be given or changed: claimed by staff later, completed by the stamped scan."""

IN_ORDER = (return_file.c.received_at, return_file.c.id)


def in_force(
    connection: Connection, trail: Trail, return_id: int, *, on: date, actor: str
) -> tuple[Any, Moves]:
    """The return a unit's debt is paid with, and the debt, both held."""
    file = _locked(connection, return_file, [return_id])[return_id]
    moves = Moves(connection, trail, on, actor)
    if file.obligation_id is not None:
        moves.start([file.obligation_id])
    owed = moves.rows.get(file.obligation_id)
    if owed is None or owed["state"] is not ObligationState.ACCEPTED or owed["return_id"] != return_id:
        said = owed["state"].zh if owed else "不属于任何报送任务"
        raise rules.IllegalMove(f"{return_id}号报送件不是待复核的有效报送件（报送任务：{said}），没有办理")
    return file, moves


def apply(
    connection: Connection, trail: Trail, judgements: Sequence[Judgement], *, on: date, actor: str
) -> set[int]:
    """The files whose judgement was new; a number of statements that does not depend on how many."""
    files = _locked(connection, return_file, {each.return_id for each in judgements})
    moves = Moves(connection, trail, on, actor)
    moves.start({each.obligation_id for each in judgements if each.obligation_id is not None})
    decided: list[dict[str, Any]] = []
    fresh: list[Judgement] = []
    new: set[int] = set()
    for judgement in judgements:
        file = files[judgement.return_id]
        if file.verdict not in STILL_OPEN or file.verdict is judgement.verdict or file.id in new:
            continue
        new.add(file.id)
        decision = {
            "verdict": judgement.verdict,
            "unit_code": judgement.unit_code,
            "obligation_id": judgement.obligation_id,
            "receipt_no": judgement.receipt_no,
            "judged_on": on,
        }
        decided.append({"key": file.id} | decision)
        if file.verdict is not Verdict.PARTIAL:
            fresh.append(judgement)
        trail.note("return_file", file.id, {"verdict": file.verdict}, decision, on=on, actor=actor)
        if judgement.obligation_id is not None and judgement.verdict in MOVES_TO:
            moves.make(judgement.obligation_id, judgement, file)
    _update(connection, return_file, decided)
    _replace(connection, finding, {each.return_id: each.findings for each in fresh})
    _replace(connection, self_check_item, {each.return_id: each.items for each in fresh})
    moves.write()
    return new


def _locked(connection: Connection, table: Table, ids: Collection[int]) -> dict[int, Any]:
    """Rows by id, held always in the same order, so that two batches cannot block each other.

    Raise KeyError when one is not there.
    """
    found: dict[int, Any] = {}
    for chunk in in_chunks(sorted(ids)):
        rows = select(table).where(table.c.id.in_(chunk)).order_by(table.c.id).with_for_update()
        found |= {row.id: row for row in connection.execute(rows)}
    if missing := set(ids) - set(found):
        raise KeyError(min(missing))
    return found


def _update(connection: Connection, table: Table, changes: Sequence[Mapping[str, Any]]) -> None:
    """Write changes (``key`` is the row's id), one statement for all that set the same columns."""
    by_columns: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for change in changes:
        by_columns.setdefault(tuple(sorted(change.keys() - {"key"})), []).append(change)
    for columns, alike in by_columns.items():
        values = {column: bindparam(f"new_{column}", type_=table.c[column].type) for column in columns}
        connection.execute(
            update(table).where(table.c.id == bindparam("key")).values(values),
            [{"key": each["key"]} | {f"new_{column}": each[column] for column in columns} for each in alike],
        )


def _replace(
    connection: Connection, table: Table, records: Mapping[int, Sequence[Finding] | Sequence[SelfCheckItem]]
) -> None:
    for chunk in in_chunks(sorted(records)):
        connection.execute(delete(table).where(table.c.return_id.in_(chunk)))
    rows = [{"return_id": id_} | columns_of(each) for id_, mine in records.items() for each in mine]
    if rows:
        connection.execute(table.insert(), rows)


def columns_of(record: Finding | SelfCheckItem) -> dict[str, Any]:
    return {each.name: getattr(record, each.name) for each in fields(record)}


@dataclass
class Moves:
    """What a batch does to its obligations: their rows as they stand meanwhile, and what to write at the end."""

    connection: Connection
    trail: Trail
    on: date
    actor: str
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    changes: dict[int, dict[str, Any]] = field(default_factory=dict)

    def start(self, ids: Collection[int]) -> None:
        locked = _locked(self.connection, obligation, ids)
        self.rows = {id_: dict(row._mapping) for id_, row in locked.items()}

    def make(self, id_: int, judgement: Judgement, file: Any) -> None:
        """Move one obligation as the verdict says; a settled one stays where it is."""
        target = MOVES_TO[judgement.verdict]
        state: ObligationState = self.rows[id_]["state"]
        if state is target is ObligationState.ACCEPTED:
            self._supersede(id_, judgement, file)
        if state in SETTLED:
            return
        if state is not ObligationState.RECEIVED:
            self._step(id_, ObligationState.RECEIVED, judgement, file, received_on=file.received_on)
        entered: dict[str, Any] = {}
        if target is not ObligationState.RETURNED:
            entered["is_zero"] = judgement.is_zero
        if target is ObligationState.ACCEPTED:
            entered |= {"return_id": file.id, "accepted_on": self.on, "days_late": judgement.days_late}
        self._step(id_, target, judgement, file, **entered)

    def review(self, id_: int, new: dict[str, Any], reason: str) -> None:
        """Move an accepted one as a person decided."""
        old = self.rows[id_]
        rules.move(old["state"], new["state"])
        self._note(id_, {name: old[name] for name in new}, new, reason)

    def write(self) -> None:
        _update(self.connection, obligation, [{"key": id_} | each for id_, each in self.changes.items()])

    def _step(self, id_: int, new: ObligationState, judgement: Judgement, file: Any, **values: Any) -> None:
        old = self.rows[id_]["state"]
        rules.move(old, new)
        reason = f"报送件 {file.id}：{judgement.verdict.zh}"
        self._note(id_, {"state": old}, {"state": new} | values, reason)

    def _supersede(self, id_: int, judgement: Judgement, file: Any) -> None:
        """A newer accepted return brings new figures; the debt was paid when the first was accepted."""
        current_id = self.rows[id_]["return_id"]
        current = self.connection.execute(select(*IN_ORDER).where(return_file.c.id == current_id)).one()
        if (file.received_at, file.id) > tuple(current):
            figures = {"return_id": file.id, "is_zero": judgement.is_zero}
            self._note(id_, {"return_id": current_id}, figures, "以后报的通过件为准")

    def _note(self, id_: int, old: dict[str, Any], new: dict[str, Any], reason: str) -> None:
        self.rows[id_] |= new
        self.changes.setdefault(id_, {}).update(new)
        self.trail.note("obligation", id_, old, new, on=self.on, actor=self.actor, reason=reason)
