"""Parameters changed by an approved form: shown first, entered once, never out of bounds, in force from their day on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from include.domain import screening
from include.domain.errors import GiveUp
from include.domain.screening import Threshold
from include.screening import cards
from include.screening.registry import screens
from include.steps import screening_thresholds as step
from include.steps.slips import Slip
from tests.steps.conftest import Desk

DAY = date(2024, 6, 20)
FILLED = {"parameter": "S05.days", "value": "10", "approved_by": "office_director"}


def slip(
    desk: Desk, *, on: date = DAY, reason: str = "会议纪要第3号", dry_run: bool = False, **answers: str
) -> Slip:
    return Slip(desk.campaign, on, "admin", reason, FILLED | answers, dry_run, desk.using)


def in_force(desk: Desk, on: date = DAY) -> dict[str, dict[str, Decimal]]:
    return step.in_force(desk.campaign, on=on, using=desk.using)


def test_a_change_is_shown_first_and_then_entered_once(desk: Desk) -> None:
    looked = step.change(slip(desk, dry_run=True))
    assert in_force(desk) == {}
    done = step.change(slip(desk))
    assert looked == done
    assert done.changes == ("再入院间隔 “15天” → “10天”",)
    assert any("可调范围3至31天" in note for note in done.notes)
    assert in_force(desk) == {"S05": {"days": Decimal(10)}}
    assert step.change(slip(desk)).changes == (), "a task that runs once more enters nothing"
    assert len(desk.using.ledger.screenings.thresholds(desk.campaign.id)) == 1
    assert desk.using.ledger.audit.verify() is None


def test_a_change_holds_from_its_day_on_and_the_last_one_counts(desk: Desk) -> None:
    step.change(slip(desk))
    step.change(slip(desk, on=date(2024, 7, 1), value="15"))
    assert in_force(desk, date(2024, 6, 19)) == {}
    assert in_force(desk, date(2024, 6, 30)) == {"S05": {"days": Decimal(10)}}
    assert in_force(desk, date(2024, 7, 1)) == {"S05": {"days": Decimal(15)}}
    other = Threshold("S14", "minutes", Decimal(20), DAY, "r", "a")
    assert screening.in_force([other], on=DAY) == {"S14": {"minutes": Decimal(20)}}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"value": "2"}, "再入院间隔填写的是2，应在3至31天之间"),
        ({"value": "32"}, "应在3至31天之间"),
        ({"value": "NaN"}, "请填写数字"),
        ({"value": "十"}, "请填写数字"),
        ({"parameter": "S99.days"}, "没有编号为“S99”的筛查规则"),
        ({"parameter": "S05.hours"}, "可选：S05.days（再入院间隔）"),
        ({"approved_by": "boss"}, "没有岗位“boss”"),
        ({"reason": ""}, "请填写调整参数的理由"),
    ],
)
def test_what_may_not_be_is_refused_and_nothing_entered(
    desk: Desk, answers: dict[str, str], said: str
) -> None:
    with pytest.raises((GiveUp, ValueError), match=said):
        step.change(slip(desk, **answers))
    assert desk.using.ledger.screenings.thresholds(desk.campaign.id) == []


def test_the_form_offers_every_parameter_of_every_rule_with_its_bounds() -> None:
    rules = [screen.RULE for screen in screens()]
    assert list(cards.parameters()) == [
        f"{rule.number}.{each.name}" for rule in rules for each in rule.parameters
    ]
    said = cards.parameters()
    for rule in rules:
        for each in rule.parameters:
            bounds = f"（默认{each.default:f}{each.unit}，可调{each.least:f}至{each.most:f}{each.unit}）"
            assert said[f"{rule.number}.{each.name}"] == f"{rule.number} {rule.title}：{each.title}{bounds}"
