"""Working days are the State Council's, make-up days included; an unknown year is never guessed."""

from __future__ import annotations

import pickle
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.domain.workdays import RollRule, UnknownYear, WorkdayCalendar, YearOverride

CALENDAR = WorkdayCalendar()
STEADY = settings(deadline=None, max_examples=50, derandomize=True)
KNOWN_DAYS = st.dates(date(2019, 3, 1), date(2026, 9, 30))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("due", "working", "previous", "following"),
    [
        ("2019-02-07", False, "2019-02-03", "2019-02-11"),  # 春节；2月3日是调休上班的星期日
        ("2020-06-25", False, "2020-06-24", "2020-06-28"),  # 端午节；6月28日是调休上班的星期日
        ("2020-08-31", True, "2020-08-31", "2020-08-31"),
        ("2020-11-02", True, "2020-11-02", "2020-11-02"),
        ("2024-05-20", True, "2024-05-20", "2024-05-20"),
        ("2024-05-31", True, "2024-05-31", "2024-05-31"),
        ("2024-06-30", False, "2024-06-28", "2024-07-01"),
        ("2024-08-31", False, "2024-08-30", "2024-09-02"),
        ("2024-09-30", True, "2024-09-30", "2024-09-30"),
        ("2024-10-31", True, "2024-10-31", "2024-10-31"),
        ("2024-11-30", False, "2024-11-29", "2024-12-02"),
        ("2024-12-10", True, "2024-12-10", "2024-12-10"),
    ],
)
def test_deadline_of_the_notices_stands_in_the_calendar(
    due: str, working: bool, previous: str, following: str
) -> None:
    assert CALENDAR.is_working_day(day(due)) is working
    assert CALENDAR.on_or_before(day(due)) == day(previous)
    assert CALENDAR.on_or_after(day(due)) == day(following)


@pytest.mark.parametrize("make_up", ["2019-02-03", "2020-06-28", "2024-02-04", "2024-10-12", "2026-01-04"])
def test_make_up_weekend_is_a_working_day(make_up: str) -> None:
    assert day(make_up).weekday() >= 5
    assert CALENDAR.is_working_day(day(make_up))


@pytest.mark.parametrize("holiday", ["2019-10-07", "2020-01-31", "2024-02-12", "2024-05-03", "2025-10-08"])
def test_weekday_inside_a_holiday_is_not_a_working_day(holiday: str) -> None:
    assert day(holiday).weekday() < 5
    assert not CALENDAR.is_working_day(day(holiday))


@pytest.mark.parametrize(
    ("start", "working_days", "end"),
    [
        ("2024-05-31", 5, "2024-06-07"),
        ("2024-06-30", 5, "2024-07-05"),
        ("2019-02-07", 5, "2019-02-15"),
        ("2024-05-31", -10, "2024-05-17"),
        ("2020-06-24", 1, "2020-06-28"),
        ("2020-06-28", -1, "2020-06-24"),
        ("2024-09-30", 1, "2024-10-08"),
        ("2024-09-28", 0, "2024-09-28"),
    ],
)
def test_shift_counts_working_days_and_not_the_first(start: str, working_days: int, end: str) -> None:
    assert CALENDAR.shift(day(start), working_days) == day(end)


@pytest.mark.parametrize(
    ("on", "due", "left"),
    [
        ("2024-05-28", "2024-05-31", 3),
        ("2024-05-31", "2024-05-31", 0),
        ("2024-06-03", "2024-05-31", -1),
        ("2024-06-02", "2024-05-31", 0),
        ("2020-06-22", "2020-06-25", 2),
        ("2020-06-28", "2020-06-25", -1),
    ],
)
def test_days_left_are_working_days(on: str, due: str, left: int) -> None:
    assert CALENDAR.between(day(on), day(due)) == left


