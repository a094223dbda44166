"""Judge stored returns again after a rule has changed: which verdicts would differ, before anybody is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from include.domain.campaign import Campaign
from include.domain.forms import Form
from include.domain.returns import SENT_BACK_BY_HAND, CheckContext, Finding, Reading, ReturnFile, Verdict
from include.steps import check
from include.steps.ports import Gateways

PASSED = frozenset({Verdict.ACCEPTED, Verdict.ACCEPTED_WITH_WARNINGS, Verdict.PARTIAL})
JUDGED = PASSED | {Verdict.RETURNED}
SENT_BACK_FOR_WHAT_IT_IS = ("identity.", "cumulative.fallen", SENT_BACK_BY_HAND)
"""Whose workbook it is, and what the same unit reported before; no rule of the form changes such a verdict."""

Opened = tuple[Form, Reading, CheckContext]


@dataclass(frozen=True, slots=True)
class Changed:
    """A return whose verdict would be another today; ``is_newest`` is False when the unit has sent a later one."""

    file: ReturnFile
    verdict: Verdict
    findings: tuple[Finding, ...]
    is_newest: bool

    @property
    def passes(self) -> bool:
        return self.verdict in PASSED

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(check.errors(self.findings))

    @property
    def appear(self) -> tuple[Finding, ...]:
        """Found today and not then."""
        return _apart(self.findings, self.file.findings)

    @property
    def vanish(self) -> tuple[Finding, ...]:
        """Found then and not today."""
        return _apart(self.file.findings, self.findings)


def returns(campaign: Campaign, *, on: date, using: Gateways) -> list[Changed]:
    """What the rules of that day make of everything judged so far. Enters nothing and writes to nobody."""
    files = using.ledger.returns.judged(campaign.id, verdicts=JUDGED)
    opened = open_again(campaign, files, on=on, using=using)
    judged = check.content(campaign, opened, using)
    newest = {file.obligation_id: file.id for file in files}
    changed = []
    for file in files:
        if file.id not in opened:
            continue
        _, reading, _ = opened[file.id]
        findings = (*reading.findings, *judged.get(file.id, ()))
        verdict = _verdict(file, findings)
        if verdict is not file.verdict:
            changed.append(Changed(file, verdict, findings, newest[file.obligation_id] == file.id))
    return changed


def open_again(
    campaign: Campaign, files: Sequence[ReturnFile], *, on: date, using: Gateways
) -> dict[int, Opened]:
    """The stored workbooks whose content can be judged, by id of the return."""
    return {file.id: one for file in files if (one := _open(campaign, file, on, using)) is not None}


def _open(campaign: Campaign, file: ReturnFile, on: date, using: Gateways) -> Opened | None:
    if file.obligation_id is None or any(
        finding.rule.startswith(SENT_BACK_FOR_WHAT_IT_IS) for finding in file.findings
    ):
        return None
    reading = using.workbooks.read(using.archive.get(file.sha256), using.forms)
    if not reading.is_readable:
        return None
    owed = using.ledger.obligations.get(file.obligation_id)
    return using.forms[owed.form], reading, check.context(campaign, owed.unit_code, owed.unit_name, on)


def _verdict(file: ReturnFile, findings: Sequence[Finding]) -> Verdict:
    if check.errors(findings):
        return Verdict.RETURNED
    if file.verdict is Verdict.PARTIAL:
        return Verdict.PARTIAL
    return Verdict.ACCEPTED_WITH_WARNINGS if findings else Verdict.ACCEPTED


def _apart(findings: Iterable[Finding], others: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sentences may name the day and differ although the finding is the same."""
    known = {_what(finding) for finding in others}
    return tuple(finding for finding in findings if _what(finding) not in known)


def _what(finding: Finding) -> tuple[str, ...]:
    return finding.rule, finding.sheet, finding.cell, finding.value, finding.severity
