"""What is still to come, and that no plan is entered which the mailbox could not send in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from include.domain.errors import GiveUp
from include.domain.notices import NoticeKind
from include.domain.plans import SendingRules
from include.domain.quota import QuietHours, Quota
from include.steps import forecast, plan
from tests.steps.conftest import LAUNCH_DAY, Desk


def test_the_forecast_names_the_launch_and_every_rung_with_its_day(desk: Desk) -> None:
    planned = forecast.mails(desk.campaign, desk.phase, on=LAUNCH_DAY, using=desk.using)
    assert planned[0].kind is NoticeKind.LAUNCH
    assert {each.count for each in planned} == {6}, "seven owe, one has no mailbox"
    days = [each.day for each in planned]
    assert days == sorted(days)
    rungs = [step for step in desk.campaign.ladder if step.to_unit]
    assert len(planned) == 1 + len(rungs)


def test_what_was_launched_or_is_past_is_not_forecast_again(desk: Desk) -> None:
    plan.launch(desk.campaign, desk.phase, on=LAUNCH_DAY, units=None, using=desk.using)
    later = date(2024, 6, 20)
    planned = forecast.mails(desk.campaign, desk.phase, on=later, using=desk.using)
    assert NoticeKind.LAUNCH not in {each.kind for each in planned}
    assert all(each.day >= later for each in planned)


def test_a_forecast_enters_nothing(desk: Desk) -> None:
    forecast.mails(desk.campaign, desk.phase, on=LAUNCH_DAY, using=desk.using)
    assert desk.notices() == []


def test_a_plan_the_mailbox_cannot_send_in_time_is_refused_with_the_numbers(desk: Desk) -> None:
    desk.mail.quota = Quota(per_day=1)
    late = date(2024, 5, 30)
    with pytest.raises(GiveUp) as refused:
        plan.reminders(desk.campaign, desk.phase, on=late, using=desk.using)
    sentence = str(refused.value)
    for fact in ("拟发6封", "每天1封", "2024年6月4日", "2024年5月31日"):
        assert fact in sentence, sentence
    assert desk.notices() == []


def test_what_waits_already_counts_against_the_mailbox(desk: Desk) -> None:
    plan.launch(desk.campaign, desk.phase, on=LAUNCH_DAY, units=None, using=desk.using)
    desk.mail.quota = Quota(per_day=6)
    due = date(2024, 5, 31)
    with pytest.raises(GiveUp, match="另有6封待发"):
        plan.reminders(desk.campaign, desk.phase, on=due, using=desk.using)


def test_a_mailbox_that_suffices_or_has_no_limit_refuses_nothing(desk: Desk) -> None:
    desk.mail.quota = Quota(per_minute=1)
    using = replace(desk.using, sending=SendingRules(quiet_hours=QuietHours(time(8), time(20))))
    assert plan.launch(desk.campaign, desk.phase, on=LAUNCH_DAY, units=None, using=using).entered == 6
