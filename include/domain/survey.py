"""The survey (看板数据) of a campaign at one moment: everything its pages show that would take long to count.

Every record lies in one region, so that what a county may see is a part of it and not a survey of its own.
Returns are counted in 份, units in 家; amounts are 元 and come from the indicators, which nothing here computes anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeVar

from include.domain.groups import NOT_REPORTED, OUTSIDE, TOTAL
from include.domain.indicators import BY_KEY, rate
from include.domain.indicators.definition import Rate
from include.domain.milestones import Counted
from include.domain.model import UnitKind
from include.domain.obligations import REPORTED, ObligationState

BY_TELEPHONE: Final = "telephone"
"""The rung under which telephone calls are counted beside those of the ladder."""
STALE_AFTER: Final = timedelta(hours=2)
ANSWERED_WITHIN: Final = 2
"""Working days after a reminder within which a return counts as its answer."""


class Cell(NamedTuple):
    """Returns (份) that units owe themselves and that stand alike. ``level`` is one of ``groups.LEVELS`` or empty."""

    region: str
    kind: UnitKind
    level: str
    phase: str
    form: str
    state: ObligationState
    number: int
    overdue: int
    late: int
    zero: int
    reminded: int


class Day(NamedTuple):
    """Returns (份) that fell due, came in last and were accepted on a day."""

    region: str
    phase: str
    form: str
    day: date
    due: int
    received: int
    accepted: int


class Reminded(NamedTuple):
    """Reminders (份) of a rung that left, and how many of the returns came within ``ANSWERED_WITHIN`` days.

    Calls that got through are reminders too, one for each return that was still owed.
    """

    region: str
    phase: str
    step: str
    sent: int
    answered: int


class PassedOver(NamedTuple):
    """Returns (份) that were owed all through the days of a rung in which nothing reminded of them.

    Because nothing ran on those days, sending was stopped, or no mailbox was known. A rung is not made up for.
    """

    region: str
    phase: str
    step: str
    number: int


class Amount(NamedTuple):
    """A figure (累计) of an indicator within a region, in total or for one member of a dimension."""

    region: str
    indicator: str
    dimension: str
    member: str
    value: Decimal


class Progress(NamedTuple):
    """Of what a milestone's indicator counts in a phase: how many done that day; all there are where no day is."""

    region: str
    phase: str
    indicator: str
    day: date | None
    number: int


