"""One change of a record in words, and the one step its state may take."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from include.domain.registers import MACHINES, STATE, Change, Kept, written
from include.domain.returns import Value
from include.domain.values import Cell


def field_changes(change: Change) -> Iterator[str]:
    """Every field that differs, as 栏目 “原值” → “新值”, of a new record the value alone; of personal data nothing."""
    old = change.old
    for each in change.fields:
        if old is None:
            yield f"{each.column.header} {_shown(each, change.new.get(each.name))}"
            continue
        yield f"{each.column.header} {_shown(each, old.get(each.name))} → {_shown(each, change.new.get(each.name))}"


def two_steps_at_once(register: str, change: Change) -> str | None:
    """Why the state may not jump: by hand a record goes one step at a time, so that no step is left out."""
    old, new = (change.old or {}).get(STATE), change.new.get(STATE)
    machine = MACHINES.get(register)
    if machine is None or old is None or old == new:
        return None
    following = machine.moves.get(str(old), ())
    if new in following:
        return None
    header = change.part.called(STATE).column.header
    if not following:
        return f"{header}是“{old}”，已是最后一步，不能再改"
    return f"{header}目前是“{old}”，下一步只能是“{'、'.join(following)}”，不能直接改为“{written(new)}”，请按顺序逐步登记"


def cell(value: Value) -> Cell:
    """A value of the ledger as a cell that reads as the same value again."""
    if isinstance(value, bool | Decimal):
        return written(value)
    return value


def _shown(kept: Kept, value: Value) -> str:
    if kept.sheet.confidential:
        return "（不显示）"
    return f"“{written(value)}”" if value is not None else "（空白）"
