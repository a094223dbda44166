"""Where Airflow meets the gateways. Nothing here decides anything about a campaign."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, get_parsing_context, task
from airflow.sdk.exceptions import AirflowFailException

from include.campaigns.registry import load_calendar, load_campaigns
from include.domain.campaign import TIMEZONE, Campaign, Phase, PhaseKind, UpwardReport
from include.domain.errors import GiveUp
from include.domain.ladder import GRACE
from include.settings import Settings
from include.timetable import WorkingDays

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.gateways.mail_server import SmtpAccount
    from include.steps.ports import Gateways

log = logging.getLogger(__name__)

SHANGHAI = ZoneInfo(TIMEZONE)
LEDGER_CONNECTION = "duban_ledger"
SMTP_CONNECTION = "duban_smtp"
OWNER = "专项整治办公室"
AUTO_STEP = "auto"
APPROVE = "同意报送"
REJECT = "退回，不报送"
REPORT_AT = time(10, 0)
SECTION = "办理选项"
DIALECT = "http://json-schema.org/draft-07/schema#"
"""Airflow checks the schema of every parameter anew for every task of a DAG; by the rules of the newest
dialect, its default, that takes four times as long and is most of what reading hundreds of DAGs costs."""


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
    """The arguments of a report's DAG: it runs from the first day of compilation to the due date."""
    days: list[date] = []
    if report.due is not None:
        calendar = load_calendar()
        first = calendar.shift(calendar.on_or_before(report.due), -report.compile_before)
        days = list(calendar.working_days(first, report.due))
    return _dag(
        campaign.report_dag_id(report),
        title=f"{campaign.title}—上报{report.title}",
        page=f"{page}\n| 报送事项 | {report.title} |\n|---|---|\n| 报送 | {report.to} |\n| 时限 | {report.due_text} |\n",
        schedule=WorkingDays(days, REPORT_AT),
        params=day_params(),
        tags=[campaign.id, "report"],
    )


