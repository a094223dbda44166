"""The sender's own workbook with every finding marked in place and listed on a first sheet.

Marks of an earlier round are taken away first, and what was put right on 仅错误行 is written into the table.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from openpyxl import Workbook, load_workbook
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from include.domain.forms import Form, Layout
from include.domain.model import Severity
from include.domain.returns import Finding
from include.gateways.workbooks import convert, corrections_sheet, guard, identity, marks, style
from include.gateways.workbooks.corrections import Origin, main_table, page_of
from include.gateways.workbooks.grids import Grid, grids
from include.gateways.workbooks.locate import CORRECTIONS_SHEET, RETURNED_SHEET, Found, find_sheets
from include.gateways.workbooks.marks import say
from include.gateways.workbooks.package import saved
from include.gateways.workbooks.read import rows_of
from include.gateways.workbooks.refusals import Refused

_ROW = re.compile(r"[A-Z]{1,3}(\d+)")
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
_OR_APART = f"，也可以只在“{CORRECTIONS_SHEET}”中改正"


@dataclass(frozen=True, slots=True)
class _Sent:
    """A file as it came, and where the form's sheets are in it."""

    content: bytes
    is_legacy: bool
    sheets: Sequence[Grid]
    found: Mapping[str, Found]

    @classmethod
    def of(cls, content: bytes, form: Form) -> _Sent:
        """Raise ValueError for a file that cannot be opened."""
        try:
            inspection = guard.inspect(content)
            sheets = grids(content, inspection)
        except Refused as refused:
            raise ValueError(str(refused)) from refused
        return cls(content, inspection.is_legacy, sheets, find_sheets(form, sheets))


def annotated(content: bytes, form: Form, findings: Sequence[Finding], *, unit_name: str) -> bytes:
    """The workbook to send back, always an xlsx. Raise ValueError for a file that cannot be opened."""
    workbook, sent, findings = _opened(content, form, findings)
    titles = {form.sheet(key).title: found.grid.title for key, found in sent.found.items()}
    placed = [(finding, titles.get(finding.sheet, finding.sheet)) for finding in findings]
    _add_corrections(workbook, form, sent, placed, _origin(content, sent))
    marks.mark(workbook, form, placed)
    _opine(workbook, form, sent, placed)
    _list(workbook, form, placed, unit_name)
    return saved(workbook)


def put_right(earlier: bytes, page: bytes, form: Form) -> tuple[bytes, tuple[Finding, ...]]:
    """The earlier return with the rows of 仅错误行 written into its table, and what does not fit there.

    Raise ValueError when either cannot be opened, or has not what the other needs.
    """
    workbook, sent, _ = _opened(earlier, form, ())
    table, written = main_table(form), page_of(_Sent.of(page, form).sheets)
    if table is None or table.key not in sent.found or written is None:
        raise ValueError(f"没有可以合并的表格：原文件中须有明细表，改正页须名为“{CORRECTIONS_SHEET}”")
    found = sent.found[table.key]
    rows = list(rows_of(form, table, found))
    findings = corrections_sheet.put_right(workbook, form, written, found, rows, rows_of)
    return saved(workbook), tuple(findings)


def _opened(
    content: bytes, form: Form, findings: Sequence[Finding]
) -> tuple[Workbook, _Sent, Sequence[Finding]]:
    """The workbook without marks, what is in it, and the findings at the cells they have there."""
    sent = _Sent.of(content, form)
    if sent.is_legacy:
        if not sent.found:
            raise ValueError("文件中没有认出报送表，不能在原表上标注，请在下发的专用表上填写")
        converted, findings = convert.as_form_workbook(form, sent.sheets, sent.found, findings, rows_of)
        sent = _Sent.of(converted, form)
    try:
        workbook = load_workbook(BytesIO(sent.content))
    except Exception as broken:  # openpyxl fails in many ways on foreign files
        raise ValueError("文件无法打开，不能在原表上标注，请另存为新的xlsx文件") from broken
    marks.unmark(workbook)
    return workbook, _without_earlier_round(workbook, form, sent), findings


def _origin(content: bytes, sent: _Sent) -> Origin | None:
    hidden = next((grid for grid in sent.sheets if grid.title == identity.SHEET), None)
    whose = identity.parse(cells for _, cells in hidden.rows) if hidden is not None else None
    return Origin(whose, hashlib.sha256(content).hexdigest()) if whose is not None else None


