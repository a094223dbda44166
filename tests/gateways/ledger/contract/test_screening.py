"""What the ledger keeps of screening: runs with their frozen rules, and approved changes of parameters."""

from __future__ import annotations

from decimal import Decimal

from include.domain.screening import RuleRun, Run, Threshold
from include.steps.ports import Ledger
from tests.gateways.ledger.contract.samples import CAMPAIGN, MONDAY, NEXT_MONDAY


def test_changes_of_parameters_stay_in_order_and_exact(ledger: Ledger) -> None:
    first = Threshold("S05", "days", Decimal(10), MONDAY, "会议纪要", "办公室主任")
    second = Threshold("S22", "deviations", Decimal("3.5000"), NEXT_MONDAY, "误报多", "办公室主任")
    for each in (first, second):
        ledger.screenings.change(CAMPAIGN, each, actor="办公室主任（经办：admin）")
    assert ledger.screenings.thresholds(CAMPAIGN) == [first, second]
    assert ledger.screenings.thresholds("another") == []
    assert ledger.audit.verify() is None


def test_runs_stay_as_they_were_with_the_table_they_made(ledger: Ledger) -> None:
    rule = RuleRun("S05", "1.0", {"days": Decimal("10.50")}, 3, "", "分解住院")
    first = Run(MONDAY, "区划1506", (rule,), 3, 2)
    second = Run(NEXT_MONDAY, "区划1506", (rule,), 3, 0, "a" * 64)
    for each in (first, second):
        ledger.screenings.record(CAMPAIGN, each)
    assert ledger.screenings.runs(CAMPAIGN) == [first, second]
    assert ledger.screenings.runs("another") == []
