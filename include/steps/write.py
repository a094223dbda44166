"""Put a claimed notice into a letter: recipient, state and facts are looked up now, not when it was planned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from include.domain.campaign import Campaign, Phase
from include.domain.indicators import figure_lines
from include.domain.letters import (
    Deadline,
    DigestLetter,
    Letter,
    OverdueLine,
    ReportLetter,
    ReturnLetter,
    UnitLetter,
)
from include.domain.model import Severity
from include.domain.notices import Attachment, Notice, NoticeKind
from include.domain.obligations import SETTLED, Obligation, ObligationState
from include.domain.reports import EditionState
from include.domain.returns import Verdict
from include.domain.units import Unit
from include.steps.ports import Gateways

UNSETTLED = frozenset(ObligationState) - SETTLED


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter with its one address and its attachments."""

    to: str
    letter: Letter
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Unneeded:
    """The notice is no longer wanted, and why."""

    why: str


def letter(campaign: Campaign, notice: Notice, *, on: date, using: Gateways) -> Draft | Unneeded:
    """Return the draft, or why there is nothing to send any more."""
    return WRITERS[notice.kind](campaign, notice, on, using)


def _announcement(campaign: Campaign, notice: Notice, on: date, using: Gateways) -> Draft | Unneeded:
    unit = _unit(campaign, notice, using)
    if unit is None or unit.contact_email is None:
        return Unneeded("单位已退出名册或没有可用邮箱")
    phase = campaign.phase(_set(notice.phase_key))
    return Draft(
        unit.contact_email,
        UnitLetter(campaign=campaign, office=using.office, on=on, unit=unit, phase=phase),
    )


def _to_owing_unit(campaign: Campaign, notice: Notice, on: date, using: Gateways) -> Draft | Unneeded:
    """Launch, reminder and overdue alike carry the workbook: a lost launch mail must not cost a search."""
    obligation = using.ledger.obligations.get(_set(notice.obligation_id))
    unit = _unit(campaign, notice, using)
    if obligation.state in SETTLED:
        return Unneeded(f"报送任务已“{obligation.state.zh}”，不再发送")
    if unit is None or unit.contact_email is None:
        return Unneeded("单位已退出名册或没有可用邮箱")
    if notice.due_on != obligation.due_on:
        return Unneeded(f"截止日已调整为{obligation.due_on}，按新的截止日重新安排")
    phase = campaign.phase(obligation.phase_key)
    workbook = _own_workbook(campaign, phase, obligation, unit, using)
    text = UnitLetter(
        campaign=campaign,
        office=using.office,
        on=on,
        unit=unit,
        phase=phase,
        form_title=using.forms[obligation.form].title,
        deadline=_deadline(phase, obligation, on, using),
        scan_required=obligation.scan_required,
        state=obligation.state.zh,
        open_findings=_open_findings(obligation, using),
        step=campaign.step(notice.step_key)
        if notice.kind is not NoticeKind.LAUNCH and notice.step_key
        else None,
        attachments=(workbook.name,),
    )
    return Draft(unit.contact_email, text, (workbook,))


def _about_return(campaign: Campaign, notice: Notice, on: date, using: Gateways) -> Draft | Unneeded:
    unit = _unit(campaign, notice, using)
    if unit is None or unit.contact_email is None:
        return Unneeded("单位已退出名册或没有可用邮箱，请电话告知")
    file = using.ledger.returns.get(_set(notice.return_id))
    obligation = using.ledger.obligations.get(_set(notice.obligation_id))
    findings = using.ledger.returns.findings(file.id)
    phase = campaign.phase(obligation.phase_key)
    text = ReturnLetter(
        campaign=campaign,
        office=using.office,
        on=on,
        unit=unit,
        phase=phase,
        form_title=using.forms[obligation.form].title,
        deadline=_deadline(phase, obligation, on, using),
        file_name=file.name,
        sha256=file.sha256,
        received_at=file.received_at,
        receipt_no=file.receipt_no or "",
        is_zero=obligation.is_zero,
        days_late=obligation.days_late,
        errors=tuple(f for f in findings if f.severity is Severity.ERROR),
        warnings=tuple(f for f in findings if f.severity is Severity.WARNING),
        attachments=tuple(attachment.name for attachment in notice.attachments),
    )
    return Draft(unit.contact_email, text, notice.attachments)


