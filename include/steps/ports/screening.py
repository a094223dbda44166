"""Screening runs as the ledger keeps them."""

from __future__ import annotations

from typing import Protocol

from include.domain.screening import Run, Threshold


class Screenings(Protocol):
    def record(self, campaign_id: str, run: Run) -> None:
        """Write a run down; nothing is ever overwritten."""

    def change(self, campaign_id: str, changed: Threshold, *, actor: str) -> None:
        """Enter an approved change of a parameter, in the trail as well; earlier ones stay."""

    def thresholds(self, campaign_id: str) -> list[Threshold]:
        """All approved changes, the first entered first."""

    def runs(self, campaign_id: str) -> list[Run]:
        """All runs of the campaign, the oldest first."""
