"""The sender's own workbook with every finding marked in place and listed on a first sheet.

Marks of an earlier round are taken away first. What a marked cell looked like before is kept in the
workbook itself, on a hidden sheet, so that marking and unmarking leave the sender's layout as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from io import BytesIO

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import quote_sheetname
from openpyxl.utils.exceptions import CellCoordinatesException
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from include.domain.forms import Form
from include.domain.model import Severity
from include.domain.returns import Finding
from include.gateways.workbooks import guard, style
from include.gateways.workbooks.grids import grids
from include.gateways.workbooks.locate import RETURNED_SHEET, find_sheets
from include.gateways.workbooks.package import clean, harmless, saved

AUTHOR = "督办校验"
MARKS = "_duban_marks"
_ERROR_FILL = PatternFill("solid", fgColor="FFC7CE")
_WARNING_FILL = PatternFill("solid", fgColor="FFEB9C")
_HEADERS = (
    ("序号", 6),
    ("工作表", 18),
    ("单元格", 10),
    ("栏目", 24),
    ("填写内容", 28),
    ("问题与改正方法", 80),
    ("处理", 12),
)
_FIRST_ROW = 6
_MOST_MARKS_SHOWN = 5


def annotated(content: bytes, form: Form, findings: Sequence[Finding], *, unit_name: str) -> bytes:
    """The workbook to send back. Raise ValueError for a file that cannot be opened."""
    titles = _titles(content, form)
    try:
        workbook = load_workbook(BytesIO(content))
    except Exception as broken:  # openpyxl fails in many ways on foreign files
        raise ValueError("文件无法打开，不能在原表上标注") from broken
    _unmark(workbook)
    placed = [(finding, titles.get(finding.sheet, finding.sheet)) for finding in findings]
    _mark(workbook, placed)
    _list(workbook, form, placed, unit_name)
    return saved(workbook)


def _titles(content: bytes, form: Form) -> Mapping[str, str]:
    """What the form's sheets are called in this file. Raise ValueError."""
    try:
        sheets = grids(content, guard.inspect(content))
    except guard.Refused as refused:
        raise ValueError(str(refused)) from refused
    return {form.sheet(key).title: found.grid.title for key, found in find_sheets(form, sheets).items()}


def _unmark(workbook: Workbook) -> None:
    for title in [title for title in workbook.sheetnames if title.startswith(RETURNED_SHEET)]:
        del workbook[title]
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.comment is not None and cell.comment.author == AUTHOR:
                    cell.comment = None
    if MARKS not in workbook.sheetnames:
        return
    for kept in workbook[MARKS].iter_rows(max_col=4):
        title, address = str(kept[0].value), str(kept[1].value)
        if title in workbook.sheetnames:
            cell = workbook[title][address]
            cell.fill = copy(kept[0].fill)
            if kept[2].value:
                cell.comment = Comment(str(kept[2].value), str(kept[3].value))
    del workbook[MARKS]


def _mark(workbook: Workbook, placed: Sequence[tuple[Finding, str]]) -> None:
    marks = workbook.create_sheet(MARKS)
    marks.sheet_state = "veryHidden"
    by_cell: dict[tuple[str, str], list[Finding]] = {}
    for finding, title in placed:
        if finding.cell and title in workbook.sheetnames:
            by_cell.setdefault((title, finding.cell), []).append(finding)
    for (title, address), findings in by_cell.items():
        cell = _cell(workbook[title], address)
        if cell is None:
            continue
        _keep(marks, title, address, cell)
        is_error = any(finding.severity is Severity.ERROR for finding in findings)
        cell.fill = _ERROR_FILL if is_error else _WARNING_FILL
        cell.comment = _comment(findings)


def _cell(sheet: Worksheet, address: str) -> Cell | None:
    """The cell, or the one into which it is merged; None for an address that is none."""
    try:
        cell = sheet[address]
    except (ValueError, CellCoordinatesException):
        return None
    if isinstance(cell, MergedCell):
        merged = next(area for area in sheet.merged_cells.ranges if address in area)
        cell = sheet.cell(merged.min_row, merged.min_col)
    return cell if isinstance(cell, Cell) else None