@pytest.mark.parametrize(
    ("due", "rule", "stands_for"),
    [
        ("2020-06-25", RollRule.NONE, "2020-06-25"),
        ("2020-06-25", RollRule.FORWARD, "2020-06-28"),
        ("2020-06-25", RollRule.BACK, "2020-06-24"),
        ("2020-06-25", RollRule.HOLIDAYS_ONLY, "2020-06-28"),
        ("2024-06-30", RollRule.NONE, "2024-06-30"),
        ("2024-06-30", RollRule.FORWARD, "2024-07-01"),
        ("2024-06-30", RollRule.BACK, "2024-06-28"),
        ("2024-06-30", RollRule.HOLIDAYS_ONLY, "2024-06-30"),
        *(("2024-05-31", rule, "2024-05-31") for rule in RollRule),
        *(("2020-06-28", rule, "2020-06-28") for rule in RollRule),
    ],
)
def test_due_date_rolls_by_the_campaigns_rule(due: str, rule: RollRule, stands_for: str) -> None:
    assert CALENDAR.roll(day(due), rule) == day(stands_for)


@pytest.mark.parametrize("year", [1999, 2003, 2031, 2099])
def test_unknown_year_is_a_loud_error(year: int) -> None:
    with pytest.raises(UnknownYear, match=f"没有{year}年的节假日安排") as caught:
        CALENDAR.is_working_day(date(year, 6, 1))
    assert caught.value.year == year
    assert "calendar_overrides.yaml" in str(caught.value)


def test_counting_into_an_unknown_year_is_an_error_too() -> None:
    with pytest.raises(UnknownYear):
        CALENDAR.shift(date(2026, 12, 30), 10)


def test_unknown_year_survives_the_way_between_processes() -> None:
    unknown = UnknownYear(2031)
    again = pickle.loads(pickle.dumps(unknown))
    assert (again.year, str(again)) == (2031, str(unknown))


OVERRIDDEN = WorkdayCalendar(
    {
        2031: YearOverride(
            document="示例通知",
            holidays=frozenset({date(2031, 10, 1), date(2031, 10, 2)}),
            workdays=frozenset({date(2031, 9, 28)}),
        )
    }
)


@pytest.mark.parametrize(
    ("text", "working"),
    [
        ("2031-09-28", True),  # a Sunday worked
        ("2031-10-01", False),
        ("2031-10-02", False),
        ("2031-10-03", True),
        ("2031-10-04", False),  # an ordinary Saturday
        ("2024-06-10", False),  # other years stay as they are
    ],
)
def test_year_entered_by_hand_counts(text: str, working: bool) -> None:
    assert OVERRIDDEN.is_working_day(day(text)) is working


@pytest.mark.parametrize(("due", "stands_for"), [("2031-10-01", "2031-10-03"), ("2031-10-04", "2031-10-04")])
def test_holidays_only_rolls_over_entered_holidays_and_not_over_weekends(due: str, stands_for: str) -> None:
    assert OVERRIDDEN.roll(day(due), RollRule.HOLIDAYS_ONLY) == day(stands_for)


@STEADY
@given(KNOWN_DAYS, st.integers(1, 40))
def test_shift_there_and_back_ends_on_the_same_working_day(start: date, working_days: int) -> None:
    start = CALENDAR.on_or_before(start)
    assert CALENDAR.shift(CALENDAR.shift(start, working_days), -working_days) == start


@STEADY
@given(KNOWN_DAYS, st.integers(0, 40))
def test_between_undoes_shift(start: date, working_days: int) -> None:
    assert CALENDAR.between(start, CALENDAR.shift(start, working_days)) == working_days


@STEADY
@given(KNOWN_DAYS)
def test_seven_days_hold_no_more_than_seven_working_days_in_order(start: date) -> None:
    days = list(CALENDAR.working_days(start, start + timedelta(days=6)))
    assert days == sorted(set(days))
    assert all(CALENDAR.is_working_day(one) for one in days)
