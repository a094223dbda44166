"""The evidence annex of a clue batch as a workbook: what is suspected, why, and which visits to look at."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from include.domain.dates import zh_date
from include.domain.screening import Precision, RuleRun, Scored
from include.gateways.statistics_workbooks.paper import height_for, neutral, set_page, set_widths

CLUES = ("线索编号", "风险", "模型", "机构编码", "人员代号", "期间", "疑点金额（元）", "疑点说明")
CLUE_WIDTHS = (27, 6, 20, 16, 16, 24, 15, 66)
VISITS = (
    "线索编号",
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
VISIT_WIDTHS = (27, 24, 16, 10, 13, 13, 19, 10, 15, 15)
RULES = ("规则", "版本", "本次参数", "疑点（条）", "以往核查情况")
RULE_WIDTHS = (26, 8, 60, 11, 60)
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
    found: Sequence[tuple[str, Scored]],
    evidence: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    key: str,
    rules: Sequence[RuleRun],
    verified: Sequence[Precision] = (),
    shows_persons: bool = False,
) -> bytes:
    """Three sheets: the clues by their numbers in the order given, the visits of each, and the rules that found them.

    A rule stands with its frozen version and parameters, and with what verification has said of it so far.
    """
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "疑点线索"
    titles = {each.number: f"{each.number} {each.title}".strip() for each in rules}
    note = f"{WARNING}{SHOWN if shows_persons else HIDDEN}"
    clues = [
        (
            number,
            each.risk,
            titles.get(each.hit.number, each.hit.number),
            each.hit.fixmedins_code,
            each.hit.psn_no if shows_persons else pseudonym(each.hit.psn_no, key),
            f"{each.hit.window_start}至{each.hit.window_end}",
            each.hit.amount,
            each.hit.sentence,
        )
        for number, each in found
    ]
    _fill(sheet, f"{title}（{zh_date(on)}）", note, CLUES, CLUE_WIDTHS, clues)
    visits = [
        (number, visit, *(_shown(row[name]) for name in _COLUMNS))
        for number, each in found
        for visit in each.hit.visits
        for row in evidence.get(visit, ())
    ]
    _fill(book.create_sheet("就诊明细"), f"{title}：就诊明细", note, VISITS, VISIT_WIDTHS, visits)
    counts = Counter(each.hit.number for _, each in found)
    behind = [
        (
            titles[each.number],
            each.version,
            _parameters(each) or "（无）",
            counts[each.number],
            _said_of(each, verified),
        )
        for each in rules
        if counts[each.number]
    ]
    _fill(book.create_sheet("筛查规则"), f"{title}：筛查规则", WARNING, RULES, RULE_WIDTHS, behind)
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


def _parameters(run: RuleRun) -> str:
    from include.screening.registry import rule

    known = {each.name: each for each in rule(run.number).parameters}
    return "；".join(
        f"{known[name].title} {value:f}{known[name].unit}" if name in known else f"{name} {value:f}"
        for name, value in run.parameters.items()
    )


def _said_of(run: RuleRun, verified: Sequence[Precision]) -> str:
    same = [each for each in verified if (each.number, each.version) == (run.number, run.version)]
    return same[0].sentence if same else "尚无核查结论"


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
_TEXTS = ("疑点说明", "本次参数", "以往核查情况")
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
            heights = [height_for(str(row[n]), width) for n, width in enumerate(widths) if width >= 60]
            sheet.row_dimensions[line].height = max(heights, default=18)
    sheet.freeze_panes = "A4"
    set_page(sheet, head_rows=(3, 3))


def _put(sheet: Worksheet, line: int, column: int, value: Any, head: str, *, is_head: bool) -> None:
    cell = sheet.cell(line, column, neutral(value) if isinstance(value, str) else value)
    cell.font = Font(name="宋体", size=11, bold=is_head)
    cell.border = _GRID
    side = "center" if is_head else "right" if head in _MONEY else "left" if head in _TEXTS else "center"
    cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=True)
    if "多数不属实" in str(value):
        cell.font = Font(name="宋体", size=11, bold=True, color="C00000")
    if is_head:
        cell.fill = PatternFill("solid", start_color="EEF2F6")
    elif head in _MONEY:
        cell.number_format = "#,##0.00"
    elif isinstance(value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm" if head == "结算时间" else "yyyy-mm-dd"
