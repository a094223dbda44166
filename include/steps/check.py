"""Judge everything that has arrived: whose it is, whether it is right, and what answer it gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath

from include.domain.campaign import Campaign
from include.domain.dates import zh_date
from include.domain.forms import Form
from include.domain.model import Severity
from include.domain.notices import Attachment, NewNotice, NoticeKind, notice_key
from include.domain.obligations import Obligation, ObligationState
from include.domain.returns import (
    CheckContext,
    FileKind,
    Finding,
    Judgement,
    Reading,
    ReturnFile,
    Verdict,
    receipt_number,
)
from include.domain.self_check import is_zero_return, self_check_items
from include.domain.units import Unit
from include.domain.waivers import applied
from include.steps import owner
from include.steps.ports import Gateways

ACTOR = "check_returns"
ANSWERS = {
    Verdict.ACCEPTED: NoticeKind.RECEIPT,
    Verdict.ACCEPTED_WITH_WARNINGS: NoticeKind.RECEIPT,
    Verdict.RETURNED: NoticeKind.RETURNED,
    Verdict.PARTIAL: NoticeKind.INCOMPLETE,
}


@dataclass(frozen=True, slots=True)
class Case:
    """One workbook on the desk: the file, what was read, and to whom it was found to belong."""

    file: ReturnFile
    reading: Reading
    unit: Unit
    obligation: Obligation
    form: Form
    findings: tuple[Finding, ...]

    @property
    def is_judgeable(self) -> bool:
        return self.reading.is_readable and not errors(self.findings)


def returns(campaign: Campaign, *, on: date, using: Gateways) -> dict[Verdict, int]:
    """Judge every arrival without a verdict; return how many files (份) got which.

    Content is validated in one batch per form. Verdicts, obligation moves and the answers to the
    senders are written together: a return is never judged without its answer being in the outbox.
    """
    pending = using.ledger.returns.pending(campaign.id, received_until=on)
    scans = [keep(campaign, file, using) for file in pending if file.kind is not FileKind.WORKBOOK]
    cases, unclaimed = _sort_out(campaign, [f for f in pending if f.kind is FileKind.WORKBOOK], using)
    judgements = [
        _judgement(campaign, case, scans, using) for case in _with_content(campaign, cases, on, using)
    ]
    completed = _completed_by(campaign, scans, judgements, using)
    answered = judgements + completed
    using.ledger.returns.judge(
        scans + unclaimed + answered,
        [_answer(campaign, judgement, on, using) for judgement in answered],
        on=on,
        actor=ACTOR,
    )
    return Counter(judgement.verdict for judgement in scans + unclaimed + answered)


def keep(campaign: Campaign, file: ReturnFile, using: Gateways) -> Judgement:
    """A scan belongs to the unit whose code stands in its name; anything else waits for staff."""
    unit = owner.unit_in_name(campaign, file.name, using)
    if file.kind is FileKind.SCAN and unit is not None:
        return Judgement(file.id, Verdict.KEPT, unit_code=unit.code)
    message = (
        "文件名中没有本次名册内的机构编码，无法确认是哪个单位的扫描件；请按“机构编码_机构名称_自查报告_盖章”命名后重报"
        if file.kind is FileKind.SCAN
        else "既不是Excel表格，也不是PDF、JPG、PNG格式的扫描件，无法处理；请报送Excel表格和盖章扫描件"
    )
    return Judgement(file.id, Verdict.UNCLAIMED, findings=(Finding("file.unclaimed", message),))


def _sort_out(
    campaign: Campaign, files: Sequence[ReturnFile], using: Gateways
) -> tuple[list[Case], list[Judgement]]:
    opened = [_open(campaign, file, using) for file in files]
    return (
        [case for case in opened if isinstance(case, Case)],
        [judgement for judgement in opened if isinstance(judgement, Judgement)],
    )


def _open(campaign: Campaign, file: ReturnFile, using: Gateways) -> Case | Judgement:
    earlier = using.ledger.returns.same_content(campaign.id, file.sha256, before_id=file.id)
    if earlier is not None:
        note = f"与{zh_date(earlier.received_on)}收到的“{earlier.name}”内容完全相同，以先收到的为准"
        return Judgement(
            file.id,
            Verdict.DUPLICATE,
            unit_code=earlier.unit_code,
            findings=(Finding("file.duplicate", note, Severity.INFO),),
        )
    reading = using.workbooks.read(using.archive.get(file.sha256), using.forms)
    unit, findings = owner.of_workbook(campaign, file.name, reading, using)
    if unit is None:
        return Judgement(file.id, Verdict.UNCLAIMED, findings=reading.findings + tuple(findings))
    owed = owed_by(campaign, unit, reading, using)
    if owed is None:
        findings.append(
            Finding("unit.owes_nothing", f"{unit.name}在本次专项行动中没有需要报送的表格，请办公室核对")
        )
        return Judgement(
            file.id, Verdict.UNCLAIMED, unit_code=unit.code, findings=reading.findings + tuple(findings)
        )
    form, obligation = owed
    return Case(file, reading, unit, obligation, form, reading.findings + tuple(findings))


def owed_by(
    campaign: Campaign, unit: Unit, reading: Reading, using: Gateways
) -> tuple[Form, Obligation] | None:
    """The obligation a workbook answers: by its own form, else by what the unit owes at all."""
    keys = [owed.form for phase in campaign.phases for owed in phase.returns if owed.filled_by == "unit"]
    if reading.identity is not None and reading.identity.form in keys:
        keys.insert(0, reading.identity.form)
    for key in keys:
        obligation = using.ledger.obligations.of_unit(campaign.id, unit.code, key)
        if obligation is not None:
            return using.forms[key], obligation
    return None


def _with_content(campaign: Campaign, cases: Sequence[Case], on: date, using: Gateways) -> list[Case]:
    judged = content(
        campaign,
        {
            case.file.id: (case.form, case.reading, context(campaign, case.unit.code, case.unit.name, on))
            for case in cases
            if case.is_judgeable
        },
        using,
    )
    return [replace(case, findings=case.findings + judged.get(case.file.id, ())) for case in cases]


def content(
    campaign: Campaign, asked: Mapping[int, tuple[Form, Reading, CheckContext]], using: Gateways
) -> dict[int, tuple[Finding, ...]]:
    """Findings about what the workbooks say, one validation batch per form over all of them.

    A rule waived for a unit is still found there, as information.
    """
    judged: dict[int, tuple[Finding, ...]] = {}
    for form in {form.key: form for form, _, _ in asked.values()}.values():
        batch = {key: one for key, one in asked.items() if one[0].key == form.key}
        known = {key: context for key, (_, _, context) in batch.items()}
        found = using.quality.judge(form, {key: reading for key, (_, reading, _) in batch.items()}, known)
        on = max(each.on for each in known.values())
        waivers = using.ledger.waivers.in_force(campaign.id, form.key, on=on)
        for key, findings in found.items():
            judged[key] = applied(findings, waivers.get(known[key].unit_code, ()), on=on)
    return judged


def context(campaign: Campaign, unit_code: str, unit_name: str, on: date) -> CheckContext:
    """What a return of that unit is judged against on that day."""
    window = campaign.data_window
    return CheckContext(
        unit_code=unit_code,
        unit_name=unit_name,
        campaign_start=campaign.starts_on,
        window_start=window.start if window else None,
        window_end=window.end if window else None,
        on=on,
    )


def _judgement(campaign: Campaign, case: Case, scans: Iterable[Judgement], using: Gateways) -> Judgement:
    received_on = case.file.received_on
    judgement = Judgement(
        return_id=case.file.id,
        verdict=Verdict.RETURNED,
        unit_code=case.unit.code,
        obligation_id=case.obligation.id,
        findings=case.findings,
        days_late=_days_late(case.obligation, received_on, using),
    )
    if errors(case.findings):
        return judgement
    items = self_check_items(case.form, case.reading)
    judgement = replace(judgement, items=items, is_zero=is_zero_return(case.reading))
    if case.obligation.scan_required and not _has_scan(campaign, case.unit.code, scans, using):
        return replace(judgement, verdict=Verdict.PARTIAL)
    return _accepted(campaign, judgement, received_on)


def _accepted(campaign: Campaign, judgement: Judgement, received_on: date) -> Judgement:
    return replace(
        judgement,
        verdict=Verdict.ACCEPTED_WITH_WARNINGS if judgement.findings else Verdict.ACCEPTED,
        receipt_no=receipt_number(campaign.id, received_on, judgement.return_id),
    )


def _completed_by(
    campaign: Campaign, scans: Iterable[Judgement], judged: Iterable[Judgement], using: Gateways
) -> list[Judgement]:
    """A scan that arrives after its workbook completes the return that was waiting for it."""
    just_judged = {judgement.obligation_id for judgement in judged}
    completed: dict[int, Judgement] = {}
    for scan in scans:
        if scan.unit_code is None:
            continue
        for obligation in _waiting_for_scan(campaign, scan.unit_code, using):
            waiting = using.ledger.returns.of_obligation(obligation.id, verdict=Verdict.PARTIAL)
            # A newer workbook that was sent back in the meantime replaces the waiting one.
            if (
                waiting is None
                or obligation.state is not ObligationState.PARTIAL
                or obligation.id in just_judged
                or obligation.id in completed
            ):
                continue
            arrived_on = using.ledger.returns.get(scan.return_id).received_on
            completed[obligation.id] = _accepted(
                campaign,
                Judgement(
                    return_id=waiting.id,
                    verdict=Verdict.ACCEPTED,
                    unit_code=scan.unit_code,
                    obligation_id=obligation.id,
                    findings=using.ledger.returns.findings(waiting.id),
                    items=using.ledger.returns.items(waiting.id),
                    is_zero=obligation.is_zero,
                    days_late=_days_late(obligation, arrived_on, using),
                ),
                arrived_on,
            )
    return list(completed.values())


def _waiting_for_scan(campaign: Campaign, unit_code: str, using: Gateways) -> list[Obligation]:
    forms = {owed.form for phase in campaign.phases for owed in phase.returns if owed.stamped_scan}
    obligations = (using.ledger.obligations.of_unit(campaign.id, unit_code, form) for form in sorted(forms))
    return [obligation for obligation in obligations if obligation is not None and not obligation.is_settled]


def _has_scan(campaign: Campaign, unit_code: str, scans: Iterable[Judgement], using: Gateways) -> bool:
    if any(scan.unit_code == unit_code for scan in scans):
        return True
    return bool(using.ledger.returns.scans(campaign.id, unit_code))


def _days_late(obligation: Obligation, received_on: date, using: Gateways) -> int:
    """Working days late; a return on the free days after the due date is one day late, not none."""
    if received_on <= obligation.due_on:
        return 0
    return max(1, using.calendar.between(obligation.due_on, received_on))


def _answer(campaign: Campaign, judgement: Judgement, on: date, using: Gateways) -> NewNotice:
    kind = ANSWERS[judgement.verdict]
    file = using.ledger.returns.get(judgement.return_id)
    obligation = using.ledger.obligations.get(_required(judgement.obligation_id))
    mode = using.mail_server.mode
    return NewNotice(
        key=notice_key(mode, campaign.id, kind.value, str(judgement.return_id)),
        mode=mode,
        campaign_id=campaign.id,
        kind=kind,
        planned_on=on,
        phase_key=obligation.phase_key,
        obligation_id=obligation.id,
        return_id=judgement.return_id,
        unit_code=obligation.unit_code,
        due_on=obligation.due_on,
        attachments=_annotated(file, obligation, judgement, using) if kind is NoticeKind.RETURNED else (),
        thread_key=notice_key(
            mode, campaign.id, obligation.phase_key, obligation.form, "launch", obligation.unit_code
        ),
    )


def _annotated(
    file: ReturnFile, obligation: Obligation, judgement: Judgement, using: Gateways
) -> tuple[Attachment, ...]:
    """The sender's own workbook with its errors marked; none for a file that cannot be opened."""
    try:
        content = using.workbooks.annotated(
            using.archive.get(file.sha256),
            using.forms[obligation.form],
            judgement.findings,
            unit_name=obligation.unit_name,
        )
    except ValueError:
        return ()
    stem = PurePosixPath(file.name).stem
    return (Attachment(f"{stem}_退回说明.xlsx", using.archive.put(content), obligation.unit_code),)


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Those that send a return back."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def _required(value: int | None) -> int:
    if value is None:
        raise ValueError("an answer needs an obligation")
    return value
