"""Compile what the bureau owes upward, have it decided by a person, and enter it for sending."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from include.domain.campaign import Campaign, PostRole, UpwardReport
from include.domain.dates import zh_date
from include.domain.errors import GiveUp
from include.domain.indicators import compute, cross_checks, figure_lines
from include.domain.notices import Attachment, NewNotice, NoticeKind, notice_key
from include.domain.reports import CrossCheck, Edition, EditionState
from include.steps import pull
from include.steps.ports import Gateways


@dataclass(frozen=True, slots=True)
class Draft:
    """An edition laid before the person who decides. ``text`` is Markdown, in Chinese."""

    edition_id: int
    needs_decision: bool
    text: str

    def as_dict(self) -> dict[str, int | bool | str]:
        """As it travels between tasks."""
        return asdict(self)


def compile_edition(campaign: Campaign, report: UpwardReport, *, on: date, using: Gateways) -> Draft:
    """Freeze the figures, fill the tables, keep the workbook. The same figures give the same edition.

    Raise GiveUp when figures contradict one another (勾稽不符): such a table is never laid before
    anybody for signature, and the workbook is kept to look at. Raise it too when a data feed is too old.
    """
    if report.phase is None or not report.table_layouts:
        raise GiveUp(f"“{report.title}”还没有可自动编制的统计表（table_layouts），请人工编制")
    pull.refuse_stale(campaign, using=using)
    reports = using.ledger.reports
    snapshot = reports.take_snapshot(campaign.id, report.key, report.phase, on=on)
    figures = compute(snapshot)
    checks = cross_checks(figures)
    reports.save_figures(snapshot.id, figures)
    number = reports.next_edition_number(campaign.id, report.key, snapshot.id)
    content = using.statistics.build(
        campaign, report, edition=number, snapshot=snapshot, figures=figures, checks=checks
    )
    edition = reports.add_edition(
        campaign.id,
        report.key,
        snapshot.id,
        file_name=f"{campaign.lead.short_name}_{report.title}_第{number}版.xlsx",
        sha256=using.archive.put(content),
        on=on,
    )
    _refuse_contradictions(checks, edition)
    return Draft(
        edition_id=edition.id,
        needs_decision=edition.state is EditionState.DRAFTED,
        text=_decision_text(campaign, report, edition, using),
    )


def decide(edition_id: int, *, approved: bool, by: str, reason: str, using: Gateways) -> bool:
    """Write the decision down; return whether the edition may go up. A time-out counts as a no."""
    edition = using.ledger.reports.decide(edition_id, approved=approved, by=by, reason=reason, at=using.now())
    return edition.state is EditionState.APPROVED


def plan_mail(campaign: Campaign, report: UpwardReport, edition_id: int, *, on: date, using: Gateways) -> int:
    """Enter the mail to the bureau above for an approved edition; return 1 when it is new, else 0."""
    edition = using.ledger.reports.edition(edition_id)
    if edition.state is not EditionState.APPROVED:
        raise GiveUp(f"“{report.title}”第{edition.number}版未经审批同意，不能报送")
    post = next((post for post in campaign.posts if post.role is PostRole.UPPER_BUREAU), None)
    if post is None:
        raise GiveUp(f"{campaign.id} 的 posts 中没有上级医保部门接收岗（role: upper_bureau），请补充")
    mode = using.mail_server.mode
    return using.ledger.outbox.plan(
        [
            NewNotice(
                key=notice_key(mode, campaign.id, "report", report.key, str(edition.number)),
                mode=mode,
                campaign_id=campaign.id,
                kind=NoticeKind.REPORT,
                planned_on=on,
                phase_key=report.phase,
                edition_id=edition.id,
                post_key=post.key,
                due_on=report.due,
                attachments=(Attachment(edition.file_name, edition.sha256),),
            )
        ]
    )


def mark_sent(edition_id: int, *, using: Gateways) -> None:
    """Note that the approved edition has gone up. Raise GiveUp when its mail was not taken over."""
    if not using.ledger.outbox.is_sent(edition_id=edition_id):
        raise GiveUp("统计表邮件未被上级邮件服务器接收，请在发件记录中查看原因后重新报送")
    using.ledger.reports.mark_sent(edition_id, at=using.now())


def _refuse_contradictions(checks: list[CrossCheck], edition: Edition) -> None:
    failed = [check for check in checks if not check.holds]
    if failed:
        listed = "；".join(f"{c.title}：{c.left} 应{c.relation} {c.right}" for c in failed)
        raise GiveUp(f"第{edition.number}版统计表勾稽不符，未提交审批。{listed}")


def _decision_text(campaign: Campaign, report: UpwardReport, edition: Edition, using: Gateways) -> str:
    lines = figure_lines(using.ledger.reports.figures(edition.snapshot_id))
    table = "\n".join(f"| {line.title} | {line.value} | {line.unit} |" for line in lines)
    return (
        f"**{campaign.title}**\n\n"
        f"拟向{report.to}报送《{report.title}》第{edition.number}版（数据截至{zh_date(edition.compiled_on)}，"
        f"报送时限：{report.due_text}）。\n\n"
        f"| 指标 | 数值 | 单位 |\n|---|---:|---|\n{table}\n\n"
        f"附件：{edition.file_name}（校验值 {edition.sha256[:12]}）。\n\n"
        "选择“同意报送”后系统即发送；选择“退回，不报送”或超时未办，均不发送。"
    )
