"""Rules against their slow references where much is wrong at once, and without the lists they can do without."""

import importlib
from decimal import Decimal

import pytest

from include.screening.registry import hits, screens
from tests.screening.dense import TIGHT, dense
from tests.screening.dense_charges import TIGHT_CHARGES, dense_charges
from tests.screening.tables import random_data, random_rows, with_lists

RULES = {screen.RULE.number: screen for screen in screens()}


def kind(number):
    return "dense" if number >= "S16" else "dense_charges"


def tables(number, seed):
    return (dense(seed) if number >= "S16" else dense_charges(seed)).tables


def parameters(number):
    return {name: Decimal(value) for name, value in (TIGHT | TIGHT_CHARGES).get(number, {}).items()}


def expected(number, seed, lists):
    find = importlib.import_module(f"tests.screening.references.{number.lower()}").find
    p = {name: float(value) for name, value in RULES[number].RULE.frozen(parameters(number)).items()}
    return find(*random_rows(kind(number), seed), lists, p)


def found(number, seed, lists):
    given = with_lists(random_data(kind(number), seed), lists)
    seen = hits(RULES[number], given, parameters(number))
    assert all(each.visits and "None" not in each.sentence for each in seen)
    return {(each.fixmedins_code, each.psn_no, each.window_start, each.amount) for each in seen}


@pytest.mark.parametrize("number", RULES)
def test_the_rule_finds_what_the_slow_reference_finds(number):
    much = 0
    for seed in range(3):
        lists = tables(number, seed)
        should = expected(number, seed, lists)
        assert found(number, seed, lists) == should
        much += len(should)
    assert much, "data in which nothing is to be found prove nothing"


@pytest.mark.parametrize(
    "number", ["S01", "S02", "S10", "S13", "S14", "S15", "S16", "S18", "S19", "S20", "S24", "S29"]
)
def test_a_list_that_may_be_missing_only_switches_its_part_off(number):
    lists = {name: rows for name, rows in tables(number, 9).items() if name in RULES[number].RULE.inputs}
    assert found(number, 9, lists) == expected(number, 9, lists)
