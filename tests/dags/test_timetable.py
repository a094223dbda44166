"""When a phase runs: today's run late rather than never, past days never in a heap."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pendulum
import pytest
from airflow.timetables.base import DataInterval, TimeRestriction

from include import timetable
from include.campaigns.registry import load_calendar
from include.timetable import SHANGHAI, WorkingDays

MAY = WorkingDays.between(date(2024, 4, 26), date(2024, 5, 31), time(9, 0), load_calendar())


def moment(text: str) -> pendulum.DateTime:
    return pendulum.instance(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))


def next_run(
    table: WorkingDays,
    *,
    last: str | None = None,
    earliest: str | None = None,
    latest: str | None = None,
    catchup: bool = False,
) -> str | None:
    info = table.next_dagrun_info(
        last_automated_data_interval=DataInterval.exact(moment(last)) if last else None,
        restriction=TimeRestriction(
            moment(earliest) if earliest else None, moment(latest) if latest else None, catchup
        ),
    )
    return info.run_after.in_timezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if info else None


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Any:
    def set_to(text: str) -> None:
        monkeypatch.setattr(timetable.pendulum, "now", lambda tz: moment(text).in_timezone(tz))

    return set_to


def test_holidays_are_left_out_and_make_up_days_are_in() -> None:
    assert date(2024, 5, 1) not in MAY.days
    assert date(2024, 4, 28) in MAY.days, "a Sunday worked for the May holiday"
    assert date(2024, 5, 11) in MAY.days, "a Saturday worked for the May holiday"


@pytest.mark.parametrize(
    ("at", "last", "expected"),
    [
        pytest.param("2024-05-06T08:00", None, "2024-05-06 09:00", id="before today's time"),
        pytest.param("2024-05-06T11:00", None, "2024-05-06 09:00", id="today's missed run is made up for"),
        pytest.param("2024-05-06T11:00", "2024-05-06T09:00", "2024-05-07 09:00", id="not twice a day"),
        pytest.param("2024-05-13T11:00", "2024-05-06T09:00", "2024-05-13 09:00", id="five days out: one run"),
        pytest.param(
            "2024-05-12T11:00", "2024-05-10T09:00", "2024-05-13 09:00", id="Sunday waits for Monday"
        ),
        pytest.param("2024-06-01T11:00", "2024-05-30T09:00", None, id="after the last day nothing runs"),
    ],
)
def test_the_next_run(now: Any, at: str, last: str | None, expected: str | None) -> None:
    now(at)
    assert next_run(MAY, last=last) == expected


def test_a_backfill_gets_every_day() -> None:
    assert next_run(MAY, last="2024-05-06T09:00", catchup=True) == "2024-05-07 09:00"


def test_start_and_end_of_the_dag_are_kept(now: Any) -> None:
    now("2024-05-06T08:00")
    assert next_run(MAY, earliest="2024-05-08T00:00") == "2024-05-08 09:00"
    assert next_run(MAY, latest="2024-05-05T00:00") is None


def test_it_travels_to_the_scheduler_without_the_calendar() -> None:
    restored = WorkingDays.deserialize(MAY.serialize())
    assert (restored.days, restored.at, restored.description) == (MAY.days, MAY.at, MAY.description)


def test_no_days_means_no_runs(now: Any) -> None:
    now("2024-05-06T08:00")
    assert next_run(WorkingDays([], time(9, 0))) is None
