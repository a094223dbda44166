"""Working days as the State Council arranges them each year: holidays off, make-up weekends on (调休)."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum

import chinese_calendar
from pydantic import Field

from include.domain.model import Day, Strict, Text

ONE_DAY = timedelta(days=1)


class UnknownYear(ValueError):
    """The calendar has no arrangement for this year; nothing may be guessed."""

    def __init__(self, year: int) -> None:
        super().__init__(year)
        self.year = year

    def __str__(self) -> str:
        return (
            f"没有{self.year}年的节假日安排：请在 include/calendar_overrides.yaml 中按国务院办公厅通知补充"
            f" {self.year} 年的 holidays（放假日）和 workdays（调休上班日）"
        )


class RollRule(StrEnum):
    """What a legal due date on a free day means.

    ``none`` is the default: a notice's date stands, and reminders move to the working day before.
    ``holidays_only`` extends over public holidays but not over ordinary weekends.
    """

    NONE = "none"
    FORWARD = "forward"
    BACK = "back"
    HOLIDAYS_ONLY = "holidays_only"


class YearOverride(Strict):
    """One year's arrangement typed in by hand, with the document it was taken from."""

    document: Text = Field(description="国务院办公厅节假日安排通知的名称和文号")
    holidays: frozenset[Day] = Field(description="放假日（含调休形成的放假日），逐日列出")
    workdays: frozenset[Day] = Field(description="调休上班的周末，逐日列出")


_PUBLISHED_YEARS = frozenset(day.year for day in chinese_calendar.holidays)


class WorkdayCalendar:
    """Working days in mainland China; years come from ``chinesecalendar`` unless overridden.

    The library's tables are read directly: its functions search all years at every question, and a
    plan asks for the same few weeks thousands of times.
    """

    def __init__(self, overrides: Mapping[int, YearOverride] | None = None) -> None:
        self._overrides = dict(overrides or {})

    def is_working_day(self, day: date) -> bool:
        """Raise UnknownYear for a year without an arrangement."""
        holidays, workdays = self._arrangement(day.year)
        return day in workdays or (day.weekday() < 5 and day not in holidays)

    @property
    def last_known(self) -> date:
        """The last day of the newest year with an arrangement."""
        return date(max(_PUBLISHED_YEARS.union(self._overrides)), 12, 31)

    def _arrangement(self, year: int) -> tuple[Container[date], Container[date]]:
        """Days off and weekends on."""
        if override := self._overrides.get(year):
            return override.holidays, override.workdays
        if year not in _PUBLISHED_YEARS:
            raise UnknownYear(year)
        return chinese_calendar.holidays, chinese_calendar.workdays

    def working_days(self, first: date, last: date) -> Iterator[date]:
        """Every working day from first to last, both included."""
        day = first
        while day <= last:
            if self.is_working_day(day):
                yield day
            day += ONE_DAY

    def on_or_before(self, day: date) -> date:
        """The day itself when it is a working day, else the last working day before it."""
        while not self.is_working_day(day):
            day -= ONE_DAY
        return day

    def on_or_after(self, day: date) -> date:
        """The day itself when it is a working day, else the next one."""
        while not self.is_working_day(day):
            day += ONE_DAY
        return day

    def shift(self, day: date, working_days: int) -> date:
        """Move by a number of working days; the starting day itself is not counted."""
        step = ONE_DAY if working_days > 0 else -ONE_DAY
        remaining = abs(working_days)
        while remaining:
            day += step
            if self.is_working_day(day):
                remaining -= 1
        return day

    def between(self, day: date, due: date) -> int:
        """Working days from the day after ``day`` up to and including ``due``; negative when past."""
        if due >= day:
            return sum(1 for _ in self.working_days(day + ONE_DAY, due))
        return -sum(1 for _ in self.working_days(due + ONE_DAY, day))

    def roll(self, due: date, rule: RollRule) -> date:
        """The date a legal due date stands for under a campaign's roll rule."""
        if rule is RollRule.NONE or self.is_working_day(due):
            return due
        if rule is RollRule.FORWARD:
            return self.on_or_after(due)
        if rule is RollRule.BACK:
            return self.on_or_before(due)
        holidays, _ = self._arrangement(due.year)
        return self.on_or_after(due) if due in holidays else due
