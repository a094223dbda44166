"""A notice was amended: show what that changes in the tasks already given out, and apply it when a post approves.

Phases, reports and milestones follow the campaign's file by themselves; obligations do not, for units were told
their dates. What was sent stays as it was sent; what was planned for an old date is skipped when its turn comes.
"""

from __future__ import annotations

from datetime import date

from include.domain.amendments import Difference, differences
from include.domain.campaign import Campaign
from include.domain.obligations import days_late
from include.steps import named
from include.steps.ports import Gateways


def pending(campaign: Campaign, *, using: Gateways) -> tuple[Difference, ...]:
    """What the notice as it now reads would change. Changes nothing."""
    return differences(campaign, using.ledger.amendments.standing(campaign.id), using.calendar)


def apply(
    campaign: Campaign, *, reason: str, approved_by: str, on: date, using: Gateways
) -> tuple[Difference, ...]:
    """Enter all of it, with the post that approved; return what was changed. Applying twice changes nothing.

    Returns that came in are on time or late by the new date. Raise ValueError for a post the campaign lacks or
    an empty reason.
    """
    post = named.post(campaign, approved_by)
    if not reason.strip():
        raise ValueError("请写明调整的依据，如“依××〔2024〕15号，自查自纠延长至6月15日”")
    found = pending(campaign, using=using)
    for each in found:
        if each.new is None:
            using.ledger.amendments.drop(campaign.id, each, on=on, actor=post, reason=reason.strip())
        else:
            late = {
                day: days_late(each.new, day, using.calendar)
                for day in using.ledger.amendments.received_days(campaign.id, each)
            }
            using.ledger.amendments.move(
                campaign.id, each, late=late, on=on, actor=post, reason=reason.strip()
            )
    return found
