"""Registers with Airflow what it must find by name. Everything registered lives in include/."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from include.timetable import WorkingDays
from include.wiring.processes import DESK, serves_pages


class DubanPlugin(AirflowPlugin):
    name = "duban"
    timetables = [WorkingDays]  # noqa: RUF012  Airflow reads plain class attributes
    external_views = [  # noqa: RUF012
        {
            "name": "督办台",
            "href": f"{DESK}/",
            "destination": "nav",
            "url_route": "duban",
            "nav_top_level": True,
            "icon": f"{DESK}/static/icon.svg",
        },
        {
            "name": "督办",
            "href": f"{DESK}/dags/{{DAG_ID}}",
            "destination": "dag",
            "url_route": "duban_dag",
            "icon": f"{DESK}/static/icon.svg",
        },
    ]


if serves_pages():
    # Every worker, scheduler and task reads this file; only the API server needs the web application.
    from include.desk.airflow_pages import InChinese
    from include.desk.app import make_app
    from include.desk.office import Office
    from include.settings import Settings
    from include.wiring.connections import ledger_url

    DubanPlugin.fastapi_apps = [
        {"app": make_app(Office(Settings(), ledger_url)), "url_prefix": DESK, "name": "督办台"}
    ]
    DubanPlugin.fastapi_root_middlewares = [
        {"middleware": InChinese, "args": [], "kwargs": {}, "name": "中文界面"}
    ]
