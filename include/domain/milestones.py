"""Will a milestone (进度节点) be reached in time? The pace so far, carried on; a warning weeks before it is not.

Counts are of distinct things (家, 条): the same unit inspected twice counts once. Days are working days.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from include.domain.campaign import Milestone
from include.domain.notices import SendMode, notice_key
from include.domain.workdays import UnknownYear, WorkdayCalendar

WEEK: Final = 5
WEIGHTS: Final = (4, 3, 2, 1)
"""Of the last weeks of five working days, the newest first: what was done last week says most."""
SETTLING: Final = 10
"""Working days from the phase's start in which a pace is not judged, unless the due date is that near itself."""
NEAR: Final = 20
MULTIPLE: Final = Decimal("1.5")
"""Needed from now on against reached so far on average: above this the milestone is in danger, whatever last week was."""
STEPS: Final = (Decimal("1.5"), Decimal(2), Decimal(3))
"""How many times the pace the need must be for the second, third and fourth step of danger."""
AGAIN_AFTER: Final = timedelta(days=14)
LAST: Final = 5
"""Working days before the due date on which a milestone in danger is told for the last time."""


class Standing(StrEnum):
    REACHED = "reached"
    ON_TRACK = "on_track"
    TOO_EARLY = "too_early"
    ENDANGERED = "endangered"
    MISSED = "missed"
    NOTHING_TO_COUNT = "nothing_to_count"

    @property
    def zh(self) -> str:
        return _ZH[self]


