"""Weekly plans in the ledger: a week is drawn once, and what was drawn never changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from include.domain.inspection_plans import (
    SCORING,
    Candidate,
    DrawInputs,
    InspectionType,
    Planned,
    PlanState,
    RiskClass,
    Settled,
    Team,
    Teams,
)
from include.domain.model import UnitKind
from include.gateways.ledger import Ledger
from tests.gateways.ledger.contract.samples import ACTOR, CAMPAIGN

WEEK = date(2024, 6, 3)
NEXT = WEEK + timedelta(days=7)


def make_inputs(week: date = WEEK, seed: int = 2**63) -> DrawInputs:
    return DrawInputs(
        seed=seed,
        week=week,
        scoring_version=SCORING.version,
        look_back_share=Decimal("0.2"),
        seats=SCORING.seats,
        teams=Teams(teams=(Team(name="一组", officers=("SL1", "SL2")),), conflicts={"SL1": ("P1",)}),
        candidates=(
            Candidate(
                code="P1",
                kind=UnitKind.RETAIL_PHARMACY,
                region_code="150626",
                risk=RiskClass.HIGH,
                type=InspectionType.FULL,
            ),
        ),
        used=(("SL1", "SL2", 1),),
    )


def make_planned(number: str = "JC-1", week: date = WEEK) -> Planned:
    return Planned(
        number=number,
        week=week,
        team="一组",
        unit_code="P1",
        unit_name="示例药店",
        insp_type=InspectionType.FULL,
        risk=RiskClass.HIGH,
        score=60,
        reasons=("+40分：自查表已过截止日，尚未报送", "合计60分"),
        seed=2**63,
        scoring_version=SCORING.version,
        officers=("SL1", "SL2"),
        planned_on=week,
    )


def enter(ledger: Ledger, week: date = WEEK, number: str = "JC-1", *settled: Settled) -> bool:
    return ledger.inspection_plans.enter(
        CAMPAIGN, make_inputs(week), [make_planned(number, week)], settled, on=week, actor=ACTOR
    )


def test_a_plan_comes_out_as_it_went_in(ledger: Ledger) -> None:
    assert ledger.inspection_plans.inputs(CAMPAIGN, WEEK) is None
    assert enter(ledger)
    assert ledger.inspection_plans.all(CAMPAIGN) == [make_planned()]
    assert ledger.inspection_plans.inputs(CAMPAIGN, WEEK) == make_inputs()
    assert ledger.inspection_plans.all("another") == []
    assert ledger.audit.verify() is None


def test_a_week_is_entered_once(ledger: Ledger) -> None:
    assert enter(ledger)
    late = Settled("JC-1", PlanState.DONE, "检查记录JC-1")
    other = replace(make_planned("JC-2"), unit_code="P2")
    assert not ledger.inspection_plans.enter(
        CAMPAIGN, make_inputs(seed=5), [other], [late], on=WEEK, actor=ACTOR
    )
    assert ledger.inspection_plans.all(CAMPAIGN) == [make_planned()], "neither rows nor states have changed"
    assert ledger.inspection_plans.inputs(CAMPAIGN, WEEK) == make_inputs()


def test_a_week_without_anybody_to_inspect_is_drawn_all_the_same(ledger: Ledger) -> None:
    assert ledger.inspection_plans.enter(CAMPAIGN, make_inputs(), [], [], on=WEEK, actor=ACTOR)
    assert not enter(ledger)


def test_the_next_week_settles_the_last_and_changes_nothing_else_of_it(ledger: Ledger) -> None:
    enter(ledger)
    assert enter(ledger, NEXT, "JC-2", Settled("JC-1", PlanState.CARRIED, "未登记检查记录"))
    first, second = ledger.inspection_plans.all(CAMPAIGN)
    assert first == replace(make_planned(), state=PlanState.CARRIED, state_reason="未登记检查记录")
    assert second == make_planned("JC-2", NEXT)


def test_only_an_open_plan_can_be_skipped_and_only_once(ledger: Ledger) -> None:
    enter(ledger)
    skip = ledger.inspection_plans.skip
    with pytest.raises(KeyError):
        skip(CAMPAIGN, WEEK, "P2", reason="关门", on=WEEK, actor=ACTOR)
    skip(CAMPAIGN, WEEK, "P1", reason="关门", on=WEEK, actor=ACTOR)
    (found,) = ledger.inspection_plans.all(CAMPAIGN)
    assert (found.state, found.state_reason) == (PlanState.SKIPPED, "关门")
    with pytest.raises(KeyError):
        skip(CAMPAIGN, WEEK, "P1", reason="又关门", on=WEEK, actor=ACTOR)