def _without_earlier_round(workbook: Workbook, form: Form, sent: _Sent) -> _Sent:
    """The workbook with the corrections in its table and without our sheets."""
    for title in [title for title in workbook.sheetnames if title.startswith(RETURNED_SHEET)]:
        del workbook[title]
    table = main_table(form)
    if table is None or table.key not in sent.found:
        return sent  # a page without its table is all the sender has written
    if corrections_sheet.take_over(workbook, form, sent.sheets, sent.found[table.key], rows_of):
        return _Sent.of(saved(workbook), form)
    return sent


def _add_corrections(
    workbook: Workbook,
    form: Form,
    sent: _Sent,
    placed: Sequence[tuple[Finding, str]],
    origin: Origin | None,
) -> None:
    table = main_table(form)
    if table is not None and table.key in sent.found:
        found = sent.found[table.key]
        rows = list(rows_of(form, table, found))
        corrections_sheet.add(workbook, form, found, rows, _by_row(placed, found.grid.title), origin)


def _opine(workbook: Workbook, form: Form, sent: _Sent, placed: Sequence[tuple[Finding, str]]) -> None:
    for key, found in sent.found.items():
        by_row = _by_row(placed, found.grid.title)
        if form.sheet(key).layout is Layout.TABLE and by_row:
            marks.opine(
                workbook,
                found.grid.title,
                found.header_row,
                _first_free_column(workbook[found.grid.title], found),
                {row: corrections_sheet.sentences_of(here) for row, here in by_row.items()},
            )


def _first_free_column(sheet: Worksheet, found: Found) -> int:
    """The column behind everything written in the table."""
    last = max(spot.column for spot in found.spots.values()) + 1
    for row in sheet.iter_rows(min_row=found.header_row, min_col=last + 1):
        last = max((cell.column for cell in row if cell.value is not None), default=last)
    return last + 1


def _by_row(placed: Sequence[tuple[Finding, str]], title: str) -> dict[int, list[Finding]]:
    """The findings of one sheet by Excel row."""
    found: dict[int, list[Finding]] = defaultdict(list)
    for finding, where in placed:
        match = _ROW.fullmatch(finding.cell)
        if where == title and match:
            found[int(match[1])].append(finding)
    return found


def _list(workbook: Workbook, form: Form, placed: Sequence[tuple[Finding, str]], unit_name: str) -> None:
    sheet = workbook.create_sheet(RETURNED_SHEET, 0)
    errors = sum(1 for finding, _ in placed if finding.severity is Severity.ERROR)
    say(style.paint(sheet["A1"], font=style.TITLE, border=None), f"{form.title}{RETURNED_SHEET}")
    say(style.paint(sheet["A2"], border=None), f"报送单位：{unit_name}")
    say(
        style.paint(sheet["A3"], border=None),
        f"本表共有{len(placed)}处问题，其中须改正{errors}处（红色）、请核对{len(placed) - errors}处（黄色）。"
        f"请点击“单元格”列的链接逐条改正{_OR_APART if CORRECTIONS_SHEET in workbook.sheetnames else ''}，"
        "保存后直接回复邮件重新报送本文件；本页和各表的“校验意见”列不必删除，重报后会自动更新。",
    )
    for row, height in ((1, 30), (2, 20), (3, 40)):
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
    style.protect(sheet)
    _show_first(workbook)


def _line(workbook: Workbook, sheet: Worksheet, order: int, finding: Finding, title: str) -> None:
    row = _FIRST_ROW + order - 1
    words = (
        str(order),
        title,
        finding.cell,
        finding.header,
        finding.value,
        finding.message,
        marks.WORDS[finding.severity],
    )
    for number, word in enumerate(words, start=1):
        say(style.paint(sheet.cell(row, number)), word or ("整个文件" if number == 2 else ""))
    sheet.cell(row, 7).fill = marks.fill_of([finding])
    lines = max(marks.lines_of(word, width) for word, (_, width) in zip(words, _HEADERS, strict=True))
    sheet.row_dimensions[row].height = 15 * lines + 5
    if finding.cell and title in workbook.sheetnames:
        link = sheet.cell(row, 3)
        link.hyperlink = Hyperlink(ref=link.coordinate, location=f"{quote_sheetname(title)}!{finding.cell}")
        link.font = style.LINK


def _show_first(workbook: Workbook) -> None:
    workbook.active = 0
    for sheet in workbook.worksheets:
        sheet.sheet_view.tabSelected = sheet.title == RETURNED_SHEET
