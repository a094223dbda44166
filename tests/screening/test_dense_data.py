"""Rules against their slow references where much is wrong at once, and without the lists they can do without."""

import importlib
from decimal import Decimal

import pytest

from include.screening.registry import hits, screens
from tests.screening.dense import TIGHT, dense
from tests.screening.dense_charges import TIGHT_CHARGES, dense_charges
from tests.screening.references.common import net_heads, net_lines
from tests.screening.tables import data

RULES = {screen.RULE.number: screen for screen in screens()}


def crowded(number, seed):
    return dense(seed) if number >= "S16" else dense_charges(seed)


def parameters(number):
    return {name: Decimal(value) for name, value in (TIGHT | TIGHT_CHARGES).get(number, {}).items()}


def expected(number, small, lists):
    find = importlib.import_module(f"tests.screening.references.{number.lower()}").find
    p = {name: float(value) for name, value in RULES[number].RULE.frozen(parameters(number)).items()}
    heads = net_heads(small.settlements)
    return find(heads, net_lines(small.details, heads), lists, p)


def found(number, small, lists):
    seen = hits(RULES[number], data(small.settlements, small.details, lists), parameters(number))
    assert all(each.visits and "None" not in each.sentence for each in seen)
    return {(each.fixmedins_code, each.psn_no, each.window_start, each.amount) for each in seen}


@pytest.mark.parametrize("number", RULES)
def test_the_rule_finds_what_the_slow_reference_finds(number):
    much = 0
    for seed in range(3):
        small = crowded(number, seed)
        should = expected(number, small, small.tables)
        assert found(number, small, small.tables) == should
        much += len(should)
    assert much, "data in which nothing is to be found prove nothing"


@pytest.mark.parametrize(
    "number", ["S01", "S02", "S10", "S13", "S14", "S15", "S16", "S18", "S19", "S20", "S24", "S29"]
)
def test_a_list_that_may_be_missing_only_switches_its_part_off(number):
    small = crowded(number, 9)
    lists = {name: rows for name, rows in small.tables.items() if name in RULES[number].RULE.inputs}
    assert found(number, small, lists) == expected(number, small, lists)
