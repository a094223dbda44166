"""Lists: what they are made of, who has not reported, every cross-check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from include.domain.groups import NOT_REPORTED, standings
from include.domain.reports import CrossCheck, SnapshotUnit
from include.gateways.statistics_workbooks import paper
from include.gateways.statistics_workbooks.compilation import RELATION_ZH, Compilation
from include.gateways.statistics_workbooks.row_blocks import Row, block

NOT_REPORTED_SHEET, CHECKS_SHEET = "未报送单位", "勾稽核对"
HOLDS, FAILS = "通过", "不符"
MOST_CHECKS = 300
"""Checks listed at most; those that failed all are."""


@dataclass(frozen=True, slots=True)
class ListColumn:
    title: str
    style: str
    width: float


def add_not_reported_sheet(book: Workbook, edition: Compilation) -> None:
    columns = (
        ListColumn("序号", paper.CENTRED, 6),
        ListColumn("单位编码", paper.CENTRED, 17),
        ListColumn("单位名称", paper.WORDS, 42),
        ListColumn("单位类别", paper.CENTRED, 16),
        ListColumn("报送状态", paper.CENTRED, 16),
        ListColumn("截止日期", paper.DAY, 17),
        ListColumn("是否逾期", paper.CENTRED, 10),
        ListColumn("是否有邮箱", paper.CENTRED, 20),
    )
    units = [unit for unit in standings(edition.snapshot) if unit.state in NOT_REPORTED]
    sheet, row = start_list(
        book, edition, NOT_REPORTED_SHEET, "未报送单位名单", columns, unit_line="单位：家"
    )
    listed = [_unit_row(number, unit, edition) for number, unit in enumerate(units, 1)]
    row = put_block(sheet, edition, row, columns, listed)
    counts = "，".join(
        f"{title}{edition.value(key):,}家"
        for title, key in (
            ("未报", "units_missing"),
            ("退回待重报", "units_returned"),
            ("材料不全", "units_partial"),
            ("其中已逾期", "units_overdue"),
        )
    )
    text = (
        f"注：共{len(units):,}家：{counts}。已收待校验和免报单位不列入。"
        if units
        else "应报单位均已报送，无未报送单位。"
    )
    paper.put_note(sheet, row, len(columns), text)


def _unit_row(number: int, unit: SnapshotUnit, edition: Compilation) -> tuple[paper.Value, ...]:
    return (
        number,
        unit.unit_code,
        unit.unit_name,
        unit.unit_kind.zh,
        unit.state.reported_zh,
        unit.due_on,
        "已逾期" if unit.due_on < edition.snapshot.taken_on else "未到期",
        "有" if unit.has_address else "无，须电话联系",
    )


def add_checks_sheet(book: Workbook, edition: Compilation) -> None:
    """Failed checks first, so that nobody has to look for them."""
    columns = (
        ListColumn("序号", paper.CENTRED, 6),
        ListColumn("勾稽关系", paper.WORDS, 74),
        ListColumn("左方", paper.COUNT, 20),
        ListColumn("关系", paper.CENTRED, 10),
        ListColumn("右方", paper.COUNT, 20),
        ListColumn("结果", paper.CENTRED, 10),
    )
    sheet, top = start_list(book, edition, CHECKS_SHEET, "勾稽核对表", columns)
    checks = sorted(edition.checks, key=lambda check: check.holds)
    listed = checks[: max(MOST_CHECKS, len(edition.failed))]
    row = _put_rows(
        sheet, top, columns, [_check_row(number, check) for number, check in enumerate(listed, 1)]
    )
    rest = f"其余{len(checks) - len(listed)}项均通过，未逐项列出。" if len(checks) > len(listed) else ""
    for place, check in enumerate(listed, top):
        if not check.holds:
            for column in range(1, len(columns) + 1):
                sheet.cell(place, column).style = paper.WRONG
        for column in (3, 5):
            sheet.cell(place, column).number_format = _format_of(check)
    paper.put_note(
        sheet, row, len(columns), f"注：共{len(checks)}项，其中不符{len(edition.failed)}项。{rest}"
    )


def _check_row(number: int, check: CrossCheck) -> tuple[paper.Value, ...]:
    relation = RELATION_ZH[check.relation]
    return (number, check.title, check.left, relation, check.right, HOLDS if check.holds else FAILS)


def _format_of(check: CrossCheck) -> str:
    return "#,##0.00" if check.title.endswith(("（元）", "（%）")) else "#,##0"


def start_list(
    book: Workbook,
    edition: Compilation,
    name: str,
    title: str,
    columns: Sequence[ListColumn],
    *,
    unit_line: str = "",
    both_periods: bool = False,
) -> tuple[Worksheet, int]:
    """A sheet with its heading and column heads, and the first free row."""
    sheet = book.create_sheet(name)
    paper.set_widths(sheet, (column.width for column in columns))
    head = paper.put_heading(
        sheet, edition, title, columns=len(columns), unit_line=unit_line, both_periods=both_periods
    )
    for number, column in enumerate(columns, 1):
        paper.put(sheet, head, number, column.title, paper.HEAD)
    sheet.row_dimensions[head].height = 2 * paper.LINE_HEIGHT
    paper.set_page(sheet, head_rows=(head, head))
    return sheet, head + 1


def _put_rows(
    sheet: Worksheet, row: int, columns: Sequence[ListColumn], rows: Sequence[tuple[paper.Value, ...]]
) -> int:
    for values in rows:
        for number, (column, value) in enumerate(zip(columns, values, strict=True), 1):
            style = paper.CENTRED if isinstance(value, str) and column.style != paper.WORDS else column.style
            paper.put(sheet, row, number, value, style)
        sheet.row_dimensions[row].height = 2 + max(
            paper.height_for(value, column.width)
            for column, value in zip(columns, values, strict=True)
            if isinstance(value, str)
        )
        row += 1
    return row


def put_block(
    sheet: Worksheet, edition: Compilation, row: int, columns: Sequence[ListColumn], rows: Sequence[Row]
) -> int:
    """Rows that are written when the workbook is saved, with a filter above them; return the row below."""
    if rows:
        edition.blocks[sheet.title] = block(sheet, row, [column.style for column in columns], rows)
        sheet.auto_filter.ref = f"A{row - 1}:{get_column_letter(len(columns))}{row - 1 + len(rows)}"
    return row + len(rows)
