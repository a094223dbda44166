"""One statistics table on one sheet, as its layout says."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.worksheet.worksheet import Worksheet

from include.domain.groups import TOTAL, member_zh
from include.domain.tables import Column, Row, TableLayout
from include.gateways.statistics_workbooks import paper
from include.gateways.statistics_workbooks.compilation import Compilation

NUMBER = "序号"

_TEN_THOUSAND = Decimal(10_000)
_WIDEST_STUB = 40


@dataclass(frozen=True, slots=True)
class Line:
    """One printed row, by name."""

    title: str
    dimension: str
    member: str
    indent: int
    is_total: bool


def add_table_sheet(book: Workbook, edition: Compilation, layout: TableLayout) -> None:
    sheet = book.create_sheet(layout.sheet)
    lines = [line for row in layout.rows for line in _lines(row, edition)]
    stubs = 2 if layout.numbered else 1
    last = stubs + len(layout.columns)
    _set_widths(sheet, edition, layout, lines)
    top = paper.put_heading(sheet, edition, layout.title, columns=last, unit_line=layout.unit_line)
    first_row = _put_head(sheet, layout, top, stubs)
    for row, line in enumerate(lines, start=first_row):
        _put_line(sheet, edition, layout, row, line, number=row - first_row + 1)
    below = first_row + len(lines)
    if layout.note:
        below = paper.put_note(sheet, below, last, layout.note)
    paper.put_foot(sheet, below + 1, last)
    paper.set_page(sheet, head_rows=(top, first_row - 1))


def _lines(row: Row, edition: Compilation) -> list[Line]:
    if row.each is not None:
        return [
            Line(member_zh(row.each, member), row.each, member, row.indent, False)
            for member in edition.members(row.each)
        ]
    dimension, member = row.dimension or TOTAL, row.member or ""
    if row.only_if_any and not edition.occurs(dimension, member):
        return []
    return [Line(row.title or "", dimension, member, row.indent, row.is_total)]


def printed(edition: Compilation, column: Column, line: Line) -> Decimal:
    """The figure of that row and column, in the unit the column is printed in."""
    value = edition.value(column.indicator, line.dimension, line.member)
    return value / _TEN_THOUSAND if column.printed_unit == "万元" else value


def _put_head(sheet: Worksheet, layout: TableLayout, top: int, stubs: int) -> int:
    """One head line, or two where columns stand under a common heading; return the row below."""
    bottom = top + (1 if any(column.group for column in layout.columns) else 0)
    for row in range(top, bottom + 1):
        sheet.row_dimensions[row].height = 2 * paper.LINE_HEIGHT if row == bottom else 1.3 * paper.LINE_HEIGHT
    for number, title in enumerate((NUMBER, layout.stub)[2 - stubs :], start=1):
        paper.put_down(sheet, top, bottom, number, title, paper.HEAD)
    first = stubs + 1
    for group, members in groupby(layout.columns, key=lambda column: column.group):
        columns = list(members)
        if group is not None:
            paper.put_across(sheet, top, first, first + len(columns) - 1, group, paper.HEAD)
        for number, column in enumerate(columns, start=first):
            paper.put_down(
                sheet, top if group is None else bottom, bottom, number, _broken(column.title), paper.HEAD
            )
        first += len(columns)
    return bottom + 1


def _broken(title: str) -> str:
    """The unit of a column on a line of its own: 报送率 over （%）."""
    return title.replace("（", "\n（", 1) if title.endswith("）") else title


def _put_line(
    sheet: Worksheet, edition: Compilation, layout: TableLayout, row: int, line: Line, *, number: int
) -> None:
    bold = paper.BOLD if line.is_total else ""
    column = 1
    if layout.numbered:
        paper.put(sheet, row, column, "—" if line.is_total else number, paper.CENTRED + bold)
        column += 1
    paper.put(sheet, row, column, line.title, (paper.CENTRED if line.is_total else paper.WORDS) + bold)
    if line.indent:
        sheet.cell(row, column).alignment = Alignment(
            horizontal="left", vertical="center", wrap_text=True, indent=line.indent
        )
    sheet.row_dimensions[row].height = 4 + paper.height_for(line.title, _WIDEST_STUB)
    for offset, each in enumerate(layout.columns, start=1):
        style = paper.STYLE_BY_UNIT[each.printed_unit] + bold
        paper.put(sheet, row, column + offset, printed(edition, each, line), style)


def _set_widths(sheet: Worksheet, edition: Compilation, layout: TableLayout, lines: list[Line]) -> None:
    stub = max(paper.text_width(line.title) + 2 * line.indent for line in lines) + 3
    widths: list[float] = [6] if layout.numbered else []
    widths.append(min(max(stub, 16), _WIDEST_STUB))
    for column in layout.columns:
        widest = max(len(f"{printed(edition, column, line):,.2f}") for line in lines)
        head = max(_head_width(part) for part in _broken(column.title).split("\n"))
        widths.append(max(8, widest + 3, head + 2))
    paper.set_widths(sheet, widths)


def _head_width(part: str) -> float:
    """Up to six Chinese characters stay on one line, more take two."""
    width = paper.text_width(part)
    return width if width <= 12 else width / 2
