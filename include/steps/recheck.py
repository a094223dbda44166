"""Judge stored returns again after a rule has changed: which verdicts would differ, before anybody is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from include.domain.campaign import Campaign
from include.domain.forms import Form
from include.domain.returns import CheckContext, Finding, Reading, ReturnFile, Verdict
from include.steps import check, owner
from include.steps.ports import Gateways

PASSED = frozenset({Verdict.ACCEPTED, Verdict.ACCEPTED_WITH_WARNINGS, Verdict.PARTIAL})
JUDGED = PASSED | {Verdict.RETURNED}


@dataclass(frozen=True, slots=True)
class Changed:
    """A return whose content passes now and did not, or the other way round."""

    file: ReturnFile
    passes: bool
    errors: tuple[Finding, ...]


def returns(campaign: Campaign, *, on: date, using: Gateways) -> list[Changed]:
    """What the rules of that day make of everything judged so far. Enters nothing and writes to nobody."""
    files = using.ledger.returns.judged(campaign.id, verdicts=JUDGED)
    opened = {file.id: one for file in files if (one := _open(campaign, file, on, using)) is not None}
    judged = check.content(campaign, opened, using)
    changed = []
    for file in files:
        if file.id not in opened:
            continue
        errors = tuple(check.errors(judged.get(file.id, ())))
        if (file.verdict in PASSED) == bool(errors):
            changed.append(Changed(file, passes=not errors, errors=errors))
    return changed


def _open(
    campaign: Campaign, file: ReturnFile, on: date, using: Gateways
) -> tuple[Form, Reading, CheckContext] | None:
    """None for a file that was sent back for what it is, not for what it says: no rule changes that."""
    reading = using.workbooks.read(using.archive.get(file.sha256), using.forms)
    unit, findings = owner.of_workbook(campaign, file.name, reading, using)
    if unit is None or not reading.is_readable or check.errors(findings):
        return None
    owed = check.owed_by(campaign, unit, reading, using)
    if owed is None:
        return None
    return owed[0], reading, check.context(campaign, unit.code, unit.name, on)
