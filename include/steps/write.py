"""Put a claimed notice into a letter: recipient, state and facts are looked up now, not when it was planned."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from include.domain.calls import last_said
from include.domain.campaign import Campaign, Phase, Post
from include.domain.collecting import Call, call_of
from include.domain.forms import Form
from include.domain.letters import (
    Deadline,
    DigestLetter,
    DueDate,
    EscalationLetter,
    Letter,
    OverdueLine,
    OwingLine,
    ReturnLetter,
    UnitLetter,
    UnusableLetter,
)
from include.domain.model import Severity
from include.domain.notices import Attachment, Notice, NoticeKind
from include.domain.obligations import REPORTED, SETTLED, Missing, Obligation, ObligationState
from include.domain.occasions import owed_under
from include.domain.returns import Finding, Value, Verdict
from include.domain.units import Unit
from include.steps.ports import Gateways

REMIND_BEFORE = (3, 1, 0)
"""Working days before the due date on which a calendar reminds; the first that is still to come counts."""
ICS = ".ics"
LISTED = 50
"""Units that a digest shows; from one more on a file lists them all."""


@dataclass(frozen=True, slots=True)
class Made:
    """A file made for one mail. The same facts make the same bytes again, so the archive need not keep it."""

    name: str
    content: bytes
    unit_code: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter with its one address and its attachments; ``due_dates`` are what its calendar file holds."""

    to: str
    letter: Letter
    attachments: tuple[Attachment | Made, ...] = ()
    due_dates: tuple[DueDate, ...] = ()


@dataclass(frozen=True, slots=True)
class Unneeded:
    """The notice is no longer wanted, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class _Owed:
    """What a letter to a unit is about."""

    unit: Unit
    to: str
    obligation: Obligation
    phase: Phase
    form_title: str
    deadline: Deadline
    has_scan: bool


NOT_REACHED = Unneeded("单位已退出名册或没有可用邮箱，请电话告知")


def letter(campaign: Campaign, notice: Notice, *, on: date, using: Gateways) -> Draft | Unneeded:
    """Return the draft, or why there is nothing to send any more."""
    return WRITERS[notice.kind](campaign, notice, on, using)


def content(file: Attachment | Made, using: Gateways) -> bytes:
    """Raise FileNotFoundError or ValueError for a file that the archive has lost."""
    return file.content if isinstance(file, Made) else using.archive.get(file.sha256)


def address(campaign: Campaign, notice: Notice, using: Gateways) -> str | None:
    """Where a unit's mail goes now; None when it has left the roster or has no mailbox."""
    unit = using.ledger.roster.unit(campaign.id, _set(notice.unit_code))
    return _address(unit, using) if unit is not None else None


def mailbox(campaign: Campaign, post: Post, *, on: date, using: Gateways) -> str:
    """The post's on that day; a vacant post must swallow nothing, so the office's own mailbox takes it."""
    holder = using.ledger.roster.holder(campaign.id, post.key, on=on)
    return holder.email if holder else using.office.mailbox


def digest(
    campaign: Campaign, mail: Sequence[tuple[Notice, Draft]], *, on: date, using: Gateways
) -> tuple[NoticeKind, Draft]:
    """The drafts of several units with one contact as one mail, each unit with its own workbook.

    An announcement carries nothing of a single unit: it names them all.

    Raise ValueError for drafts that go to different addresses or ask for nothing.
    """
    first, to = mail[0][1].letter, mail[0][1].to
    if {draft.to.lower() for _, draft in mail} != {to.lower()}:
        raise ValueError("不同收件人的通知不能合并为一封邮件")
    assert isinstance(first, UnitLetter)
    if mail[0][0].kind is NoticeKind.ANNOUNCEMENT:
        told = tuple(draft.letter.unit for _, draft in mail if isinstance(draft.letter, UnitLetter))
        return NoticeKind.ANNOUNCEMENT, Draft(to, replace(first, units=told))
    lines = sorted(
        (_line(draft) for _, draft in mail), key=lambda line: (line.deadline.due_on, line.unit_code)
    )
    due_dates = tuple(due_date for _, draft in mail for due_date in draft.due_dates)
    files = [file for _, draft in mail for file in draft.attachments if not file.name.endswith(ICS)]
    if due_dates:
        files.append(_calendar_file(_one_alarm_each_day(due_dates), using))
    if len(lines) > LISTED:
        files.append(Made("待办单位清单.csv", _full_list(lines)))
    text = DigestLetter(
        campaign=campaign,
        office=using.office,
        on=on,
        phase=first.phase,
        lines=tuple(lines),
        launch=mail[0][0].kind is NoticeKind.LAUNCH,
        step=first.step,
        full_list=files[-1].name if len(lines) > LISTED else "",
        attachments=tuple(file.name for file in files),
    )
    return NoticeKind.DIGEST, Draft(to, text, tuple(files), due_dates)


