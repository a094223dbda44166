"""Tips: a reward only for what proved true, within the rule; no reply without a result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from include.domain.model import Severity
from include.domain.penalties import Rewards
from include.domain.tips import faults

RULES = Rewards(least=Decimal(200), most=Decimal(200000), collect_months=2)
SHARED = RULES.model_copy(update={"share": Decimal("0.03")})
TIP: dict[str, Any] = {
    "state": "已回复",
    "accepted": "受理",
    "real_name": True,
    "result": "属实",
    "filed": "立案",
    "filed_on": date(2024, 6, 20),
    "told_on": date(2024, 6, 24),
    "reward": True,
    "reward_amt": Decimal(500),
    "reward_told_on": date(2024, 7, 1),
    "paid_on": date(2024, 7, 10),
}


@dataclass(frozen=True)
class Case:
    changes: dict[str, Any]
    expected: list[str]
    rules: Rewards = RULES


@pytest.mark.parametrize(
    "case",
    [
        Case({}, []),
        Case({"result": "部分属实"}, []),
        Case({"result": "不属实"}, ["reward_only_true"]),
        Case({"result": None}, ["tip_concluded", "reward_only_true"]),
        Case({"result": None, "accepted": "不予受理", "reward": False, "reward_amt": None, "paid_on": None}, []),
        Case({"told_on": None}, ["tip_told"]),
        Case({"told_on": None, "real_name": False}, []),
        Case({"told_on": None, "filed_on": None, "filed": None}, []),
        Case({"paid_on": date(2024, 9, 1)}, []),
        Case({"paid_on": date(2024, 9, 2)}, ["reward_collected"]),
        Case({"paid_on": date(2024, 6, 30)}, ["reward_collected"]),
        Case({}, ["reward_base_missing"], SHARED),
        Case({"reward_base": Decimal(20000), "reward_amt": Decimal(600)}, [], SHARED),
        Case({"reward_base": Decimal(20000), "reward_amt": Decimal("600.01")}, ["reward_share"], SHARED),
        Case({"reward_base": Decimal(1000), "reward_amt": Decimal(200)}, [], SHARED),  # the least is due anyway
        Case({"reward_base": Decimal(10**8), "reward_amt": Decimal(200001)}, ["reward_share"], SHARED),
    ],
)  # fmt: skip
def test_what_the_rules_have_against_a_tip(case: Case) -> None:
    found = [each for each in faults(TIP | case.changes, case.rules) if each.severity is Severity.ERROR]
    assert [each.rule for each in found] == case.expected
    for each in found:
        if each.rule.startswith("reward_") and each.rule != "reward_base_missing":
            assert "医保办发〔2022〕22号" in each.sentence


def test_a_reward_paid_without_a_notice_is_pointed_at() -> None:
    (found,) = faults(TIP | {"reward_told_on": None}, RULES)
    assert (found.rule, found.severity) == ("reward_notice", Severity.WARNING)
