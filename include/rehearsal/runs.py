"""What runs on a day, in its order: the tasks of the DAG files, without Airflow.

This is the one module that calls the steps of a phase and of a report. A DAG that gets another task gets it here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, time
from functools import partial
from typing import Any

from include.domain import run_days
from include.domain.campaign import Campaign, Phase, PhaseKind, UpwardReport
from include.domain.errors import GiveUp
from include.domain.occasions import Occasion, open_on
from include.domain.reports import Event
from include.domain.sign_off import Hand
from include.domain.workdays import WorkdayCalendar
from include.steps import (
    approve,
    check,
    collect,
    deliver,
    follow,
    inspection_coverage,
    office_notices,
    open_phase,
    plan,
    plan_inspections,
    reconcile,
    report_mail,
    report_run,
    returned_mail,
    roster,
    show,
    sign_off,
)
from include.steps import report as reporting
from include.steps.ports import Gateways

FOLLOW_AT, REPORT_AT, INTAKE_AT = time(8, 30), time(10, 0), time(19, 45)
SIGNER = "office_director"
LIST_SEEN, FIGURES_SEEN = "名单已核对，同意发送", "数据已核对，同意报送"
SIGNING = "rehearsal"

Work = Callable[[date, Gateways], Any]


@dataclass(frozen=True, slots=True)
class Task:
    title: str
    work: Work


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a DAG: the tasks after one that fails are not done, unless it ``goes_on``."""

    at: time
    title: str
    tasks: tuple[Task, ...]
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Reported:
    """What came of a report on a day. ``files`` are those that were sent: (name, sha256)."""

    report: UpwardReport
    occasion: Occasion
    is_sent: bool
    sentence: str
    is_fault: bool = False
    files: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """The report, and of one made several times which."""
        which = f"（{self.occasion.title}）" if self.occasion.title != self.report.title else ""
        return f"《{self.report.title}》{which}"


def of_working_day(campaign: Campaign, on: date, calendar: WorkdayCalendar) -> list[Run]:
    """The morning's runs: registers are followed, then the phases under way, in the order of the clock."""
    found = [
        Run(phase.run_at, phase.title, tuple(_TASKS[phase.kind](campaign, phase)))
        for phase in campaign.phases
        if on in run_days.of_phase(campaign, phase, calendar)
    ]
    followed = Run(
        FOLLOW_AT,
        "台账逐条督办",
        (
            Task("核对期限并拟定催办", lambda on, using: follow.records(campaign, on=on, using=using)),
            Task("发送催办", lambda on, using: deliver.notices(campaign, on=on, using=using)),
        ),
    )
    return sorted([followed, *found], key=lambda run: run.at)


def intake(campaign: Campaign) -> Run:
    """The evening's last look into the inbox, on free days too."""
    return Run(
        INTAKE_AT,
        "收件",
        (
            Task("处理退信", lambda on, using: returned_mail.notices(campaign, on=on, using=using)),
            Task("收取文件夹", lambda on, using: collect.returns(campaign, on=on, using=using)),
            Task("校验并拟定答复", lambda on, using: check.returns(campaign, on=on, using=using)),
            Task("发送答复", lambda on, using: deliver.notices(campaign, on=on, using=using)),
            Task("核对发送结果", partial(_account, campaign)),
        ),
        goes_on=True,
    )


def reports_on(
    campaign: Campaign, on: date, calendar: WorkdayCalendar
) -> list[tuple[UpwardReport, Occasion]]:
    """The reports whose compilation is under way that day, each with its occasion."""
    return [
        (report, occasion)
        for report in campaign.reports
        for occasion in open_on(campaign, report, calendar, on=on)
    ]


def report(
    campaign: Campaign,
    report: UpwardReport,
    occasion: Occasion,
    *,
    event: Event | None = None,
    on: date,
    using: Gateways,
) -> Reported | None:
    """Compile it, have three hands sign it, send it; None once it has gone up: nobody corrects in a rehearsal."""
    editions = using.ledger.editions.all(campaign.id, report.key, occasion=occasion.key)
    if any(each.went_up for each in editions):
        return None
    try:
        draft = reporting.compile_edition(campaign, report, occasion, event=event, on=on, using=using)
        report_run.refuse_trouble(draft)
        if draft.edition_id is None:
            return None
        _sign(campaign, report, draft.edition_id, on=on, using=using)
        report_mail.plan_mail(campaign, report, draft.edition_id, on=on, using=using)
        deliver.notices(campaign, on=on, using=using)
        report_mail.mark_sent(draft.edition_id, using=using)
    except GiveUp as why:
        return Reported(
            report, occasion, is_sent=False, sentence=str(why), is_fault="人工编制" not in str(why)
        )
    edition = using.ledger.editions.get(draft.edition_id)
    sent = report_mail.as_issued(campaign, report, occasion, edition, on=on, using=using)
    return Reported(
        report,
        occasion,
        is_sent=True,
        sentence=f"{edition.title}已经办、复核、审核并报送",
        files=tuple((each.name, each.sha256) for each in sent),
    )


