"""A table with a row per indicator and a column per scope (医保基金工作情况统计表)."""

from __future__ import annotations

from decimal import Decimal

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from include.domain.groups import TOTAL
from include.domain.reports import Scope
from include.domain.tables import IndicatorTable, Line, PrintedScope
from include.gateways.statistics_workbooks import paper
from include.gateways.statistics_workbooks.compilation import Compilation, in_unit
from include.gateways.statistics_workbooks.table_sheets import NOT_DIVIDED, REMARKS, link

_WIDTHS = (7, 22, 34, 9)
_NUMBER_WIDTH, _REMARKS_WIDTH = 20, 18


def add_indicator_sheet(book: Workbook, edition: Compilation, layout: IndicatorTable) -> None:
    sheet = book.create_sheet(layout.sheet)
    quarterly = edition.report.cadence == "quarterly"
    scopes = [title if quarterly else title.replace("季度", "期") for title in layout.scopes.values()]
    heads = ["序号", "项目", "指标", "单位", *scopes, *([REMARKS] if layout.remarks else [])]
    widths = [*_WIDTHS, *[_NUMBER_WIDTH] * len(layout.scopes), *([_REMARKS_WIDTH] if layout.remarks else [])]
    paper.set_widths(sheet, widths)
    top = paper.put_heading(
        sheet, edition, layout.title, columns=len(heads), unit_line=layout.unit_line, both_periods=True
    )
    for column, title in enumerate(heads, 1):
        paper.put(sheet, top, column, title, paper.HEAD)
    sheet.row_dimensions[top].height = 1.5 * paper.LINE_HEIGHT
    row, number = top + 1, 0
    for section in layout.sections:
        paper.put_down(sheet, row, row + len(section.lines) - 1, 2, section.title, paper.CENTRED)
        for line in section.lines:
            number += 1
            _put_line(sheet, edition, layout, row, number, line)
            row += 1
    if layout.note:
        row = paper.put_note(sheet, row, len(heads), layout.note)
    paper.put_foot(sheet, row + 1, len(heads))
    paper.set_page(sheet, head_rows=(top, top))


def _put_line(
    sheet: Worksheet, edition: Compilation, layout: IndicatorTable, row: int, number: int, line: Line
) -> None:
    paper.put(sheet, row, 1, number, paper.CENTRED)
    paper.put(sheet, row, 3, line.printed_title, paper.WORDS)
    paper.put(sheet, row, 4, line.printed_unit, paper.CENTRED)
    sheet.row_dimensions[row].height = 2 + paper.height_for(line.printed_title, _WIDTHS[2])
    for column, scope in enumerate(layout.scopes, 5):
        value = value_of(edition, line.indicator, line.dimension or TOTAL, line.member or "", scope)
        if value is None:
            paper.put(sheet, row, column, NOT_DIVIDED, paper.CENTRED)
            continue
        printed = in_unit(value, line.printed_unit)
        paper.put(sheet, row, column, printed, paper.STYLE_BY_UNIT[line.printed_unit])
        if scope != "previous":
            link(sheet, row, column, line.indicator)
    if layout.remarks:
        paper.put(sheet, row, 5 + len(layout.scopes), "", paper.WORDS)


def value_of(
    edition: Compilation, indicator: str, dimension: str, member: str, scope: PrintedScope
) -> Decimal | None:
    """The figure of the scope; None for 上期 when there was no occasion before."""
    if scope == "previous":
        return edition.previous_value(indicator, dimension, member)
    return edition.value(indicator, dimension, member, Scope(scope))
