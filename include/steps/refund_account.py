"""Account for refunds to the fund: who owes what, who has paid, who is to be reminded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from include.domain import refunds
from include.domain.campaign import Campaign
from include.domain.refunds import Balance, Disagreement, Refund
from include.steps.ports import Gateways


@dataclass(frozen=True, slots=True)
class Account:
    """Balances (元) in total and by unit, account and source; every division adds up to the total."""

    total: Balance
    by_unit: dict[tuple[str, ...], Balance]
    by_account: dict[tuple[str, ...], Balance]
    by_source: dict[tuple[str, ...], Balance]
    outstanding: Sequence[Refund]
    disagreements: Sequence[Disagreement]


def account(campaign: Campaign, *, unit_code: str | None = None, using: Gateways) -> Account:
    """All refunds of a campaign, or of one of its units."""
    rectifications, cases = (
        [
            record.values
            for record in using.ledger.registers.records(campaign.id, using.forms[key])[key].values()
        ]
        for key in ("rectification", "case")
    )
    found = [
        refund
        for refund in refunds.refunds(rectifications, cases)
        if unit_code in (None, refund.unit_code) and refund.balance != Balance()
    ]
    return Account(
        total=refunds.total(found),
        by_unit=refunds.by(found, "unit_code"),
        by_account=refunds.by(found, "account"),
        by_source=refunds.by(found, "source"),
        outstanding=refunds.outstanding(found),
        disagreements=[
            each
            for each in refunds.disagreements(rectifications, cases)
            if unit_code is None or any(refund.case_no == each.case_no for refund in found)
        ],
    )


def days_late(refund: Refund, on: date) -> int:
    """Days past the due date; 0 before it and where none is set."""
    return max(0, (on - refund.due_on).days) if refund.due_on else 0
