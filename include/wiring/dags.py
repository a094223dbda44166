"""The arguments of every DAG: its name, its page for staff, its schedule, its form."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow.sdk import Asset, AssetOrTimeSchedule, CronTriggerTimetable, Param, get_parsing_context

from include.campaigns.registry import load_calendar, load_campaigns
from include.domain import run_days
from include.domain.campaign import TIMEZONE, Campaign, Phase, PhaseKind, UpwardReport
from include.domain.occasions import occasions
from include.settings import Settings
from include.timetable import WorkingDays
from include.wiring.forms import day_params, dry_run_param, phase_params, report_params

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)

OWNER = "专项整治办公室"
FAULT = "fault"
"""Under this key a failed task leaves its sentence, for the desk to show it."""
REPORT_AT = time(10, 0)
FOLLOW_AT = time(8, 30)
WAITING_RUNS = 16
"""Runs of a report that may wait for a signature at once: one starts each working day."""
PULL_AT = time(7, 30)
SCREEN_AT = time(6, 30)
SETTLEMENTS_ASSET = "duban_settlements"
"""The asset whoever delivers settlement data reports an event of."""
INTAKE = "*/15 7-20 * * *"


def say_what_failed(context: Context) -> None:
    """Put the failing task's own sentence at the end of the log, where an admin looks first, and before the desk."""
    sentence = str(context.get("exception"))
    log.error("任务未完成：%s", sentence)
    context["ti"].xcom_push(key=FAULT, value=sentence)


DEFAULT_ARGS: dict[str, Any] = {
    "owner": OWNER,
    "retries": 2,  # after Airflow's default_task_retry_delay of 5 minutes
    "execution_timeout": timedelta(hours=2),
    "on_failure_callback": say_what_failed,
}


def phases(kind: PhaseKind) -> Iterator[tuple[Campaign, Phase]]:
    """The phases of that kind whose DAG this process is to build, over all campaigns in order.

    A process that runs one task asks for one DAG only and is not kept waiting for the others.
    """
    wanted = get_parsing_context().dag_id
    for campaign in _campaigns(wanted):
        for phase in campaign.phases_of(kind):
            if wanted in (None, campaign.dag_id(phase)):
                yield campaign, phase


def reports() -> Iterator[tuple[Campaign, UpwardReport]]:
    """The reports upward that can be compiled, for the DAGs this process is to build."""
    wanted = get_parsing_context().dag_id
    for campaign in _campaigns(wanted):
        for report in campaign.reports:
            if report.is_compiled and wanted in (None, campaign.report_dag_id(report)):
                yield campaign, report


def _campaigns(wanted: str | None) -> tuple[Campaign, ...]:
    """All campaigns, or the one of the DAG that is wanted: its id is what a DAG's id begins with."""
    only = wanted.partition("__")[0] if wanted else None
    return load_campaigns(Settings().campaigns, only=only).campaigns


def phase_dag(campaign: Campaign, phase: Phase, page: str | None) -> dict[str, Any]:
    """The arguments of a phase's DAG: name, page for staff, schedule within the phase, the form."""
    return _dag(
        campaign.dag_id(phase),
        title=f"{campaign.title}—{phase.title}",
        page=f"{page}\n{_phase_facts(campaign, phase)}",
        schedule=WorkingDays(run_days.of_phase(campaign, phase, load_calendar()), phase.run_at),
        params=phase_params(campaign),
        tags=[campaign.id, phase.kind.value],
    ) | _by_hand_throughout(campaign)


def report_dag(campaign: Campaign, report: UpwardReport, page: str | None) -> dict[str, Any]:
    """The arguments of a report's DAG: it runs on the days of compilation of all its occasions.

    A run may wait for a signature while the next day's compiles anew and reminds; one of an event is started by hand.
    """
    calendar = load_calendar()
    dated = occasions(campaign, report, calendar)
    days = run_days.of_report(campaign, report, calendar)
    due = "、".join(str(each.due) for each in dated) or report.due_text
    facts = _dag(
        campaign.report_dag_id(report),
        title=f"{campaign.title}—上报{report.title}",
        page=f"{page}\n| 报送事项 | {report.title} |\n|---|---|\n| 报送 | {report.to} |\n"
        f"| 时限 | {due} |\n| 原文时限 | {report.due_text} |\n",
        schedule=WorkingDays(days, REPORT_AT),
        params=report_params(campaign, report),
        tags=[campaign.id, "report"],
    )
    wait = 3 * timedelta(hours=Settings().approval_hours) + timedelta(days=1)
    return (
        facts
        | _by_hand_throughout(campaign)
        | {
            "schedule": WorkingDays(days, REPORT_AT) if days else None,
            "max_active_runs": WAITING_RUNS,
            "dagrun_timeout": max(wait, facts["dagrun_timeout"]),
        }
    )


def _by_hand_throughout(campaign: Campaign) -> dict[str, datetime]:
    """From the campaign's first day to the calendar's last: Airflow starts nothing by hand outside these two.

    A late phase, a correction, a receipt or an event comes on any day; what is scheduled names its own days.
    """
    return {
        "start_date": datetime.combine(campaign.starts_on, time.min, ZoneInfo(TIMEZONE)),
        "end_date": datetime.combine(load_calendar().last_known, time.max, ZoneInfo(TIMEZONE)),
    }


