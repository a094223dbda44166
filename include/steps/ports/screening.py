"""Screening runs as the ledger keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from include.domain.screening import Run, Threshold


class Screenings(Protocol):
    def record(self, campaign_id: str, run: Run) -> None:
        """Write a run down; nothing is ever overwritten."""

    def change(self, campaign_id: str, changed: Threshold, *, actor: str) -> None:
        """Enter an approved change of a parameter, in the trail as well; earlier ones stay."""

    def disclosed(
        self, campaign_id: str, facts: Mapping[str, Any], *, on: date, actor: str, reason: str
    ) -> None:
        """Put on record that persons were taken out by their numbers, by whom and what for."""

    def thresholds(self, campaign_id: str) -> list[Threshold]:
        """All approved changes, the first entered first."""

    def runs(self, campaign_id: str) -> list[Run]:
        """All runs of the campaign, the oldest first."""
