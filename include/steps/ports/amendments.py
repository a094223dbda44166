"""What an amended notice changes in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from include.domain.amendments import Difference, Standing


class Amendments(Protocol):
    def standing(self, campaign_id: str) -> list[Standing]:
        """What is owed, by form, phase, occasion and due date; what was closed is left out."""

    def received_days(self, campaign_id: str, change: Difference) -> list[date]:
        """The days on which the returns it concerns came in."""

    def move(
        self,
        campaign_id: str,
        change: Difference,
        *,
        late: Mapping[date, int],
        on: date,
        actor: str,
        reason: str,
    ) -> int:
        """Give what it concerns the new date; return how many (家)."""

    def drop(self, campaign_id: str, change: Difference, *, on: date, actor: str, reason: str) -> int:
        """Close what the notice no longer asks for and nobody has settled; return how many (家)."""
