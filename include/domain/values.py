"""Reading what people write into cells: money, counts, days, 是/否, plain text.

Each parser takes a cell as a workbook reader gives it and returns the value, or raises Unreadable whose
message is a Chinese clause: what was seen, what to write. Money is Decimal 元, never float.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import isfinite

Cell = str | float | int | bool | date | datetime | time | timedelta | None
"""A cell before reading. Numbers come as float from every xlsx reader."""

CENT = Decimal("0.01")
MOST_MONEY = Decimal(10) ** 14
"""Decimal(16,2) 元: what the ledger can hold."""

_FACTORS = {"": Decimal(1), "元": Decimal(1), "万元": Decimal(10_000), "万": Decimal(10_000)}
_FACTORS |= {"亿元": Decimal(100_000_000), "亿": Decimal(100_000_000), "千元": Decimal(1_000)}

_CJK = "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff08\uff09"
_GAP_BETWEEN_CJK = re.compile(rf"(?<=[{_CJK}])\s+(?=[{_CJK}])")
_CHINESE_PUNCTUATION = "，；：？！（）～"
_NORMAL = re.compile("[!-~\u4e00-\u9fff]*")
"""Most cells of a workbook: letters, digits and characters that are their own normal form."""
_NORMAL_PROSE = re.compile(f"[!-~\u4e00-\u9fff{_CHINESE_PUNCTUATION}]*")
_KEPT = re.compile(f"([{_CHINESE_PUNCTUATION}〔〕])")
_AMOUNT = re.compile(
    r"(-?)(?:人民币|RMB|CNY|¥)?(-?(?:\d{1,3}(?:,\d{3})+|\d{1,20})(?:\.\d{0,20})?)(亿元|亿|万元|万|千元|元)?(?:整|正)?"
)
_IN_BRACKETS = re.compile(r"\(([^-()]+)\)")
_COUNT = re.compile(
    r"(-?(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,15}))(?:\.0{1,9})?(?:人次|例次|家次|人|例|次|件|条|家|个|起|份|张|项)?"
)
_DAY = re.compile(
    r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*[日号]?(?:[ T]+\d{1,2}:\d{2}(?::\d{2})?)?"
)
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH_ONLY = re.compile(r"\d{4}\s*[年./-]\s*\d{1,2}\s*月?")
_BLANKS = frozenset({"", "/", "\\", "-", "--", "—", "——", "–", "无", "N/A", "n/a"})
_LONGEST_BLANK = max(map(len, _BLANKS))
_YES = frozenset({"是", "有", "√", "✓", "✔", "☑", "y", "yes", "true", "1"})
_NO = frozenset({"否", "无", "没有", "×", "✗", "✘", "☒", "n", "no", "false", "0"})
_TICKED = re.compile(r"[☑√✓✔■●](是|否)[□☐○]?(?:是|否)|[□☐○](?:是|否)[☑√✓✔■●](是|否)")
_SCIENTIFIC = re.compile(r"[1-9](?:\.\d+)?E\+?\d{2}", re.IGNORECASE)
_APOSTROPHE = re.compile(r"^['‘’`](?=[\d-])")
_SERIAL_ORIGIN = date(1899, 12, 30)
_SERIALS = range(10_959, 73_051)  # 1930-01-01 to 2100-01-01
_YEARS = range(1930, 2101)
_LONGEST_NUMBER = 10**14
"""Excel keeps fifteen digits of a number: one this long may have lost its last digits already."""
_LONG_NUMBER = 10**11
"""Twelve digits and more are a code, not a quantity or a telephone number; a number has no leading zeros."""


class Unreadable(ValueError):
    """Why a cell cannot be read as its type: a Chinese clause for the one who filled it in."""


def normalise(text: str) -> str:
    """NFKC (full-width letters and digits become plain; 〔〕 stay), trimmed, no gaps between CJK characters."""
    return text if _NORMAL.fullmatch(text) else _normalised(text)


@lru_cache(maxsize=8192)
def _normalised(text: str) -> str:
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    return _GAP_BETWEEN_CJK.sub("", plain)


@lru_cache(maxsize=8192)
def prose(text: str) -> str:
    """Normalised, but Chinese punctuation stays Chinese: these words go into official reports."""
    if _NORMAL_PROSE.fullmatch(text):
        return text
    parts = _KEPT.split(text)
    plain = "".join(part if _KEPT.fullmatch(part) else unicodedata.normalize("NFKC", part) for part in parts)
    return _GAP_BETWEEN_CJK.sub("", re.sub(r"\s+", " ", plain).strip())


def same_name(left: str, right: str) -> bool:
    """Equal but for width, spacing and case."""
    return left == right or _bare(left) == _bare(right)


def is_blank(value: Cell) -> bool:
    """Empty, or one of the marks people write for "nothing" (/ — 无)."""
    if not isinstance(value, str):
        return value is None
    return len(value.strip()) <= _LONGEST_BLANK and normalise(value) in _BLANKS


def shown(value: Cell) -> str:
    """The cell as its writer sees it, short enough for a sentence."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time.min else f"{value:%Y-%m-%d %H:%M}"
    text = str(value).strip()
    return text if len(text) <= 60 else f"{text[:59]}…"


