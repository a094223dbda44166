"""The office at work through a whole campaign: inspections, clues, tips, and what follows from them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from include.domain.campaign import Campaign
from include.domain.inspection_plans import COVERAGE
from include.domain.workdays import WorkdayCalendar
from include.rehearsal.casework import Casework
from include.rehearsal.desk import Agenda, Desk, Entry
from include.rehearsal.inspecting import Inspecting
from include.rehearsal.rosters import Roster
from include.rehearsal.verification import Verification
from include.steps.ports import Gateways

BATCHES_AT = (0.15, 0.35, 0.5, 0.65)
"""When batches of clues arrive, as parts of the campaign."""
TIPS_UNTIL = 0.8
UNITS_PER_BATCH, UNITS_PER_CLUE, UNITS_PER_TIP = 24, 12, 16
"""For so many units there is a batch of clues, of so many one is in it; so many have one tip in the whole campaign."""
FORTNIGHTLY = frozenset({"clue", "tip", "rectification", "case", "referral", "blacklist"})
"""Registers entered every other week. Inspections are entered at the end of each: what is not counts as not done
when the next week is drawn. Before a milestone or a report all are entered.
"""


class Office:
    """What staff do on each working day."""

    def __init__(
        self,
        campaign: Campaign,
        roster: Roster,
        *,
        first: date,
        last: date,
        seed: int,
        using: Gateways,
        calendar: WorkdayCalendar,
    ) -> None:
        self._using = using
        self._calendar = calendar
        self.desk = Desk(campaign, using)
        self._agenda = Agenda(calendar, last)
        chance = random.Random(f"{seed}/{campaign.id}/office")
        self.casework = Casework(campaign, self.desk, self._agenda, using.law, chance)
        self._verification = Verification(
            campaign, roster.units, self.desk, self._agenda, self.casework, chance
        )
        self._inspecting = Inspecting(
            campaign,
            {unit.code: unit for unit in roster.units},
            self.desk,
            self._agenda,
            self.casework,
            chance,
            calendar=calendar,
            seed=seed,
        )
        self._counting = {
            calendar.on_or_before(each.due) for each in campaign.milestones if each.indicator == COVERAGE
        }
        self._plan(len(roster.units), first, chance)

    def draw(self, on: date) -> int:
        """The week's inspections, early in the morning of its first working day; return how many (家)."""
        return self._inspecting.draw(on, self._using)

    def work(self, on: date, *, must_enter: bool) -> Iterator[Entry]:
        """A working day: what was due is done, and at the end of the week entered."""
        self._agenda.perform(on)
        following = self._calendar.on_or_after(on + timedelta(days=1))
        ends_week = following.isocalendar().week != on.isocalendar().week
        if must_enter or on in self._counting or on >= self._agenda.last:
            yield from self.desk.enter(on)
        elif ends_week:
            yield from self.desk.enter(on, leave=FORTNIGHTLY if on.isocalendar().week % 2 else ())

    def _plan(self, units: int, first: date, chance: random.Random) -> None:
        length = (self._agenda.last - first).days
        size = max(1, units // UNITS_PER_CLUE)
        for number, part in enumerate(BATCHES_AT[: max(2, units // UNITS_PER_BATCH)]):
            day = self._calendar.on_or_after(first + timedelta(days=int(length * part)))
            self._agenda.at(day, partial(self._verification.receive_batch, number, size))
        tips = max(2, units // UNITS_PER_TIP)
        for number in range(tips):
            offset = int(length * TIPS_UNTIL * (number + chance.random()) / tips)
            day = self._calendar.on_or_after(first + timedelta(days=offset))
            self._agenda.at(day, self._verification.receive_tip)
