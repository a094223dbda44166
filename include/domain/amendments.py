"""What an amended notice (通知调整) changes in what is already owed: shown first, applied when a post approves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from include.domain.campaign import Campaign
from include.domain.collecting import calls
from include.domain.workdays import WorkdayCalendar


class Asked(NamedTuple):
    """One thing asked of units: a form, in a phase, for an occasion."""

    phase: str
    form: str
    occasion: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Obligations (家) that stand in the ledger with one due date; ``extended`` had theirs moved one by one."""

    asked: Asked
    due_on: date
    units: int
    open: int
    extended: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A date that stands otherwise in the ledger than the notice has it now; ``new`` is None for what it dropped.

    ``units`` (家) are those it concerns: with a new date all but the ones with a later date of their own,
    of what was dropped the ones that have not settled it.
    """

    asked: Asked
    title: str
    old: date
    new: date | None
    units: int

    @property
    def sentence(self) -> str:
        """As a person reads it before agreeing."""
        if self.new is None:
            return f"{self.title}：通知不再要求，{self.units}家尚未完成的报送任务将终止（原截止日{self.old}）"
        way = "推迟" if self.new > self.old else "提前"
        return f"{self.title}：截止日由{self.old}{way}到{self.new}，涉及{self.units}家"


def differences(
    campaign: Campaign, standing: Iterable[Standing], calendar: WorkdayCalendar
) -> tuple[Difference, ...]:
    """Where the ledger and the notice as it now reads differ, in the order of the old dates.

    What a unit was granted by itself stands, unless the notice now gives everybody more time.
    """
    now = _dates(campaign, calendar)
    found = []
    for each in standing:
        new = now.get(each.asked)
        if new is None:
            concerned = each.open
        elif new > each.due_on:
            concerned = each.units
        else:
            concerned = each.units - each.extended
        if new != each.due_on and concerned:
            found.append(Difference(each.asked, _title(campaign, each.asked), each.due_on, new, concerned))
    return tuple(sorted(found, key=lambda each: (each.old, each.asked)))


def _dates(campaign: Campaign, calendar: WorkdayCalendar) -> Mapping[Asked, date]:
    return {
        Asked(phase.key, owed.form, call.occasion): call.due
        for phase in campaign.phases
        for owed in phase.returns
        for call in calls(campaign, phase, owed, calendar)
    }


def _title(campaign: Campaign, asked: Asked) -> str:
    for phase in campaign.phases:
        for owed in phase.returns:
            if (phase.key, owed.form) == (asked.phase, asked.form):
                return f"{phase.title}《{owed.title}》"
    return f"{asked.phase}《{asked.form}》"
