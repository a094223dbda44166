"""Every rule file against its planted cases and an independent, slow implementation on random data."""

import importlib
from datetime import date

import pytest

from include.screening.registry import hits, screens
from tests.screening.tables import data, random_data, random_rows, with_lists

RULES = {screen.RULE.number: screen for screen in screens()}


def planted(number):
    return importlib.import_module(f"include.rehearsal.settlements.plant_{number.lower()}").plant()


def reference(number):
    return importlib.import_module(f"tests.screening.references.{number.lower()}").find


def keys(found):
    return {(each.fixmedins_code, each.psn_no, each.window_start) for each in found}


@pytest.mark.parametrize("number", RULES)
def test_planted_cases_are_hit_and_near_misses_are_not(number):
    case = planted(number)
    assert case.must_hit
    found = hits(RULES[number], data(case.settlements, case.details, case.lists))
    assert keys(found) == case.must_hit
    assert all(each.sentence and "None" not in each.sentence for each in found)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("number", RULES)
def test_agrees_with_the_independent_implementation(number, seed):
    screen, case = RULES[number], planted(number)
    p = {name: float(value) for name, value in screen.RULE.frozen().items()}
    expected = reference(number)(*random_rows("base", seed), case.lists, p)
    found = hits(screen, with_lists(random_data("base", seed), case.lists))
    assert {(each.fixmedins_code, each.psn_no, each.window_start, each.amount) for each in found} == expected


@pytest.mark.parametrize("number", RULES)
def test_the_same_data_twice_gives_the_same_keys(number):
    case = planted(number)
    first = hits(RULES[number], data(case.settlements, case.details, case.lists))
    again = hits(RULES[number], data(case.settlements[::-1], case.details[::-1], case.lists))
    assert [each.key for each in first] == [each.key for each in again]


@pytest.mark.parametrize("number", RULES)
def test_metadata_are_complete(number):
    rule = RULES[number].RULE
    assert all((rule.title, rule.basis, rule.logic, rule.version, rule.interval, rule.caveats))
    assert rule.effective_from <= date(2026, 1, 1)
    assert all(each.least <= each.default <= each.most for each in rule.parameters)
