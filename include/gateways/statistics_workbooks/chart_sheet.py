"""Native charts over their own small tables, so that a chart can be checked against its numbers."""

from __future__ import annotations

import math
from collections.abc import Collection

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from include.domain.groups import CLUE_SOURCE, OBJECT, UNIT_KIND, VIOLATION_TYPE, member_zh
from include.domain.indicators import BY_KEY, Source
from include.gateways.statistics_workbooks import paper
from include.gateways.statistics_workbooks.compilation import Compilation

CHART_SHEET = "图表"

_BY_KIND = (
    ("units_accepted", "2E75B6"),
    ("units_received", "9DC3E6"),
    ("units_returned", "F4B183"),
    ("units_partial", "FFD966"),
    ("units_missing", "C00000"),
)
_BY_TYPE = (("violation_amt", "C55A11"), ("fund_amt", "2E75B6"))
_BY_OBJECT = (("found_amt", "C55A11"), ("recouped_amt", "2E75B6"))
_OF_WORK = (
    (
        Source.INSPECTIONS,
        UNIT_KIND,
        (
            ("units_to_inspect", "9DC3E6"),
            ("units_inspected", "2E75B6"),
            ("inspected_with_problems", "C00000"),
        ),
        "检查进展（家，累计）",
    ),
    (Source.REFUNDS, OBJECT, _BY_OBJECT, "各类对象违规金额和追回医保基金（元，累计）"),
    (
        Source.CLUES,
        CLUE_SOURCE,
        (("clues_received", "9DC3E6"), ("clues_checked", "2E75B6"), ("clues_confirmed", "C00000")),
        "各来源线索核查情况（条，累计）",
    ),
)
_COLUMNS = 6
_ROW_CM = paper.LINE_HEIGHT * 2.54 / 72
_PAGE_CM = (30, 16)


def add_chart_sheet(book: Workbook, edition: Compilation, sources: Collection[Source]) -> None:
    """A page per chart: how far reporting has come, what was found, how far inspection and clues have come."""
    sheet = book.create_sheet(CHART_SHEET)
    # Charts hang on rows; one height for all of them keeps a chart off the table below it.
    sheet.sheet_format.defaultRowHeight = paper.LINE_HEIGHT
    sheet.sheet_format.customHeight = True
    paper.set_widths(sheet, (44, 16, 16, 16, 16, 16))
    reports = Source.UNITS in sources
    title = "报送进度和违规金额图" if reports else "工作进展图"
    row = paper.put_heading(sheet, edition, title, columns=_COLUMNS, unit_line="单位：家、条、元")
    if reports:
        row = _add(sheet, edition, row, UNIT_KIND, _BY_KIND, "各类单位报送情况（家）", stacked=True)
        if edition.members_with(VIOLATION_TYPE, [key for key, _ in _BY_TYPE]):
            sheet.row_breaks.append(Break(id=row - 1))
            row = _add(sheet, edition, row, VIOLATION_TYPE, _BY_TYPE, "各违规类型金额（元）", stacked=False)
        else:
            row = paper.put_note(sheet, row, _COLUMNS, "已报单位均未填报自查问题，无违规金额图。")
    for source, dimension, series, words in _OF_WORK:
        if source in sources and edition.members_with(dimension, [key for key, _ in series]):
            if row > paper.HEADING_ROWS + 1:
                sheet.row_breaks.append(Break(id=row - 1))
            row = _add(sheet, edition, row, dimension, series, words, stacked=False)
    paper.set_page(sheet)


def _add(
    sheet: Worksheet,
    edition: Compilation,
    top: int,
    dimension: str,
    series: tuple[tuple[str, str], ...],
    title: str,
    *,
    stacked: bool,
) -> int:
    """The bars, and below them the table they are drawn from; return the row below both."""
    members = _charted(edition, dimension, series)
    if not members:
        return paper.put_note(sheet, top, _COLUMNS, "没有应报单位，无报送情况图。")
    chart = _bars(title, stacked=stacked)
    chart.width, chart.height = _PAGE_CM[0], min(_PAGE_CM[1], 5 + len(members))
    sheet.add_chart(chart, f"A{top}")
    head = top + math.ceil(chart.height / _ROW_CM) + 1
    bottom = head + len(members)
    _put_numbers(sheet, edition, head, dimension, members, [key for key, _ in series])
    chart.add_data(
        Reference(sheet, min_col=2, max_col=1 + len(series), min_row=head, max_row=bottom),
        titles_from_data=True,
    )
    chart.set_categories(Reference(sheet, min_col=1, min_row=head + 1, max_row=bottom))
    for drawn, (_, colour) in zip(chart.series, series, strict=True):
        drawn.graphicalProperties.solidFill = colour
        drawn.graphicalProperties.line.solidFill = colour
    return bottom + 2


def _charted(edition: Compilation, dimension: str, series: tuple[tuple[str, str], ...]) -> list[str]:
    return edition.members_with(dimension, [key for key, _ in series])


def _put_numbers(
    sheet: Worksheet,
    edition: Compilation,
    head: int,
    dimension: str,
    members: list[str],
    keys: list[str],
) -> None:
    for column, title in enumerate(("类别", *(BY_KEY[key].title for key in keys)), 1):
        paper.put(sheet, head, column, title, paper.HEAD)
    for row, member in enumerate(members, head + 1):
        name = member_zh(dimension, member)
        paper.put(sheet, row, 1, name, paper.WORDS)
        sheet.row_dimensions[row].height = paper.height_for(name, 44)
        for column, key in enumerate(keys, 2):
            style = paper.STYLE_BY_UNIT[BY_KEY[key].unit]
            paper.put(sheet, row, column, edition.value(key, dimension, member), style)


def _bars(title: str, *, stacked: bool) -> BarChart:
    """Lying bars: Chinese names of categories are long. The first category stands on top."""
    chart = BarChart()
    chart.type = "bar"
    chart.title = title
    chart.legend.position = "b"
    chart.grouping, chart.overlap = ("stacked", 100) if stacked else ("clustered", 0)
    chart.gapWidth = 60
    chart.x_axis.tickLblSkip = 1
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.number_format = "#,##0"
    chart.y_axis.numFmt.sourceLinked = False
    chart.y_axis.crosses = "max"
    chart.y_axis.majorGridlines = ChartLines(GraphicalProperties(ln=LineProperties(solidFill="D9D9D9")))
    return chart