class ClueDay(NamedTuple):
    """Clues (条) received, checked and closed on a day."""

    region: str
    day: date
    received: int
    checked: int
    closed: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Returns (份) of whatever part: owed, reminded of, in, accepted, overdue. Waived ones are owed and done."""

    owed: int = 0
    reminded: int = 0
    received: int = 0
    accepted: int = 0
    overdue: int = 0
    late: int = 0
    zero: int = 0
    waived: int = 0

    @property
    def share(self) -> Decimal:
        """Percent accepted of what is owed; 0 where nothing is."""
        return rate(Decimal(self.accepted), Decimal(self.owed))


def sum_of(tallies: Iterable[Tally]) -> Tally:
    """The parts of a whole together."""
    columns = zip(*(astuple(each) for each in tallies), strict=True)
    return Tally(*(sum(column) for column in columns))


class Point(NamedTuple):
    """How many there are up to and including a day."""

    day: date
    due: int
    received: int
    accepted: int


@dataclass(frozen=True)
class Survey:
    """``on`` is the day that was counted for, ``taken_at`` the moment it was.

    ``trail`` is how far the audit trail went: while it goes no further nothing has changed.
    """

    campaign_id: str
    on: date
    taken_at: datetime
    trail: int = 0
    cells: tuple[Cell, ...] = ()
    days: tuple[Day, ...] = ()
    reminders: tuple[Reminded, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    amounts: tuple[Amount, ...] = ()
    progress: tuple[Progress, ...] = ()
    clues: tuple[ClueDay, ...] = ()

    def restricted(self, regions: Sequence[str]) -> Survey:
        """What lies in divisions whose codes begin so; all of it, and what lies in none, when none is named."""
        if not regions:
            return self
        return replace(
            self,
            cells=_within(self.cells, regions),
            days=_within(self.days, regions),
            reminders=_within(self.reminders, regions),
            passed_over=_within(self.passed_over, regions),
            amounts=_within(self.amounts, regions),
            progress=_within(self.progress, regions),
            clues=_within(self.clues, regions),
        )

    def is_stale(self, now: datetime) -> bool:
        return now - self.taken_at > STALE_AFTER

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """The divisions there is anything of, by code; what lies outside the roster last."""
        codes = {each.region for each in self.cells} | {each.region for each in self.amounts}
        return tuple(sorted(codes, key=lambda code: (code == OUTSIDE, code)))

    @cached_property
    def _sums(self) -> dict[tuple[str, ...], Decimal]:
        sums: defaultdict[tuple[str, ...], Decimal] = defaultdict(Decimal)
        for region, indicator, dimension, member, value in self.amounts:
            sums[indicator, dimension, member] += value
            sums[region, indicator, dimension, member] += value
        return dict(sums)

    def figure(
        self, indicator: str, dimension: str = TOTAL, member: str = "", *, region: str | None = None
    ) -> Decimal:
        """An indicator (累计) of all regions or of one; a rate from its two parts. Raise KeyError for an unknown one."""
        measure = BY_KEY[indicator].measure
        if isinstance(measure, Rate):
            part, whole = (
                self.figure(key, dimension, member, region=region) for key in (measure.part, measure.whole)
            )
            return rate(part, whole)
        place = (indicator, dimension, member)
        return self._sums.get(place if region is None else (region, *place), Decimal(0))

    def tally(self, *, phase: str | None = None, form: str | None = None) -> Tally:
        """Everything owed, or what is owed in a phase, or with a form."""
        return _tally(self._cells(phase, form))

    def tallies(
        self, by: Callable[[Cell], Any], *, phase: str | None = None, form: str | None = None
    ) -> dict[Any, Tally]:
        """The same for each value of ``by``, in no order."""
        parts: defaultdict[Any, list[Cell]] = defaultdict(list)
        for cell in self._cells(phase, form):
            parts[by(cell)].append(cell)
        return {key: _tally(cells) for key, cells in parts.items()}

    def _cells(self, phase: str | None, form: str | None) -> list[Cell]:
        return [each for each in self.cells if phase in (None, each.phase) and form in (None, each.form)]

    def burn_up(self, phase: str, form: str | None = None) -> list[Point]:
        """Day by day how many had fallen due, come in and been accepted; only days on which something happened."""
        by_day: defaultdict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
        for each in self.days:
            if each.phase == phase and form in (None, each.form):
                for place, number in enumerate((each.due, each.received, each.accepted)):
                    by_day[each.day][place] += number
        return [Point(*each) for each in _cumulated(by_day)]

    def answers(self, *, phase: str | None = None) -> dict[str, tuple[int, int]]:
        """By rung the reminders (份) that left and how many were answered."""
        found: dict[str, tuple[int, int]] = {}
        for each in self.reminders:
            if phase in (None, each.phase):
                sent, answered = found.get(each.step, (0, 0))
                found[each.step] = sent + each.sent, answered + each.answered
        return found

    def passed_over_by(self, *, phase: str | None = None) -> dict[str, int]:
        """By rung the returns (份) it passed over, as ``PassedOver`` says."""
        found: defaultdict[str, int] = defaultdict(int)
        for each in self.passed_over:
            if phase in (None, each.phase):
                found[each.step] += each.number
        return dict(found)

    def counted(self, phase: str, indicator: str, unit: str) -> Counted:
        """What ``milestones.projection`` asks for: all there are, and a day for each one done."""
        total, days = 0, []
        for each in self.progress:
            if (each.phase, each.indicator) != (phase, indicator):
                continue
            if each.day is None:
                total += each.number
            else:
                days += [each.day] * each.number
        return Counted(total, days, unit)

    def clue_days(self) -> list[tuple[date, int, int, int]]:
        """Day by day how many clues (条) there were in all: received, checked, closed."""
        by_day: defaultdict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
        for _, day, *numbers in self.clues:
            for place, number in enumerate(numbers):
                by_day[day][place] += number
        return list(_cumulated(by_day))


_Record = TypeVar("_Record", Cell, Day, Reminded, PassedOver, Amount, Progress, ClueDay)


def _within(records: Iterable[_Record], regions: Sequence[str]) -> tuple[_Record, ...]:
    return tuple(each for each in records if each.region.startswith(tuple(regions)))


def _cumulated(by_day: Mapping[date, Sequence[int]]) -> Iterator[tuple[date, int, int, int]]:
    first = second = third = 0
    for day in sorted(by_day):
        one, two, three = by_day[day]
        first, second, third = first + one, second + two, third + three
        yield day, first, second, third


def _tally(cells: Iterable[Cell]) -> Tally:
    """Closed ones are not owed: the unit has left, or the phase was over when the notice came out."""
    owed = [cell for cell in cells if cell.state is not ObligationState.CLOSED]
    return Tally(
        owed=sum(cell.number for cell in owed),
        reminded=sum(cell.reminded for cell in owed),
        received=sum(cell.number for cell in owed if cell.state not in _NOT_IN),
        accepted=sum(cell.number for cell in owed if cell.state in REPORTED),
        overdue=sum(cell.overdue for cell in owed if cell.state in NOT_REPORTED),
        late=sum(cell.late for cell in owed if cell.state in REPORTED),
        zero=sum(cell.zero for cell in owed if cell.state in REPORTED),
        waived=sum(cell.number for cell in owed if cell.state is ObligationState.WAIVED),
    )


_NOT_IN = frozenset({ObligationState.OPEN, ObligationState.WAIVED})
