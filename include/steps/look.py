"""What the intake would make of files, before anybody sends them. Nothing is entered, nobody is answered."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from include.domain.campaign import Campaign
from include.domain.forms import Form
from include.domain.returns import CheckContext, FileKind, Finding, Reading, ReturnFile, Verdict
from include.domain.units import Unit
from include.steps import check, owner
from include.steps.collect import end_of
from include.steps.ports import Gateways


@dataclass(frozen=True, slots=True)
class Look:
    """One file as the intake would see it, as far as the file alone can tell.

    Whether it came before, came late or has its stamped scan beside it is not to be seen in the file,
    so ``PARTIAL`` and ``DUPLICATE`` never occur here; ``scan_required`` says what else is owed.
    """

    name: str
    content: bytes
    verdict: Verdict
    unit: Unit | None
    form: Form | None
    findings: tuple[Finding, ...]
    scan_required: bool = False


def at_files(
    campaign: Campaign, files: Sequence[tuple[str, bytes]], *, on: date, using: Gateways
) -> list[Look]:
    """The verdict on each (name, content), with the sentences of the intake; a zip counts as its files."""
    looks = [
        _look(campaign, name, content, on, using)
        for sent, package in files
        for name, content in using.workbooks.unpack(sent, package)
    ]
    judged = check.content(
        campaign,
        {
            number: (look.form, reading, _context(campaign, look.unit, reading, on))
            for number, (look, reading) in enumerate(looks)
            if look.form is not None and reading is not None and not check.errors(look.findings)
        },
        using,
    )
    return [
        _with_verdict(replace(look, findings=look.findings + judged.get(number, ())))
        for number, (look, _) in enumerate(looks)
    ]


def _look(
    campaign: Campaign, name: str, content: bytes, on: date, using: Gateways
) -> tuple[Look, Reading | None]:
    kind = using.workbooks.file_kind(content)
    if kind is not FileKind.WORKBOOK:
        digest = hashlib.sha256(content).hexdigest()
        file = ReturnFile(0, campaign.id, name, digest, kind, "", received_at=end_of(on), received_on=on)
        kept = check.keep(campaign, file, using)
        unit = owner.unit_in_name(campaign, name, using)
        return Look(name, content, kept.verdict, unit, None, kept.findings), None
    reading = using.workbooks.read(content, using.forms)
    unit, said = owner.of_workbook(campaign, name, reading, using)
    form = _form(campaign, unit, reading, using)
    verdict, findings = Verdict.ACCEPTED if unit else Verdict.UNCLAIMED, (*reading.findings, *said)
    return Look(name, content, verdict, unit, form, findings, _scan_required(campaign, form)), reading


def _form(campaign: Campaign, unit: Unit | None, reading: Reading, using: Gateways) -> Form | None:
    """The form the intake would judge by; before the phase is opened, the one the workbook names."""
    owed = check.owed_by(campaign, unit, reading, using) if unit else None
    if owed is not None:
        return owed[0]
    return using.forms.get(reading.identity.form) if reading.identity else None


def _context(campaign: Campaign, unit: Unit | None, reading: Reading, on: date) -> CheckContext:
    code = reading.identity.unit_code if reading.identity else ""
    return check.context(campaign, unit.code if unit else code, unit.name if unit else "", on)


def _with_verdict(look: Look) -> Look:
    """An owner's file is judged by its findings; one without owner waits for staff whatever it says."""
    if look.verdict is not Verdict.ACCEPTED or not look.findings:
        return look
    is_wrong = bool(check.errors(look.findings))
    return replace(look, verdict=Verdict.RETURNED if is_wrong else Verdict.ACCEPTED_WITH_WARNINGS)


def _scan_required(campaign: Campaign, form: Form | None) -> bool:
    return form is not None and any(
        owed.stamped_scan for phase in campaign.phases for owed in phase.returns if owed.form == form.key
    )
