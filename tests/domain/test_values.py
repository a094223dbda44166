"""What people write into cells, and what it is taken for."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.domain import codes, values
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
        ("（1,234.50）", "元", "-1234.50"),
        ("(1.2万元)", "元", "-12000.00"),
        ("-¥35", "元", "-35.00"),
        ("−35", "元", "-35.00"),
        ("'1234.5", "元", "1234.50"),
        ("1 234.50 元", "元", "1234.50"),
        (1234.5, "元", "1234.50"),
        (0.1 + 0.2, "元", "0.30"),
        (1.2345, "万元", "12345.00"),
        (0, "元", "0.00"),
    ],
)
def test_money_is_read_exactly(written: values.Cell, unit: str, amount: str) -> None:
    assert values.money(written, unit) == Decimal(amount)


@pytest.mark.parametrize(
    "written",
    [
        "12元5角",
        "约500",
        "1,23",
        "五百",
        "1.234",
        "(-5)",
        "--5",
        "-¥-5",
        "1.5E+5",
        0.005,
        True,
        date(2024, 5, 3),
        ".",
    ],
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
    [
        ("12", 12),
        (12.0, 12),
        ("１２人次", 12),
        ("(3)", -3),
        ("'12", 12),
        ("1,200例次", 1200),
        ("-3", -3),
        ("7.0", 7),
    ],
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
        "2024年5月3号",
        "'2024-05-03",
        20240503.0,
        45415.0,
        45415.354,
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
        ("2024-5", "缺少“日”"),
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
    [
        ("是", True),
        ("有", True),
        ("√", True),
        (" 否 ", False),
        ("✓", True),
        ("Y", True),
        ("☑", True),
        ("×", False),
        ("N", False),
        ("☑是 □否", True),
        ("□是 ☑否", False),
        ("√是□否", True),
        ("无", False),
        (1.0, True),
        (False, False),
    ],
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


@pytest.mark.parametrize("number", [3105010020000.0, 150626000001])
def test_a_code_typed_as_a_number_may_have_lost_its_zeros(number: float) -> None:
    with pytest.raises(Unreadable, match="前面的0"):
        values.text(number)


@pytest.mark.parametrize("written", ["1.5E+17", "1.50627e17", "３．１Ｅ＋１５"])
def test_a_code_that_became_scientific_is_refused(written: str) -> None:
    with pytest.raises(Unreadable, match="科学计数法"):
        values.text(written)


@pytest.mark.parametrize(
    ("written", "kept"), [("'003105", "003105"), ("’150626", "150626"), ("'引'", "'引'")]
)
def test_the_apostrophe_that_makes_a_text_is_no_part_of_it(written: str, kept: str) -> None:
    assert values.text(written) == kept


CELLS = st.one_of(
    st.text(),
    st.from_regex(r"[¥（(−-]?[0-9０-９,，.]{1,30}[)）元万整]{0,3}", fullmatch=True),
    st.from_regex(r"[0-9]{1,6}[-./年][0-9]{1,3}([-./月][0-9]{1,3}日?)?", fullmatch=True),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.datetimes(),
)


@given(CELLS)
def test_money_is_exact_and_reads_back_as_it_was_printed(written: values.Cell) -> None:
    try:
        amount = values.money(written)
    except Unreadable:
        return
    assert isinstance(amount, Decimal)
    assert amount == amount.quantize(values.CENT)
    assert values.money(f"{amount:,.2f}") == values.money(f"{amount}") == amount


@given(CELLS)
def test_a_count_reads_back_as_it_was_printed(written: values.Cell) -> None:
    try:
        number = values.count(written)
    except Unreadable:
        return
    assert type(number) is int
    if abs(number) < 10**15:
        assert values.count(str(number)) == values.count(f"{number:,}") == number


@given(CELLS)
def test_a_day_reads_back_as_it_was_printed(written: values.Cell) -> None:
    try:
        found = values.day(written)
    except Unreadable:
        return
    assert type(found) is date
    assert values.day(found.isoformat()) == found


@given(st.one_of(st.text(), st.from_regex(r"['‘0-9A-Za-z .-]{1,24}", fullmatch=True)))
def test_words_read_twice_are_the_same_words(written: str) -> None:
    try:
        words = values.text(written)
    except Unreadable:
        return
    assert "  " not in words
    assert values.text(words) in {words, words.lstrip("'‘’`")}


@given(st.sampled_from("HPJF"), st.integers(min_value=0, max_value=10**11 - 1), st.booleans())
def test_a_unit_code_is_read_however_it_is_spaced_and_typed(letter: str, number: int, wide: bool) -> None:
    code = f"{letter}{number:011d}"
    typed = f" {code[:4]} {code[4:].lower()}"
    assert (
        codes.institution_code(
            "".join(chr(ord(sign) + 0xFEE0) if wide and sign != " " else sign for sign in typed)
        )
        == code
    )


@given(st.text())
def test_a_code_is_read_or_refused_with_a_reason(written: str) -> None:
    for parse in (codes.institution_code, codes.uscc, codes.region, codes.phone, codes.email):
        reason = "read"
        try:
            assert parse(parse(written))
        except Unreadable as wrong:
            reason = str(wrong)
        assert reason.strip()


def test_figures_of_any_length_are_refused_and_not_an_error() -> None:
    for parse in (values.money, values.count, values.day):
        with pytest.raises(Unreadable):
            parse("9" * 6000)


def test_a_short_number_in_a_text_column_keeps_its_digits() -> None:
    assert values.text(13800000000.0) == "13800000000"
    assert values.text(3.5) == "3.5"