def _line(draft: Draft) -> OwingLine:
    letter = draft.letter
    if not isinstance(letter, UnitLetter) or letter.deadline is None:
        raise ValueError("只有催报类通知可以合并为一封邮件")
    return OwingLine(
        unit_code=letter.unit.code,
        unit_name=letter.unit.name,
        form_title=letter.form_title,
        deadline=letter.deadline,
        state=letter.state,
        scan_required=letter.scan_required,
        has_scan=letter.has_scan,
        errors=len(letter.errors),
        workbook=next((file.name for file in draft.attachments if file.unit_code), ""),
    )


def _full_list(lines: Sequence[OwingLine]) -> bytes:
    """For Excel, which takes a CSV for UTF-8 only by its mark; a text is never taken for a formula."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(("单位编码", "单位名称", "报送内容", "目前状态", "截止日期"))
    for line in lines:
        texts = (line.unit_code, line.unit_name, line.form_title, line.state)
        writer.writerow(
            [*(f"'{text}" if text[:1] in "=+-@\t\r" else text for text in texts), line.deadline.due_on]
        )
    return file.getvalue().encode("utf-8-sig")


def _announcement(campaign: Campaign, notice: Notice, on: date, using: Gateways) -> Draft | Unneeded:
    reached = _reached(campaign, notice, using, on=on)
    if reached is None:
        return NOT_REACHED
    unit, to = reached
    phase = campaign.phase(_set(notice.phase_key))
    return Draft(to, UnitLetter(campaign=campaign, office=using.office, on=on, unit=unit, phase=phase))


def _to_owing_unit(campaign: Campaign, notice: Notice, on: date, using: Gateways) -> Draft | Unneeded:
    """Launch, reminder and overdue alike carry the workbook: a lost launch mail must not cost a search."""
    owed = _owed(campaign, notice, on, using)
    if isinstance(owed, Unneeded):
        return owed
    if owed.obligation.state in SETTLED:
        return Unneeded(f"报送任务已“{owed.obligation.state.zh}”，不再发送")
    # A rung belongs to its due date; the launch notice is owed once and states the date as it now is.
    if notice.kind is not NoticeKind.LAUNCH and notice.due_on != owed.obligation.due_on:
        return Unneeded(f"截止日已调整为{owed.obligation.due_on}，按新的截止日重新安排")
    files = [own_workbook(campaign, owed.phase, owed.obligation, owed.unit, using)]
    due_dates: tuple[DueDate, ...] = ()
    if notice.kind is NoticeKind.LAUNCH or (
        notice.kind is NoticeKind.REMINDER and owed.deadline.moved_from is not None
    ):
        due_dates = (_due_date(campaign, owed, on, using),)
        files.append(_calendar_file(due_dates, using, owed.unit.code))
    text = UnitLetter(
        campaign=campaign,
        office=using.office,
        on=on,
        unit=owed.unit,
        phase=owed.phase,
        form_title=owed.form_title,
        deadline=owed.deadline,
        scan_required=owed.obligation.scan_required,
        has_scan=owed.has_scan,
        state=owed.obligation.state.zh,
        errors=_open_errors(owed.obligation, using),
        step=campaign.step(notice.step_key)
        if notice.kind is not NoticeKind.LAUNCH and notice.step_key
        else None,
        attachments=tuple(file.name for file in files),
        again=next(
            (
                each.text
                for each in owed.phase.returns
                if each.recurring and each.form == owed.obligation.form
            ),
            "",
        ),
    )
    return Draft(owed.to, text, tuple(files), due_dates)


def _about_return(campaign: Campaign, notice: Notice, on: date, using: Gateways) -> Draft | Unneeded:
    owed = _owed(campaign, notice, on, using)
    if isinstance(owed, Unneeded):
        return owed
    file = using.ledger.returns.get(_set(notice.return_id))
    findings = using.ledger.returns.findings(file.id)
    text = ReturnLetter(
        campaign=campaign,
        office=using.office,
        on=on,
        unit=owed.unit,
        phase=owed.phase,
        form_title=owed.form_title,
        deadline=owed.deadline,
        file_name=file.name,
        sha256=file.sha256,
        received_at=file.received_at,
        scan_required=owed.obligation.scan_required,
        has_scan=owed.has_scan,
        receipt_no=file.receipt_no or "",
        is_zero=owed.obligation.is_zero,
        days_late=owed.obligation.days_late,
        errors=tuple(f for f in findings if f.severity is Severity.ERROR),
        warnings=tuple(f for f in findings if f.severity is Severity.WARNING),
        attachments=tuple(attachment.name for attachment in notice.attachments),
    )
    return Draft(owed.to, text, notice.attachments)


def _escalation(campaign: Campaign, notice: Notice, on: date, using: Gateways) -> Draft | Unneeded:
    phase, due_on = campaign.phase(_set(notice.phase_key)), _set(notice.due_on)
    owing = using.ledger.obligations.missing(campaign.id, phase.key, due_on=due_on, on=on)
    if not owing:
        return Unneeded("应报单位均已报送，无需汇总")
    occasions = {each.occasion for each in owing}
    counts = using.ledger.obligations.counts(campaign.id, phase.key, occasions=occasions, filled_by="unit")
    called = using.ledger.calls.of_units(campaign.id, {each.unit_code for each in owing}, on=on)
    days_overdue = -using.calendar.between(on, due_on)
    post = campaign.post(_set(notice.post_key))
    each_once = {(each.form, each.occasion): each for each in owing}
    titles = [_title(campaign, phase, each, using) for _, each in sorted(each_once.items())]
    text = EscalationLetter(
        campaign=campaign,
        office=using.office,
        on=on,
        phase=phase,
        post=post,
        step=campaign.step(_set(notice.step_key)),
        form_title="、".join(titles),
        due_on=due_on,
        expected=sum(counts.values()) - counts.get(ObligationState.CLOSED, 0),
        accepted=sum(counts.get(state, 0) for state in REPORTED),
        lines=tuple(
            OverdueLine(
                unit_code=each.unit_code,
                unit_name=each.unit_name,
                kind=each.unit_kind.zh,
                state=each.state.zh,
                due_on=due_on,
                days_overdue=days_overdue,
                notices_sent=each.reminders,
                phone=each.phone or "",
                calls=len(called.get(each.unit_code, ())),
                last_call=last_said(called.get(each.unit_code, ())),
            )
            for each in owing
        ),
        unreachable=using.ledger.outbox.count_unreachable(campaign.id, phase.key),
    )
    return Draft(mailbox(campaign, post, on=on, using=using), text)


def _unusable(campaign: Campaign, notice: Notice, on: date, using: Gateways) -> Draft | Unneeded:
    """To the unit's own contact, whoever sent it: an answer to a stranger's address helps nobody."""
    reached = _reached(campaign, notice, using)
    if reached is None:
        return NOT_REACHED
    unit, to = reached
    message = using.ledger.inbound.message(_set(notice.message_row_id))
    phase = campaign.phase_on(on)
    owed = using.ledger.obligations.owed_by(campaign.id, [unit.code], [each.form for each in phase.returns])
    open_ = [
        each
        for debts in owed.values()
        for each in debts
        if each.phase_key == phase.key and not each.is_settled
    ]
    first = min(open_, key=lambda each: each.due_on, default=None)
    text = UnusableLetter(
        campaign=campaign,
        office=using.office,
        on=on,
        unit=unit,
        phase=phase,
        subject=message.subject,
        received_at=message.received_at,
        advice=message.reason,
        deadline=_deadline(campaign, phase, first, on, using) if first else None,
    )
    return Draft(to, text)


WRITERS: dict[NoticeKind, Callable[[Campaign, Notice, date, Gateways], Draft | Unneeded]] = {
    NoticeKind.ANNOUNCEMENT: _announcement,
    NoticeKind.LAUNCH: _to_owing_unit,
    NoticeKind.REMINDER: _to_owing_unit,
    NoticeKind.OVERDUE: _to_owing_unit,
    NoticeKind.ESCALATION: _escalation,
    NoticeKind.RECEIPT: _about_return,
    NoticeKind.RETURNED: _about_return,
    NoticeKind.INCOMPLETE: _about_return,
    NoticeKind.UNUSABLE: _unusable,
}


def workbook_name(unit: Unit, title: str) -> str:
    """The name under which a unit gets its own workbook, and under which it comes back."""
    return f"{unit.code}_{unit.name}_{title}.xlsx"


def own_workbook(
    campaign: Campaign, phase: Phase, obligation: Obligation, unit: Unit, using: Gateways
) -> Made:
    form = using.forms[obligation.form]
    call = call_of(campaign, phase, obligation, using.calendar)
    content = using.workbooks.prefilled(form, campaign, phase, unit, _period(campaign, form, call))
    title = form.title if call is None or not call.title else f"{form.title}_{call.title}"
    return Made(workbook_name(unit, title), content, unit.code)


def _period(campaign: Campaign, form: Form, call: Call | None) -> dict[str, list[dict[str, Value]]] | None:
    """The period a recurring return counts, for the card that asks for it: from the campaign's first day on."""
    if call is None or call.period is None:
        return None
    days = {"period_start": campaign.starts_on, "period_end": call.period.end}
    cards = [card for card in form.cards if all(card.has(field) for field in days)]
    return {card.key: [dict(days)] for card in cards[:1]}


