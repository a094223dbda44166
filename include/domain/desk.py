"""What office staff do to the registers (台账) by hand, one record at a time: which fields, and how the state moves.

Read by DAG files, so it needs nothing else of the domain.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

PERSONAL = r"(?<![0-9A-Za-z])(?:\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx]|1[3-9]\d{9})(?!\d)"
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


def personal_data_in(answers: Mapping[str, str]) -> list[str]:
    """The fields whose text holds the number of an identity card or a mobile telephone."""
    return [name for name, text in answers.items() if _PERSONAL.search(text)]
