"""A milestone's projection: carried on from the pace so far, cautious where nothing can be said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from include.campaigns.registry import load_calendar
from include.domain.campaign import Milestone
from include.domain.milestones import (
    Counted,
    Open,
    Projection,
    Standing,
    Told,
    by_group,
    is_to_be_told,
    projection,
    shown,
    told_by,
    warning_key,
)
from include.domain.notices import SendMode
from include.domain.workdays import UnknownYear

CALENDAR = load_calendar()
START = date(2024, 6, 3)
"""A Monday."""
DUE = date(2024, 8, 30)
"""A Friday."""


def milestone(**changes: Any) -> Milestone:
    facts = {
        "key": "coverage_80",
        "phase": "inspection",
        "title": "检查完成80%",
        "indicator": "inspection_coverage",
        "target": "0.80",
        "due": DUE,
        "due_text": "8月底前完成80%",
    }
    return Milestone.model_validate(facts | changes)


def every_working_day(first: date, last: date, number: int) -> list[date]:
    return [day for day in CALENDAR.working_days(first, last) for _ in range(number)]


def found(total: int, days: Sequence[date], on: date, **changes: Any) -> Projection:
    return projection(milestone(**changes), Counted(total, days), start=START, on=on, calendar=CALENDAR)


@pytest.mark.parametrize(
    ("total", "days", "on", "standing", "level"),
    [
        pytest.param(0, [], date(2024, 7, 1), Standing.NOTHING_TO_COUNT, 0, id="empty roster"),
        pytest.param(100, [], date(2024, 6, 3), Standing.TOO_EARLY, 0, id="first day"),
        pytest.param(100, [], date(2024, 5, 6), Standing.TOO_EARLY, 0, id="before the phase"),
        pytest.param(100, [], date(2024, 6, 28), Standing.ENDANGERED, 4, id="nothing inspected yet"),
        pytest.param(
            100, [date(2024, 6, 3)] * 80, date(2024, 7, 1), Standing.REACHED, 0, id="target reached"
        ),
        pytest.param(100, [date(2024, 6, 3)] * 95, date(2024, 9, 2), Standing.REACHED, 0, id="reached, past"),
        pytest.param(100, [date(2024, 6, 3)] * 79, date(2024, 9, 2), Standing.MISSED, 0, id="past due"),
        pytest.param(
            100,
            [date(2024, 6, 3)] * 79,
            date(2024, 8, 30),
            Standing.ENDANGERED,
            4,
            id="on the due date itself",
        ),
        pytest.param(
            100,
            every_working_day(START, date(2024, 7, 1), 2),
            date(2024, 7, 1),
            Standing.ON_TRACK,
            0,
            id="two a day suffice",
        ),
        pytest.param(
            200,
            every_working_day(START, date(2024, 7, 1), 2),
            date(2024, 7, 1),
            Standing.ENDANGERED,
            1,
            id="two a day do not suffice for twice as many",
        ),
    ],
)
def test_where_a_milestone_stands(
    total: int, days: list[date], on: date, standing: Standing, level: int
) -> None:
    result = found(total, days, on)
    assert (result.standing, result.level) == (standing, level)


def test_the_numbers_of_a_warning() -> None:
    on = date(2024, 7, 1)
    result = found(200, every_working_day(START, on, 2), on)
    assert (result.target, result.reached, result.missing, result.total) == (160, 40, 120, 200)
    assert result.days_left == CALENDAR.between(on, DUE) == 44
    assert result.pace == Decimal(2)
    assert shown(result.needed) == "2.7"
    assert result.projected_on == CALENDAR.shift(on, 60)


def test_the_newest_week_counts_most() -> None:
    on = date(2024, 6, 28)
    slow_then_fast = every_working_day(date(2024, 6, 24), on, 4)
    fast_then_slow = every_working_day(START, date(2024, 6, 7), 4)
    faster, slower = found(200, slow_then_fast, on).pace, found(200, fast_then_slow, on).pace
    assert faster is not None
    assert slower is not None
    assert faster > 3 * slower


def test_work_on_free_days_counts_and_holidays_do_not_lower_the_pace() -> None:
    first, on = date(2024, 9, 23), date(2024, 10, 18)
    days = every_working_day(first, on, 1)
    result = projection(
        milestone(due=date(2024, 10, 31), target="1.00"),
        Counted(100, days),
        start=first,
        on=on,
        calendar=CALENDAR,
    )
    assert result.pace == 1
    in_the_holidays = projection(
        milestone(due=date(2024, 10, 31), target="1.00"),
        Counted(100, [*days, date(2024, 10, 2)]),
        start=first,
        on=on,
        calendar=CALENDAR,
    )
    assert in_the_holidays.pace is not None
    assert in_the_holidays.pace > 1


def test_a_pace_far_above_the_average_does_not_calm() -> None:
    on = date(2024, 8, 16)
    days = every_working_day(date(2024, 8, 12), on, 12)
    result = found(120, days, on)
    assert result.pace is not None
    assert result.needed is not None
    assert result.needed <= result.pace
    assert (result.standing, result.level) == (Standing.ENDANGERED, 1)


def test_what_is_dated_later_does_not_count_yet() -> None:
    assert found(100, [date(2024, 8, 1)] * 90, date(2024, 7, 1)).reached == 0


def test_a_projected_day_beyond_the_known_calendar_is_not_said() -> None:
    on = date(2024, 7, 1)
    result = found(100_000, [date(2024, 6, 20)], on)
    assert result.projected_on is None
    assert result.standing is Standing.ENDANGERED


def test_a_due_date_in_an_unknown_year_is_refused() -> None:
    on = CALENDAR.last_known - timedelta(days=30)
    with pytest.raises(UnknownYear):
        projection(
            milestone(due=CALENDAR.last_known + timedelta(days=30)),
            Counted(10, []),
            start=on - timedelta(days=60),
            on=on,
            calendar=CALENDAR,
        )


ENDANGERED = found(220, every_working_day(START, date(2024, 7, 1), 2), date(2024, 7, 1))
assert ENDANGERED.level == 2


@pytest.mark.parametrize(
    ("told", "on", "is_told"),
    [
        pytest.param([], date(2024, 7, 1), True, id="becomes endangered"),
        pytest.param([Told(2, date(2024, 7, 1))], date(2024, 7, 1), False, id="same day"),
        pytest.param([Told(2, date(2024, 7, 1))], date(2024, 7, 2), False, id="no worse"),
        pytest.param([Told(1, date(2024, 7, 1))], date(2024, 7, 2), True, id="a step worse"),
        pytest.param([Told(2, date(2024, 7, 1))], date(2024, 7, 15), True, id="second week"),
        pytest.param(
            [Told(3, date(2024, 6, 20)), Told(1, date(2024, 7, 1))], date(2024, 7, 2), False, id="was worse"
        ),
        pytest.param([Told(2, date(2024, 7, 5))], date(2024, 7, 1), False, id="late run for an earlier day"),
        pytest.param([Told(2, date(2024, 8, 20))], date(2024, 8, 23), True, id="T-5"),
        pytest.param([Told(2, date(2024, 8, 20))], date(2024, 8, 26), True, id="T-5 made up for"),
        pytest.param([Told(2, date(2024, 8, 23))], date(2024, 8, 28), False, id="T-5 was the last"),
        pytest.param([Told(1, date(2024, 8, 23))], date(2024, 8, 28), False, id="the last, though worse"),
    ],
)
def test_when_the_office_is_warned(told: list[Told], on: date, is_told: bool) -> None:
    assert is_to_be_told(ENDANGERED, told, on=on, calendar=CALENDAR) is is_told


@pytest.mark.parametrize("on", [date(2024, 6, 3), date(2024, 9, 2)])
def test_nobody_is_warned_too_early_or_when_it_is_over(on: date) -> None:
    assert not is_to_be_told(found(100, [], on), [], on=on, calendar=CALENDAR)


def test_what_was_told_is_read_from_the_keys_of_that_milestone_and_mode_alone() -> None:
    told = [Told(1, date(2024, 7, 1)), Told(3, date(2024, 7, 9))]
    keys = {warning_key(SendMode.LIVE, "wushen_2024", "coverage_80", each) for each in told}
    keys.add(warning_key(SendMode.LIVE, "wushen_2024", "coverage_100", Told(2, date(2024, 7, 2))))
    keys.add(warning_key(SendMode.OFF, "wushen_2024", "coverage_80", Told(4, date(2024, 7, 3))))
    assert told_by(keys, SendMode.LIVE, "wushen_2024", "coverage_80") == told


def test_open_things_are_counted_by_area_and_team() -> None:
    items = [Open("1", "甲", "药店", "东分局", "一组"), Open("2", "乙", "药店", "西分局", "一组")]
    assert by_group([*items, Open("3", "丙", "药店", "西分局", "未排")], "branch") == [
        ("西分局", 2),
        ("东分局", 1),
    ]
    assert by_group(items, "team") == [("一组", 2)]


@pytest.mark.parametrize(
    ("number", "text"),
    [(None, "—"), (Decimal(0), "0.0"), (Decimal("0.04"), "不足0.1"), (Decimal("2.727"), "2.7")],
)
def test_a_pace_is_shown_with_one_decimal(number: Decimal | None, text: str) -> None:
    assert shown(number) == text
