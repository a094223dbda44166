"""A person reads an accepted return again (复核): it stands for good, or goes back to the unit with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from include.domain.campaign import Campaign
from include.domain.dates import zh_date
from include.domain.obligations import Obligation, ObligationState
from include.domain.returns import SENT_BACK_BY_HAND, Finding, Judgement, ReturnFile, Verdict
from include.steps import named
from include.steps.answers import Answered, answer
from include.steps.ports import Gateways

PASSED = (Verdict.ACCEPTED, Verdict.ACCEPTED_WITH_WARNINGS)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The return in force of a unit, and the debt it pays."""

    owed: Obligation
    file: ReturnFile


def in_force(campaign: Campaign, unit_code: str, form: str, *, on: date, using: Gateways) -> Reviewed:
    """The unit's accepted return of that form. Raise ValueError when there is none, or it has been reviewed."""
    unit = named.unit(campaign, unit_code, on=on, using=using)
    owed = using.ledger.obligations.of_unit(campaign.id, unit.code, form)
    title = using.forms[form].title if form in using.forms else form
    if owed is None:
        raise ValueError(f"{unit.name}（{unit.code}）不报送《{title}》")
    if owed.state is not ObligationState.ACCEPTED:
        raise ValueError(
            f"{unit.name}的《{title}》现为“{owed.state.zh}”，只有“{ObligationState.ACCEPTED.zh}”的可以复核"
        )
    return Reviewed(owed, using.ledger.returns.newest([owed.id], verdicts=PASSED)[owed.id])


def let_stand(
    campaign: Campaign, found: Reviewed, *, by: str, reason: str, signed_by: str, on: date, using: Gateways
) -> None:
    """Enter that the return has been read and stands (已复核)."""
    actor = named.signed(named.post(campaign, by), signed_by)
    using.ledger.returns.pass_review(found.file.id, on=on, actor=actor, reason=reason)


def send_back(
    campaign: Campaign, found: Reviewed, *, by: str, reason: str, signed_by: str, on: date, using: Gateways
) -> None:
    """Enter that the return goes back, with the mail that tells the unit why; the ladder goes on."""
    post = named.post(campaign, by)
    why = Finding(SENT_BACK_BY_HAND, f"{zh_date(on)}复核退回（{post}）：{reason.rstrip('。')}。")
    findings = (*found.file.findings, why)
    judgement = Judgement(found.file.id, Verdict.RETURNED, found.owed.unit_code, findings=findings)
    told = answer(campaign, Answered(judgement, found.file, found.owed), on, using)
    actor = named.signed(post, signed_by)
    using.ledger.returns.send_back(found.file.id, why, told, on=on, actor=actor, reason=reason)
