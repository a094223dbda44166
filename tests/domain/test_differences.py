"""What changed between two editions, the most important first."""

from __future__ import annotations

from decimal import Decimal

import pytest

from include.domain.differences import differences
from include.domain.letters import ChangeLine
from include.domain.reports import Figure, Scope


def total(indicator: str, value: str, scope: Scope = Scope.CUMULATIVE) -> Figure:
    return Figure(indicator, "", "", Decimal(value), scope)


def of_pharmacies(indicator: str, value: str) -> Figure:
    return Figure(indicator, "unit_kind", "retail_pharmacy", Decimal(value))


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ([], [], []),
        ([total("units_expected", "9")], [total("units_expected", "9")], []),
        (
            [total("violation_amt", "1000")],
            [total("violation_amt", "1234.5")],
            [ChangeLine("违规金额（元）", "1,000.00", "1,234.50", "+234.50")],
        ),
        (
            [total("units_expected", "9")],
            [total("units_expected", "7")],
            [ChangeLine("应报单位（家）", "9", "7", "-2")],
        ),
        ([], [total("units_expected", "7")], [ChangeLine("应报单位（家）", "", "7", "+7")]),
        ([total("units_expected", "7")], [], [ChangeLine("应报单位（家）", "7", "", "-7")]),
        (
            [total("units_expected", "9", Scope.THIS)],
            [total("units_expected", "7", Scope.THIS)],
            [ChangeLine("本期应报单位（家）", "9", "7", "-2")],
        ),
        (
            [
                of_pharmacies("units_expected", "1"),
                total("units_expected", "100"),
                total("units_overdue", "10"),
            ],
            [
                of_pharmacies("units_expected", "9"),
                total("units_expected", "101"),
                total("units_overdue", "5"),
            ],
            [
                ChangeLine("逾期未完成单位（家）", "10", "5", "-5"),
                ChangeLine("应报单位（家）", "100", "101", "+1"),
                ChangeLine("应报单位：定点零售药店（家）", "1", "9", "+8"),
            ],
        ),
        ([total("printed_nowhere", "1")], [total("printed_nowhere", "2")], []),
    ],
)
def test_differences(before: list[Figure], after: list[Figure], lines: list[ChangeLine]) -> None:
    assert list(differences(before, after)) == lines
