"""Telephone calls to units."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Protocol

from include.domain.calls import PhoneCall


class Calls(Protocol):
    def enter(
        self, campaign_id: str, calls: Sequence[PhoneCall], *, on: date, actor: str, reason: str
    ) -> int:
        """Enter calls, all or none; return how many are new. The same one again changes nothing.

        Raise ValueError for one that says something else of a unit and time already entered.
        """

    def of_unit(self, campaign_id: str, unit_code: str) -> list[PhoneCall]:
        """In the order of days and times."""

    def of_units(self, campaign_id: str, codes: Collection[str], *, on: date) -> dict[str, list[PhoneCall]]:
        """Calls made by that day by unit, each unit's in order; units without one are left out."""