def _sign(campaign: Campaign, report: UpwardReport, edition_id: int, *, on: date, using: Gateways) -> None:
    """Each hand is asked by mail and agrees at once; in a rehearsal every post is held by a person of its own."""
    users = {post.key: post.key for post in campaign.posts}
    for hand in Hand:
        asked = sign_off.ask(
            campaign, report, edition_id, hand, run=SIGNING, page="", users=users, on=on, using=using
        )
        deliver.notices(campaign, on=on, using=using)
        if asked is not None and asked.needed:
            user = asked.users[0]
            sign_off.record(
                campaign,
                report,
                edition_id,
                hand,
                run=SIGNING,
                approved=True,
                by=user,
                user=user,
                reason=FIGURES_SEEN,
                on=on,
                using=using,
            )


def _mobilization(campaign: Campaign, phase: Phase) -> Iterator[Task]:
    yield Task("导入名册", lambda on, using: roster.take_over(campaign, on=on, using=using))
    yield _opening(campaign, phase)
    yield Task("核对联系方式", lambda on, using: roster.contacts(campaign, on=on, using=using))
    yield _told_office(campaign, phase)
    yield Task(
        "拟定动员部署通知",
        lambda on, using: plan.announcements(campaign, phase, on=on, units=None, using=using),
    )
    yield from _sending(campaign, phase)
    yield _tally(campaign, phase)


def _self_check(campaign: Campaign, phase: Phase) -> Iterator[Task]:
    yield _opening(campaign, phase)
    yield from _with_mail(campaign, phase)


def _inspection(campaign: Campaign, phase: Phase) -> Iterator[Task]:
    yield _opening(campaign, phase, "开列检查任务")
    yield Task(
        "排本周检查计划",
        lambda on, using: plan_inspections.go_on(campaign, on=on, dry_run=False, using=using),
    )
    yield from _with_mail(campaign, phase)


def _conclusion(campaign: Campaign, phase: Phase) -> Iterator[Task]:
    yield _opening(campaign, phase)
    yield from _with_mail(campaign, phase)


def _with_mail(campaign: Campaign, phase: Phase) -> Iterator[Task]:
    """What the office is told, and the whole chase where units owe something themselves."""
    yield _told_office(campaign, phase)
    if phase.asks_units:
        yield from _chase(campaign, phase)
    else:
        yield Task("发送办公室提醒", lambda on, using: deliver.notices(campaign, on=on, using=using))
    yield _tally(campaign, phase)


def _told_office(campaign: Campaign, phase: Phase) -> Task:
    return Task(
        "拟定办公室提醒",
        lambda on, using: office_notices.plan(campaign, phase, on=on, dry_run=False, using=using),
    )


def _chase(campaign: Campaign, phase: Phase) -> Iterator[Task]:
    yield Task("收件存档", lambda on, using: collect.returns(campaign, on=on, using=using))
    yield Task("校验并拟定答复", lambda on, using: check.returns(campaign, on=on, using=using))
    yield Task("拟定启动通知", lambda on, using: plan.launch(campaign, phase, on=on, units=None, using=using))
    yield Task("拟定催报", lambda on, using: plan.reminders(campaign, phase, on=on, using=using))
    yield Task("拟定逾期汇总", lambda on, using: plan.escalations(campaign, phase, on=on, using=using))
    yield from _sending(campaign, phase)


_TASKS: dict[PhaseKind, Callable[[Campaign, Phase], Iterator[Task]]] = {
    PhaseKind.MOBILIZATION: _mobilization,
    PhaseKind.SELF_CHECK: _self_check,
    PhaseKind.INSPECTION: _inspection,
    PhaseKind.CONCLUSION: _conclusion,
}


def _opening(campaign: Campaign, phase: Phase, title: str = "开列报送任务") -> Task:
    return Task(title, lambda on, using: open_phase.obligations(campaign, phase, on=on, using=using))


def _tally(campaign: Campaign, phase: Phase) -> Task:
    if phase.kind is PhaseKind.INSPECTION:
        return Task(
            "进度", lambda on, using: inspection_coverage.progress(campaign, phase, on=on, using=using)
        )
    return Task("进度", lambda on, using: show.progress(campaign, phase, using=using))


def _sending(campaign: Campaign, phase: Phase) -> Iterator[Task]:
    """Ask about large batches, send, account for it. In a rehearsal the signer answers at once, with a yes."""

    def present(on: date, using: Gateways) -> str:
        text = approve.request(campaign, phase, on=on, using=using)
        if text:
            deliver.notices(campaign, on=on, using=using)
            approve.decide(campaign, phase, on=on, approved=True, by=SIGNER, reason=LIST_SEEN, using=using)
        return text

    yield Task("有无大批量待批", present)
    yield Task("发送", lambda on, using: deliver.notices(campaign, on=on, using=using))
    yield Task("核对并报告未通知到的单位", partial(_account, campaign))


def _account(campaign: Campaign, on: date, using: Gateways) -> dict[str, int]:
    """Planned against sent; what the office is to hear of it leaves at once."""
    counts = reconcile.batches(campaign, on=on, using=using)
    deliver.notices(campaign, on=on, using=using)
    return counts
