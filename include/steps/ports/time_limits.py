"""Time limits of single records (逐条时限): what moved them, and which rungs were told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from include.domain.forms import Form
from include.domain.notices import NewNotice, SendMode
from include.domain.time_limits import History, LimitChange, Rung


class TimeLimits(Protocol):
    """Nothing here ever changes a record."""

    def histories(self, campaign_id: str, form: Form) -> dict[str, History]:
        """Number → what happened to the record's limits, for the records with anything."""

    def enter(self, campaign_id: str, change: LimitChange, *, known: History, on: date, actor: str) -> None:
        """Enter a pause, resumption or extension, audited. Raise RegisterMoved when ``known`` is no longer all."""

    def plan(self, digests: Mapping[NewNotice, Sequence[Rung]]) -> int:
        """Enter digests with the rungs they tell, in one transaction; return how many rungs are new.

        A digest on its way takes no more rungs: those wait for the next. A digest without rungs is not entered.
        """

    def rungs(self, campaign_id: str, *, mode: SendMode, register: str | None = None) -> list[Rung]:
        """Everything told so far, in order."""
