"""The slip (登记单) a person fills in to have something entered. Read by DAG files, so it imports next to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from include.domain.campaign import Campaign

if TYPE_CHECKING:
    from include.steps.ports import Gateways


@dataclass(frozen=True, slots=True)
class Slip:
    """What a person has filled in and signed (登记单): ``answers`` by field, blanks left out; ``by`` is the Airflow user.

    Nothing is entered while ``dry_run``.
    """

    campaign: Campaign
    on: date
    by: str
    reason: str
    answers: Mapping[str, str]
    dry_run: bool
    using: Gateways

    def __getitem__(self, name: str) -> str:
        """An answer; empty when the field was left blank."""
        return self.answers.get(name, "")

    def day(self, name: str) -> date | None:
        return date.fromisoformat(self[name]) if self[name] else None

    def number(self, name: str) -> int | None:
        return int(self[name]) if self[name] else None
