"""The reminder ladder (催报档次): which rung is reached on a day. It climbs; it never repeats a rung.

What is due is decided from state, not from "is it the day": the highest rung reached and not yet
sent. So an outage of five days costs one late reminder, neither five nor none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from pydantic import Field

from include.domain.model import Key, Strict, Text
from include.domain.workdays import WorkdayCalendar

GRACE = 5
"""Working days after the last rung in which a late run may still make up for an outage."""


class Step(Strict):
    """One rung: so many working days before (negative) or after (positive) the due date."""

    key: Key = Field(description="档次代号，小写英文")
    offset: int = Field(
        ge=-60, le=60, description="相对截止日的工作日数：负数为截止前，0为截止日，正数为逾期后"
    )
    title: Text = Field(description="档次名称，如“截止前5个工作日提醒”")
    to_unit: bool = Field(default=True, description="是否发给报送单位本身")
    to_posts: tuple[Key, ...] = Field(default=(), description="同时汇总抄报的岗位（posts 中的 key）")
    consequence: str | None = Field(default=None, description="逾期后果，写入邮件正文")

    @property
    def is_overdue(self) -> bool:
        return self.offset > 0


class Window(NamedTuple):
    """The days on which a rung may be sent to those whose return is due on a day."""

    step: str
    due_on: date
    begins_on: date
    ends_on: date


def step_day(step: Step, due: date, calendar: WorkdayCalendar) -> date:
    """The day a rung is reached.

    A due date on a free day is reminded of on the working day before; overdue rungs count working
    days after the due date itself, because the legal date does not move.
    """
    if step.offset > 0:
        return calendar.shift(due, step.offset)
    return calendar.shift(calendar.on_or_before(due), step.offset)


def reached_step(ladder: Sequence[Step], *, due: date, on: date, calendar: WorkdayCalendar) -> Step | None:
    """The highest rung reached on that day, or None when the first is still to come."""
    reached = [step for step in ladder if step_day(step, due, calendar) <= on]
    return max(reached, key=lambda step: step.offset, default=None)


def useful_until(ladder: Sequence[Step], step: Step, *, due: date, calendar: WorkdayCalendar) -> date:
    """The last day on which a rung may still be sent: the day before the next one, the last for GRACE days."""
    following = [other for other in ladder if other.offset > step.offset and other.to_unit]
    if following:
        return min(step_day(other, due, calendar) for other in following) - timedelta(days=1)
    return calendar.shift(step_day(step, due, calendar), GRACE)


def windows(ladder: Sequence[Step], *, due: date, calendar: WorkdayCalendar) -> Iterator[Window]:
    """Those of the rungs units get themselves, in no order. Raise UnknownYear."""
    for step in ladder:
        if step.to_unit:
            begins_on = step_day(step, due, calendar)
            yield Window(step.key, due, begins_on, useful_until(ladder, step, due=due, calendar=calendar))
