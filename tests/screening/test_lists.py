"""The lists a bureau provides: all that rules read are described, and planted ones are accepted as they are."""

import importlib
import re
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from include import screening
from include.screening.lists import LISTS, faults
from include.screening.registry import screens

RULES = {screen.RULE.number: screen for screen in screens()}


def read_by(number):
    """Names of lists in the text of a rule file."""
    [file] = Path(screening.__file__).parent.glob(f"{number.lower()}_*.py")
    named = re.findall(r'(?:listed\(\s*data,\s*|data\.lists\[)"(\w+)"', file.read_text(encoding="utf-8"))
    groups = ["person_groups"] if "person_groups(data)" in file.read_text(encoding="utf-8") else []
    return {*named, *groups}


@pytest.mark.parametrize("number", RULES)
def test_every_list_a_rule_reads_is_described(number):
    described = {name for name, each in LISTS.items() if number in each.rules}
    assert read_by(number) == described
    assert set(RULES[number].RULE.inputs) <= described


@pytest.mark.parametrize("number", RULES)
def test_planted_lists_are_as_described(number):
    case = importlib.import_module(f"include.rehearsal.settlements.plant_{number.lower()}").plant()
    for name, rows in case.lists.items():
        text = [{key: None if value is None else str(value) for key, value in row.items()} for row in rows]
        table = ibis.memtable(pa.Table.from_pylist(text))
        assert faults(name, table) == []
        assert set(rows[0]) <= {each.name for each in LISTS[name].columns}
