"""When what is collected from below is owed, and which time a return answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from include.campaigns.registry import load_calendar
from include.domain.campaign import Campaign
from include.domain.collecting import answered, asked, call_of, calls, last_due
from include.domain.model import UnitKind
from include.domain.obligations import Obligation, ObligationState
from include.domain.occasions import ONCE
from tests import factories

CALENDAR = load_calendar()
QUANZHOU = factories.campaign("quanzhou_2024")
RECTIFICATION = QUANZHOU.phase("concentrated_rectification")
PROGRESS = next(owed for owed in RECTIFICATION.returns if owed.form == "branch_progress")
SELF_CHECK = QUANZHOU.phase("self_check")


def test_a_recurring_return_is_due_before_its_report_and_asked_for_some_days_before() -> None:
    found = calls(QUANZHOU, RECTIFICATION, PROGRESS, CALENDAR)
    assert [(each.occasion, str(each.opens), str(each.due)) for each in found] == [
        ("202407", "2024-07-26", "2024-08-02"),
        ("202408", "2024-08-27", "2024-09-03"),
        ("202409", "2024-09-26", "2024-10-09"),  # 国庆
        ("202410", "2024-10-28", "2024-11-04"),
        ("202411", "2024-11-26", "2024-12-03"),
    ]
    assert found[0].due_text == "上报“专项整治工作数据”（2024年7月）截止前3个工作日"
    assert last_due(QUANZHOU, RECTIFICATION, CALENDAR) == date(2024, 12, 3)


def test_what_is_owed_once_is_due_with_its_phase() -> None:
    [call] = calls(QUANZHOU, SELF_CHECK, SELF_CHECK.returns[0], CALENDAR)
    assert (call.occasion, call.due, call.due_text) == (ONCE, SELF_CHECK.due, SELF_CHECK.due_text)
    assert call.opens == date(2024, 6, 20), "nobody is asked before the notice is issued"
    assert last_due(QUANZHOU, SELF_CHECK, CALENDAR) == SELF_CHECK.due


@pytest.mark.parametrize(
    ("on", "occasions"),
    [
        (date(2024, 7, 1), []),
        (date(2024, 7, 25), []),
        (date(2024, 7, 26), ["202407"]),
        (date(2024, 8, 23), ["202407"]),
        (date(2024, 8, 26), []),
        (date(2024, 8, 27), ["202408"]),
        (date(2024, 11, 25), ["202410"]),
        (date(2025, 3, 3), []),
    ],
)
def test_what_recurs_is_opened_in_its_time_and_never_when_long_past(on: date, occasions: list[str]) -> None:
    found = asked(QUANZHOU, RECTIFICATION, PROGRESS, on=on, calendar=CALENDAR)
    assert [call.occasion for call in found] == occasions


def debt(number: int, occasion: str, due: date, **changes: Any) -> Obligation:
    facts: dict[str, Any] = {
        "campaign_id": QUANZHOU.id,
        "phase_key": RECTIFICATION.key,
        "form": "branch_progress",
        "unit_code": "J15062600001",
        "unit_name": "示例分局",
        "unit_kind": UnitKind.COUNTY_BRANCH,
        "state": ObligationState.OPEN,
        "scan_required": False,
    }
    return Obligation(id=number, occasion=occasion, due_on=due, **(facts | changes))


JULY = debt(1, "202407", date(2024, 8, 2))
AUGUST = debt(2, "202408", date(2024, 9, 3))
ENDS = {"202407": date(2024, 7, 31), "202408": date(2024, 8, 31)}
ACCEPTED = {"state": ObligationState.ACCEPTED}


@pytest.mark.parametrize(
    ("debts", "period_end", "number"),
    [
        pytest.param([JULY, AUGUST], date(2024, 7, 31), 1, id="the period it names"),
        pytest.param([replace(JULY, **ACCEPTED), AUGUST], date(2024, 7, 31), 1, id="corrects July"),
        pytest.param([JULY, AUGUST], date(2024, 8, 30), 2, id="within August"),
        pytest.param([JULY, AUGUST], date(2024, 9, 5), 2, id="later than all: the newest"),
        pytest.param([JULY, AUGUST], None, 1, id="names none: the oldest open"),
        pytest.param([replace(JULY, **ACCEPTED), AUGUST], None, 2, id="names none, July accepted"),
        pytest.param(
            [replace(JULY, **ACCEPTED), replace(AUGUST, **ACCEPTED)], None, 2, id="names none, all accepted"
        ),
    ],
)
def test_which_time_a_return_answers(debts: list[Obligation], period_end: date | None, number: int) -> None:
    assert answered(debts, period_end, ENDS).id == number


def test_what_is_owed_once_is_answered_by_its_latest_phase_whatever_it_names() -> None:
    first, second = debt(1, ONCE, date(2024, 6, 30)), debt(2, ONCE, date(2024, 11, 30))
    assert answered([first, second], date(2024, 5, 1), {}).id == 2


def test_an_occasion_the_facts_no_longer_know_has_no_call() -> None:
    assert call_of(QUANZHOU, RECTIFICATION, AUGUST, CALENDAR) is not None
    assert call_of(QUANZHOU, RECTIFICATION, replace(AUGUST, occasion="2024Q3"), CALENDAR) is None


def test_no_recurring_return_of_any_campaign_is_due_before_its_period_has_ended() -> None:
    for key in ("wushen_2024", "anhui_2024", "heshan_2020", "quanzhou_2024", "zhuoni_2019"):
        campaign = factories.campaign(key)
        for phase in campaign.phases:
            for owed in phase.returns:
                for call in calls(campaign, phase, owed, CALENDAR):
                    assert call.period is None or call.period.end <= call.due


def changed(**recurring: Any) -> Campaign:
    """泉州 with another ``recurring`` or other facts of the progress return."""
    facts = QUANZHOU.model_dump(mode="json")
    [phase] = [each for each in facts["phases"] if each["key"] == RECTIFICATION.key]
    [owed] = [each for each in phase["returns"] if each["form"] == "branch_progress"]
    owed |= recurring
    return Campaign.model_validate(facts)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"recurring": {"report": "nothing"}}, "所指的报送事项“nothing”不存在"),
        ({"recurring": {"report": "public_opinion"}}, "遇事即报，没有期次"),
        ({"recurring": {"report": "periodic_data", "lead": 6}}, "早于统计期末"),
        ({"stamped_scan": True}, "不能要求盖章扫描件"),
        ({"filled_by": "office"}, "由办公室办理"),
    ],
)
def test_a_recurring_return_that_cannot_work_is_refused(facts: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        changed(**facts)