def _dag(
    dag_id: str, *, title: str, page: str, schedule: WorkingDays, params: dict[str, Param], tags: list[str]
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


def day_params() -> dict[str, Param]:
    """The day a run by hand is for."""
    return {
        "on": _param(
            None,
            type=["null", "string"],
            format="date",
            title="按哪一天办理",
            description="留空即按运行当天（北京时间）。补办某一天时填写，如 2024-05-24。",
        )
    }


def phase_params(campaign: Campaign) -> dict[str, Param]:
    """The form an admin sees before starting a phase by hand. Looking is the default, not sending."""
    steps = {step.key: step.title for step in campaign.ladder}
    return day_params() | {
        "dry_run": _param(
            True,
            type="boolean",
            title="只预演，不发送",
            description="开启时只列出拟发给谁、为什么，不登记也不发送任何邮件。确认名单无误后关闭再运行。",
        ),
        "units": _param(
            None,
            type=["null", "array"],
            items={"type": "string"},
            title="只办理这些单位",
            description="每行一个机构编码；留空即全部单位。",
        ),
        "step": _param(
            AUTO_STEP,
            type="string",
            enum=[AUTO_STEP, *steps],
            values_display={AUTO_STEP: "按日期自动确定", **steps},
            title="催报档次",
            description="通常保持自动：发送已到而未发的最高一档。任何一档对同一单位只发一次。",
        ),
    }


def _param(default: bool | str | None, **schema: Any) -> Param:
    """A field of the form, described by JSON Schema and the words Airflow's form adds to it."""
    return Param(default, section=SECTION, **schema, **{"$schema": DIALECT})


@dataclass(frozen=True, slots=True)
class Run:
    """What one task is asked to do: for which day, which units, which rung, with which gateways."""

    on: date
    units: frozenset[str] | None
    step_key: str | None
    is_rehearsal: bool
    using: Gateways


def work(title: str, *, kind: Callable[..., Any] = task, **options: Any) -> Callable[..., Any]:
    """Turn ``function(run, *inputs)`` into a task that carries its Chinese title and its gateways.

    A lasting fault fails the task at once, with its own sentence, instead of being tried again.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        def at_work(*inputs: Any, dag_run: Any = None, params: Any = None) -> Any:
            from include.assembly import sending

            using = sending(Settings(), ledger_url=ledger_url(), smtp=smtp_account())
            try:
                return function(_run(dag_run, params, using), *inputs)
            except GiveUp as fault:
                raise AirflowFailException(str(fault)) from fault
            finally:
                using.close()

        return kind(task_id=function.__name__, task_display_name=title, doc_md=function.__doc__, **options)(
            at_work
        )

    return decorate


def _run(dag_run: Any, params: dict[str, Any], using: Gateways) -> Run:
    step = params.get("step", AUTO_STEP)
    return Run(
        on=run_day(dag_run, params),
        units=frozenset(code.strip() for code in params.get("units") or () if code.strip()) or None,
        step_key=None if step == AUTO_STEP else step,
        is_rehearsal=is_rehearsal(dag_run, params),
        using=using,
    )


def run_day(dag_run: Any, params: dict[str, Any]) -> date:
    """The day a run is for: the one asked for, else that of ``run_after`` in Shanghai."""
    asked = params.get("on")
    if asked:
        return date.fromisoformat(asked)
    return dag_run.run_after.astimezone(SHANGHAI).date()


def is_rehearsal(dag_run: Any, params: dict[str, Any]) -> bool:
    """A scheduled run is never a rehearsal; a run by hand is one unless its form says otherwise."""
    return dag_run.run_type != "scheduled" and bool(params.get("dry_run", True))


def ledger_url() -> str:
    """The ledger's address from the Airflow connection ``duban_ledger`` (sqlite or postgres)."""
    from airflow.sdk import BaseHook
    from sqlalchemy import URL

    connection = BaseHook.get_connection(LEDGER_CONNECTION)
    if connection.conn_type == "sqlite":
        return f"sqlite:///{connection.host}"
    address = URL.create(
        "postgresql+psycopg",
        username=connection.login,
        password=connection.password,
        host=connection.host,
        port=connection.port,
        database=connection.schema,
        query={name: str(value) for name, value in connection.extra_dejson.items() if name.startswith("ssl")},
    )
    return address.render_as_string(hide_password=False)


def smtp_account() -> SmtpAccount | None:
    """The office's mailbox from the Airflow connection ``duban_smtp``; None while sending is off."""
    from airflow.sdk import BaseHook

    from include.gateways.mail_server import SmtpAccount

    settings = Settings()
    if settings.send_mode == "off":
        return None
    connection = BaseHook.get_connection(SMTP_CONNECTION)
    extra = connection.extra_dejson
    return SmtpAccount(
        host=connection.host,
        port=connection.port,
        login=connection.login or "",
        password=connection.password or "",
        from_address=extra.get("from_email") or settings.office_mailbox,
        security=_security(extra),
        timeout=float(extra.get("timeout", 30)),
        connection=SMTP_CONNECTION,
    )


def _security(extra: dict[str, Any]) -> Literal["none", "starttls", "ssl"]:
    """Airflow's SMTP connection says it with two switches."""
    if not extra.get("disable_ssl"):
        return "ssl"
    return "none" if extra.get("disable_tls") else "starttls"


def approvers(campaign: Campaign) -> list[dict[str, str]] | None:
    """The Airflow users who may sign, by the posts they hold; None lets anyone with the right do it."""
    held = Settings().approvers
    users = [held[post.key] for post in campaign.posts if post.key in held]
    return [{"id": user, "name": user} for user in users] or None


def approval(campaign: Campaign, report: UpwardReport, *, text_of: str) -> HITLOperator:
    """The task that waits for a person. No answer in time means: do not send."""
    return HITLOperator(
        task_id="approve",
        task_display_name="审批",
        subject=f"{campaign.short_title}：《{report.title}》报送审批",
        body=f"{{{{ ti.xcom_pull(task_ids='{text_of}')['text'] }}}}",
        options=[APPROVE, REJECT],
        defaults=[REJECT],
        assigned_users=approvers(campaign),
        response_timeout=timedelta(hours=Settings().approval_hours),
        execution_timeout=None,
        params={"reason": Param("", type="string", title="意见（退回时请写明原因）", format="multiline")},
        retries=1,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person decided in the Airflow UI; nobody answering in time counts as a no."""

    approved: bool
    by: str
    reason: str

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Answer:
        user = answer.get("responded_by_user")
        reason = (answer.get("params_input") or {}).get("reason") or ""
        if user is None:
            return cls(False, "（无人审批）", "超时未审批，按不报送处理")
        return cls(APPROVE in answer["chosen_options"], user["name"], reason)
