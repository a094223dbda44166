"""Move the due date of one unit's return back (延期), with a reason and an approver."""

from __future__ import annotations

from datetime import date

from include.domain.campaign import Campaign
from include.domain.errors import GiveUp
from include.domain.obligations import Obligation
from include.steps import named
from include.steps.ports import Gateways


def extend(
    campaign: Campaign,
    form: str,
    unit_code: str,
    due_on: date,
    *,
    reason: str,
    approved_by: str,
    signed_by: str = "",
    dry_run: bool = False,
    on: date,
    using: Gateways,
) -> Obligation:
    """Return what the unit owes as it stood before. Raise ValueError for what may not be moved."""
    post = named.post(campaign, approved_by)
    unit = named.unit(campaign, unit_code, on=on, using=using)
    owed = using.ledger.obligations.of_unit(campaign.id, unit.code, form)
    if owed is None:
        forms = sorted({each.form for phase in campaign.phases for each in phase.returns})
        raise GiveUp(
            f"{unit.name}（{unit.code}）没有报送表“{form}”的报送任务；本专项行动的报送表有{'、'.join(forms)}"
        )
    if owed.is_settled:
        raise GiveUp(f"{unit.name}的报送任务已“{owed.state.zh}”，无需延期")
    if due_on <= owed.due_on:
        raise GiveUp(f"现截止日是{owed.due_on}，延期后的截止日{due_on}须更晚，请改正日期")
    if not dry_run:
        actor = named.signed(post, signed_by)
        using.ledger.obligations.extend(owed.id, due_on=due_on, reason=reason, approved_by=actor, on=on)
    return owed