def _keep(marks: Worksheet, title: str, address: str, cell: Cell) -> None:
    row = marks.max_row + 1 if marks["A1"].value else 1
    # The fill is kept as a fill: every spreadsheet program preserves that, theme colours included.
    kept = marks.cell(row, 1, title)
    kept.fill = copy(cell.fill)
    marks.cell(row, 2, address)
    if cell.comment is not None:
        marks.cell(row, 3, harmless(cell.comment.text))
        marks.cell(row, 4, harmless(cell.comment.author or ""))


def _comment(findings: Sequence[Finding]) -> Comment:
    lines = []
    for finding in findings[:_MOST_MARKS_SHOWN]:
        lines += [
            f"【{_word(finding)}】{finding.message}",
            f"填写值：{finding.value or '（空）'}",
            f"规则：{finding.rule}",
        ]
    comment = Comment(clean("\n".join(lines)), AUTHOR)
    comment.width, comment.height = 380, 40 + 26 * len(lines)
    return comment


def _word(finding: Finding) -> str:
    return {Severity.ERROR: "须改正", Severity.WARNING: "请核对", Severity.INFO: "提示"}[finding.severity]


def _list(workbook: Workbook, form: Form, placed: Sequence[tuple[Finding, str]], unit_name: str) -> None:
    sheet = workbook.create_sheet(RETURNED_SHEET, 0)
    errors = sum(1 for finding, _ in placed if finding.severity is Severity.ERROR)
    _say(style.paint(sheet["A1"], font=style.TITLE, border=None), f"{form.title}{RETURNED_SHEET}")
    _say(style.paint(sheet["A2"], border=None), f"报送单位：{unit_name}")
    _say(
        style.paint(sheet["A3"], border=None),
        f"本表共有{len(placed)}处问题，其中须改正{errors}处（红色）、请核对{len(placed) - errors}处（黄色）。"
        "请点击“单元格”列的链接逐条改正，保存后直接回复邮件重新报送本文件；本页不必删除，重报后会自动更新。",
    )
    for row, height in ((1, 30), (2, 20), (3, 36)):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(_HEADERS))
        sheet.row_dimensions[row].height = height
    for number, (words, width) in enumerate(_HEADERS, start=1):
        cell = sheet.cell(_FIRST_ROW - 1, number, words)
        style.paint(cell, font=style.BOLD, fill=style.HEADER_FILL, alignment=style.CENTRE)
        sheet.column_dimensions[cell.column_letter].width = width
    for order, (finding, title) in enumerate(placed, start=1):
        _line(workbook, sheet, order, finding, title)
    sheet.freeze_panes = f"A{_FIRST_ROW}"
    style.for_print(sheet, landscape=True, header_row=_FIRST_ROW - 1)
    _show_first(workbook)


def _line(workbook: Workbook, sheet: Worksheet, order: int, finding: Finding, title: str) -> None:
    row = _FIRST_ROW + order - 1
    words = (str(order), title, finding.cell, finding.header, finding.value, finding.message, _word(finding))
    for number, word in enumerate(words, start=1):
        _say(style.paint(sheet.cell(row, number)), word or ("整个文件" if number == 2 else ""))
    sheet.cell(row, 7).fill = _ERROR_FILL if finding.severity is Severity.ERROR else _WARNING_FILL
    sheet.row_dimensions[row].height = 18 * max(
        1, -(-len(finding.message) // 40), -(-len(finding.value) // 14)
    )
    if finding.cell and title in workbook.sheetnames:
        link = sheet.cell(row, 3)
        link.hyperlink = Hyperlink(ref=link.coordinate, location=f"{quote_sheetname(title)}!{finding.cell}")
        link.font = style.LINK


def _say(cell: Cell, words: str) -> None:
    """Write words as words: nothing a sender typed may become a formula in our sheet."""
    cell.value = harmless(words)
    cell.data_type = "s"


def _show_first(workbook: Workbook) -> None:
    workbook.active = 0
    for sheet in workbook.worksheets:
        sheet.sheet_view.tabSelected = sheet.title == RETURNED_SHEET
