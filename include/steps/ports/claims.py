"""Files nobody could be found for, and what staff decide about them."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from include.domain.returns import ReturnFile


class Claims(Protocol):
    """Both decisions are audited, send nothing, and raise ValueError when the file no longer waits."""

    def waiting(self, campaign_id: str) -> list[ReturnFile]:
        """Unclaimed files of every kind, in order of arrival."""

    def assign(self, return_id: int, unit_code: str, *, name: str, on: date, actor: str, reason: str) -> None:
        """Give the file to a unit under a name that says so and open it for the next check."""

    def set_aside(self, return_id: int, *, on: date, actor: str, reason: str) -> None:
        """Keep the file and judge it no more."""