def _reached(
    campaign: Campaign, notice: Notice, using: Gateways, *, on: date | None = None
) -> tuple[Unit, str] | None:
    """The unit and its address; with ``on``, None for a unit that is not on the roster that day."""
    unit = using.ledger.roster.unit(campaign.id, _set(notice.unit_code), on=on)
    to = _address(unit, using) if unit is not None else None
    return (unit, to) if unit is not None and to is not None else None


def _address(unit: Unit, using: Gateways) -> str | None:
    known = [address for address in (unit.contact_email, unit.backup_email) if address]
    return unit.address(using.ledger.inbound.suspended(known))


def _owed(campaign: Campaign, notice: Notice, on: date, using: Gateways) -> _Owed | Unneeded:
    reached = _reached(campaign, notice, using)
    if reached is None:
        return NOT_REACHED
    unit, to = reached
    obligation = using.ledger.obligations.get(_set(notice.obligation_id))
    phase = campaign.phase(obligation.phase_key)
    return _Owed(
        unit=unit,
        to=to,
        obligation=obligation,
        phase=phase,
        form_title=_title(campaign, phase, obligation, using),
        deadline=_deadline(campaign, phase, obligation, on, using),
        has_scan=obligation.scan_required
        and unit.code in using.ledger.returns.scanned(campaign.id, [unit.code]),
    )


