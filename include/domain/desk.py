"""What office staff do to the registers (台账) by hand, one record at a time: which fields, and how the state moves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from include.domain.registers import MACHINES, STATE, Change, Kept, written
from include.domain.returns import Value
from include.domain.values import Cell

UNCHANGED = "-"
"""What a page says where nothing is to be changed; a workbook's cell understands it as blank too."""

PERSONAL = r"(?<!\d)(?:\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx]|1[3-9]\d{9})(?!\d)"
"""An identity card's or a mobile telephone's number somewhere in a text."""

_PERSONAL = re.compile(PERSONAL)

KEPT_OUT: Mapping[str, frozenset[str]] = {
    "tip": frozenset({"tipster_name", "tipster_phone", "tipster_cert"}),
    "clue": frozenset({"psn_no"}),
    "case": frozenset({"party_cert", "party_name"}),
    "referral": frozenset({"party"}),
    "blacklist": frozenset({"subject_cert"}),
}
"""Fields no page may have: what a page is told stays in Airflow's database, where a person is not to be found."""


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of work on one record of a register.

    ``fields`` are what a person fills in, in the order of the page; ``needed`` must not be left empty, ``only``
    narrows choices. ``state`` is where the act brings the record, ``state_by`` the field whose answer decides it.
    ``refers`` names the register a field's number must be found in, ``brings`` what is copied from there: field here →
    field there. ``found_by``: the fields that tell the record where its number must not be written down.
    """

    key: str
    title: str
    register: str
    fields: tuple[str, ...]
    about: str = ""
    state: str = ""
    state_by: tuple[str, Mapping[str, str]] | None = None
    needed: frozenset[str] = frozenset()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refers: Mapping[str, str] = field(default_factory=dict)
    brings: Mapping[str, str] = field(default_factory=dict)
    found_by: tuple[str, ...] = ()
    adds: bool = False
    by_another: bool = False
    """Only somebody who has not worked on the record himself may do it."""

    def __post_init__(self) -> None:
        kept_out = KEPT_OUT.get(self.register, frozenset()) & {*self.fields, *self.found_by}
        if kept_out:
            raise ValueError(f"{self.key}: personal data must not be on a page: {sorted(kept_out)}")

    def state_after(self, answers: Mapping[str, str]) -> str:
        """The state the act leads to; empty when it leaves the state alone, or a field names it."""
        if self.state_by is None:
            return self.state
        asked, states = self.state_by
        return states.get(answers.get(asked, ""), "")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act does or would do, a Chinese sentence each; ``notes`` are what the office should look at."""

    what: str
    changes: tuple[str, ...]
    notes: tuple[str, ...] = ()


def field_changes(change: Change) -> Iterator[str]:
    """Every field that differs, as 栏目 “原值” → “新值”; of personal data nothing."""
    old = change.old or {}
    for each in change.fields:
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


def personal_data_in(answers: Mapping[str, str]) -> list[str]:
    """The fields whose text holds the number of an identity card or a mobile telephone."""
    return [name for name, text in answers.items() if _PERSONAL.search(text)]


def cell(value: Value) -> Cell:
    """A value of the ledger as a cell that reads as the same value again."""
    if isinstance(value, bool | Decimal):
        return written(value)
    return value


def _shown(kept: Kept, value: Value) -> str:
    if kept.sheet.confidential:
        return "（不显示）"
    return f"“{written(value)}”" if value is not None else "（空白）"
