"""The official look: fonts, borders, number formats, page set-up, and text that stays text."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from include.domain.dates import zh_date

if TYPE_CHECKING:
    from include.gateways.statistics_workbooks.compilation import Compilation

Value = str | int | Decimal | date

TITLE, MARK, LINE, LINE_RIGHT, NOTE = "统计表标题", "统计表版次", "统计表左栏", "统计表右栏", "统计表说明"
HEAD, WORDS, CENTRED, COUNT, MONEY, RATE, DAY = (
    "统计表表头",
    "统计表文字",
    "统计表居中",
    "统计表整数",
    "统计表金额",
    "统计表比率",
    "统计表日期",
)
WRONG = "统计表不符"
BOLD = "加粗"
"""Suffix of the bold variant of a body style, for 合计."""

STYLE_BY_UNIT = {
    **dict.fromkeys(("家", "家次", "个", "件", "条", "例", "人", "例次", "人次"), COUNT),
    "元": MONEY,
    "万元": MONEY,
    "%": RATE,
}

LINE_HEIGHT = 18.0
HEADING_ROWS = 4

FOOT = ("单位负责人：", "审核人：", "填表人：", "联系电话：")

_THIN = Side(style="thin", color="000000")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_BODY: dict[str, tuple[str, str]] = {
    WORDS: ("left", "@"),
    CENTRED: ("center", "@"),
    COUNT: ("right", "#,##0"),
    MONEY: ("right", "#,##0.00"),
    RATE: ("right", "0.0"),
    DAY: ("center", 'yyyy"年"m"月"d"日"'),
}

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def add_styles(book: Workbook) -> None:
    """Named styles, so that an office can restyle a whole workbook at once."""
    song = Font(name="宋体", size=11)
    add = book.add_named_style
    add(_style(TITLE, Font(name="方正小标宋简体", size=20), "center", wrap=True))
    add(_style(MARK, Font(name="黑体", size=11), "left"))
    add(_style(LINE, song, "left"))
    add(_style(LINE_RIGHT, song, "right"))
    add(_style(NOTE, Font(name="宋体", size=10), "left", wrap=True))
    add(_style(HEAD, Font(name="黑体", size=11), "center", wrap=True, grid=True))
    red = _style(WRONG, Font(name="黑体", size=11, color="C00000", bold=True), "left", wrap=True, grid=True)
    red.fill = PatternFill("solid", start_color="FDE9E7")
    add(red)
    for name, (side, number_format) in _BODY.items():
        for suffix, font in (("", song), (BOLD, Font(name="宋体", size=11, bold=True))):
            style = _style(name + suffix, font, side, wrap=side != "right", grid=True)
            style.number_format = number_format
            add(style)


def _style(name: str, font: Font, side: str, *, wrap: bool = False, grid: bool = False) -> NamedStyle:
    alignment = Alignment(horizontal=side, vertical="center", wrap_text=wrap)
    return NamedStyle(name=name, font=font, alignment=alignment, border=_GRID if grid else Border())


def put(sheet: Worksheet, row: int, column: int, value: Value, style: str) -> None:
    """Write one cell. Text is neutralised and stays text; a number stays a number, also a negative one."""
    cell: Cell | MergedCell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = neutral(value)
        cell.data_type = "s"
    else:
        cell.value = value
    cell.style = style


def neutral(text: str) -> str:
    """Text no spreadsheet takes for a formula (CWE-1236), also after a detour through CSV."""
    printable = ILLEGAL_CHARACTERS_RE.sub("", text)
    return f"'{printable}" if printable.startswith(_STARTS_A_FORMULA) else printable


def put_across(sheet: Worksheet, row: int, first: int, last: int, value: Value, style: str) -> None:
    """Write one value across columns ``first`` to ``last``."""
    _put_merged(sheet, CellRange(min_row=row, max_row=row, min_col=first, max_col=last), value, style)


def put_down(sheet: Worksheet, first: int, last: int, column: int, value: Value, style: str) -> None:
    """Write one value down rows ``first`` to ``last``."""
    _put_merged(sheet, CellRange(min_row=first, max_row=last, min_col=column, max_col=column), value, style)


def put_block(sheet: Worksheet, area: tuple[int, int, int, int], value: Value, style: str) -> None:
    """Write one value into a block: first row and column, last row and column."""
    first_row, first_column, last_row, last_column = area
    _put_merged(
        sheet,
        CellRange(min_row=first_row, max_row=last_row, min_col=first_column, max_col=last_column),
        value,
        style,
    )


def _put_merged(sheet: Worksheet, area: CellRange, value: Value, style: str) -> None:
    """Every cell gets the style, so that borders close; merging first is many times faster than last."""
    if area.size["rows"] * area.size["columns"] > 1:
        sheet.merge_cells(area.coord)
    for row, column in area.cells:
        sheet.cell(row, column).style = style
    put(sheet, area.min_row, area.min_col, value, style)


def put_heading(
    sheet: Worksheet,
    edition: Compilation,
    title: str,
    *,
    columns: int,
    unit_line: str = "",
    both_periods: bool = False,
) -> int:
    """Draft mark, title, who fills it in and when; return the row below."""
    half = _middle(sheet, columns)
    put_across(sheet, 1, 1, columns, edition.draft_mark, MARK)
    put_across(sheet, 2, 1, columns, title, TITLE)
    sheet.row_dimensions[2].height = 36
    lines = (
        (
            f"填报单位：{edition.campaign.lead.name}（盖章）",
            f"填报时间：{zh_date(edition.snapshot.taken_on)}",
        ),
        (f"统计期间：{edition.both_periods if both_periods else edition.period}", unit_line),
    )
    for row, (left, right) in enumerate(lines, start=3):
        put_across(sheet, row, 1, half, left, LINE)
        put_across(sheet, row, half + 1, columns, right, LINE_RIGHT)
        sheet.row_dimensions[row].height = LINE_HEIGHT
    return HEADING_ROWS + 1


def _middle(sheet: Worksheet, columns: int) -> int:
    """The column after which the left half of the heading ends; both halves stay wide enough for their text."""
    nearly_half = 0.45 * total_width(sheet, columns)
    halves = (number for number in range(1, columns) if total_width(sheet, number) >= nearly_half)
    return next(halves, columns - 1)


def put_note(sheet: Worksheet, row: int, columns: int, text: str) -> int:
    """A note across the table, as high as its text needs; return the row below."""
    put_across(sheet, row, 1, columns, text, NOTE)
    sheet.row_dimensions[row].height = height_for(text, total_width(sheet, columns))
    return row + 1


def put_foot(sheet: Worksheet, row: int, columns: int) -> None:
    """Where the people answerable for the table sign by hand, spread over its width; never a printed name."""
    whole = total_width(sheet, columns)
    taken = free_from = 0.0
    for place, label in enumerate(FOOT):
        column = next(
            number
            for number in range(1, columns + 1)
            if number == columns
            or (
                total_width(sheet, number) > whole * place / 4 and total_width(sheet, number - 1) >= free_from
            )
        )
        column = max(column, int(taken) + 1)
        put(sheet, row, column, label, LINE)
        taken, free_from = column, total_width(sheet, column - 1) + text_width(label) + 2


def set_widths(sheet: Worksheet, widths: Iterable[float]) -> None:
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width


def total_width(sheet: Worksheet, columns: int) -> float:
    return sum(sheet.column_dimensions[get_column_letter(number)].width for number in range(1, columns + 1))


@lru_cache(maxsize=4096)
def text_width(text: str) -> int:
    """Width in half-width characters: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def height_for(text: str, width: float) -> float:
    """Row height in points for text wrapped into a column; Excel does not find it out for merged cells."""
    lines = sum(max(1, math.ceil(text_width(line) * 1.05 / width)) for line in text.split("\n"))
    return LINE_HEIGHT * lines


def set_page(sheet: Worksheet, *, head_rows: tuple[int, int] | None = None, one_page: bool = False) -> None:
    """A4 landscape, as wide as the page, the head repeated, pages numbered."""
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = sheet.ORIENTATION_LANDSCAPE
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 1 if one_page else 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.6
    margins.top = margins.bottom = 0.7
    footer = sheet.oddFooter
    assert footer is not None
    footer.center.text, footer.center.size = "第 &P 页 共 &N 页", 10
    sheet.sheet_view.showGridLines = False
    if head_rows is not None:
        sheet.print_title_rows = f"{head_rows[0]}:{head_rows[1]}"
        sheet.freeze_panes = f"A{head_rows[1] + 1}"
