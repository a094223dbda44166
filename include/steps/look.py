"""What the intake would make of files, before anybody sends them. Nothing is entered, nobody is answered."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from include.domain.campaign import Campaign
from include.domain.forms import Form
from include.domain.inbound import Claim
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
    campaign: Campaign,
    files: Sequence[tuple[str, bytes]],
    *,
    on: date,
    using: Gateways,
    sent: Mapping[str, Claim] | None = None,
) -> list[Look]:
    """The verdict on each (name, content), with the sentences of the intake; a zip counts as its files.

    ``sent`` is what the mail they came in told, by file name; such files are out of their zip already.
    """
    looks = [
        _look(campaign, name, content, on, using, (sent or {}).get(name))
        for given, package in files
        for name, content in _unpacked(given, package, using, is_mailed=sent is not None)
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


def _unpacked(name: str, content: bytes, using: Gateways, *, is_mailed: bool) -> list[tuple[str, bytes]]:
    return [(name, content)] if is_mailed else using.workbooks.unpack(name, content)


def _look(
    campaign: Campaign, name: str, content: bytes, on: date, using: Gateways, sent: Claim | None
) -> tuple[Look, Reading | None]:
    kind = using.workbooks.file_kind(content)
    if kind is not FileKind.WORKBOOK:
        digest = hashlib.sha256(content).hexdigest()
        file = ReturnFile(0, campaign.id, name, digest, kind, "", received_at=end_of(on), received_on=on)
        if sent is not None:
            file = replace(
                file, sender=sent.sender, hint_unit_code=sent.unit_code, is_vouched=sent.is_vouched
            )
        units = owner.known(campaign, [(name, None, sent)], using)
        kept, (unit, _) = check.keep(file, units), owner.of_scan(name, units, sent=sent)
        return Look(name, content, kept.verdict, unit, None, kept.findings), None
    reading = using.workbooks.read(content, using.forms)
    units = owner.known(campaign, [(name, reading.identity, sent)], using)
    unit, said = owner.of_workbook(campaign, name, reading, units, using, sent=sent)
    form = _form(campaign, unit, reading, using)
    verdict, findings = Verdict.ACCEPTED if unit else Verdict.UNCLAIMED, (*reading.findings, *said)
    return Look(name, content, verdict, unit, form, findings, _scan_required(campaign, form)), reading


def _form(campaign: Campaign, unit: Unit | None, reading: Reading, using: Gateways) -> Form | None:
    """The form the intake would judge by; before the phase is opened, the one the workbook names."""
    if unit is not None:
        owed = check.owed_by(campaign, unit, reading, check.debts_of(campaign, [unit.code], using), using)
        if owed is not None:
            return using.forms[owed.form]
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
