"""Mail that came back: the notice counts as not delivered, and goes to the unit's other address the same day."""

from __future__ import annotations

from datetime import date

from include.domain.campaign import Campaign
from include.steps.ports import Gateways


def notices(campaign: Campaign, *, on: date, using: Gateways) -> dict[str, int]:
    """Mark what bounced for good; return how many notices (份), and how many go to another address."""
    suspended = using.ledger.inbound.suspended()
    bounced = again = 0
    for returned in using.ledger.outbox.came_back(campaign.id):
        unit = using.ledger.roster.unit(campaign.id, returned.unit_code) if returned.unit_code else None
        if unit is not None and unit.address(suspended) is not None:
            # First, because what is marked as bounced is not looked at again should this run be cut short here.
            again += using.ledger.outbox.plan_again(returned.notice_id, on=on)
        bounced += using.ledger.outbox.bounce(returned.notice_id, at=using.now(), detail=returned.why)
    return {"被退信": bounced, "改发备用邮箱": again}
