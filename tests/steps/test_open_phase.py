"""Obligations: one per unit that owes, opened once, and none for a phase that was over."""

from __future__ import annotations

from datetime import date

import pytest

from include.domain.errors import GiveUp
from include.domain.obligations import ObligationState
from include.steps import open_phase
from tests import factories
from tests.steps.conftest import LAUNCH_DAY, Desk


def test_opening_twice_changes_nothing(desk: Desk) -> None:
    again = open_phase.obligations(desk.campaign, desk.phase, on=LAUNCH_DAY, using=desk.using)
    assert again == {"self_check": 0}
    assert desk.using.ledger.obligations.counts(desk.campaign.id, "self_check") == {ObligationState.OPEN: 7}


def test_without_a_roster_the_admin_is_told_what_to_do(bare: Desk) -> None:
    with pytest.raises(GiveUp, match="名册尚未导入"):
        open_phase.obligations(bare.campaign, bare.phase, on=LAUNCH_DAY, using=bare.using)


def test_inspections_are_the_offices_and_never_remind_a_unit(desk: Desk) -> None:
    inspection = desk.campaign.phase("concentrated_rectification")
    opened = open_phase.obligations(desk.campaign, inspection, on=date(2024, 6, 3), using=desk.using)
    assert opened == {"inspection": 7, "department_contribution": 0}
    assert desk.using.ledger.obligations.due_dates(desk.campaign.id, inspection.key, "inspection") == []


@pytest.mark.parametrize("campaign_id", ["quanzhou_2024", "heshan_2020", "anhui_2024"])
def test_the_due_date_is_the_notices_own_even_on_a_free_day(desk: Desk, campaign_id: str) -> None:
    campaign = factories.campaign(campaign_id)
    phase = campaign.phase("self_check")
    desk.using.ledger.roster.freeze(
        campaign.id, desk.units, [], on=phase.start, actor="test", source_sha256="2" * 64
    )
    open_phase.obligations(campaign, phase, on=phase.start, using=desk.using)
    due = {obligation.due_on for obligation in desk.using.ledger.obligations.all(campaign.id, phase.key)}
    assert due == {phase.due}
