"""How much a mailbox may send, and so when so many mails are out.

Providers count by the minute and by the day (QQ about 15 a minute, NetEase enterprise mail about 100 a day), and the
office keeps quiet at night and on free days. The same arithmetic paces the sending and forecasts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil

from include.domain.workdays import ONE_DAY, WorkdayCalendar

MINUTE = timedelta(minutes=1)
NO_TIME = timedelta(0)


class NeverFinished(ValueError):
    """The plan has no end: no time of day, or no day, is left in which anything may be sent."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What the mailbox's provider allows: mails (封) a minute and a day (None: no limit), connections (个) at once."""

    per_minute: int | None = None
    per_day: int | None = None
    connections: int = 1

    def __post_init__(self) -> None:
        for title, limit in (
            ("per_minute", self.per_minute),
            ("per_day", self.per_day),
            ("connections", self.connections),
        ):
            if limit is not None and limit < 1:
                raise ValueError(f"邮箱限额 {title} 应为正整数，现为 {limit}；不限则不写")

    @property
    def spacing(self) -> timedelta:
        """The least time from one mail to the next: even spacing never exceeds the quota in any minute."""
        return MINUTE / self.per_minute if self.per_minute else NO_TIME

    def left_today(self, sent_today: int) -> int | None:
        """Mails (封) still allowed that day; None without a limit."""
        return None if self.per_day is None else max(0, self.per_day - sent_today)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Nothing is sent from ``since`` in the evening until ``until`` in the morning, nor on free days."""

    until: time = time(8, 30)
    since: time = time(17, 30)
    on_free_days: bool = True

    def window(self, day: date, calendar: WorkdayCalendar) -> tuple[time, time] | None:
        """When mails may leave that day; None when not at all."""
        if self.until >= self.since or (self.on_free_days and not calendar.is_working_day(day)):
            return None
        return self.until, self.since


@dataclass(frozen=True, slots=True)
class Batch:
    """The mails (封) that leave on one day, the first and the last of them at these times."""

    day: date
    count: int
    first: datetime
    last: datetime


def forecast(
    count: int,
    start: datetime,
    quota: Quota,
    quiet_hours: QuietHours | None,
    calendar: WorkdayCalendar,
    *,
    sent_today: int = 0,
) -> tuple[Batch, ...]:
    """Day by day, how many of ``count`` mails leave when started at ``start`` (local time of the office).

    ``sent_today`` mails of the mailbox have already left on the day of ``start``. Raise NeverFinished for hours that
    leave no time to send, UnknownYear when the plan runs into a year without a calendar.
    """
    if quiet_hours is not None and quiet_hours.until >= quiet_hours.since:
        raise NeverFinished("静默时段占满全天，没有可以发信的时间，请调整静默时段")
    batches: list[Batch] = []
    day, left, used = start.date(), count, sent_today
    while left > 0:
        if batch := _batch(day, left, start, quota, quiet_hours, calendar, used):
            batches.append(batch)
            left -= batch.count
        day, used = day + ONE_DAY, 0
    return tuple(batches)


def finish_time(
    count: int,
    start: datetime,
    quota: Quota,
    quiet_hours: QuietHours | None,
    calendar: WorkdayCalendar,
    *,
    sent_today: int = 0,
) -> datetime:
    """When the last of ``count`` mails leaves; ``start`` itself when there is none. Raises as forecast does."""
    batches = forecast(count, start, quota, quiet_hours, calendar, sent_today=sent_today)
    return batches[-1].last if batches else start


def _batch(
    day: date,
    left: int,
    start: datetime,
    quota: Quota,
    quiet_hours: QuietHours | None,
    calendar: WorkdayCalendar,
    used: int,
) -> Batch | None:
    window = quiet_hours.window(day, calendar) if quiet_hours else (time.min, None)
    if window is None:
        return None
    opens, closes = window
    first = max(start, datetime.combine(day, opens, start.tzinfo))
    end = (
        datetime.combine(day, closes, start.tzinfo)
        if closes
        else datetime.combine(day + ONE_DAY, time.min, start.tzinfo)
    )
    fits = _fits(end - first, quota.spacing, left)
    allowed = quota.left_today(used)
    number = fits if allowed is None else min(fits, allowed)
    if number <= 0:
        return None
    return Batch(day, number, first, first + (number - 1) * quota.spacing)


def _fits(span: timedelta, spacing: timedelta, most: int) -> int:
    """Mails that can leave in the span, the first one at once, the last one before its end."""
    if span <= NO_TIME:
        return 0
    return min(most, ceil(span / spacing)) if spacing else most