def money(value: Cell, unit: str = "元") -> Decimal:
    """An amount in 元 with two decimals; ``unit`` is what the column's header says (元 or 万元)."""
    if isinstance(value, str):
        match = _AMOUNT.fullmatch(_figures(value))
        if match is None or (match[1] and match[2].startswith("-")):
            raise Unreadable(f"填写的是“{shown(value)}”，不是金额，请填写数字，如 1234.50")
        amount = Decimal(match[1] + match[2].replace(",", "")) * _FACTORS[match[3] or unit]
        return _cents(amount, value, exact=True)
    return _cents(_number(value, "金额", "1234.50") * _FACTORS[unit], value, exact=False)


def count(value: Cell) -> int:
    """A whole number; a counting word behind it (人次, 例次, 家 …) is accepted."""
    if isinstance(value, str):
        match = _COUNT.fullmatch(_figures(value))
        if match is None:
            raise Unreadable(f"填写的是“{shown(value)}”，不是整数，请填写整数，如 12")
        return int(match[1].replace(",", ""))
    number = _number(value, "数量", "12")
    if number != number.to_integral_value():
        raise Unreadable(f"填写的是“{shown(value)}”，数量不能有小数，请填写整数，如 12")
    return int(number)


def day(value: Cell) -> date:
    """A day, from a date cell, an Excel serial, 2024年5月3日, 2024-5-3, 2024/5/3, 2024.5.3 or 20240503."""
    if isinstance(value, datetime):
        return _in_reach(value.date(), value)
    if isinstance(value, date):
        return _in_reach(value, value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value):
        if int(value) in _SERIALS:  # a fraction is the time of day
            return _SERIAL_ORIGIN + timedelta(days=int(value))
        value = shown(value)
    if not isinstance(value, str):
        raise _not_a_day(value)
    written = _APOSTROPHE.sub("", normalise(value))
    match = _DAY.fullmatch(written) or _COMPACT_DAY.fullmatch(written)
    if match is None:
        if _MONTH_ONLY.fullmatch(written):
            raise Unreadable(f"填写的是“{shown(value)}”，缺少“日”，请写到日，如 2024-05-03")
        raise _not_a_day(value)
    try:
        return _in_reach(date(int(match[1]), int(match[2]), int(match[3])), value)
    except ValueError as wrong:
        if isinstance(wrong, Unreadable):
            raise
        raise Unreadable(f"填写的是“{shown(value)}”，没有这一天，请核对后填写，如 2024-05-03") from wrong


def yes_no(value: Cell) -> bool:
    """是/否; 有/无, √/×, Y/N, 1/0 and ticked boxes (☑是 □否) are understood."""
    word = normalise(shown(value)).replace(" ", "").casefold()
    if ticked := _TICKED.fullmatch(word):
        word = ticked[1] or ticked[2]
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Unreadable(f"填写的是“{shown(value)}”，请填写“是”或“否”")


def text(value: Cell) -> str:
    """Words as written. A code that was typed as a number is refused: digits of it may be lost.

    Excel rounds from the sixteenth digit on and drops leading zeros.
    """
    if isinstance(value, str):
        words = prose(value)
        if _SCIENTIFIC.fullmatch(words):
            raise Unreadable(
                f"填写的是“{words}”，是变成科学计数法的长编码，原来的数字已经丢失，"
                "请先把单元格设为“文本”格式再重新录入编码"
            )
        return _APOSTROPHE.sub("", words)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) >= _LONG_NUMBER:
        lost = (
            "Excel 只保留15位有效数字，末尾可能已被改动"
            if abs(value) >= _LONGEST_NUMBER
            else "数字格式不保留前面的0，编码可能已不完整"
        )
        raise Unreadable(
            f"是数字格式的长编码（现显示为 {shown(value)}），{lost}，请先把单元格设为“文本”格式再重新录入编码"
        )
    return shown(value)


def _figures(text: str) -> str:
    """A number in words, ready to be matched: minus signs plain, (123) for -123 as accountants write it."""
    plain = normalise(text).replace(" ", "").replace("￥", "¥").replace("−", "-")
    plain = _APOSTROPHE.sub("", plain)
    return _IN_BRACKETS.sub(r"-\1", plain) if _IN_BRACKETS.fullmatch(plain) else plain


@lru_cache(maxsize=8192)
def _bare(name: str) -> str:
    return re.sub(r"\s+", "", normalise(name)).casefold()


def _number(value: Cell, wanted: str, example: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unreadable(f"填写的是“{shown(value)}”，不是{wanted}，请填写数字，如 {example}")
    number = Decimal(repr(value))
    if not number.is_finite():
        raise Unreadable(f"填写的数字无法识别，请填写{wanted}，如 {example}")
    return number


def _cents(amount: Decimal, value: Cell, *, exact: bool) -> Decimal:
    if abs(amount) >= MOST_MONEY:
        raise Unreadable(f"填写的是“{shown(value)}”，金额过大，请核对单位是否为元")
    rounded = amount.quantize(CENT, rounding=ROUND_HALF_UP)
    # A number cell may carry binary dust (0.1+0.2); a text has only the digits somebody typed.
    if abs(amount - rounded) > (Decimal(0) if exact else Decimal("0.00001")):
        raise Unreadable(f"填写的是“{shown(value)}”，金额最多到分（两位小数），请四舍五入后填写")
    return rounded


def _in_reach(found: date, value: Cell) -> date:
    if found.year not in _YEARS:
        raise Unreadable(f"填写的是“{shown(value)}”，年份不合理，请填写四位年份，如 2024-05-03")
    return found


def _not_a_day(value: Cell) -> Unreadable:
    return Unreadable(f"填写的是“{shown(value)}”，不是日期，请按“年-月-日”填写，如 2024-05-03")
