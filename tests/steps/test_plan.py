"""Who is written to, and above all who is not."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from include.domain.notices import NoticeKind
from include.domain.plans import Reason
from include.domain.returns import Judgement, Verdict
from include.steps import open_phase, plan
from tests import factories
from tests.steps.conftest import LAUNCH_DAY, Desk

DUE = date(2024, 5, 31)


def accept(desk: Desk, number: int) -> None:
    unit = desk.units[number]
    file = desk.using.ledger.returns.receive(
        desk.campaign.id,
        name=f"{unit.code}.xlsx",
        sha256=f"{number:064d}",
        kind="workbook",
        channel="folder",
        received_at=factories.at("2024-05-20"),
        received_on=date(2024, 5, 20),
    )
    judgement = Judgement(
        file.id, Verdict.ACCEPTED, unit_code=unit.code, obligation_id=desk.obligation(unit).id
    )
    desk.using.ledger.returns.judge([judgement], [], on=date(2024, 5, 20), actor="test")


def launch(desk: Desk, on: date = LAUNCH_DAY) -> int:
    return plan.launch(desk.campaign, desk.phase, on=on, units=None, using=desk.using).entered


def remind(desk: Desk, on: date, **kwargs: object) -> int:
    return plan.reminders(desk.campaign, desk.phase, on=on, using=desk.using, **kwargs).entered


def test_launch_goes_to_every_unit_with_a_mailbox_once(desk: Desk) -> None:
    assert launch(desk) == 6
    assert launch(desk) == 0
    assert launch(desk, date(2024, 5, 7)) == 0


def test_launch_leaves_out_a_unit_without_a_mailbox_and_says_so(desk: Desk) -> None:
    counts = plan.launch(desk.campaign, desk.phase, on=LAUNCH_DAY, units=None, using=desk.using)
    assert counts.left_out == {Reason.NO_ADDRESS: 1}


def test_nothing_is_planned_before_the_phase_begins(desk: Desk) -> None:
    assert launch(desk, date(2024, 4, 30)) == 0


def test_nobody_is_written_to_before_the_notice_is_issued(desk: Desk) -> None:
    quanzhou = factories.campaign("quanzhou_2024")
    phase = quanzhou.phase("self_check")
    desk.using.ledger.roster.freeze(
        quanzhou.id, desk.units, [], on=phase.start, actor="test", source_sha256="3" * 64
    )
    open_phase.obligations(quanzhou, phase, on=phase.start, using=desk.using)
    days = [date(2024, 6, 19), date(2024, 6, 20)]
    entered = [plan.launch(quanzhou, phase, on=day, units=None, using=desk.using).entered for day in days]
    assert entered == [0, 6]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param(date(2024, 5, 16), None, id="before the first rung"),
        pytest.param(date(2024, 5, 17), "t_minus_10", id="ten working days before"),
        pytest.param(date(2024, 5, 23), "t_minus_10", id="between two rungs"),
        pytest.param(date(2024, 5, 24), "t_minus_5", id="five working days before"),
        pytest.param(date(2024, 5, 30), "t_minus_1", id="the last working day before"),
        pytest.param(date(2024, 5, 31), "due_day", id="the day itself"),
        pytest.param(date(2024, 6, 1), "due_day", id="Saturday after"),
        pytest.param(date(2024, 6, 3), "overdue_1", id="first working day after"),
    ],
)
def test_the_highest_rung_reached_is_planned(desk: Desk, day: date, expected: str | None) -> None:
    launch(desk)
    remind(desk, day)
    steps = {row.step_key for row in desk.using.ledger.outbox.rows(desk.campaign.id)}
    assert steps - {"launch"} == ({expected} if expected else set())


def test_an_outage_of_five_days_costs_one_reminder_not_five(desk: Desk) -> None:
    launch(desk)
    assert remind(desk, date(2024, 6, 3)) == 6
    kinds = Counter(kind for _, kind, _ in desk.notices())
    assert kinds == {NoticeKind.LAUNCH: 6, NoticeKind.OVERDUE: 6}


def test_no_rung_is_planned_twice_and_none_after_acceptance(desk: Desk) -> None:
    launch(desk)
    assert remind(desk, date(2024, 5, 24)) == 6
    assert remind(desk, date(2024, 5, 24)) == 0
    accept(desk, 0)
    assert remind(desk, date(2024, 5, 30)) == 5
    assert desk.units[0].code not in {
        line.unit_code
        for line in plan.preview(desk.campaign, desk.phase, on=DUE, using=desk.using)
        if line.reason is Reason.SEND
    }


def test_a_unit_launched_today_is_not_reminded_today(desk: Desk) -> None:
    late = date(2024, 5, 24)
    launch(desk, late)
    assert remind(desk, late) == 0
    assert remind(desk, date(2024, 5, 27)) == 6


def test_only_the_chosen_units_are_planned(desk: Desk) -> None:
    chosen = frozenset({desk.units[1].code})
    counts = plan.launch(desk.campaign, desk.phase, on=LAUNCH_DAY, units=chosen, using=desk.using)
    assert counts.entered == 1
    assert [unit for unit, _, _ in desk.notices()] == [desk.units[1].code]


def test_a_rung_asked_for_by_hand_may_come_early_but_never_says_overdue_before_the_date(desk: Desk) -> None:
    launch(desk)
    assert remind(desk, date(2024, 5, 8), step_key="t_minus_5") == 6
    assert remind(desk, date(2024, 5, 9), step_key="overdue_3") == 0


def test_the_preview_enters_nothing_and_agrees_with_the_plan(desk: Desk) -> None:
    launch(desk)
    accept(desk, 2)
    lines = plan.preview(desk.campaign, desk.phase, on=date(2024, 5, 24), using=desk.using)
    reasons = Counter(line.reason for line in lines)
    assert reasons == {Reason.SEND: 5, Reason.ACCEPTED: 1, Reason.NO_ADDRESS: 1}
    assert len(desk.notices()) == 6
    assert remind(desk, date(2024, 5, 24)) == reasons[Reason.SEND]


def test_posts_get_one_digest_per_rung_and_none_before_the_due_date(desk: Desk) -> None:
    def escalate(day: date) -> int:
        return plan.escalations(desk.campaign, desk.phase, on=day, using=desk.using)

    assert escalate(date(2024, 5, 31)) == 0
    assert escalate(date(2024, 6, 3)) == len(desk.campaign.step("overdue_1").to_posts)
    assert escalate(date(2024, 6, 3)) == 0
    assert escalate(date(2024, 6, 5)) == len(desk.campaign.step("overdue_3").to_posts)


def test_no_digest_is_planned_when_everybody_has_reported(desk: Desk) -> None:
    for number in range(len(desk.units)):
        accept(desk, number)
    assert plan.escalations(desk.campaign, desk.phase, on=date(2024, 6, 3), using=desk.using) == 0


def test_a_phase_over_before_the_notice_came_out_mails_nobody(desk: Desk) -> None:
    quanzhou = factories.campaign("quanzhou_2024")
    desk.using.ledger.roster.freeze(
        quanzhou.id, desk.units, [], on=date(2024, 6, 20), actor="test", source_sha256="1" * 64
    )
    counts = plan.announcements(
        quanzhou, quanzhou.phase("mobilization"), on=date(2024, 6, 20), units=None, using=desk.using
    )
    assert counts.entered == 0
    assert counts.left_out == {Reason.CLOSED: len(desk.units)}
