"""The arguments of every DAG: its name, its page for staff, its schedule, its form."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow.sdk import CronTriggerTimetable, Param, get_parsing_context

from include.campaigns.registry import load_calendar, load_campaigns
from include.domain.campaign import TIMEZONE, Campaign, Phase, PhaseKind, UpwardReport
from include.domain.ladder import GRACE
from include.domain.occasions import occasions
from include.domain.workdays import WorkdayCalendar
from include.settings import Settings
from include.timetable import WorkingDays
from include.wiring.forms import day_params, phase_params

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)

OWNER = "专项整治办公室"
REPORT_AT = time(10, 0)
FOLLOW_AT = time(8, 30)
INTAKE = "*/15 7-20 * * *"


def say_what_failed(context: Context) -> None:
    """Put the failing task's own sentence at the end of the log, where an admin looks first."""
    log.error("任务未完成：%s", context.get("exception"))


DEFAULT_ARGS: dict[str, Any] = {
    "owner": OWNER,
    "retries": 2,
    "retry_delay": timedelta(minutes=5),
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
            if report.table_layouts and wanted in (None, campaign.report_dag_id(report)):
                yield campaign, report


def _campaigns(wanted: str | None) -> tuple[Campaign, ...]:
    """All campaigns, or the one of the DAG that is wanted: its id is what a DAG's id begins with."""
    only = wanted.partition("__")[0] if wanted else None
    return load_campaigns(Settings().campaigns, only=only).campaigns


def phase_dag(campaign: Campaign, phase: Phase, page: str | None) -> dict[str, Any]:
    """The arguments of a phase's DAG: name, page for staff, schedule within the phase, the form."""
    asks_units = any(owed.filled_by == "unit" for owed in phase.returns)
    mails_units = asks_units or phase.kind is PhaseKind.MOBILIZATION
    last = _last_working_day(campaign, phase) if asks_units else phase.due
    return _dag(
        campaign.dag_id(phase),
        title=f"{campaign.title}—{phase.title}",
        page=f"{page}\n{_phase_facts(campaign, phase)}",
        schedule=WorkingDays.between(phase.start, last, phase.run_at, load_calendar()),
        params=(phase_params(campaign) if mails_units else day_params()),
        tags=[campaign.id, phase.kind.value],
    )


def report_dag(campaign: Campaign, report: UpwardReport, page: str | None) -> dict[str, Any]:
    """The arguments of a report's DAG: it runs from the first day of compilation to the due date of each occasion."""
    calendar = load_calendar()
    days: set[date] = set()
    for occasion in occasions(campaign, report, calendar):
        first = calendar.shift(calendar.on_or_before(occasion.due), -report.compile_before)
        days.update(calendar.working_days(first, occasion.due))
    return _dag(
        campaign.report_dag_id(report),
        title=f"{campaign.title}—上报{report.title}",
        page=f"{page}\n| 报送事项 | {report.title} |\n|---|---|\n| 报送 | {report.to} |\n| 时限 | {report.due_text} |\n",
        schedule=WorkingDays(sorted(days), REPORT_AT),
        params=day_params(),
        tags=[campaign.id, "report"],
    )


def intake_dag(page: str | None) -> dict[str, Any]:
    """The arguments of the one DAG that takes in returns for all campaigns, while any is under way."""
    campaigns = _campaigns(None)
    calendar = load_calendar()
    first = min((campaign.starts_on for campaign in campaigns), default=None)
    last = max((last_day(campaign, calendar) for campaign in campaigns), default=None)
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


def last_day(campaign: Campaign, calendar: WorkdayCalendar) -> date:
    """The last day on which anything of the campaign may still come in or go out."""
    ends = [_last_working_day(campaign, phase) for phase in campaign.phases]
    ends += [report.due for report in campaign.reports if report.due is not None]
    return calendar.shift(max(ends), GRACE)


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


def _last_working_day(campaign: Campaign, phase: Phase) -> date:
    """A few working days after the ladder's last rung, so that an outage can still be made up for."""
    last_rung = max(0, *(step.offset for step in campaign.ladder))
    return load_calendar().shift(phase.due, last_rung + GRACE)


def _phase_facts(campaign: Campaign, phase: Phase) -> str:
    rows = [
        ("专项行动", campaign.title),
        ("依据", campaign.notice.doc_no or f"《{campaign.notice.title}》"),
        ("阶段", f"{phase.title}：{phase.start}至{phase.due}"),
        ("原文时限", phase.due_text + ("（时限不精确，由规则换算）" if phase.approx else "")),
        ("原文要求", phase.text),
        *(
            ("报送", f"{owed.title}（{'、'.join(kind.zh for kind in owed.owed_by)}）")
            for owed in phase.returns
        ),
    ]
    if campaign.was_over_when_issued(phase):
        rows.append(("说明", "本阶段在通知印发前已结束，登记后即关闭，不发送任何邮件"))
    return "\n".join(["| 事项 | 内容 |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def broken_campaigns() -> list[str]:
    """One sentence per fault of a campaign folder, for people."""
    return [str(error) for error in load_campaigns(Settings().campaigns).broken]
