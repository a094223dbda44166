"""What was entered late counts in the period it is reported in; what somebody set, and 家, stay as they are."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from include.domain.indicators import BY_KEY, cross_checks, with_late_entries
from include.domain.reports import Figure, Scope


def both(key: str, cumulative: str, this: str) -> list[Figure]:
    return [
        Figure(key, "", "", Decimal(cumulative), Scope.CUMULATIVE),
        Figure(key, "", "", Decimal(this), Scope.THIS),
    ]


BEFORE = [
    *both("clues_received", "4", "4"),
    *both("clues_checked", "1", "1"),
    *both("units_handled", "2", "2"),
]
NOW = [
    *both("clues_received", "10", "3"),  # three more were of the period before
    *both("clues_checked", "5", "2"),
    *both("clue_check_rate", "50", "66.7"),
    *both("units_handled", "3", "2"),
]


def of_period(figures: list[Figure]) -> dict[str, Decimal]:
    return {each.indicator: each.value for each in figures if each.scope is Scope.THIS}


def test_the_period_is_what_was_added_since_the_last_report() -> None:
    found = with_late_entries(NOW, BEFORE)
    assert of_period(found) == {
        "clues_received": Decimal(6),
        "clues_checked": Decimal(4),
        "clue_check_rate": Decimal(400) / 6,
        "units_handled": Decimal(2),
    }
    assert [each for each in found if each.scope is Scope.CUMULATIVE] == NOW[::2]
    follows = [c for c in cross_checks(found, BEFORE) if c.key == "clues_received__period_follows"]
    assert [check.holds for check in follows] == [True]


def test_without_a_report_before_nothing_changes() -> None:
    assert with_late_entries(NOW, []) == NOW


def test_what_a_person_has_set_stays() -> None:
    given = [replace(each, computed=Decimal(9)) if each.scope is Scope.THIS else each for each in NOW]
    assert of_period(with_late_entries(given, BEFORE)) == of_period(NOW)


def test_the_sample_speaks_of_indicators_there_are() -> None:
    assert {each.indicator for each in NOW} <= set(BY_KEY)
    assert not BY_KEY["units_handled"].is_flow
