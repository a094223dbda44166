"""When a report upward is owed (报送期次): once, each quarter, in a rhythm; and over which period (统计期间)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from include.domain.ladder import GRACE

if TYPE_CHECKING:
    from include.domain.campaign import Campaign
    from include.domain.schedule import UpwardReport
    from include.domain.workdays import WorkdayCalendar

ONE_DAY = timedelta(days=1)
ONCE = "once"
"""The occasion of what is owed one single time."""


def owed_under(form: str, occasion: str) -> str:
    """How a form owed on that occasion stands in the keys of notices; a form owed once stands there alone."""
    return form if occasion == ONCE else f"{form}@{occasion}"


@dataclass(frozen=True, slots=True)
class Period:
    """The days a report counts (本期), both included. Its cumulative figures (累计) count from the campaign's first."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Occasion:
    """One time a report is owed. ``key`` is unique within the report."""

    key: str
    title: str
    period: Period
    due: date


def occasions(campaign: Campaign, report: UpwardReport, calendar: WorkdayCalendar) -> tuple[Occasion, ...]:
    """All dated occasions of a report, in order; none for one made on an event.

    A quarter (or month, half-month, week) is owed when its last day lies within the report's phase, or within
    the campaign for a report of no phase: what remains belongs to the report at the end. It is due so many
    working days after its last day as the report's ``due_after`` says.
    """
    if report.cadence == "once":
        if report.due is None:
            raise ValueError(f"{report.key}: a report owed once has a due date")
        return (Occasion(ONCE, report.title, Period(campaign.starts_on, report.due), report.due),)
    first, last = _span(campaign, report)
    found: list[Occasion] = []
    begins = campaign.starts_on
    for key, title, end in _ends(report, first, last):
        due = calendar.shift(end, report.due_after) if report.due_after else end
        found.append(Occasion(key, title, Period(begins, end), due))
        begins = end + ONE_DAY
    return tuple(found)


def compile_window(occasion: Occasion, report: UpwardReport, calendar: WorkdayCalendar) -> tuple[date, date]:
    """The first and last working day a report is compiled on: before it is due, and a few days after (逾期).

    A year not arranged yet cuts the days after short.
    """
    last = calendar.on_or_before(occasion.due)
    after = calendar.working_days(last, min(last + timedelta(days=4 * GRACE), calendar.last_known))
    return calendar.shift(last, -report.compile_before), [*islice(after, GRACE + 1)][-1]


def open_on(
    campaign: Campaign, report: UpwardReport, calendar: WorkdayCalendar, *, on: date
) -> tuple[Occasion, ...]:
    """The occasions whose window a day lies in, in order; none between two occasions."""
    windows = [
        (each, *compile_window(each, report, calendar)) for each in occasions(campaign, report, calendar)
    ]
    return tuple(each for each, first, last in windows if first <= on <= last)


def on_event(campaign: Campaign, report: UpwardReport, *, on: date, number: int = 1) -> Occasion:
    """The occasion of a report made because something happened that day; the ``number``-th of the day."""
    key = f"{on:%Y%m%d}" if number == 1 else f"{on:%Y%m%d}-{number}"
    return Occasion(key, f"{on.year}年{on.month}月{on.day}日", Period(campaign.starts_on, on), on)


def _span(campaign: Campaign, report: UpwardReport) -> tuple[date, date]:
    if report.phase is not None:
        phase = campaign.phase(report.phase)
        return phase.start, phase.due
    return campaign.starts_on, max(phase.due for phase in campaign.phases)


def _ends(report: UpwardReport, first: date, last: date) -> Iterator[tuple[str, str, date]]:
    """Key, title and last day of every part that ends between the two days."""
    day = first
    while day <= last:
        ends_month = day.day == monthrange(day.year, day.month)[1]
        if report.cadence == "quarterly":
            if ends_month and day.month % 3 == 0:
                quarter = day.month // 3
                yield f"{day.year}Q{quarter}", f"{day.year}年第{'一二三四'[quarter - 1]}季度", day
        elif report.cadence == "periodic":
            month = f"{day.year}年{day.month}月"
            if report.rhythm == "monthly" and ends_month:
                yield f"{day:%Y%m}", month, day
            elif report.rhythm == "half_monthly" and (ends_month or day.day == 15):
                half = "上" if day.day == 15 else "下"
                yield f"{day:%Y%m}{'a' if day.day == 15 else 'b'}", f"{month}{half}半月", day
            elif report.rhythm == "weekly" and day.weekday() == 6:
                yield f"{day:%Y%m%d}", f"截至{month}{day.day}日一周", day
        day += ONE_DAY