def intake_dag(page: str | None) -> dict[str, Any]:
    """The arguments of the one DAG that takes in returns for all campaigns, while any is under way."""
    campaigns = _campaigns(None)
    calendar = load_calendar()
    first = min((campaign.starts_on for campaign in campaigns), default=None)
    last = max((run_days.last_day(campaign, calendar) for campaign in campaigns), default=None)
    return {
        "dag_id": "collect_returns",
        "dag_display_name": "收件、校验、答复（全部专项行动）",
        "doc_md": page,
        "schedule": CronTriggerTimetable(INTAKE, timezone=TIMEZONE) if first else None,
        "start_date": first and datetime.combine(first, time.min, ZoneInfo(TIMEZONE)),
        "end_date": last and datetime.combine(last, time.max, ZoneInfo(TIMEZONE)),
        "catchup": False,
        "max_active_runs": 1,
        "default_args": DEFAULT_ARGS,
        "dagrun_timeout": timedelta(hours=6),
        "params": day_params(),
        "tags": ["intake"],
    }


def follow_dag(page: str | None) -> dict[str, Any]:
    """The arguments of the one DAG that follows the registers of all campaigns.

    A record is followed to its end, whatever became of the campaign: the runs end with the known calendar.
    """
    calendar = load_calendar()
    first = min((campaign.starts_on for campaign in _campaigns(None)), default=calendar.last_known)
    return _dag(
        "follow_registers",
        title="台账逐条督办（全部专项行动）",
        page=page,
        schedule=WorkingDays.between(first, calendar.last_known, FOLLOW_AT, calendar),
        params=day_params(),
        tags=["registers"],
    )


def pull_dag(page: str | None) -> dict[str, Any]:
    """The arguments of the one DAG that pulls the data feeds of all campaigns, before the day's other work.

    Without a feed there is no schedule; a record is followed to its end, so the runs end with the known calendar.
    """
    calendar = load_calendar()
    fed = [campaign for campaign in _campaigns(None) if campaign.feeds]
    first = min((campaign.starts_on for campaign in fed), default=None)
    days = calendar.working_days(first, calendar.last_known) if first else ()
    return _dag(
        "pull_feeds",
        title="从本局数据库导入台账（全部专项行动）",
        page=f"{page}\n{_feed_facts(fed)}",
        schedule=WorkingDays(list(days), PULL_AT),
        params=day_params() | dry_run_param("开启时只读取、校验，列出会新增、修改多少条，不登记。"),
        tags=["registers", "feeds"],
    )


def screen_dag(page: str | None) -> dict[str, Any]:
    """The arguments of the one DAG that screens settlement data: the first working day of each month, or new data.

    Whoever delivers data tells so with an event of the asset. Without data there is no schedule.
    """
    calendar = load_calendar()
    first = min((campaign.starts_on for campaign in _campaigns(None)), default=None)
    days: list[date] = []
    if first and Settings().settlements:
        for day in calendar.working_days(first.replace(day=1), calendar.last_known):
            if day >= first and (not days or (day.year, day.month) != (days[-1].year, days[-1].month)):
                days.append(day)
    arguments = _dag(
        "screen_settlements",
        title="结算数据筛查（全部专项行动）",
        page=page,
        schedule=WorkingDays(days, SCREEN_AT),
        params=day_params() | dry_run_param("开启时只筛查，列出会登记多少条线索，不登记。"),
        tags=["registers", "screening"],
    )
    # As many cities as there are, one after the other.
    arguments["dagrun_timeout"] = timedelta(days=5)
    if days:
        arguments["schedule"] = AssetOrTimeSchedule(
            timetable=arguments["schedule"], assets=[Asset(SETTLEMENTS_ASSET)]
        )
    return arguments


def screening_time() -> timedelta:
    """How long one task may read or screen settlement data: far longer than any other, and as the bureau says."""
    return timedelta(hours=Settings().screening_hours)


def _feed_facts(campaigns: list[Campaign]) -> str:
    rows = [
        f"| {campaign.short_title} | {feed.title} | {feed.form} | {feed.connection} |"
        for campaign in campaigns
        for feed in campaign.feeds
    ]
    if not rows:
        return "目前没有专项行动配置数据源（campaign.yaml 的 feeds）。"
    return "\n".join(["| 专项行动 | 数据源 | 台账 | 连接 |", "|---|---|---|---|", *rows])


def _dag(
    dag_id: str,
    *,
    title: str,
    page: str | None,
    schedule: WorkingDays,
    params: dict[str, Param],
    tags: list[str],
) -> dict[str, Any]:
    start, end = schedule.span
    return {
        "dag_id": dag_id,
        "dag_display_name": title,
        "doc_md": page,
        "schedule": schedule,
        "start_date": start,
        "end_date": end,
        "catchup": False,
        "max_active_runs": 1,
        "default_args": DEFAULT_ARGS,
        "dagrun_timeout": timedelta(days=5),
        "params": params,
        "tags": tags,
    }


def _phase_facts(campaign: Campaign, phase: Phase) -> str:
    rows = [
        ("专项行动", campaign.title),
        ("依据", campaign.notice.doc_no or f"《{campaign.notice.title}》"),
        ("阶段", f"{phase.title}：{phase.start}至{phase.due}"),
        ("原文时限", phase.due_text + ("（时限不精确，由规则换算）" if phase.approx else "")),
        ("原文要求", phase.text),
        *(
            (
                "报送",
                f"{owed.title}（{'、'.join(kind.zh for kind in owed.owed_by)}）"
                + (
                    f"，每期上报“{campaign.report(owed.recurring.report).title}”前报送"
                    if owed.recurring
                    else ""
                ),
            )
            for owed in phase.returns
        ),
    ]
    if campaign.was_over_when_issued(phase):
        rows.append(("说明", "本阶段在通知印发前已结束，登记后即关闭，不发送任何邮件"))
    return "\n".join(["| 事项 | 内容 |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def broken_campaigns() -> list[str]:
    """One sentence per fault of a campaign folder, for people."""
    return [str(error) for error in load_campaigns(Settings().campaigns).broken]
