"""What the raw XML of a sheet says before a reader opens it: its extent, and what a reader would swallow."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MOST_COLUMNS = 60
LAST_ROW = 65_000
MOST_DENSE_CELLS = MOST_COLUMNS * LAST_ROW
"""A reader takes the whole rectangle, some 30 bytes for each cell, empty ones included."""
MOST_TEXT = 200 * 1024 * 1024

_LONG_TAIL = 1024 * 1024
_CHUNK = 1024 * 1024

_P = rb"(?:\w+:)?"
_ATTRIBUTES = rb"""(?:\s+(?:s|t|cm|vm|ph)=["']\w*["'])*"""
# Not [^>]*: where ">" may be missing that is quadratic, and a sender chooses what is missing.
_CELL = rb"<" + _P + rb"c(?=[\s/>])(?![^<>]*/>)"
_FAR_CELL = re.compile(
    _CELL + rb"(?!" + _ATTRIBUTES + rb"""\s+r=["'](?:[A-Z]|A[A-O])[1-9]\d{0,3}["'])[^<>]*"""
)
_ADDRESS = re.compile(_CELL + _ATTRIBUTES + rb"""(?:\s+r=["']([A-Z]{1,3})(\d{1,7})["'])?""")
_WHOLE_CELL = re.compile(
    _CELL + _ATTRIBUTES + rb"""\s+r=["']([A-Z]{1,3})(\d{1,7})["'][^<>]*>.*?</(?:\w+:)?c\s*>""", re.DOTALL
)
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_ODD_EXTENT = re.compile(
    rb"""<(?:\w+:)?dimension\b(?!\s+ref=["'][A-Z]{1,3}\d{1,7}(?::[A-Z]{1,3}\d{1,7})?["'])[^<>]*>"""
)
_ERROR_CELL = re.compile(
    rb"""<(?:\w+:)?c\b(?=[^<>]*\bt=["']e["'])[^<>]*\br=["']([A-Z]+\d+)["'][^<>]*>\s*"""
    rb"""(?:<(?:\w+:)?f\b[^<>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*)?<(?:\w+:)?v>([^<]*)<"""
)
_FORMULA_CELL = re.compile(
    rb"""<(?:\w+:)?c\b[^<>]*\br=["']([A-Z]+\d+)["'][^<>]*>\s*<(?:\w+:)?f\b[^<>]*?(?:/>|>[^<]*</(?:\w+:)?f>)"""
    rb"""\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"""
)
_HIDDEN_ROW = re.compile(
    rb"<" + _P + rb"""row\b(?=[^<>]*\shidden=["'](?:1|true)["'])[^<>]*\sr=["'](\d{1,7})["']"""
)
_SHARED = re.compile(rb"""\st=["']s["'][^<>]*>\s*<(?:\w+:)?v>(\d{1,9})<""")


@dataclass(frozen=True, slots=True)
class Scan:
    """Cells without a usable value (errors by address, formulas never computed) and rows nobody sees."""

    errors: Mapping[str, str] = field(default_factory=dict)
    uncomputed: frozenset[str] = frozenset()
    hidden_rows: frozenset[int] = frozenset()

    def says_more(self, address: str) -> bool:
        """Whether a cell that reads as empty is not."""
        return address in self.errors or address in self.uncomputed


def scan(xml: bytes) -> Scan:
    errors: dict[str, str] = {}
    if b't="e"' in xml or b"t='e'" in xml:
        errors = {cell.decode(): shown.decode(errors="replace") for cell, shown in _ERROR_CELL.findall(xml)}
    hidden = frozenset(map(int, _HIDDEN_ROW.findall(xml))) if b"hidden=" in xml else frozenset()
    if b"<f" not in xml and b":f" not in xml:
        return Scan(errors, hidden_rows=hidden)
    return Scan(errors, frozenset(cell.decode() for cell in _FORMULA_CELL.findall(xml)), hidden)


def is_utf_8(xml: bytes) -> bool:
    """Readers take what is none for whatever it looks like, and words come out garbled."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(xml), _CHUNK):
            decoder.decode(xml[start : start + _CHUNK], final=start + _CHUNK >= len(xml))
    except UnicodeDecodeError:
        return False
    return True


def without_empty_tail(xml: bytes) -> bytes:
    """Up to the last row that holds anything: a click on a column can format a million empty ones."""
    end = xml.rfind(b"</", 0, max(xml.rfind(b"sheetData>"), 0))
    start = xml.find(b"sheetData>", 0, max(end, 0)) + len(b"sheetData>")
    if end - start < _LONG_TAIL or start < len(b"sheetData>"):
        return xml
    # A value, an in-line text, a formula: whatever fills a cell contains one of these.
    last = max(xml.rfind(mark, start, end) for mark in (b"v>", b"is>", b"f>", b"f ", b"f/"))
    kept = start if last < 0 else xml.find(b"row>", last, end) + len(b"row>")
    return xml[:kept] + xml[end:] if last < kept and end - kept >= _LONG_TAIL else xml


def is_wide(xml: bytes) -> bool:
    """Whether a reader that takes the whole rectangle could run out of memory."""
    if _FAR_CELL.search(xml) is None:
        return False
    columns, rows = zip(*_ADDRESS.findall(xml), strict=True)
    letters, numbers = set(columns), set(rows)
    if b"" in letters:
        return _is_wide_by_count(xml)
    return max(map(_number, letters)) * max(map(int, numbers)) > MOST_DENSE_CELLS


def trimmed(xml: bytes) -> bytes:
    """Without the cells no form has, and without an extent that is none."""

    def kept(cell: re.Match[bytes]) -> bytes:
        return cell[0] if int(cell[2]) <= LAST_ROW and _number(cell[1]) <= MOST_COLUMNS else b""

    plain = _ODD_EXTENT.sub(b"", xml)
    return _WHOLE_CELL.sub(kept, plain) if is_wide(plain) else plain


def is_too_long(xml: bytes) -> bool:
    """Whether something stands below the last row that is read, in a column that is."""
    return any(
        int(number) > LAST_ROW and _number(letters) <= MOST_COLUMNS
        for letters, number in _ADDRESS.findall(xml)
        if letters
    )


def _is_wide_by_count(xml: bytes) -> bool:
    """For cells that do not say where they are: as many columns as the longest row has cells."""
    rows = _ROW.split(xml)
    return len(rows) * max(len(_ADDRESS.findall(row)) for row in rows) > MOST_DENSE_CELLS


def text_size(xml: bytes, lengths: Sequence[int]) -> int:
    """Bytes of shared text the sheet's cells repeat; ``lengths`` are those of the shared strings."""
    if max(lengths, default=0) * xml.count(b'"s"') <= MOST_TEXT and b"'s'" not in xml:
        return 0
    return sum(lengths[int(index)] for index in _SHARED.findall(xml) if int(index) < len(lengths))


def string_lengths(shared_strings: bytes) -> list[int]:
    return [len(text) for text in re.split(rb"</(?:\w+:)?si>", shared_strings)]


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
