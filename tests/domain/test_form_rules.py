"""Rules that judge by themselves: periods, lists of people, days in force."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from include.domain.form_rules import AtLeastDifferent, Condition, GreaterOrEqual, TimeAfter

WORDS = {"key": "sample", "sheet": "items", "field": "day", "text": "样例", "message": "样例"}


def after(**facts: Any) -> TimeAfter:
    return TimeAfter.model_validate({**WORDS, "kind": "time_after", "after": "first", **facts})


@pytest.mark.parametrize(
    ("facts", "first", "day", "kept"),
    [
        ({"unit": "days", "most": 3}, date(2024, 7, 8), date(2024, 7, 8), True),
        ({"unit": "days", "most": 3}, date(2024, 7, 8), date(2024, 7, 11), True),
        ({"unit": "days", "most": 3}, date(2024, 7, 8), date(2024, 7, 12), False),
        ({"unit": "days", "most": 3}, date(2024, 7, 8), date(2024, 7, 7), False),
        ({"unit": "days", "least": 2}, date(2024, 7, 8), date(2024, 7, 9), False),
        ({"unit": "days", "least": 2}, date(2024, 7, 8), date(2034, 7, 9), True),
        ({"unit": "months", "least": 36, "most": 36}, date(2024, 5, 10), date(2027, 5, 9), True),
        ({"unit": "months", "least": 36, "most": 36}, date(2024, 5, 10), date(2027, 5, 10), True),
        ({"unit": "months", "least": 36, "most": 36}, date(2024, 5, 10), date(2027, 5, 8), False),
        ({"unit": "months", "least": 36, "most": 36}, date(2024, 5, 10), date(2027, 5, 11), False),
        ({"unit": "months", "most": 6}, date(2023, 8, 31), date(2024, 2, 29), True),
        ({"unit": "months", "most": 6}, date(2023, 8, 31), date(2024, 3, 1), False),
        ({"unit": "months", "most": 1}, date(2023, 12, 15), date(2024, 1, 15), True),
        ({"unit": "months", "most": 24}, date(2024, 5, 31), date(2024, 5, 30), False),
    ],
)
def test_a_day_lies_inside_its_period(facts: dict[str, Any], first: date, day: date, kept: bool) -> None:
    assert after(**facts).is_kept(first, day) is kept


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValidationError, match="请核对两个数"):
        after(unit="days", least=5, most=3)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("SL0001、SL0002", True),
        ("SL0001；SL0002;SL0003", True),
        ("SL0001 SL0002", True),
        ("SL0001", False),
        ("SL0001、SL0001", False),
        ("SL0001、", False),
    ],
)
def test_one_person_named_twice_is_not_two(written: str, kept: bool) -> None:
    rule = AtLeastDifferent.model_validate({**WORDS, "kind": "at_least_different"})
    assert rule.is_kept(written) is kept


@pytest.mark.parametrize(
    ("days", "on", "in_force"),
    [
        ({}, date(2019, 1, 1), True),
        ({"since": "2024-06-01"}, date(2024, 5, 31), False),
        ({"since": "2024-06-01"}, date(2024, 6, 1), True),
        ({"until": "2024-06-30"}, date(2024, 6, 30), True),
        ({"until": "2024-06-30"}, date(2024, 7, 1), False),
        ({"since": "2024-06-01", "until": "2024-06-01"}, date(2024, 6, 1), True),
    ],
)
def test_a_rule_is_in_force_from_its_first_day_to_its_last(
    days: dict[str, str], on: date, in_force: bool
) -> None:
    rule = GreaterOrEqual.model_validate({**WORDS, "kind": "greater_or_equal", "other": "first", **days})
    assert rule.in_force_on(on) is in_force


@pytest.mark.parametrize(
    "facts", [{}, {"positive": True, "filled": True}, {"is_one_of": ["是"], "filled": True}]
)
def test_a_condition_says_exactly_one_thing(facts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="写且只写一项"):
        Condition.model_validate({"field": "status", **facts})
