"""An accepted return read again by a person: it stands for good, or goes back once, is owed again and counts no more."""

from __future__ import annotations

from datetime import date

import pytest

from include.domain.notices import NoticeKind, NoticeState
from include.domain.obligations import ObligationState
from include.domain.returns import Verdict
from include.domain.units import Unit
from include.steps import deliver, desk_returns, milestones, plan, recheck
from include.steps.slips import Slip
from tests import factories
from tests.steps.conftest import Desk
from tests.steps.test_check import drop, drop_scan, run

DAY, NEXT = date(2024, 5, 28), date(2024, 5, 29)
WHY = "门诊收费与上报数明显不符，请逐条核对后重报"


@pytest.fixture
def unit(desk: Desk) -> Unit:
    """Its return is accepted."""
    unit = desk.units[0]
    drop(desk, unit)
    drop_scan(desk, unit)
    run(desk, DAY)
    assert desk.obligation(unit).state is ObligationState.ACCEPTED
    return unit


def slip(desk: Desk, unit: Unit, decision: str, *, on: date = NEXT, dry_run: bool = False) -> Slip:
    answers = {"unit": unit.code, "form": "self_check", "decision": decision, "post": "office_staff"}
    return Slip(desk.campaign, on, "admin", WHY, answers, dry_run, desk.using)


def reported(desk: Desk) -> list[str]:
    return [each.unit_code for each in desk.using.ledger.returns.self_checks(desk.campaign.id, "self_check")]


def file_of(desk: Desk, unit: Unit, verdict: Verdict) -> int:
    found = desk.using.ledger.returns.of_obligation(desk.obligation(unit).id, verdict=verdict)
    assert found is not None
    return found.id


def test_a_dry_run_shows_what_would_follow_and_enters_nothing(desk: Desk, unit: Unit) -> None:
    told = desk_returns.judge_again(slip(desk, unit, "send_back", dry_run=True))
    assert told.changes == ("报送任务 “校验通过” → “已退回待重报”",)
    assert WHY in told.notes[0]
    assert desk.obligation(unit).state is ObligationState.ACCEPTED
    assert desk.notices(NoticeKind.RETURNED) == []


def test_what_goes_back_is_told_once_owed_again_and_counts_no_more(desk: Desk, unit: Unit) -> None:
    assert reported(desk) == [unit.code]
    desk_returns.judge_again(slip(desk, unit, "send_back"))
    owed = desk.obligation(unit)
    assert (owed.state, owed.accepted_on) == (ObligationState.RETURNED, None)
    assert reported(desk) == []
    deliver.notices(desk.campaign, on=NEXT, using=desk.using)
    deliver.notices(desk.campaign, on=NEXT, using=desk.using)
    assert desk.notices(NoticeKind.RETURNED) == [(unit.code, NoticeKind.RETURNED, NoticeState.ACCEPTED)]
    findings = desk.using.ledger.returns.findings(file_of(desk, unit, Verdict.RETURNED))
    assert findings[-1].message == f"2024年5月29日复核退回（旗医疗保障局基金稽核组组长）：{WHY}。"
    with pytest.raises(ValueError, match="现为“已退回待重报”"):
        desk_returns.judge_again(slip(desk, unit, "send_back"))
    assert desk.using.ledger.audit.verify() is None


def test_the_ladder_goes_on_with_a_unit_whose_return_went_back(desk: Desk, unit: Unit) -> None:
    due = date(2024, 5, 31)
    desk_returns.judge_again(slip(desk, unit, "send_back"))
    desk.clock[0] = factories.at(due.isoformat())
    plan.reminders(desk.campaign, desk.phase, on=due, using=desk.using)
    assert unit.code in {code for code, kind, _ in desk.notices() if kind is NoticeKind.REMINDER}


def test_a_milestone_does_not_count_what_went_back(desk: Desk, unit: Unit) -> None:
    measure = milestones.MEASURES["return_rate"]
    before = measure.counted(desk.campaign, desk.phase, NEXT, desk.using)
    desk_returns.judge_again(slip(desk, unit, "send_back"))
    after = measure.counted(desk.campaign, desk.phase, NEXT, desk.using)
    assert (list(before.days), list(after.days)) == ([DAY], [])
    assert before.total == after.total


def test_a_corrected_return_is_accepted_again_and_the_old_one_stays_sent_back(desk: Desk, unit: Unit) -> None:
    old = file_of(desk, unit, Verdict.ACCEPTED)
    desk_returns.judge_again(slip(desk, unit, "send_back"))
    drop(desk, unit, mark="改正", received=factories.at("2024-05-30"))
    run(desk, date(2024, 5, 30))
    assert desk.obligation(unit).state is ObligationState.ACCEPTED
    assert file_of(desk, unit, Verdict.ACCEPTED) > old
    assert file_of(desk, unit, Verdict.RETURNED) == old


def test_the_same_file_sent_again_is_not_accepted(desk: Desk, unit: Unit) -> None:
    desk_returns.judge_again(slip(desk, unit, "send_back"))
    drop(desk, unit, name="再报一次.xlsx", received=factories.at("2024-05-30"))
    run(desk, date(2024, 5, 30))
    assert desk.obligation(unit).state is ObligationState.RETURNED


def test_what_stands_is_reviewed_and_no_later_file_changes_it(desk: Desk, unit: Unit) -> None:
    desk_returns.judge_again(slip(desk, unit, "stands"))
    assert desk.obligation(unit).state is ObligationState.REVIEWED
    in_force = desk.using.ledger.returns.self_checks(desk.campaign.id, "self_check")
    drop(desk, unit, mark="又报", received=factories.at("2024-05-30"))
    run(desk, date(2024, 5, 30))
    assert desk.using.ledger.returns.self_checks(desk.campaign.id, "self_check") == in_force
    assert desk.obligation(unit).state is ObligationState.REVIEWED
    with pytest.raises(ValueError, match="现为“已复核”"):
        desk_returns.judge_again(slip(desk, unit, "send_back"))


def test_a_change_of_rules_does_not_overrule_a_person(desk: Desk, unit: Unit) -> None:
    desk_returns.judge_again(slip(desk, unit, "send_back"))
    assert recheck.returns(desk.campaign, on=NEXT, using=desk.using) == []


def test_a_late_send_back_says_that_the_due_date_has_passed(desk: Desk, unit: Unit) -> None:
    told = desk_returns.judge_again(slip(desk, unit, "send_back", on=date(2024, 6, 20), dry_run=True))
    assert told.notes[-1].startswith("截止日2024年5月31日已过")


def test_only_what_was_accepted_can_be_reviewed(desk: Desk) -> None:
    with pytest.raises(ValueError, match="现为“待报”，只有“校验通过”的可以复核"):
        desk_returns.judge_again(slip(desk, desk.units[1], "stands"))
