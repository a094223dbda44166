"""The newest survey of each campaign, and the counts it is made of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Protocol

from include.domain.ladder import Window
from include.domain.notices import SendMode
from include.domain.survey import Cell, Day, PassedOver, Reminded, Survey


class Surveys(Protocol):
    def keep(self, taken: Survey) -> None:
        """In place of the one before."""

    def newest(self, campaign_id: str) -> Survey | None:
        """None before the first."""

    def taken_at(self, campaign_id: str) -> datetime | None:
        """When the newest was taken."""

    def trail(self) -> int:
        """The newest row of the audit trail, in which every change of the ledger leaves one; 0 for none."""

    def cells(self, campaign_id: str, *, mode: SendMode, on: date) -> list[Cell]:
        """All returns units themselves owe, by where they stand; reminders count that left in that mode."""

    def days(self, campaign_id: str, *, on: date) -> list[Day]:
        """By day what fell due, came in last, and was accepted and still is; dues after that day too."""

    def reminders(
        self, campaign_id: str, *, mode: SendMode, on: date, until: Callable[[date], date]
    ) -> list[Reminded]:
        """By rung the reminders that left by that day; answered when a return came by ``until`` of their day."""

    def passed_over(
        self, campaign_id: str, windows: Collection[Window], *, mode: SendMode, on: date
    ) -> list[PassedOver]:
        """By rung the returns that were owed all through its days, launched before them, and not reminded of in them."""

    def calls(
        self, campaign_id: str, *, on: date, until: Callable[[date], date], began: Mapping[str, date]
    ) -> list[Reminded]:
        """Calls by that day that told a unit, one for each return it then owed in a phase that had begun."""
