"""Refunds: every sum once, every division adds up to the total, and no fine among them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.domain import refunds
from include.domain.refunds import Balance

MONEY = st.decimals(0, "9999999.99", places=2)
UNITS = st.sampled_from(["H15062600001", "P15062600002", "P15062600003"])
CASES = [None, "AJ-1", "AJ-2", "AJ-3"]


@st.composite
def lines(draw: st.DrawFn) -> dict[str, Any]:
    payable = draw(MONEY)
    return {
        "number": draw(st.text("0123456789", min_size=3, max_size=6)),
        "unit_code": draw(UNITS),
        "source": draw(st.sampled_from(["自查", "现场检查", "线索核查", "飞行检查", "举报"])),
        "insurance": draw(st.sampled_from([None, "职工医保", "居民医保"])),
        "case_no": draw(st.sampled_from(CASES)),
        "payable": payable,
        "paid": draw(st.decimals(0, payable, places=2)),
        "due_on": draw(st.none() | st.dates(date(2024, 1, 1), date(2025, 1, 1))),
    }


@st.composite
def ordered(draw: st.DrawFn, number: str) -> dict[str, Any]:
    due = draw(MONEY)
    return {
        "number": number,
        "unit_code": draw(UNITS),
        "recoup_due": due,
        "recoup_paid": draw(st.decimals(0, due, places=2)),
        "fine_amt": draw(MONEY),
        "liquidated_damages": draw(MONEY),
    }


BOTH = st.tuples(
    st.lists(lines(), max_size=12), st.tuples(*(ordered(number) for number in CASES[1:] if number))
)


@settings(deadline=None, max_examples=50)
@given(BOTH)
def test_the_total_is_the_sum_of_units_accounts_and_sources(both: Any) -> None:
    rectifications, cases = both
    found = refunds.refunds(rectifications, cases)
    total = refunds.total(found)
    for field in ("unit_code", "account", "source"):
        assert sum(refunds.by(found, field).values(), Balance()) == total
    assert (
        sum((each.balance for each in refunds.outstanding(found)), Balance()).outstanding == total.outstanding
    )
    entered = {line["case_no"] for line in rectifications}
    assert total.payable == sum(line["payable"] for line in rectifications) + sum(
        case["recoup_due"] for case in cases if case["number"] not in entered
    )


@settings(deadline=None, max_examples=50)
@given(BOTH, MONEY)
def test_a_fine_never_moves_a_refund(both: Any, fine: Decimal) -> None:
    rectifications, cases = both
    changed = [case | {"fine_amt": fine, "fine_paid": fine, "late_fee": fine} for case in cases]
    assert refunds.refunds(rectifications, cases) == refunds.refunds(rectifications, changed)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.decimals("0.01", 1000, places=2), min_size=1, max_size=8))
def test_money_reconciles_after_every_payment(payments: list[Decimal]) -> None:
    owed = sum(payments, Decimal(0))
    line: dict[str, Any] = {"number": "1", "unit_code": "P15062600002", "payable": owed, "paid": Decimal(0)}
    for payment in payments:
        before = refunds.total(refunds.refunds([line], []))
        line |= {"paid": line["paid"] + payment}
        after = refunds.total(refunds.refunds([line], []))
        assert before.outstanding - after.outstanding == payment
        assert after.paid + after.outstanding == owed
    assert refunds.outstanding(refunds.refunds([line], [])) == []


@pytest.mark.parametrize(
    ("source", "case_no", "expected"),
    [("自查", None, "自查"), ("现场检查", None, "检查"), ("举报", None, "检查"), ("自查", "AJ-1", "案件")],
)
def test_a_refund_has_one_source(source: str, case_no: str | None, expected: str) -> None:
    (found,) = refunds.refunds([{"number": "1", "source": source, "case_no": case_no}], [])
    assert found.source == expected


def test_reminders_come_by_due_date_and_never_for_what_is_paid() -> None:
    def line(number: str, due_on: date | None, paid: str) -> dict[str, Any]:
        return {"number": number, "payable": Decimal(10), "paid": Decimal(paid), "due_on": due_on}

    found = refunds.refunds(
        [
            line("late", date(2024, 6, 1), "3"),
            line("no day", None, "0"),
            line("paid", date(2024, 1, 1), "10"),
            line("first", date(2024, 5, 1), "9.99"),
        ],
        [],
    )
    assert [each.number for each in refunds.outstanding(found)] == ["first", "late", "no day"]


def test_a_case_that_differs_from_its_lines_is_told() -> None:
    case = {"number": "AJ-1", "recoup_due": Decimal(100), "recoup_paid": Decimal(40)}
    halves = [{"number": n, "case_no": "AJ-1", "payable": Decimal(50), "paid": Decimal(20)} for n in "ab"]
    assert list(refunds.disagreements(halves, [case])) == []
    assert [each.case_no for each in refunds.disagreements(halves[:1], [case])] == ["AJ-1"]
    assert list(refunds.disagreements([], [case])) == []
