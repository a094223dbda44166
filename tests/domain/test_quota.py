"""When so many mails are out: counted by the minute, by the day, within working hours."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.domain.quota import NeverFinished, QuietHours, Quota, finish_time, forecast
from include.domain.workdays import UnknownYear, WorkdayCalendar

CALENDAR = WorkdayCalendar()
OFFICE = QuietHours()
STEADY = settings(deadline=None, max_examples=200, derandomize=True)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("count", "start", "limits", "quiet", "sent_today", "finish"),
    [
        (0, "2024-05-24 10:00", {}, OFFICE, 0, "2024-05-24 10:00:00"),
        (1, "2024-05-24 10:00", {"per_minute": 15}, OFFICE, 0, "2024-05-24 10:00:00"),
        (16, "2024-05-24 10:00", {"per_minute": 15}, OFFICE, 0, "2024-05-24 10:01:00"),
        # 15 a minute: 3,000 mails take 200 minutes.
        (3000, "2024-05-24 09:00", {"per_minute": 15}, OFFICE, 0, "2024-05-24 12:19:56"),
        # 100 a day: 3,000 mails take 30 working days, 端午节 in between.
        (3000, "2024-05-24 09:00", {"per_day": 100}, OFFICE, 0, "2024-07-05 08:30:00"),
        (3000, "2024-05-24 09:00", {"per_day": 100}, None, 0, "2024-06-22 00:00:00"),
        (100, "2024-05-24 09:00", {"per_day": 100}, OFFICE, 1, "2024-05-27 08:30:00"),
        (100, "2024-05-24 09:00", {"per_day": 100}, OFFICE, 0, "2024-05-24 09:00:00"),
        (1, "2024-05-24 09:00", {"per_day": 100}, OFFICE, 250, "2024-05-27 08:30:00"),
        # Before the office opens, after it closes, on a free day, on a make-up Saturday.
        (1, "2024-05-24 06:00", {}, OFFICE, 0, "2024-05-24 08:30:00"),
        (1, "2024-05-24 17:30", {}, OFFICE, 0, "2024-05-27 08:30:00"),
        (1, "2024-05-25 10:00", {}, OFFICE, 0, "2024-05-27 08:30:00"),
        (1, "2024-05-11 10:00", {}, OFFICE, 0, "2024-05-11 10:00:00"),
        (1, "2024-05-25 10:00", {}, QuietHours(on_free_days=False), 0, "2024-05-25 10:00:00"),
        # The last mail of the evening leaves before closing time, the next one in the morning.
        (3, "2024-05-24 17:29", {"per_minute": 2}, OFFICE, 0, "2024-05-27 08:30:00"),
        (2, "2024-05-24 17:29", {"per_minute": 2}, OFFICE, 0, "2024-05-24 17:29:30"),
        (110_000, "2024-05-24 09:00", {}, OFFICE, 0, "2024-05-24 09:00:00"),
    ],
)
def test_the_last_mail_leaves(
    count: int, start: str, limits: dict[str, int], quiet: QuietHours | None, sent_today: int, finish: str
) -> None:
    assert finish_time(count, at(start), Quota(**limits), quiet, CALENDAR, sent_today=sent_today) == at(
        finish
    )


@STEADY
@given(
    count=st.integers(0, 5000),
    start=st.datetimes(at("2024-01-01"), at("2025-06-01")),
    per_minute=st.none() | st.integers(1, 100),
    per_day=st.none() | st.integers(50, 2000),
    sent_today=st.integers(0, 3000),
)
def test_every_mail_leaves_once_in_hours_and_within_the_day_s_quota(
    count: int, start: datetime, per_minute: int | None, per_day: int | None, sent_today: int
) -> None:
    batches = forecast(count, start, Quota(per_minute, per_day), OFFICE, CALENDAR, sent_today=sent_today)
    assert sum(batch.count for batch in batches) == count
    for batch in batches:
        used = sent_today if batch.day == start.date() else 0
        assert per_day is None or batch.count + used <= per_day
        assert start <= batch.first <= batch.last
        assert time(8, 30) <= batch.first.time() <= batch.last.time() < time(17, 30)
        assert CALENDAR.is_working_day(batch.day)
        if per_minute:
            assert batch.last - batch.first == (batch.count - 1) * (timedelta(minutes=1) / per_minute)


def test_hours_that_leave_no_time_are_an_error_and_no_endless_search() -> None:
    shut = QuietHours(until=time(12), since=time(12))
    with pytest.raises(NeverFinished, match="静默时段"):
        finish_time(1, at("2024-05-24 10:00"), Quota(), shut, CALENDAR)


def test_a_plan_that_runs_into_a_year_without_a_calendar_is_not_guessed() -> None:
    with pytest.raises(UnknownYear):
        finish_time(1_000_000, at("2024-05-24 10:00"), Quota(per_day=1), OFFICE, CALENDAR)


@pytest.mark.parametrize("wrong", [{"per_minute": 0}, {"per_day": -1}, {"connections": 0}])
def test_a_quota_of_nothing_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Quota(**wrong)
