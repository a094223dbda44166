"""Weekly inspection plans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from include.domain.inspection_plans import DrawInputs, Planned, Settled


class InspectionPlans(Protocol):
    """What was drawn for which week. A week is drawn once; what is entered only ever changes its state."""

    def all(self, campaign_id: str) -> list[Planned]:
        """Every planned inspection, by week and number."""

    def inputs(self, campaign_id: str, week: date) -> DrawInputs | None:
        """What the week's draw was made from; None when the week has not been drawn."""

    def enter(
        self,
        campaign_id: str,
        inputs: DrawInputs,
        planned: Sequence[Planned],
        settled: Sequence[Settled],
        *,
        on: date,
        actor: str,
    ) -> bool:
        """Enter the week and what became of earlier weeks; return False, changing nothing, if it is there already."""

    def skip(
        self, campaign_id: str, week: date, unit_code: str, *, reason: str, on: date, actor: str
    ) -> None:
        """Note that a planned unit could not be inspected. Raise KeyError unless it is planned and open."""
