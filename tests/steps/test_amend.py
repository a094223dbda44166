"""An amended notice: shown first, applied once with the post that approved, never behind anybody's back."""

from __future__ import annotations

from datetime import date

import pytest

from include.domain.campaign import Campaign
from include.domain.obligations import ObligationState
from include.steps import amend, plan
from tests.steps.conftest import LAUNCH_DAY, Desk

OLD, LATER, EARLIER = date(2024, 5, 31), date(2024, 6, 14), date(2024, 5, 24)
ORDER = {"reason": "依补充通知延长自查自纠期限", "approved_by": "office_director"}


def moved(campaign: Campaign, due: date) -> Campaign:
    phases = tuple(
        phase.model_copy(update={"due": due}) if phase.key == "self_check" else phase
        for phase in campaign.phases
    )
    return campaign.model_copy(update={"phases": phases})


def dropped(campaign: Campaign) -> Campaign:
    phases = tuple(
        phase.model_copy(update={"returns": ()}) if phase.key == "self_check" else phase
        for phase in campaign.phases
    )
    return campaign.model_copy(update={"phases": phases})


def dues(desk: Desk) -> list[date]:
    owed = desk.using.ledger.obligations.all(desk.campaign.id, "self_check")
    return sorted(each.due_on for each in owed)


def test_a_notice_that_did_not_change_changes_nothing(desk: Desk) -> None:
    assert amend.pending(desk.campaign, using=desk.using) == ()
    assert amend.apply(desk.campaign, **ORDER, on=LAUNCH_DAY, using=desk.using) == ()


@pytest.mark.parametrize(("due", "word"), [(LATER, "推迟"), (EARLIER, "提前")])
def test_a_moved_date_is_shown_before_it_is_applied(desk: Desk, due: date, word: str) -> None:
    amended = moved(desk.campaign, due)
    [change] = amend.pending(amended, using=desk.using)
    assert change.sentence == f"自查自纠阶段《自查自纠情况表》：截止日由{OLD}{word}到{due}，涉及7家"
    assert dues(desk) == [OLD] * 7, "looking moves nothing"
    assert amend.apply(amended, **ORDER, on=LAUNCH_DAY, using=desk.using) == (change,)
    assert dues(desk) == [due] * 7
    assert amend.pending(amended, using=desk.using) == ()
    assert desk.using.ledger.audit.verify() is None


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (date(2024, 6, 5), [date(2024, 6, 5)] * 6 + [date(2024, 6, 7)]),  # its own date is later: kept
        (LATER, [LATER] * 7),  # everybody now has more time
        (EARLIER, [EARLIER] * 6 + [date(2024, 6, 7)]),
    ],
)
def test_what_one_unit_was_granted_is_never_taken_back(desk: Desk, due: date, expected: list[date]) -> None:
    first = desk.using.ledger.obligations.all(desk.campaign.id, "self_check")[0]
    desk.using.ledger.obligations.extend(
        first.id, due_on=date(2024, 6, 7), reason="系统切换", approved_by="办公室主任", on=LAUNCH_DAY
    )
    amend.apply(moved(desk.campaign, due), **ORDER, on=LAUNCH_DAY, using=desk.using)
    assert dues(desk) == expected


def test_what_is_no_longer_asked_is_closed_and_nobody_is_chased(desk: Desk) -> None:
    amended = dropped(desk.campaign)
    [change] = amend.pending(amended, using=desk.using)
    assert "不再要求，7家" in change.sentence
    amend.apply(amended, **ORDER, on=LAUNCH_DAY, using=desk.using)
    assert desk.using.ledger.obligations.counts(desk.campaign.id, "self_check") == {ObligationState.CLOSED: 7}
    plan.reminders(desk.campaign, desk.phase, on=date(2024, 5, 24), using=desk.using)
    assert desk.using.ledger.outbox.waiting() == 0


def test_reminders_follow_the_new_date(desk: Desk) -> None:
    amended = moved(desk.campaign, LATER)
    amend.apply(amended, **ORDER, on=LAUNCH_DAY, using=desk.using)
    phase = amended.phase("self_check")
    assert plan.reminders(amended, phase, on=EARLIER, using=desk.using).entered == 0
    assert plan.reminders(amended, phase, on=date(2024, 6, 6), using=desk.using).entered > 0


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (ORDER | {"reason": " "}, "请写明调整的依据"),
        (ORDER | {"approved_by": "nobody"}, "没有岗位“nobody”"),
    ],
)
def test_nothing_moves_without_a_reason_and_a_post(desk: Desk, order: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        amend.apply(moved(desk.campaign, LATER), **order, on=LAUNCH_DAY, using=desk.using)
    assert dues(desk) == [OLD] * 7
