"""A plain sheet for the office's own eyes: title, warning, heads, rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from include.gateways.statistics_workbooks.paper import height_for, neutral, set_page, set_widths

_THIN = Side(style="thin", color="000000")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_TEXTS = ("疑点说明", "本次参数", "以往核查情况", "品种名称")


def fill(
    sheet: Worksheet,
    title: str,
    note: str,
    heads: Sequence[str],
    widths: Sequence[int],
    rows: Sequence[Sequence[Any]],
) -> None:
    """Title, red note, heads and rows; fit to print on A4. How a column stands follows from what its head says."""
    set_widths(sheet, widths)
    for line, (text, size, colour) in enumerate(((title, 16, None), (note, 11, "C00000")), start=1):
        sheet.merge_cells(start_row=line, start_column=1, end_row=line, end_column=len(heads))
        cell = sheet.cell(line, 1, text)
        cell.font = Font(name="宋体", size=size, bold=line == 1, color=colour)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.row_dimensions[line].height = 28
    for line, row in enumerate((heads, *rows), start=3):
        for column, value in enumerate(row, start=1):
            _put(sheet, line, column, value, heads[column - 1], is_head=line == 3)
        wrapped = [
            height_for(str(row[n]), width) for n, width in enumerate(widths) if line == 3 or width >= 60
        ]
        sheet.row_dimensions[line].height = max(wrapped, default=18)
    sheet.freeze_panes = "A4"
    set_page(sheet, head_rows=(3, 3))


def _put(sheet: Worksheet, line: int, column: int, value: Any, head: str, *, is_head: bool) -> None:
    cell = sheet.cell(line, column, neutral(value) if isinstance(value, str) else value)
    cell.font = Font(name="宋体", size=11, bold=is_head)
    cell.border = _GRID
    side = "center" if is_head else "right" if _is_number(head) else "left" if head in _TEXTS else "center"
    cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=True)
    if "多数不属实" in str(value):
        cell.font = Font(name="宋体", size=11, bold=True, color="C00000")
    if is_head:
        cell.fill = PatternFill("solid", start_color="EEF2F6")
    elif _is_number(head):
        cell.number_format = "#,##0.00" if head.endswith("（元）") else "#,##0.0"
    elif isinstance(value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm" if head == "结算时间" else "yyyy-mm-dd"


def _is_number(head: str) -> bool:
    return head.endswith(("（元）", "（%）"))
