"""The ladder climbs to the due date and past it; it never steps down and never waits for "the day"."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from include.domain.ladder import Step, Window, reached_step, step_day, windows
from include.domain.workdays import WorkdayCalendar

CALENDAR = WorkdayCalendar()
OFFSETS = (-10, -5, -3, -1, 0, 1, 3, 5, 10)
DUE_DATES = st.dates(date(2019, 6, 1), date(2026, 6, 30))
STEADY = settings(deadline=None, max_examples=25, derandomize=True)
LADDER = tuple(
    Step(key=f"step_{number}", offset=offset, title=f"{offset}") for number, offset in enumerate(OFFSETS)
)


def day(text: str) -> date:
    return date.fromisoformat(text)


def reached(due: str, on: str) -> int | None:
    step = reached_step(LADDER, due=day(due), on=day(on), calendar=CALENDAR)
    return step.offset if step else None


@pytest.mark.parametrize(
    ("offset", "reached_on"),
    [
        (-10, "2024-05-17"),
        (-5, "2024-05-24"),
        (-3, "2024-05-28"),
        (-1, "2024-05-30"),
        (0, "2024-05-31"),
        (1, "2024-06-03"),
        (3, "2024-06-05"),
        (5, "2024-06-07"),
        (10, "2024-06-17"),  # 6月10日端午节放假
    ],
)
def test_rung_is_reached_so_many_working_days_from_the_due_date(offset: int, reached_on: str) -> None:
    step = next(step for step in LADDER if step.offset == offset)
    assert step_day(step, day("2024-05-31"), CALENDAR) == day(reached_on)


@pytest.mark.parametrize(
    ("offset", "reached_on"),
    [
        (-10, "2020-06-10"),
        (-1, "2020-06-23"),
        (0, "2020-06-24"),  # the last working day before 端午节
        (1, "2020-06-28"),  # a Sunday worked in exchange
        (3, "2020-06-30"),
        (5, "2020-07-02"),
    ],
)
def test_due_date_on_a_holiday_is_reminded_of_before_and_chased_after(offset: int, reached_on: str) -> None:
    step = next(step for step in LADDER if step.offset == offset)
    assert step_day(step, day("2020-06-25"), CALENDAR) == day(reached_on)


def test_nobody_is_called_overdue_during_the_holiday_the_due_date_falls_on() -> None:
    assert [reached("2020-06-25", f"2020-06-{number}") for number in (24, 25, 26, 27)] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("on", "offset"),
    [
        ("2024-05-16", None),
        ("2024-05-17", -10),
        ("2024-05-18", -10),
        ("2024-05-23", -10),
        ("2024-05-24", -5),
        ("2024-05-31", 0),
        ("2024-06-01", 0),
        ("2024-06-03", 1),
        ("2024-07-31", 10),
    ],
)
def test_highest_rung_reached_is_the_one_that_counts(on: str, offset: int | None) -> None:
    assert reached("2024-05-31", on) == offset


def test_outage_of_five_days_costs_one_late_rung_and_not_five() -> None:
    sent: list[int] = []
    for on in ("2024-05-24", "2024-05-31", "2024-06-03"):  # nothing ran from 5-25 to 5-30
        offset = reached("2024-05-31", on)
        if offset is not None and offset not in sent:
            sent.append(offset)
    assert sent == [-5, 0, 1]


@STEADY
@given(DUE_DATES)
def test_lower_rung_never_follows_a_higher_one(due: date) -> None:
    days = [due + timedelta(days=number) for number in range(-30, 31)]
    steps = [reached_step(LADDER, due=due, on=on, calendar=CALENDAR) for on in days]
    offsets = [step.offset for step in steps if step]
    assert offsets == sorted(offsets)
    assert set(offsets) == set(OFFSETS)


@STEADY
@given(DUE_DATES)
def test_rungs_fall_on_working_days_and_overdue_ones_after_the_legal_date(due: date) -> None:
    for step in LADDER:
        reached_on = step_day(step, due, CALENDAR)
        assert CALENDAR.is_working_day(reached_on)
        assert (reached_on > due) is step.is_overdue


def test_order_in_the_file_does_not_matter() -> None:
    backwards = tuple(reversed(LADDER))
    step = reached_step(backwards, due=day("2024-05-31"), on=day("2024-05-31"), calendar=CALENDAR)
    assert step is not None
    assert step.offset == 0


@pytest.mark.parametrize("offset", [-61, 61])
def test_rung_too_far_from_the_due_date_is_refused(offset: int) -> None:
    with pytest.raises(ValidationError):
        Step(key="far", offset=offset, title="远")


def test_each_rung_may_be_sent_until_the_day_before_the_next_and_the_last_for_five_working_days() -> None:
    due = day("2024-05-31")
    found = sorted(windows(LADDER[3:6], due=due, calendar=CALENDAR), key=lambda each: each.begins_on)
    assert found == [
        Window("step_3", due, day("2024-05-30"), day("2024-05-30")),
        Window("step_4", due, day("2024-05-31"), day("2024-06-02")),
        Window("step_5", due, day("2024-06-03"), day("2024-06-11")),  # 6月10日端午节放假
    ]
    for_posts_only = [step.model_copy(update={"to_unit": False}) for step in LADDER]
    assert list(windows(for_posts_only, due=due, calendar=CALENDAR)) == []
