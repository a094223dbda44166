"""A changed rule is tried on what came in before anybody is told."""

from __future__ import annotations

from datetime import date

from include.domain.obligations import ObligationState
from include.domain.returns import Verdict
from include.domain.waivers import Waiver
from include.steps import recheck
from tests.steps.conftest import Desk
from tests.steps.test_check import DAY, ERROR, drop, drop_scan, run

LATER = date(2024, 6, 11)


def test_unchanged_rules_change_no_verdict(desk: Desk) -> None:
    desk.quality.findings[desk.units[1].code] = [ERROR]
    for unit in desk.units[:2]:
        drop(desk, unit)
        drop_scan(desk, unit)
    run(desk)
    assert recheck.returns(desk.campaign, on=LATER, using=desk.using) == []


def test_a_stricter_rule_lists_the_accepted_return_and_moves_nothing(desk: Desk) -> None:
    unit = desk.units[0]
    drop(desk, unit)
    drop_scan(desk, unit)
    run(desk)
    before = desk.notices()
    desk.quality.findings[unit.code] = [ERROR]
    [changed] = recheck.returns(desk.campaign, on=LATER, using=desk.using)
    assert (changed.file.unit_code, changed.passes, changed.errors) == (unit.code, False, (ERROR,))
    assert desk.obligation(unit).state is ObligationState.ACCEPTED
    assert desk.notices() == before


def test_a_rule_taken_back_lists_the_return_it_sent_back(desk: Desk) -> None:
    unit = desk.units[0]
    desk.quality.findings[unit.code] = [ERROR]
    drop(desk, unit)
    run(desk)
    desk.quality.findings.clear()
    [changed] = recheck.returns(desk.campaign, on=LATER, using=desk.using)
    assert (changed.file.verdict, changed.passes) == (Verdict.RETURNED, True)


def test_a_waived_rule_lets_that_units_return_pass_and_no_other(desk: Desk) -> None:
    waived, other = desk.units[:2]
    desk.using.ledger.waivers.grant(
        desk.campaign.id,
        Waiver(waived.code, "self_check", ERROR.rule, "系统迁移", "办公室主任", DAY, date(2024, 6, 30)),
    )
    for unit in (waived, other):
        desk.quality.findings[unit.code] = [ERROR]
        drop(desk, unit)
        drop_scan(desk, unit)
    assert run(desk) == {Verdict.KEPT: 2, Verdict.ACCEPTED_WITH_WARNINGS: 1, Verdict.RETURNED: 1}
    assert desk.obligation(waived).is_settled
    assert not desk.obligation(other).is_settled
