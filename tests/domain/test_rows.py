"""Rows that come from no workbook are read as a workbook's are."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from include.domain import rows
from tests.gateways.workbook_builders import forms


def read(form: str, **cells: Any) -> Any:
    sheet = forms()[form].record_sheets[0]
    return rows.reading(forms()[form], {sheet.key: [cells]}).sheets[sheet.key][0]


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        ("suspect_amt", "15000.10", Decimal("15000.10")),
        ("suspect_amt", 15000.1, Decimal("15000.10")),
        ("occurrences", 120, 120),
        ("received_on", datetime(2024, 6, 3, 8, 30), date(2024, 6, 3)),
        ("received_on", "2024年6月3日", date(2024, 6, 3)),
        ("fixmedins_code", " h15062600001", "H15062600001"),
        ("risk_level", "中 ", "中"),
        ("memo", None, None),
        ("memo", "—", None),
    ],
)
def test_a_cell_is_read_as_its_column_says(field: str, cell: Any, value: Any) -> None:
    row = read("clue", **{field: cell})
    assert (row.values[field], row.problems) == (value, {})
    assert row.cells == {field: "第1行"}


def test_what_cannot_be_read_is_a_problem_of_its_field() -> None:
    row = read("clue", suspect_amt="很多", received_on="2024-02-30")
    assert set(row.problems) == {"suspect_amt", "received_on"}
    assert "不是金额" in row.problems["suspect_amt"]


def test_a_field_the_source_does_not_have_is_no_cell() -> None:
    row = read("clue", memo="甲")
    assert row.values["suspect_amt"] is None
    assert "suspect_amt" not in row.cells


def test_what_the_ledger_numbers_is_counted_where_nothing_was_written() -> None:
    assert (read("tip", tip_no=None).values["tip_no"], read("tip", tip_no="7").values["tip_no"]) == (1, 7)
    assert read("tip", tip_no=None).raw["tip_no"] == ""
