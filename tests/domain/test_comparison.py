"""What changed between two versions of a return."""

from __future__ import annotations

from decimal import Decimal

from include.domain.comparison import Difference, differences
from include.domain.returns import Reading, Row, Value
from include.gateways.form_files import load_forms

FORM = load_forms()["self_check"]


def reading(*items: dict[str, Value], has_problem: bool = True) -> Reading:
    rows = tuple(Row(number=n + 3, values=item) for n, item in enumerate(items, start=1))
    return Reading(None, {"cover": (Row(3, {"has_problem": has_problem}),), "items": rows})


def item(seq: int, **changes: Value) -> dict[str, Value]:
    return {"seq": seq, "violation_amt": Decimal("100.00"), "dept_name": "骨科"} | changes


def test_the_same_return_does_not_differ() -> None:
    assert differences(FORM, reading(item(1)), reading(item(1))) == []


def test_a_changed_cell_is_named_with_both_values() -> None:
    found = differences(FORM, reading(item(1)), reading(item(1, violation_amt=Decimal("90.00"))))
    assert found == [Difference("自查问题明细", "第1行", "违规金额", "100.00", "90.00")]


def test_rows_are_matched_by_number_not_by_place() -> None:
    found = differences(FORM, reading(item(1), item(2)), reading(item(2), item(3)))
    assert [(d.row, d.before, d.after) for d in found] == [
        ("第1行", "删除一行", ""),
        ("第3行", "", "新增一行"),
    ]


def test_a_zero_return_turned_into_problems_shows_on_the_cover() -> None:
    found = differences(FORM, reading(has_problem=False), reading(item(1)))
    assert Difference("封面", "", "是否发现问题", "否", "是") in found
