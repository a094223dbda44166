"""The evidence annex of a clue batch as a workbook: what is suspected, why, and which visits to look at."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from include.domain.dates import zh_date
from include.domain.screening import Scored
from include.gateways.statistics_workbooks.paper import height_for, neutral, set_page, set_widths

CLUES = ("序号", "风险", "模型", "机构编码", "人员代号", "期间", "疑点金额（元）", "疑点说明")
CLUE_WIDTHS = (6, 6, 20, 16, 16, 24, 15, 66)
VISITS = (
    "线索序号",
    "就诊ID",
    "机构编码",
    "医疗类别",
    "开始日期",
    "结束日期",
    "结算时间",
    "主诊断",
    "总费用（元）",
    "基金支付（元）",
)
VISIT_WIDTHS = (9, 24, 16, 10, 13, 13, 19, 10, 15, 15)
WARNING = "内部资料：疑点不等于违规，须逐条核查；不得外传，不得发给被核查单位。"
HIDDEN = "人员以代号表示，同一代号为同一人。"
SHOWN = "含参保人员编号，按规定审批后提供。"

_THIN = Side(style="thin", color="000000")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


def pseudonym(person: str, key: str) -> str:
    """The same person has the same name under one key; without the key nobody comes back to the person."""
    if not person:
        return ""
    return "R" + hmac.new(key.encode(), person.encode(), hashlib.sha256).hexdigest()[:12].upper()


def workbook(
    title: str,
    on: date,
    found: Sequence[Scored],
    evidence: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    key: str,
    titles: Mapping[str, str],
    shows_persons: bool = False,
) -> bytes:
    """Two sheets: the clues in the order given, and the visits of each. ``titles``: model number → its name."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "疑点线索"
    note = f"{WARNING}{SHOWN if shows_persons else HIDDEN}"
    clues = [
        (
            number,
            each.risk,
            f"{each.hit.number} {titles.get(each.hit.number, '')}",
            each.hit.fixmedins_code,
            each.hit.psn_no if shows_persons else pseudonym(each.hit.psn_no, key),
            f"{each.hit.window_start}至{each.hit.window_end}",
            each.hit.amount,
            each.hit.sentence,
        )
        for number, each in enumerate(found, start=1)
    ]
    _fill(sheet, f"{title}（{zh_date(on)}）", note, CLUES, CLUE_WIDTHS, clues)
    visits = [
        (number, visit, *(_shown(row[name]) for name in _COLUMNS))
        for number, each in enumerate(found, start=1)
        for visit in each.hit.visits
        for row in evidence.get(visit, ())
    ]
    _fill(book.create_sheet("就诊明细"), f"{title}：就诊明细", note, VISITS, VISIT_WIDTHS, visits)
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


_COLUMNS = (
    "fixmedins_code",
    "med_type",
    "begndate",
    "enddate",
    "setl_time",
    "diag_code",
    "medfee_sumamt",
    "fund_pay_sumamt",
)
_MONEY = ("疑点金额（元）", "总费用（元）", "基金支付（元）")


def _shown(value: Any) -> Any:
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def _fill(
    sheet: Worksheet,
    title: str,
    note: str,
    heads: Sequence[str],
    widths: Sequence[int],
    rows: Sequence[Sequence[Any]],
) -> None:
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
        if line > 3:
            sheet.row_dimensions[line].height = height_for(str(row[-1]), widths[-1])
    sheet.freeze_panes = "A4"
    set_page(sheet, head_rows=(3, 3))


def _put(sheet: Worksheet, line: int, column: int, value: Any, head: str, *, is_head: bool) -> None:
    cell = sheet.cell(line, column, neutral(value) if isinstance(value, str) else value)
    cell.font = Font(name="宋体", size=11, bold=is_head)
    cell.border = _GRID
    side = "center" if is_head else "right" if head in _MONEY else "left" if head == "疑点说明" else "center"
    cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=True)
    if is_head:
        cell.fill = PatternFill("solid", start_color="EEF2F6")
    elif head in _MONEY:
        cell.number_format = "#,##0.00"
    elif isinstance(value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm" if head == "结算时间" else "yyyy-mm-dd"
