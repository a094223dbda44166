"""Cumulative numbers: summed up over those who reported, never falling without a note."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from include.domain.cumulative import Part, differences, fallen, items, numbers, totals
from include.domain.forms import Form
from include.domain.model import Severity
from include.domain.returns import Reading, Row
from include.gateways.form_files import load_forms


@cache
def form() -> Form:
    return load_forms()["branch_progress"]


def reading(memo: str | None = None, **values: Any) -> Reading:
    """Numbers of the sheet 底数自查和检查."""
    row = Row(3, values | {"memo": memo}, cells={field: f"B{place}" for place, field in enumerate(values, 4)})
    return Reading(identity=None, sheets={"checks": (row,), "leads": ()})


def found(now: Reading, **before: int | str) -> list[tuple[str, Severity]]:
    earlier = {key: Decimal(value) for key, value in before.items()}
    return [(each.header, each.severity) for each in fallen(form(), now, earlier, since="上期")]


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        pytest.param(reading(units_inspected=5), {"units_inspected": 5}, [], id="the same"),
        pytest.param(reading(units_inspected=6), {"units_inspected": 5}, [], id="more"),
        pytest.param(reading(units_inspected=0), {}, [], id="nothing before"),
        pytest.param(reading(), {"units_inspected": 5}, [], id="left empty: another rule's affair"),
        pytest.param(
            reading(units_inspected=4),
            {"units_inspected": 5},
            [("已检查机构数", Severity.ERROR)],
            id="less",
        ),
        pytest.param(
            reading(memo="核减重复登记1家", units_inspected=4),
            {"units_inspected": 5},
            [("已检查机构数", Severity.INFO)],
            id="less, with a note",
        ),
        pytest.param(
            reading(memo="  ", violation_amt=Decimal("0.09")),
            {"violation_amt": "0.10"},
            [("检查违规金额", Severity.ERROR)],
            id="a fen less, a blank note is none",
        ),
    ],
)
def test_a_number_may_fall_only_with_a_note(
    now: Reading, before: dict[str, int | str], said: list[tuple[str, Severity]]
) -> None:
    assert found(now, **before) == said


def test_an_empty_cell_is_not_a_zero_and_a_yes_is_no_number() -> None:
    assert numbers(form(), reading(units_inspected=None, inspections=0, units_with_problems=True)) == {
        "inspections": Decimal(0)
    }


def test_sums_are_of_the_parts_alone() -> None:
    parts = [
        Part("J1", "甲", {"units_inspected": Decimal(5), "fine_amt": Decimal("0.10")}),
        Part("J2", "乙", {"units_inspected": Decimal(2)}),
    ]
    assert totals(form(), parts) == {"units_inspected": Decimal(7), "fine_amt": Decimal("0.10")}
    assert totals(form(), []) == {}, "nobody reported is not nothing happened"


def test_only_numbers_both_have_are_compared() -> None:
    parts = [Part("J1", "甲", {"units_inspected": Decimal(5), "inspections": Decimal(6)})]
    own = {"J1": {"units_inspected": Decimal(4), "pharmacies": Decimal(3)}, "J9": {"inspections": Decimal(1)}}
    [only] = differences(form(), parts, own)
    assert (only.title, only.reported, only.own, only.unit) == ("已检查机构数", Decimal(5), Decimal(4), "家")
    assert differences(form(), parts, {}) == []


def test_the_numbers_of_a_form_are_named_once() -> None:
    for key in ("branch_progress", "department_contribution", "written_report"):
        keys = [item.key for item in items(load_forms()[key])]
        assert keys
        assert len(keys) == len(set(keys)), "sums are by key alone"