def _title(campaign: Campaign, phase: Phase, obligation: Obligation | Missing, using: Gateways) -> str:
    """The form's title, and of which occasion when it is owed again and again."""
    title = using.forms[obligation.form].title
    call = call_of(campaign, phase, obligation, using.calendar)
    return f"{title}（{call.title}）" if call is not None and call.title else title


def _deadline(
    campaign: Campaign, phase: Phase, obligation: Obligation, on: date, using: Gateways
) -> Deadline:
    call = call_of(campaign, phase, obligation, using.calendar)
    of_notice = call.due if call else using.calendar.roll(phase.due, campaign.rules.roll)
    return Deadline(
        due_on=obligation.due_on,
        due_text=call.due_text if call else phase.due_text,
        working_days_left=using.calendar.between(on, obligation.due_on),
        moved_from=of_notice if obligation.due_on != of_notice else None,
    )


def _due_date(campaign: Campaign, owed: _Owed, on: date, using: Gateways) -> DueDate:
    obligation, deadline, notice = owed.obligation, owed.deadline, campaign.notice
    last = using.calendar.on_or_before(deadline.due_on)
    days = (using.calendar.shift(last, -before) for before in REMIND_BEFORE)
    basis = f"《{notice.title}》" + (f"（{notice.doc_no}）" if notice.doc_no else "")
    scan = "和加盖单位公章的扫描件" if obligation.scan_required else ""
    phone = f"，电话{using.office.phone}" if using.office.phone else ""
    return DueDate(
        key="/".join(
            (
                campaign.id,
                obligation.phase_key,
                owed_under(obligation.form, obligation.occasion),
                obligation.unit_code,
            )
        ),
        title=owed.form_title,
        unit_name=owed.unit.name,
        due_on=deadline.due_on,
        remind_on=next((day for day in days if day > on), None),
        text=f"请报送{owed.form_title}{scan}，发送至{using.office.mailbox}{phone}。依据：{basis}。",
        office=replace(using.office, name=using.office.name or campaign.lead.name),
        written_on=on,
        revision=(deadline.due_on - deadline.moved_from).days if deadline.moved_from else 0,
    )


def _one_alarm_each_day(due_dates: Sequence[DueDate]) -> list[DueDate]:
    """One contact needs one ring for forty units, not forty."""
    rung: set[date | None] = set()
    entries = []
    for entry in due_dates:
        entries.append(replace(entry, remind_on=None) if entry.remind_on in rung else entry)
        rung.add(entry.remind_on)
    return entries


def _calendar_file(due_dates: Sequence[DueDate], using: Gateways, unit_code: str | None = None) -> Made:
    return Made(f"报送截止日期{ICS}", using.letters.calendar_file(due_dates), unit_code)


def _open_errors(obligation: Obligation, using: Gateways) -> tuple[Finding, ...]:
    """What the return sent back last was sent back for."""
    if obligation.state is not ObligationState.RETURNED:
        return ()
    returned = using.ledger.returns.of_obligation(obligation.id, verdict=Verdict.RETURNED)
    if returned is None:
        return ()
    findings = using.ledger.returns.findings(returned.id)
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)


_Reference = TypeVar("_Reference", int, str, date)


def _set(value: _Reference | None) -> _Reference:
    if value is None:
        raise ValueError("the notice lacks a reference its kind requires")
    return value
