"""今日: what waits for somebody, the overdue first."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from include.desk import today_tables
from include.desk.airflow_state import AirflowState
from include.desk.paper import root_of, show
from include.desk.session import Seen, Visitor
from include.desk.tables import export
from include.steps import today as steps
from include.steps.today import AHEAD, Owed, Today

router = APIRouter()


@router.get("/")
def today(request: Request, who: Seen, airflow: AirflowState) -> Response:
    found = _found(who)
    root = root_of(request)
    tables = [
        *today_tables.owing_tables(found, who, root),
        *today_tables.airflow_tables(airflow, who, root),
        *today_tables.office_tables(found, who, root),
    ]
    about = f"日期：{who.on}"
    return export(request, tables, about=about) or show(
        request,
        "today.html.j2",
        who,
        found=found,
        figures=_figures(found, tables[2].count, who),
        tables={table.key: table for table in tables},
    )


def _found(who: Visitor) -> Today:
    asked = (who.on, who.regions, tuple(each.id for each in who.campaigns))

    def owed() -> Owed:
        return steps.owed(who.campaigns, on=who.on, regions=who.regions, using=who.using)

    def find() -> Today:
        known = who.office.answers.of_entries(("owed", *asked), owed)
        return steps.find(who.campaigns, known, on=who.on, regions=who.regions, using=who.using)

    return who.office.answers.at_once(("today", *asked), find)


def _figures(found: Today, approvals: int, who: Visitor) -> list[dict[str, Any]]:
    overdue = sum(each.units for each in found.owed.overdue)
    ahead = sum(each.units for each in found.owed.ahead)
    figures = [
        _figure("逾期未报", overdue, "bad", "#overdue", "家次"),
        _figure(f"{AHEAD}个工作日内到期", ahead, "warn", "#ahead", "家次"),
        _figure("电话待联系", sum(each.to_call for each in found.owed.contacts), "warn", "#calls", "家"),
        _figure("无可用邮箱", sum(each.unreachable for each in found.owed.contacts), "warn", "#calls", "家"),
    ]
    if not who.regions:
        mails = [each.mails for each in found.office]
        doubtful = sum(each.in_doubt for each in mails)
        stuck = sum(each.stuck for each in mails)
        waiting = sum(each.unhandled.files + each.unhandled.messages for each in found.office)
        figures += [
            _figure("等待签批", approvals, "warn", "#approvals", "件"),
            _figure("结果待核实的邮件", doubtful, "bad", "#mails", "份"),
            _figure("积压未发的邮件", stuck, "warn", "#mails", "份"),
            _figure("待认领文件和来信", waiting, "warn", "#unhandled", "件"),
        ]
    return figures


def _figure(title: str, value: int, tone: str, link: str, unit: str) -> dict[str, Any]:
    return {
        "title": title,
        "value": value,
        "unit": unit,
        "tone": tone if value else "good",
        "link": link if value else "",
    }
