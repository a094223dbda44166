"""Screening runs as the ledger keeps them."""

from __future__ import annotations

from typing import Protocol

from include.domain.screening import Run


class Screenings(Protocol):
    def record(self, campaign_id: str, run: Run) -> None:
        """Write a run down; nothing is ever overwritten."""

    def runs(self, campaign_id: str) -> list[Run]:
        """All runs of the campaign, the oldest first."""