def _digest(campaign: Campaign, notice: Notice, on: date, using: Gateways) -> Draft | Unneeded:
    phase, due_on = campaign.phase(_set(notice.phase_key)), _set(notice.due_on)
    owing = [
        obligation
        for obligation in using.ledger.obligations.all(
            campaign.id, phase.key, due_on=due_on, states=UNSETTLED
        )
        if obligation.filled_by == "unit"
    ]
    if not owing:
        return Unneeded("应报单位均已报送，无需汇总")
    counts = using.ledger.obligations.counts(campaign.id, phase.key)
    phones = {unit.code: unit.contact_phone for unit in using.ledger.roster.units(campaign.id, on=on)}
    chased = using.ledger.outbox.chased(campaign.id, phase.key)
    post = campaign.post(_set(notice.post_key))
    holder = using.ledger.roster.holder(campaign.id, post.key, on=on)
    forms = sorted({obligation.form for obligation in owing})
    text = DigestLetter(
        campaign=campaign,
        office=using.office,
        on=on,
        phase=phase,
        post=post,
        step=campaign.step(_set(notice.step_key)),
        form_title="、".join(using.forms[form].title for form in forms),
        due_on=due_on,
        expected=sum(counts.values()) - counts.get(ObligationState.CLOSED, 0),
        accepted=sum(counts.get(state, 0) for state in (ObligationState.ACCEPTED, ObligationState.REVIEWED)),
        lines=tuple(
            OverdueLine(
                unit_code=obligation.unit_code,
                unit_name=obligation.unit_name,
                kind=obligation.unit_kind.zh,
                state=obligation.state.zh,
                due_on=due_on,
                days_overdue=-using.calendar.between(on, due_on),
                notices_sent=chased.get(obligation.id, 0),
                phone=phones.get(obligation.unit_code) or "",
            )
            for obligation in owing
        ),
        unreachable=len(using.ledger.outbox.unreachable(campaign.id, phase.key)),
    )
    # A vacant post must not swallow an escalation: the office's own mailbox takes it.
    return Draft(holder.email if holder else using.office.mailbox, text)


def _report(campaign: Campaign, notice: Notice, on: date, using: Gateways) -> Draft | Unneeded:
    edition = using.ledger.reports.edition(_set(notice.edition_id))
    if edition.state is not EditionState.APPROVED:
        return Unneeded("本版统计表未经审批同意，不予报送")
    holder = using.ledger.roster.holder(campaign.id, _set(notice.post_key), on=on)
    if holder is None:
        return Unneeded("上级医保部门接收岗位没有登记邮箱，请在名册“岗位联系表”中补充后重新报送")
    report = campaign.report(edition.report_key)
    text = ReportLetter(
        campaign=campaign,
        office=using.office,
        on=on,
        report=report,
        edition=edition.number,
        figures=figure_lines(using.ledger.reports.figures(edition.snapshot_id)),
        attachments=tuple(attachment.name for attachment in notice.attachments),
    )
    return Draft(holder.email, text, notice.attachments)


WRITERS: dict[NoticeKind, Callable[[Campaign, Notice, date, Gateways], Draft | Unneeded]] = {
    NoticeKind.ANNOUNCEMENT: _announcement,
    NoticeKind.LAUNCH: _to_owing_unit,
    NoticeKind.REMINDER: _to_owing_unit,
    NoticeKind.OVERDUE: _to_owing_unit,
    NoticeKind.ESCALATION: _digest,
    NoticeKind.RECEIPT: _about_return,
    NoticeKind.RETURNED: _about_return,
    NoticeKind.INCOMPLETE: _about_return,
    NoticeKind.REPORT: _report,
}


def workbook_name(unit: Unit, title: str) -> str:
    """The name under which a unit gets its own workbook, and under which it comes back."""
    return f"{unit.code}_{unit.name}_{title}.xlsx"


def _own_workbook(
    campaign: Campaign, phase: Phase, obligation: Obligation, unit: Unit, using: Gateways
) -> Attachment:
    form = using.forms[obligation.form]
    content = using.workbooks.prefilled(form, campaign, phase, unit)
    return Attachment(workbook_name(unit, form.title), using.archive.put(content), unit.code)


def _deadline(phase: Phase, obligation: Obligation, on: date, using: Gateways) -> Deadline:
    return Deadline(
        due_on=obligation.due_on,
        due_text=phase.due_text,
        working_days_left=using.calendar.between(on, obligation.due_on),
    )


def _open_findings(obligation: Obligation, using: Gateways) -> int:
    if obligation.state is not ObligationState.RETURNED:
        return 0
    returned = using.ledger.returns.of_obligation(obligation.id, verdict=Verdict.RETURNED)
    if returned is None:
        return 0
    findings = using.ledger.returns.findings(returned.id)
    return sum(1 for finding in findings if finding.severity is Severity.ERROR)


def _unit(campaign: Campaign, notice: Notice, using: Gateways) -> Unit | None:
    return using.ledger.roster.unit(campaign.id, _set(notice.unit_code))


_Reference = TypeVar("_Reference", int, str, date)


def _set(value: _Reference | None) -> _Reference:
    if value is None:
        raise ValueError("the notice lacks a reference its kind requires")
    return value
