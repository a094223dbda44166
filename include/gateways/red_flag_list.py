"""The list of units to be looked at, as a workbook for the office's own use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

from include.domain.dates import zh_date
from include.gateways.statistics_workbooks.paper import height_for, neutral, set_page, set_widths

HEADS = ("序号", "机构编码", "单位名称", "同类单位", "线索及依据")
WIDTHS = (7, 17, 36, 22, 80)
WARNING = "内部资料：所列只是抽查选点的参考线索，不是认定结论；不得发给单位，不得写入邮件、退回说明和回执。"

_THIN = Side(style="thin", color="000000")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


def workbook(title: str, on: date, rows: Sequence[Sequence[object]]) -> bytes:
    """One sheet, a row for each unit in the order given, fit to print on A4."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "抽查选点参考"
    set_widths(sheet, WIDTHS)
    for number, (text, size) in enumerate(
        ((title, 16), (f"抽查选点参考名单（{zh_date(on)}）", 14), (WARNING, 11)), start=1
    ):
        sheet.merge_cells(start_row=number, start_column=1, end_row=number, end_column=len(HEADS))
        cell = sheet.cell(number, 1, text)
        cell.font = Font(name="宋体", size=size, bold=number < 3, color="C00000" if text == WARNING else None)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.row_dimensions[number].height = 28
    for line, row in enumerate((HEADS, *rows), start=4):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(line, column, neutral(value) if isinstance(value, str) else value)
            cell.font = Font(name="宋体", size=11, bold=line == 4)
            cell.border = _GRID
            centred = column <= 2 or line == 4
            cell.alignment = Alignment(
                horizontal="center" if centred else "left", vertical="center", wrap_text=True
            )
            if line == 4:
                cell.fill = PatternFill("solid", start_color="EEF2F6")
        if line > 4:
            sheet.row_dimensions[line].height = height_for(str(row[-1]), WIDTHS[-1])
    set_page(sheet, head_rows=(4, 4))
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()
