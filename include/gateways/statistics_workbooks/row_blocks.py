"""Long lists written as the bytes of their rows, spliced into the sheet when the workbook is saved.

A cell object costs openpyxl more than all else about a cell of a list: value, style and place are known
beforehand, so a row is put together from strings and goes straight into the zip, a few hundred at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from xml.sax.saxutils import escape

from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from include.gateways.statistics_workbooks import paper

Row = Sequence[paper.Value | None]

_DAY_ZERO = date(1899, 12, 30)
_AT_ONCE = 500
_DIMENSION = re.compile(r'<dimension ref="([A-Z]+\d+):([A-Z]+)(\d+)" ?/>')


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Rows of one sheet from ``first`` on; ``styles`` are cell formats of the workbook, a column each.

    Words in a column of numbers (a dash, say) get the format ``words``.
    """

    first: int
    count: int
    styles: tuple[int, ...]
    words: int
    takes_words: tuple[bool, ...]
    widths: tuple[float, ...]
    rows: Iterable[Row]


def block(sheet: Worksheet, first: int, styles: Sequence[str], rows: Sequence[Row]) -> RowBlock:
    """The rows with the named styles of their columns."""
    return RowBlock(
        first,
        len(rows),
        tuple(_format(sheet, style) for style in styles),
        _format(sheet, paper.CENTRED),
        tuple(style in (paper.WORDS, paper.CENTRED) for style in styles),
        tuple(sheet.column_dimensions[get_column_letter(at)].width for at in range(1, len(styles) + 1)),
        rows,
    )


def _format(sheet: Worksheet, style: str) -> int:
    cell = WriteOnlyCell(sheet)
    cell.style = style
    return int(cell.style_id)


def spliced(content: bytes, spliced_in: RowBlock) -> Iterator[bytes]:
    """The sheet with the rows in their place, in pieces."""
    text = content.decode()
    if not spliced_in.count:
        yield content
        return
    last = spliced_in.first + spliced_in.count - 1
    text = _DIMENSION.sub(
        lambda found: f'<dimension ref="{found[1]}:{found[2]}{max(int(found[3]), last)}"/>', text, count=1
    )
    following = text.find(f'<row r="{last + 1}"')
    at = following if following >= 0 else text.index("</sheetData>")
    yield text[:at].encode()
    yield from _rows(spliced_in)
    yield text[at:].encode()


def _rows(of: RowBlock) -> Iterator[bytes]:
    cells = [
        _writer(get_column_letter(number), style, of.words if not takes_words else style)
        for number, (style, takes_words) in enumerate(zip(of.styles, of.takes_words, strict=True), 1)
    ]
    parts: list[str] = []
    for number, row in enumerate(of.rows, of.first):
        height = max(
            (
                _height(value, width)
                for value, width in zip(row, of.widths, strict=True)
                if isinstance(value, str)
            ),
            default=paper.LINE_HEIGHT,
        )
        parts.append(f'<row r="{number}" ht="{height + 2:g}" customHeight="1">')
        parts += [write(value, number) for write, value in zip(cells, row, strict=True)]
        parts.append("</row>")
        if number % _AT_ONCE == 0:
            yield "".join(parts).encode()
            parts.clear()
    yield "".join(parts).encode()


def _writer(letter: str, style: int, words: int) -> Callable[[paper.Value | None, int], str]:
    number_at, text_at = f'" s="{style}"><v>', f'" s="{words}" t="inlineStr">'
    empty_at, start = f'" s="{style}"/>', f'<c r="{letter}'

    def write(value: paper.Value | None, row: int) -> str:
        if isinstance(value, str):
            return f"{start}{row}{text_at}{_inline(value)}</c>"
        if value is None:
            return f"{start}{row}{empty_at}"
        if isinstance(value, date):
            value = (value - _DAY_ZERO).days
        elif isinstance(value, Decimal):
            return f"{start}{row}{number_at}{value:f}</v></c>"
        return f"{start}{row}{number_at}{value}</v></c>"

    return write


@lru_cache(maxsize=65_536)
def _height(text: str, width: float) -> float:
    return paper.height_for(text, width)


@lru_cache(maxsize=65_536)
def _inline(text: str) -> str:
    # Spaces at the ends would be lost; names in a list repeat, so each is made once.
    return f'<is><t xml:space="preserve">{escape(paper.neutral(text))}</t></is>'
