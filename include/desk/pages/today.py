"""今日: what waits for somebody, the overdue first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from include.desk import airflow_state
from include.desk.airflow_state import AirflowState
from include.desk.paper import address, distance, root_of, show
from include.desk.session import Seen, Visitor
from include.desk.tables import Column, Table, export
from include.domain.access import Right
from include.domain.glances import Owing, Show
from include.steps import today as steps
from include.steps.today import AHEAD, RECENT, Today
from include.steps.unit_history import form_title

router = APIRouter()
FAILED_SINCE = 7
"""Days back in which a failed run that no later one made good is shown."""

_OWING = (
    Column("campaign", "专项行动", width=30),
    Column("phase", "阶段"),
    Column("form", "应报材料", link="list", width=34),
    Column("due_on", "截止日", "day"),
    Column("distance", "距今"),
    Column("units", "未办结（家）", "count", link="list"),
    Column("returned", "其中退回待重报", "count", help="已退回、等待单位改正后重新报送"),
)


_APPROVALS = (
    Column("subject", "事项", link="page", width=50),
    Column("whose", "", width=12),
    Column("users", "由谁签批", width=24),
    Column("asked_at", "送签时间", "moment"),
)
_FAILED = (
    Column("title", "流程", link="page", outside=True, width=36),
    Column("sentence", "原因", width=70),
    Column("failed_at", "时间", "moment"),
)


@router.get("/")
def today(request: Request, who: Seen, airflow: AirflowState) -> Response:
    question = ("today", who.on, who.regions, tuple(each.id for each in who.campaigns))
    found = who.office.answer(
        question, lambda: steps.find(who.campaigns, on=who.on, regions=who.regions, using=who.using)
    )
    root = root_of(request)
    tables = [
        *_owing_tables(found, who, root),
        *_airflow_tables(airflow, who, root),
        *_office_tables(found, who, root),
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


def _owing_tables(found: Today, who: Visitor, root: str) -> tuple[Table, Table]:
    return (
        Table(
            "overdue",
            "已经逾期",
            _OWING,
            [_owing(each, who, root, "bad") for each in found.overdue],
            empty="没有逾期未报的单位。",
        ),
        Table(
            "ahead",
            f"今天起{AHEAD}个工作日内到期",
            _OWING,
            [_owing(each, who, root, "warn" if each.due_on == who.on else "") for each in found.ahead],
            empty=f"今天起{AHEAD}个工作日内没有到期的报送。",
        ),
    )


def _owing(each: Owing, who: Visitor, root: str, tone: str) -> dict[str, Any]:
    campaign = who.campaign(each.campaign_id)
    listed = address(
        f"{root}/units",
        campaign=each.campaign_id,
        show=Show.OWING.value,
        phase=each.phase_key,
        form=each.form,
        due=each.due_on,
    )
    return {
        "campaign": campaign.short_title,
        "phase": campaign.phase(each.phase_key).title,
        "form": form_title(each.form, who.using) + ("（由办公室登记）" if each.by_office else ""),
        "due_on": each.due_on,
        "distance": distance(each.due_on, who),
        "units": each.units,
        "returned": each.returned or None,
        "list": listed,
        "dag": campaign.dag_id(campaign.phase(each.phase_key)),
        "tone": tone,
    }


def _airflow_tables(airflow: Session, who: Visitor, root: str) -> tuple[Table, Table]:
    """What Airflow itself waits for and what it could not do; nothing for who sees single regions only."""
    waiting = airflow_state.waiting_approvals(airflow, who.grant)
    since = who.using.now() - timedelta(days=FAILED_SINCE)
    failed = airflow_state.failed_runs(airflow, who.grant, since=since)
    return (
        Table(
            "approvals",
            "等待签批",
            _APPROVALS,
            [
                {
                    "subject": each.subject,
                    "whose": "请您办理"
                    if each.is_for(who.user, may_sign=who.may(Right.SIGN, each.campaign_id))
                    else "",
                    "users": "、".join(each.users) or "有审批权限的人员",
                    "asked_at": each.asked_at,
                    "page": f"{root}{each.page}",
                    "tone": "warn",
                }
                for each in waiting
            ],
            empty="没有等待签批的事项。",
        ),
        Table(
            "failed",
            f"近{FAILED_SINCE}天失败的运行",
            _FAILED,
            [
                {
                    "title": each.title,
                    "sentence": each.sentence or "没有留下说明，请查看日志",
                    "failed_at": each.failed_at,
                    "page": f"{root.rpartition('/')[0]}{each.page}",
                    "tone": "bad",
                }
                for each in failed
            ],
            empty="没有失败的运行。",
        ),
    )


def _figures(found: Today, approvals: int, who: Visitor) -> list[dict[str, Any]]:
    overdue = sum(each.units for each in found.overdue)
    ahead = sum(each.units for each in found.ahead)
    figures = [
        _figure("逾期未报", overdue, "bad", "#overdue", "家次"),
        _figure(f"{AHEAD}个工作日内到期", ahead, "warn", "#ahead", "家次"),
        _figure("电话待联系", sum(each.units for each in found.to_call), "warn", "#calls", "家"),
        _figure("无可用邮箱", sum(found.unreachable.values()), "warn", "#unreachable", "家"),
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


def _office_tables(found: Today, who: Visitor, root: str) -> list[Table]:
    return [
        _to_call(found, who, root),
        _unreachable(found, who, root),
        Table("mails", "邮件需要处理", _MAILS, list(_mail_rows(found, root)), empty="没有需要处理的邮件。"),
        Table(
            "unhandled",
            "来件待办公室处理",
            (
                Column("campaign", "专项行动"),
                Column("files", "待认领文件（份）", "count"),
                Column("messages", "待处理来信（封）", "count"),
            ),
            _present(
                {
                    "campaign": each.campaign.short_title,
                    "campaign_id": each.campaign.id,
                    "files": each.unhandled.files,
                    "messages": each.unhandled.messages,
                }
                for each in found.office
            ),
            empty="没有等待处理的来件。",
        ),
        Table("feeds", "数据源异常", _FEEDS, _feed_rows(found), empty="数据源都正常。"),
    ]


_MAILS = (
    Column("campaign", "专项行动", width=30),
    Column(
        "in_doubt",
        "结果待核实",
        "count",
        link="in_doubt_list",
        help="不知道是否已经发出，由办公室核实后登记结论，系统不自动重发",
    ),
    Column("stuck", "积压未发", "count", help="超过一个工作日仍未发出，或发送中断"),
    Column("refused", "被拒收", "count", link="refused_list", help=f"近{RECENT}个工作日"),
    Column("bounced", "被退信", "count", link="bounced_list", help=f"近{RECENT}个工作日"),
)
_CALLS = (
    Column("campaign", "专项行动", width=30),
    Column(
        "units",
        "待联系（家）",
        "count",
        link="list",
        help="邮件通知不到而近日没有电话告知过的，和约定联系日已到的",
    ),
    Column(
        "agreed",
        "其中约定联系日已到",
        "count",
        link="agreed_list",
        help="承诺报送、约定回电的日子已到而仍未办结",
    ),
)
_FEEDS = (
    Column("campaign", "专项行动"),
    Column("feed", "数据源"),
    Column("at", "最近读取", "moment"),
    Column("state", "结果"),
    Column("why", "情况", width=60),
)


def _unreachable(found: Today, who: Visitor, root: str) -> Table:
    return Table(
        "unreachable",
        "联系不上的单位",
        (
            Column("campaign", "专项行动", width=30),
            Column("units", "未办结且无可用邮箱（家）", "count", link="list"),
        ),
        [
            {
                "campaign": who.campaign(campaign).short_title,
                "units": number,
                "list": address(f"{root}/units", campaign=campaign, show=Show.UNREACHABLE.value),
            }
            for campaign, number in found.unreachable.items()
        ],
        empty="未办结的单位都有可用邮箱。",
    )


def _to_call(found: Today, who: Visitor, root: str) -> Table:
    rows = [
        {
            "campaign": who.campaign(each.campaign_id).short_title,
            "units": each.units,
            "agreed": each.agreed or None,
            "list": address(f"{root}/calls", campaign=each.campaign_id),
            "agreed_list": address(f"{root}/calls", campaign=each.campaign_id, show=Show.AGREED.value),
            "tone": "warn",
        }
        for each in found.to_call
    ]
    return Table("calls", "电话待联系", _CALLS, rows, empty="没有需要打电话的单位。")


def _mail_rows(found: Today, root: str) -> Iterable[dict[str, Any]]:
    for each in found.office:
        mails = each.mails
        numbers = {
            "in_doubt": mails.in_doubt,
            "stuck": mails.stuck,
            "refused": mails.refused,
            "bounced": mails.bounced,
        }
        if any(numbers.values()):
            lists = {
                f"{state}_list": address(f"{root}/outbox", campaign=each.campaign.id, state=state)
                for state in ("in_doubt", "refused", "bounced")
            }
            yield {
                "campaign": each.campaign.short_title,
                "tone": "bad" if mails.in_doubt else "warn",
                **numbers,
                **lists,
            }


def _feed_rows(found: Today) -> Sequence[dict[str, Any]]:
    return [
        {
            "campaign": each.campaign.short_title,
            "feed": feed.title,
            "at": latest.at if latest else None,
            "state": latest.state.zh if latest else "还没有读取过",
            "why": sentence,
            "tone": "bad",
        }
        for each in found.office
        for feed, latest, sentence in each.feeds
    ]


def _present(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those in which something is counted."""
    return [row for row in rows if any(isinstance(value, int) and value for value in row.values())]
