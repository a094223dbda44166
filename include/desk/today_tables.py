"""What waits for somebody, as tables: what is owed, what Airflow waits for, whom to call, what the office looks after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from include.desk import airflow_state
from include.desk.paper import address, distance
from include.desk.session import Visitor
from include.desk.tables import Column, Table
from include.domain.access import Right
from include.domain.glances import Owing, Show
from include.steps.today import AHEAD, RECENT, Today
from include.steps.unit_history import form_title

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
    Column("unreachable", "未办结且无可用邮箱（家）", "count", link="unreachable_list"),
)
_FEEDS = (
    Column("campaign", "专项行动"),
    Column("feed", "数据源"),
    Column("at", "最近读取", "moment"),
    Column("state", "结果"),
    Column("why", "情况", width=60),
)


def owing_tables(found: Today, who: Visitor, root: str) -> tuple[Table, Table]:
    return (
        Table(
            "overdue",
            "已经逾期",
            _OWING,
            [_owing(each, who, root, "bad") for each in found.owed.overdue],
            empty="没有逾期未报的单位。",
        ),
        Table(
            "ahead",
            f"今天起{AHEAD}个工作日内到期",
            _OWING,
            [_owing(each, who, root, "warn" if each.due_on == who.on else "") for each in found.owed.ahead],
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
        "campaign": who.short(campaign),
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


def airflow_tables(airflow: Session, who: Visitor, root: str) -> tuple[Table, Table]:
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


def office_tables(found: Today, who: Visitor, root: str) -> list[Table]:
    return [
        _to_call(found, who, root),
        Table(
            "mails", "邮件需要处理", _MAILS, list(_mail_rows(found, who, root)), empty="没有需要处理的邮件。"
        ),
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
                    "campaign": who.short(each.campaign),
                    "campaign_id": each.campaign.id,
                    "files": each.unhandled.files,
                    "messages": each.unhandled.messages,
                }
                for each in found.office
            ),
            empty="没有等待处理的来件。",
        ),
        Table("feeds", "数据源异常", _FEEDS, _feed_rows(found, who), empty="数据源都正常。"),
    ]


def _to_call(found: Today, who: Visitor, root: str) -> Table:
    rows = []
    for each in found.owed.contacts:
        listed = {"campaign": each.campaign_id}
        rows.append(
            {
                "campaign": who.short(who.campaign(each.campaign_id)),
                "units": each.to_call or None,
                "agreed": each.agreed or None,
                "unreachable": each.unreachable or None,
                "list": address(f"{root}/calls", **listed),
                "agreed_list": address(f"{root}/calls", **listed, show=Show.AGREED.value),
                "unreachable_list": address(f"{root}/units", **listed, show=Show.UNREACHABLE.value),
                "tone": "warn" if each.to_call else "",
            }
        )
    empty = "未办结的单位都有可用邮箱，没有需要打电话的单位。"
    return Table("calls", "须电话联系的单位", _CALLS, rows, empty=empty)


def _mail_rows(found: Today, who: Visitor, root: str) -> Iterable[dict[str, Any]]:
    for each in found.office:
        mails = each.mails
        numbers = {
            "in_doubt": mails.in_doubt or None,
            "stuck": mails.stuck or None,
            "refused": mails.refused or None,
            "bounced": mails.bounced or None,
        }
        if any(numbers.values()):
            lists = {
                f"{state}_list": address(f"{root}/outbox", campaign=each.campaign.id, state=state)
                for state in ("in_doubt", "refused", "bounced")
            }
            yield {
                "campaign": who.short(each.campaign),
                "tone": "bad" if mails.in_doubt else "warn",
                **numbers,
                **lists,
            }


def _feed_rows(found: Today, who: Visitor) -> Sequence[dict[str, Any]]:
    return [
        {
            "campaign": who.short(each.campaign),
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
