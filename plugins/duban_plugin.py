"""Registers with Airflow what it must find by name. Everything registered lives in include/."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from include.timetable import WorkingDays


class DubanPlugin(AirflowPlugin):
    name = "duban"
    timetables = [WorkingDays]  # noqa: RUF012  Airflow reads a plain class attribute
