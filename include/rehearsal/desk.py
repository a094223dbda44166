"""Staff at the registers (台账): what they write, entered through the import step, a workbook per register."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from heapq import heappop, heappush
from itertools import count

from include.domain.campaign import Campaign
from include.domain.errors import GiveUp
from include.domain.registers import office_form
from include.domain.returns import Value
from include.domain.workdays import ONE_DAY, WorkdayCalendar
from include.steps import registers
from include.steps.ports import Gateways

CLERK = "office_staff"
Row = dict[str, Value]
"""Values by field of the form."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One import: records and details (条) added and changed, or why it was refused."""

    register: str
    title: str
    added: int = 0
    changed: int = 0
    refusals: tuple[str, ...] = ()


class Desk:
    """Rows wait on the desk until they are entered; a row is written as often as there is news of it."""

    def __init__(self, campaign: Campaign, using: Gateways) -> None:
        self._campaign = campaign
        self._using = using
        self._rows: dict[tuple[str, str], dict[tuple[Value, ...], Row]] = defaultdict(dict)
        self._waiting: dict[str, dict[tuple[str, tuple[Value, ...]], None]] = defaultdict(dict)

    def write(self, register: str, sheet: str, *key: Value, **fields: Value) -> None:
        """Add to, or change, the row with that key; ``fields`` must hold the key itself the first time."""
        row = self._rows[register, sheet].setdefault(key, {})
        row |= fields
        self._waiting[register][sheet, key] = None

    def rows(self, register: str, sheet: str) -> list[Row]:
        """Everything written so far, in the order of first writing."""
        return list(self._rows[register, sheet].values())

    def enter(self, on: date, *, leave: Collection[str] = ()) -> Iterator[Entry]:
        """Import what waits, register by register, but for those to ``leave``."""
        for register in [each for each in self._waiting if each not in leave]:
            waiting = self._waiting.pop(register)
            lines: dict[str, list[Mapping[str, Value]]] = defaultdict(list)
            for sheet, key in waiting:
                lines[sheet].append(self._rows[register, sheet][key])
            yield self._imported(register, lines, on)

    def _imported(self, register: str, lines: Mapping[str, list[Mapping[str, Value]]], on: date) -> Entry:
        using, campaign = self._using, self._campaign
        form = office_form(using.forms[register])
        content = using.workbooks.register(form, lines)
        reviewed = registers.review(campaign, register, f"{form.title}.xlsx", content, on=on, using=using)
        if reviewed.errors:
            said = tuple(f"{each.place} {each.message}" for each in reviewed.errors)
            return Entry(register, form.title, refusals=said)
        try:
            done = registers.enter(campaign, reviewed, on=on, actor=CLERK, using=using)
        except GiveUp as why:
            return Entry(register, form.title, refusals=(str(why),))
        return Entry(register, form.title, done["新增"], done["修改"])


Action = Callable[[date], None]


class Agenda:
    """What staff are going to do on which working day; nothing is put off beyond the last one."""

    def __init__(self, calendar: WorkdayCalendar, last: date) -> None:
        self._calendar = calendar
        self.last = calendar.on_or_before(last)
        self._numbers = count()
        self._due: list[tuple[date, int, Action]] = []

    def later(self, day: date, working_days: int) -> date:
        """So many working days on, at the latest the last one."""
        while working_days > 0 and day < self.last:
            day += ONE_DAY
            working_days -= self._calendar.is_working_day(day)
        return day

    def at(self, day: date, action: Action) -> None:
        heappush(self._due, (min(day, self.last), next(self._numbers), action))

    def perform(self, on: date) -> None:
        """Do everything due by that day, in order, with what it leads to on the same day."""
        while self._due and self._due[0][0] <= on:
            _, _, action = heappop(self._due)
            action(on)
