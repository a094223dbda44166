"""What people write into cells, and what it is taken for."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.domain import values
from include.domain.values import Unreadable


@pytest.mark.parametrize(
    ("written", "unit", "amount"),
    [
        ("1234.5", "元", "1234.50"),
        ("¥1,234.50", "元", "1234.50"),
        ("￥１，２３４．５０", "元", "1234.50"),
        ("人民币 1234.50元整", "元", "1234.50"),
        ("1.2万元", "元", "12000.00"),
        ("1.2万", "万元", "12000.00"),
        ("1.2", "万元", "12000.00"),
        ("500元", "万元", "500.00"),
        ("0.000001亿元", "元", "100.00"),
        ("-35.00", "元", "-35.00"),
        (1234.5, "元", "1234.50"),
        (0.1 + 0.2, "元", "0.30"),
        (1.2345, "万元", "12345.00"),
        (0, "元", "0.00"),
    ],
)
def test_money_is_read_exactly(written: values.Cell, unit: str, amount: str) -> None:
    assert values.money(written, unit) == Decimal(amount)


@pytest.mark.parametrize(
    "written", ["12元5角", "约500", "1,23", "五百", "1.234", 0.005, True, date(2024, 5, 3), "."]
)
def test_what_is_not_an_amount_is_named_and_told_how(written: values.Cell) -> None:
    with pytest.raises(Unreadable, match=r"请") as wrong:
        values.money(written)
    assert values.shown(written) in str(wrong.value)


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_money_written_out_comes_back_to_the_cent(cents: int) -> None:
    amount = Decimal(cents) / 100
    assert values.money(f"{amount:,.2f}") == amount
    assert values.money(f"¥{amount:.2f}" if cents >= 0 else f"{amount:.2f}元") == amount


@given(st.integers(min_value=0, max_value=10**11))
def test_a_number_cell_never_loses_a_cent(cents: int) -> None:
    assert values.money(cents / 100) == Decimal(cents) / 100


@pytest.mark.parametrize(
    ("written", "number"),
    [("12", 12), (12.0, 12), ("１２人次", 12), ("1,200例次", 1200), ("-3", -3), ("7.0", 7)],
)
def test_counts(written: values.Cell, number: int) -> None:
    assert values.count(written) == number


@pytest.mark.parametrize("written", ["3.5", 3.5, "三", "12-15", "1,2", False])
def test_a_count_is_a_whole_number(written: values.Cell) -> None:
    with pytest.raises(Unreadable, match="如 12"):
        values.count(written)


@pytest.mark.parametrize(
    "written",
    [
        "2024年5月3日",
        "2024 年 5 月 3 日",
        "２０２４年０５月０３日",
        "2024/5/3",
        "2024-05-03",
        "2024.5.3",
        "20240503",
        "2024-05-03 00:00:00",
        20240503.0,
        45415.0,
        date(2024, 5, 3),
        datetime(2024, 5, 3, 8, 30),
    ],
)
def test_every_way_of_writing_a_day(written: values.Cell) -> None:
    assert values.day(written) == date(2024, 5, 3)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2024年5月", "缺少“日”"),
        ("2023-02-29", "没有这一天"),
        ("20241301", "没有这一天"),
        ("0024-05-03", "年份不合理"),
        ("五月三日", "不是日期"),
        (1.5, "不是日期"),
        (True, "不是日期"),
    ],
)
def test_what_is_not_a_day_is_told_how(written: values.Cell, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        values.day(written)


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2099, 12, 31)))
def test_a_day_written_in_any_style_comes_back(day: date) -> None:
    for written in (
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
        day.isoformat(),
        f"{day:%Y/%m/%d}",
    ):
        assert values.day(written) == day


@pytest.mark.parametrize(
    ("written", "answer"),
    [("是", True), ("有", True), ("√", True), (" 否 ", False), ("无", False), (1.0, True), (False, False)],
)
def test_yes_and_no(written: values.Cell, answer: bool) -> None:
    assert values.yes_no(written) is answer


def test_perhaps_is_neither_yes_nor_no() -> None:
    with pytest.raises(Unreadable, match="请填写“是”或“否”"):
        values.yes_no("基本没有")


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("自查 自纠", "自查自纠"),
        ("Ａ１（二）", "A1(二)"),
        ("鹤医保〔2020〕12号", "鹤医保〔2020〕12号"),
        ("  two  words ", "two words"),
        ("高值\n耗材", "高值耗材"),
    ],
)
def test_normalised_text(written: str, normal: str) -> None:
    assert values.normalise(written) == normal


@given(st.text())
def test_normalising_twice_changes_nothing(written: str) -> None:
    assert values.normalise(values.normalise(written)) == values.normalise(written)


@given(st.one_of(st.text(), st.floats(), st.booleans(), st.dates(), st.integers(), st.none()))
def test_a_parser_returns_or_says_why_and_nothing_else(written: values.Cell) -> None:
    for parse in (values.money, values.count, values.day, values.yes_no, values.text):
        reason = "read"
        try:
            parse(written)
        except Unreadable as wrong:
            reason = str(wrong)
        assert reason.strip()


def test_chinese_punctuation_of_a_description_stays_chinese() -> None:
    assert values.text("重复 收费，已退回（见附件）；Ａ") == "重复收费，已退回（见附件）；A"


@pytest.mark.parametrize("number", [150626000000001234.0, 1e14, 123456789012345])
def test_a_long_code_typed_as_a_number_is_refused(number: float) -> None:
    with pytest.raises(Unreadable, match="“文本”格式"):
        values.text(number)


def test_a_short_number_in_a_text_column_keeps_its_digits() -> None:
    assert values.text(13800000000.0) == "13800000000"
    assert values.text(3.5) == "3.5"
