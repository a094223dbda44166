"""How wide words are, and where a title breaks."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from itertools import combinations

_DIGITS = "零一二三四五六七八九"


def numeral(number: int) -> str:
    """1 → 一, 10 → 十, 23 → 二十三; for 1 to 99."""
    tens, units = divmod(number, 10)
    return (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[units] if units else "")


def half_widths(text: str) -> int:
    """In halves of a Chinese character; Western digits and letters are half as wide."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)


def lines_of(text: str, *, across: int) -> int:
    """How many lines of so many characters the text takes, at least one."""
    return max(1, math.ceil(half_widths(text) / (2 * across)))


def balanced(pieces: Sequence[str], *, widest: int) -> list[str]:
    """The pieces in as few lines as fit ``widest`` characters, the lines as even as may be.

    A title breaks between words only and its lines make a trapezoid or lozenge (GB/T 9704-2012, 7.3.1).
    """
    for lines in range(1, len(pieces) + 1):
        ways = [
            ["".join(pieces[a:b]) for a, b in zip((0, *cuts), (*cuts, len(pieces)), strict=True)]
            for cuts in combinations(range(1, len(pieces)), lines - 1)
        ]
        fitting = [way for way in ways if all(half_widths(line) <= 2 * widest for line in way)]
        if fitting:
            return min(fitting, key=lambda way: max(map(half_widths, way)) - min(map(half_widths, way)))
    return list(pieces)
