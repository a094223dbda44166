"""Who owes what by when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Protocol

from include.domain.campaign import Owed
from include.domain.obligations import Extension, Missing, Obligation, ObligationState
from include.domain.occasions import ONCE


class Obligations(Protocol):
    def open(
        self,
        campaign_id: str,
        phase_key: str,
        owed: Owed,
        *,
        due_on: date,
        on: date,
        closed: bool = False,
        occasion: str = ONCE,
    ) -> int:
        """One obligation per unit in force of the kinds that owe; return how many are new. Set-based.

        ``closed`` enters them closed: the phase was over when the notice came out.
        """

    def get(self, obligation_id: int) -> Obligation: ...

    def of_unit(self, campaign_id: str, unit_code: str, form: str) -> Obligation | None:
        """The unit's obligation for that form; of several phases the one with the latest due date."""

    def of_units(
        self, campaign_id: str, unit_codes: Collection[str], forms: Collection[str]
    ) -> dict[tuple[str, str], Obligation]:
        """By unit code and form what ``of_unit`` says; what nobody owes is absent."""

    def owed_by(
        self, campaign_id: str, unit_codes: Collection[str], forms: Collection[str]
    ) -> dict[tuple[str, str], tuple[Obligation, ...]]:
        """By unit code and form everything owed, of all phases and occasions, in the order of due dates."""

    def all(
        self,
        campaign_id: str,
        phase_key: str,
        *,
        form: str | None = None,
        occasion: str | None = None,
        due_on: date | None = None,
        states: Collection[ObligationState] | None = None,
    ) -> list[Obligation]:
        """By unit code."""

    def missing(self, campaign_id: str, phase_key: str, *, due_on: date, on: date) -> list[Missing]:
        """What units themselves still owe of that due date, by unit code; telephones as of a day."""

    def due_dates(self, campaign_id: str, phase_key: str, form: str, *, occasion: str = ONCE) -> list[date]:
        """Distinct due dates of unsettled obligations that units themselves fill, ascending."""

    def counts(
        self,
        campaign_id: str,
        phase_key: str,
        *,
        is_recurring: bool | None = None,
        occasions: Collection[str] | None = None,
        filled_by: str | None = None,
    ) -> dict[ObligationState, int]:
        """By state: everything owed in the phase, or only what is owed once, or only what recurs.

        ``occasions`` and ``filled_by`` narrow it down further.
        """

    def extend(self, obligation_id: int, *, due_on: date, reason: str, approved_by: str, on: date) -> bool:
        """Move one unit's due date back; return whether that is news.

        Raise IllegalMove when nothing is owed any more, ValueError for a date that is not later.
        """

    def extensions(self, obligation_id: int) -> list[Extension]:
        """Every move of its due date, in order."""
