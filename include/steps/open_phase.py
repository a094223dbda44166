"""Open a phase: everything the units owe in it by that day becomes an obligation with a due date."""

from __future__ import annotations

from datetime import date

from include.domain.campaign import Campaign, Phase
from include.domain.collecting import asked
from include.domain.errors import GiveUp
from include.steps.ports import Gateways


def obligations(campaign: Campaign, phase: Phase, *, on: date, using: Gateways) -> dict[str, int]:
    """Return how many obligations are new (家) per form. Opening twice changes nothing.

    What recurs is opened occasion by occasion, each when its time has come.

    A phase that was over when the notice came out is entered closed, so that it can be reported on
    and nobody is written to. Raise GiveUp without a roster: there is nobody to owe anything.
    """
    if using.ledger.roster.frozen_on(campaign.id) is None:
        raise GiveUp(
            f"“{campaign.short_title}”的定点医药机构名册尚未导入，请先导入名册："
            f"python -m include.cli roster import 名册.xlsx --campaign {campaign.id} --on {on}"
        )
    return {
        owed.form: sum(
            using.ledger.obligations.open(
                campaign.id,
                phase.key,
                owed,
                due_on=call.due,
                on=on,
                closed=campaign.was_over_when_issued(phase),
                occasion=call.occasion,
            )
            for call in asked(campaign, phase, owed, on=on, calendar=using.calendar)
        )
        for owed in phase.returns
    }
