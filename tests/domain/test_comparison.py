"""What changed between two versions of a return."""

from __future__ import annotations

from decimal import Decimal

from include.domain.comparison import Change, Difference, Total, differences, totals
from include.domain.returns import Reading, Row, Value
from include.gateways.form_files import load_forms

FORM = load_forms()["self_check"]


def reading(*items: dict[str, Value], has_problem: bool = True) -> Reading:
    rows = tuple(Row(number=n + 3, values=item) for n, item in enumerate(items, start=1))
    return Reading(None, {"cover": (Row(3, {"has_problem": has_problem}),), "items": rows})


def item(seq: int, **changes: Value) -> dict[str, Value]:
    return {"seq": seq, "violation_amt": Decimal("100.00"), "dept_name": f"{seq}科"} | changes


def test_the_same_return_does_not_differ() -> None:
    assert differences(FORM, reading(item(1)), reading(item(1))) == []


def test_a_changed_cell_is_named_with_both_values() -> None:
    found = differences(FORM, reading(item(1)), reading(item(1, violation_amt=Decimal("90.00"))))
    assert found == [Difference(Change.CHANGED, "自查问题明细", "第1行", "违规金额（元）", "100.00", "90.00")]


def test_a_whole_row_is_told_with_what_it_says() -> None:
    found = differences(FORM, reading(item(1), item(2)), reading(item(2), item(3)))
    assert [(d.change, d.row, d.before, d.after) for d in found] == [
        (Change.REMOVED, "第1行", "涉及科室：1科；违规金额（元）：100.00", ""),
        (Change.ADDED, "第3行", "", "涉及科室：3科；违规金额（元）：100.00"),
    ]


def test_rows_numbered_anew_after_one_was_taken_out_do_not_differ() -> None:
    before = reading(item(1), item(2), item(3))
    after = reading(item(2) | {"seq": 1}, item(3) | {"seq": 2})
    assert [(d.change, d.row) for d in differences(FORM, before, after)] == [(Change.REMOVED, "第1行")]


def test_a_row_written_twice_and_then_once_was_removed_once() -> None:
    found = differences(FORM, reading(item(1), item(1)), reading(item(1)))
    assert [(d.change, d.row) for d in found] == [(Change.REMOVED, "第1行")]


def test_two_rows_with_one_number_are_both_compared() -> None:
    before = reading(item(1, dept_name="骨科"), item(1, dept_name="眼科"))
    after = reading(item(1, dept_name="骨科二"), item(1, dept_name="眼科二"))
    assert [(d.before, d.after) for d in differences(FORM, before, after)] == [
        ("骨科", "骨科二"),
        ("眼科", "眼科二"),
    ]


def test_what_could_not_be_read_is_shown_as_written_and_never_as_empty() -> None:
    row = Row(4, {"seq": 1}, raw={"violation_amt": "约三千"}, problems={"violation_amt": "应填数字"})
    before = Reading(None, {"items": (row,)})
    after = Reading(None, {"items": (Row(4, {"seq": 1, "violation_amt": Decimal(3000)}),)})
    [found] = differences(FORM, before, after)
    assert (found.before, found.after) == ("约三千（无法识别）", "3000")


def test_a_zero_return_turned_into_problems_shows_on_the_cover() -> None:
    found = differences(FORM, reading(has_problem=False), reading(item(1)))
    assert Difference(Change.CHANGED, "封面", "", "是否发现问题", "否", "是") in found


def test_totals_add_up_amounts_and_counts_and_never_row_numbers() -> None:
    found = totals(FORM, reading(item(1), item(7)), reading(item(1, visits=3)))
    assert found[0] == Total("自查问题明细", "条数（条）", Decimal(2), Decimal(1))
    assert Total("自查问题明细", "违规金额（元）", Decimal(200), Decimal(100)) in found
    assert Total("自查问题明细", "涉及人次", Decimal(0), Decimal(3)) in found
    assert "序号" not in {total.header for total in found}
    assert "问题序号" not in {total.header for total in found}
