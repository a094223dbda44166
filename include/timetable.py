"""When a phase runs: at one time of day, on working days, from its first to its last.

Airflow asks for the next run again and again; the days are worked out once, when the DAG file is
parsed, and travel with the serialised DAG, so that scheduler and API server need no calendar.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable

from include.domain.campaign import TIMEZONE
from include.domain.workdays import WorkdayCalendar

SHANGHAI = ZoneInfo(TIMEZONE)


class WorkingDays(Timetable):
    """Every working day of a span at one time of day, Asia/Shanghai.

    A run that was missed today is made up for late; missed days before today are not, because what
    is due is decided from state and the newest run covers them all.
    """

    def __init__(self, days: list[date], at: time) -> None:
        self.days = sorted(days)
        self.at = at

    @classmethod
    def between(cls, first: date, last: date, at: time, calendar: WorkdayCalendar) -> WorkingDays:
        return cls(list(calendar.working_days(first, last)), at)

    @property
    def summary(self) -> str:
        return f"工作日{self.at:%H:%M}"

    @property
    def description(self) -> str:  # type: ignore[override]
        if not self.days:
            return "没有需要运行的工作日"
        return f"{self.days[0]}至{self.days[-1]}的每个工作日{self.at:%H:%M}（北京时间）"

    @property
    def span(self) -> tuple[datetime | None, datetime | None]:
        """The first and the last moment; a DAG without any never runs by itself."""
        moments = self.moments
        return (moments[0], moments[-1]) if moments else (None, None)

    def serialize(self) -> dict[str, Any]:
        return {"days": [day.isoformat() for day in self.days], "at": self.at.isoformat()}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> WorkingDays:
        return cls([date.fromisoformat(day) for day in data["days"]], time.fromisoformat(data["at"]))

    def infer_manual_data_interval(self, *, run_after: pendulum.DateTime) -> DataInterval:
        return DataInterval.exact(run_after)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        after = last_automated_data_interval.end if last_automated_data_interval else None
        candidates = [moment for moment in self.moments if self._is_open(moment, after, restriction)]
        if not restriction.catchup:
            candidates = _without_missed_days(candidates)
        return DagRunInfo.exact(candidates[0]) if candidates else None

    @property
    def moments(self) -> list[pendulum.DateTime]:
        return [pendulum.instance(datetime.combine(day, self.at, tzinfo=SHANGHAI)) for day in self.days]

    @staticmethod
    def _is_open(
        moment: pendulum.DateTime, after: pendulum.DateTime | None, restriction: TimeRestriction
    ) -> bool:
        return (
            (after is None or moment > after)
            and (restriction.earliest is None or moment >= restriction.earliest)
            and (restriction.latest is None or moment <= restriction.latest)
        )


def _without_missed_days(moments: list[pendulum.DateTime]) -> list[pendulum.DateTime]:
    """From today on: today's moment even if it has passed, never an earlier day's."""
    today = pendulum.now(SHANGHAI).date()
    return [moment for moment in moments if moment.in_timezone(SHANGHAI).date() >= today]