_ZH = {
    Standing.REACHED: "已达到",
    Standing.ON_TRACK: "按目前进度可以按期达到",
    Standing.TOO_EARLY: "刚开始，暂不推算",
    Standing.ENDANGERED: "按目前进度可能不能按期达到",
    Standing.MISSED: "已过期，未达到",
    Standing.NOTHING_TO_COUNT: "没有应办事项，不作推算",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """What an indicator counts: ``total`` things, and for each one done the day it was, in any order."""

    total: int
    days: Sequence[date]
    unit: str = "家"


@dataclass(frozen=True, slots=True)
class Projection:
    """A milestone on a day. ``pace`` and ``needed`` are per working day; None where nothing can be said.

    ``level`` is 0 outside danger, else 1 to 4. ``projected_on`` None: at this pace never, or on no known day.
    """

    milestone: Milestone
    standing: Standing
    total: int
    target: int
    reached: int
    unit: str
    days_left: int
    pace: Decimal | None = None
    average: Decimal | None = None
    needed: Decimal | None = None
    projected_on: date | None = None
    level: int = 0

    @property
    def missing(self) -> int:
        return max(0, self.target - self.reached)


def projection(
    milestone: Milestone, counted: Counted, *, start: date, on: date, calendar: WorkdayCalendar
) -> Projection:
    """Where the milestone stands on that day and where the pace so far leads. What is dated later does not count.

    Raise UnknownYear only for days up to the due date; a projected day beyond the known calendar is not said.
    """
    days = sorted(day for day in counted.days if day <= on)
    target = math.ceil(counted.total * milestone.target)
    found = Projection(
        milestone=milestone,
        standing=Standing.REACHED,
        total=counted.total,
        target=target,
        reached=len(days),
        unit=counted.unit,
        days_left=calendar.between(on, milestone.due) if on <= milestone.due else 0,
    )
    if not counted.total:
        return replace(found, standing=Standing.NOTHING_TO_COUNT)
    if not found.missing:
        return found
    if on > milestone.due:
        return replace(found, standing=Standing.MISSED)
    return _carried_on(found, days, start, on, calendar)


def _carried_on(
    found: Projection, days: Sequence[date], start: date, on: date, calendar: WorkdayCalendar
) -> Projection:
    worked = list(calendar.working_days(start, on))
    pace, average = _pace(days, worked), _per_day(sum(day >= start for day in days), len(worked))
    needed = Decimal(found.missing) / max(found.days_left, 1)
    found = replace(
        found, pace=pace, average=average, needed=needed, projected_on=_projected(found, pace, on, calendar)
    )
    if len(worked) <= SETTLING and found.days_left > NEAR:
        return replace(found, standing=Standing.TOO_EARLY)
    level = _level(needed, pace, average)
    return replace(found, standing=Standing.ENDANGERED if level else Standing.ON_TRACK, level=level)


def _pace(days: Sequence[date], worked: Sequence[date]) -> Decimal | None:
    """Per working day over the last weeks, the newer ones counting more; None before the first working day."""
    done = days_done = Decimal(0)
    for number, weight in enumerate(WEIGHTS):
        week = worked[max(0, len(worked) - WEEK * (number + 1)) : len(worked) - WEEK * number]
        if not week:
            break
        # What was done on the free days after a week belongs to it.
        after = worked[len(worked) - WEEK * number] if number else date.max
        done += weight * sum(week[0] <= day < after for day in days)
        days_done += weight * len(week)
    return done / days_done if days_done else None


def _per_day(done: int, worked: int) -> Decimal | None:
    return Decimal(done) / worked if worked else None


def _projected(found: Projection, pace: Decimal | None, on: date, calendar: WorkdayCalendar) -> date | None:
    if not pace:
        return None
    working_days = math.ceil(found.missing / pace)
    if working_days > (calendar.last_known - on).days:
        return None
    try:
        return calendar.shift(on, working_days)
    except UnknownYear:
        return None


def _level(needed: Decimal, pace: Decimal | None, average: Decimal | None) -> int:
    """0 when the pace suffices; the highest step when nothing was done in the last weeks."""
    if not pace:
        return len(STEPS) + 1
    times = needed / pace
    if times > 1:
        return 1 + sum(times > step for step in STEPS)
    return 1 if average and needed > MULTIPLE * average else 0


@dataclass(frozen=True, slots=True)
class Told:
    """A warning that was entered: how grave, and when."""

    level: int
    on: date


def is_to_be_told(found: Projection, told: Sequence[Told], *, on: date, calendar: WorkdayCalendar) -> bool:
    """Whether the office is to be warned that day.

    When the milestone becomes endangered, when it is so by a step more than ever told, two weeks after the last
    warning, and a last time some working days before the due date; never twice a day, nor for a day before one
    already told of.
    """
    if found.standing is not Standing.ENDANGERED:
        return False
    if not told:
        return True
    last = max(each.on for each in told)
    if last >= on:
        return False
    last_time = calendar.shift(calendar.on_or_before(found.milestone.due), -LAST)
    if last_time <= on:
        return last < last_time
    return found.level > max(each.level for each in told) or on - last >= AGAIN_AFTER


def warning_key(mode: SendMode, campaign_id: str, milestone: str, told: Told) -> str:
    """The key of a warning's notice; ``told_by`` reads it again."""
    return notice_key(mode, campaign_id, "milestone", milestone, str(told.level), told.on.isoformat())


def told_by(keys: Sequence[str] | set[str], mode: SendMode, campaign_id: str, milestone: str) -> list[Told]:
    """The warnings of one milestone among the keys of notices."""
    prefix = notice_key(mode, campaign_id, "milestone", milestone, "")
    told = []
    for key in sorted(keys):
        if key.startswith(prefix):
            level, _, day = key.removeprefix(prefix).partition("/")
            told.append(Told(int(level), date.fromisoformat(day[:10])))
    return told


@dataclass(frozen=True, slots=True)
class Open:
    """One thing still to be done: whose area it lies in (分局、经办机构), which inspection team has it."""

    number: str
    name: str
    kind: str
    branch: str
    team: str
    note: str = ""


def by_group(items: Sequence[Open], group: str) -> list[tuple[str, int]]:
    """``branch`` or ``team`` and how many are open there, most first."""
    counts = Counter(str(getattr(each, group)) for each in items)
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def shown(number: Decimal | None) -> str:
    """Per working day with one decimal place; 不足0.1 instead of 0.0, — where there is none."""
    if number is None:
        return "—"
    rounded = number.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return "不足0.1" if number and not rounded else f"{rounded:,}"
