"""One statistics table on one sheet, as its layout says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from include.domain.groups import TOTAL, VIOLATION_TYPE, member_zh
from include.domain.indicators import BY_KEY
from include.domain.reports import Scope
from include.domain.tables import MEMBERS, Column, Row, TableLayout
from include.gateways.statistics_workbooks import paper
from include.gateways.statistics_workbooks.compilation import Compilation, in_unit
from include.gateways.statistics_workbooks.drill_down import sheet_behind

NUMBER, SCOPE, REMARKS = "序号", "口径", "备注"
NOT_DIVIDED = "—"
CONTINUED = "续表"

_WIDEST_STUB = 40
_ONE_PAGE = 60
"""Rows that still print on one page at a size to read."""


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
    lines = [line for row in layout.rows for line in _lines(row, edition, layout)]
    stubs = [
        title
        for title, is_there in (
            (NUMBER, layout.numbered),
            (layout.stub, True),
            (SCOPE, len(layout.scopes) > 1),
        )
        if is_there
    ]
    last = len(stubs) + max(len(panel) for panel in layout.panels) + layout.remarks
    _set_widths(sheet, edition, layout, lines)
    both = Scope.THIS in layout.scopes
    row = top = paper.put_heading(
        sheet, edition, layout.title, columns=last, unit_line=layout.unit_line, both_periods=both
    )
    for panel in layout.panels:
        if row > top:
            paper.put(sheet, row + 1, 1, CONTINUED, paper.LINE)
            row += 2
        row = first_row = _put_head(sheet, layout, panel, row, stubs, last)
        for number, line in enumerate(lines, start=1):
            row = _put_line(sheet, edition, layout, panel, row, line, number=number, last=last)
    if layout.note:
        row = paper.put_note(sheet, row, last, layout.note)
    paper.put_foot(sheet, row + 1, last)
    if row <= _ONE_PAGE:
        paper.set_page(sheet, one_page=True)
    else:
        paper.set_page(sheet, head_rows=(top, first_row - 1) if len(layout.panels) == 1 else None)


def _lines(row: Row, edition: Compilation, layout: TableLayout) -> Iterator[Line]:
    if row.each is None:
        dimension, member = row.dimension or TOTAL, row.member or ""
        if not row.only_if_any or edition.occurs(dimension, member):
            yield Line(row.title or "", dimension, member, row.indent, row.is_total)
        return
    for member in _members(row, edition, layout):
        title = f"{row.prefix or ''}{member_zh(row.each, member)}"
        yield Line(title, row.each, member, row.indent, False)


def _members(row: Row, edition: Compilation, layout: TableLayout) -> list[str]:
    assert row.each is not None
    if row.all_members:
        members = list(MEMBERS[row.each])
    elif row.each == VIOLATION_TYPE:
        members = edition.members_with(row.each, layout.indicators)
    else:
        members = edition.members(row.each)
    if row.within is None:
        return members
    return [member for member in members if member.startswith(f"{row.within}:")]


def printed(edition: Compilation, column: Column, line: Line, scope: Scope) -> Decimal | None:
    """The figure of that row and column in the unit of the column; None where there is none to print."""
    if line.dimension not in BY_KEY[column.indicator].dimensions:
        return None
    if column.cumulative_only and scope is Scope.THIS:
        return None
    value = edition.value(column.indicator, line.dimension, line.member, scope)
    return in_unit(value, column.printed_unit)


def _put_head(
    sheet: Worksheet, layout: TableLayout, panel: tuple[Column, ...], top: int, stubs: list[str], last: int
) -> int:
    """One head line, or two where columns stand under a common heading; return the row below."""
    bottom = top + (1 if any(column.group for column in panel) else 0)
    for number, title in enumerate(stubs, start=1):
        paper.put_down(sheet, top, bottom, number, title, paper.HEAD)
    first = len(stubs) + 1
    tallest = 2
    for group, members in groupby(panel, key=lambda column: column.group):
        columns = list(members)
        if group is not None:
            paper.put_across(sheet, top, first, first + len(columns) - 1, group, paper.HEAD)
        for number, column in enumerate(columns, start=first):
            words = _broken(column.title)
            paper.put_down(sheet, top if group is None else bottom, bottom, number, words, paper.HEAD)
            width = paper.total_width(sheet, number) - paper.total_width(sheet, number - 1)
            tallest = max(tallest, round(paper.height_for(words, width - 1) / paper.LINE_HEIGHT))
        first += len(columns)
    if layout.remarks:
        _put_remarks(sheet, top, bottom, first, last, REMARKS, paper.HEAD)
    for row in range(top, bottom + 1):
        sheet.row_dimensions[row].height = (tallest if row == bottom else 1.3) * paper.LINE_HEIGHT
    return bottom + 1


def _put_remarks(
    sheet: Worksheet, top: int, bottom: int, first: int, last: int, words: str, style: str
) -> None:
    """To the right edge of the table, also below a panel of fewer columns."""
    paper.put_block(sheet, (top, first, bottom, last), words, style)


def _broken(title: str) -> str:
    """The unit of a column on a line of its own: 报送率 over （%）."""
    return title.replace("（", "\n（", 1) if title.endswith("）") else title


def _put_line(
    sheet: Worksheet,
    edition: Compilation,
    layout: TableLayout,
    panel: tuple[Column, ...],
    row: int,
    line: Line,
    *,
    number: int,
    last: int,
) -> int:
    """The row, once per scope; return the row below."""
    bold = paper.BOLD if line.is_total else ""
    bottom = row + len(layout.scopes) - 1
    column = 1
    if layout.numbered:
        value = "—" if line.is_total else number
        paper.put_down(sheet, row, bottom, column, value, paper.CENTRED + bold)
        column += 1
    stub_style = (paper.CENTRED if line.is_total else paper.WORDS) + bold
    paper.put_down(sheet, row, bottom, column, line.title, stub_style)
    if line.indent:
        sheet.cell(row, column).alignment = Alignment(
            horizontal="left", vertical="center", wrap_text=True, indent=line.indent
        )
    for place, scope in enumerate(layout.scopes):
        at = row + place
        height = 4 + paper.height_for(line.title, _WIDEST_STUB)
        sheet.row_dimensions[at].height = max(height / len(layout.scopes), paper.LINE_HEIGHT)
        first = column + 1
        if len(layout.scopes) > 1:
            paper.put(sheet, at, first, scope.zh, paper.CENTRED + bold)
            first += 1
        for offset, each in enumerate(panel):
            _put_number(sheet, edition, at, first + offset, each, printed(edition, each, line, scope), bold)
        if layout.remarks:
            _put_remarks(sheet, at, at, first + len(panel), last, "", paper.WORDS)
    return bottom + 1


def _put_number(
    sheet: Worksheet,
    edition: Compilation,
    row: int,
    column: int,
    layout: Column,
    value: Decimal | None,
    bold: str,
) -> None:
    if value is None:
        paper.put(sheet, row, column, NOT_DIVIDED, paper.CENTRED + bold)
        return
    paper.put(sheet, row, column, value, paper.STYLE_BY_UNIT[layout.printed_unit] + bold)
    link(sheet, row, column, layout.indicator)


def link(sheet: Worksheet, row: int, column: int, indicator: str) -> None:
    """From a number to the list of the rows behind it."""
    behind = sheet_behind(BY_KEY[indicator])
    sheet.cell(row, column).hyperlink = Hyperlink(ref="", location=f"'{behind}'!A1")


def _set_widths(sheet: Worksheet, edition: Compilation, layout: TableLayout, lines: list[Line]) -> None:
    stub = max(paper.text_width(line.title) + 2 * line.indent for line in lines) + 3
    widths: list[float] = [6] if layout.numbered else []
    widths.append(min(max(stub, 14), _WIDEST_STUB))
    if len(layout.scopes) > 1:
        widths.append(7)
    columns = [0.0] * max(len(panel) for panel in layout.panels)
    most = 8 if len(columns) > 13 else 12
    for panel in layout.panels:
        for at, column in enumerate(panel):
            columns[at] = max(columns[at], _width(edition, layout, column, lines, most))
    widths += columns
    if layout.remarks:
        widths.append(10)
    paper.set_widths(sheet, widths)


def _width(edition: Compilation, layout: TableLayout, column: Column, lines: list[Line], most: int) -> float:
    values = (printed(edition, column, line, scope) for line in lines for scope in layout.scopes)
    places = 2 if column.printed_unit in ("元", "万元") else 1 if column.printed_unit == "%" else 0
    widest = max(len(f"{value or 0:,.{places}f}") for value in values)
    head = max(_head_width(part, most) for part in _broken(column.title).split("\n"))
    return max(6.5, widest + 2.5, head + 2)


def _head_width(part: str, most: int) -> float:
    """Up to six Chinese characters stay on one line, four in a table of many columns; more take several."""
    width = paper.text_width(part)
    return width if width <= most else max(width / 2 if most > 8 else width / 3, most - 2)
