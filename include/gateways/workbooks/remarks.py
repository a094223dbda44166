"""What is worth saying of a workbook that was read: totals, hidden rows, sheets twice, things not opened."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from include.domain import values
from include.domain.forms import NUMBERS, Column, ColumnType, Form, Layout, Sheet
from include.domain.model import Severity
from include.domain.returns import Finding, Row
from include.domain.values import Cell, Unreadable, is_blank, shown
from include.gateways.workbooks.grids import Grid
from include.gateways.workbooks.guard import Inspection
from include.gateways.workbooks.locate import OWN_SHEETS, Found, Spot, find_columns, value_at
from include.gateways.workbooks.skipped import is_to_skip, leads

_GRAND_TOTAL = re.compile(r"(本单位)?(合计|总计|共计)[:：]?")
_MOST_NUMBERS = 10


def about_file(inspection: Inspection) -> Iterator[Finding]:
    """What the file carries besides its cells."""
    for carried in inspection.carries:
        yield Finding(
            "file.carries",
            f"文件中有{carried}，系统不打开，只读取表格中已保存的内容；需要报送的材料请作为单独的附件",
            Severity.INFO,
        )


def about_sheets(form: Form, found: Mapping[str, Found], sheets: Sequence[Grid]) -> Iterator[Finding]:
    """Sheets too long to be read whole, and sheets that are there twice."""
    taken = {each.grid.title for each in found.values()} | OWN_SHEETS
    rest = [grid for grid in sheets if grid.is_visible and grid.title not in taken]
    for sheet in form.filled_sheets:
        if sheet.key not in found:
            continue
        own = found[sheet.key]
        if own.grid.is_cut:
            yield Finding(
                "sheet.too_many_rows",
                f"工作表“{own.grid.title}”超过{len(own.grid.rows)}行，请分成几个文件报送",
                sheet=own.grid.title,
            )
        for other in rest:
            if _is_the_same(sheet, own, find_columns(sheet, other)):
                yield _doubled(other, own.grid)


def about_rows(sheet: Sheet, found: Found, rows: Sequence[Row]) -> Iterator[Finding]:
    """Rows nobody sees, and totals that are not the sum of the rows."""
    if sheet.layout is Layout.CARD:
        return
    title = found.grid.title
    if hidden := [str(row.number) for row in rows if row.number in found.grid.scan.hidden_rows]:
        some = "、".join(hidden[:_MOST_NUMBERS]) + ("等" if len(hidden) > _MOST_NUMBERS else "")
        yield Finding(
            "sheet.hidden_rows",
            f"工作表“{title}”有{len(hidden)}行被隐藏或筛选掉（第{some}行），已一并读取；不需要报送的请删除",
            Severity.INFO,
            title,
        )
    for number, cells in found.grid.rows:
        words = leads(sheet, found, cells) if number > found.header_row else ()
        if any(_GRAND_TOTAL.fullmatch(word) for word in words):
            yield from _wrong_totals(sheet, found, number, cells, rows)


def _doubled(other: Grid, own: Grid) -> Finding:
    return Finding(
        "sheet.doubled",
        f"工作表“{other.title}”与“{own.title}”是同样的表，无法确定以哪张为准；"
        "一个文件只报一个单位，每种表只留一张，请删除多余的表，或把不同单位的内容分成几个文件报送",
        sheet=other.title,
    )


def _is_the_same(sheet: Sheet, own: Found, other: Found) -> bool:
    """Most of the columns, and something in them."""
    if len(other.spots) * 5 < len(own.spots) * 4:
        return False
    if sheet.layout is Layout.CARD:
        lines = dict(other.grid.rows)
        filled = [spot for spot in other.spots.values() if not is_blank(_card_value(lines, spot))]
        return len(filled) * 2 > len(other.spots)
    return any(
        number > other.header_row and not is_to_skip(sheet, other, number, cells)
        for number, cells in other.grid.rows
    )


def _card_value(lines: Mapping[int, Sequence[Cell]], spot: Spot) -> Cell:
    return spot.inline if spot.inline is not None else value_at(lines[spot.row], spot.column)


def _wrong_totals(
    sheet: Sheet, found: Found, number: int, cells: Sequence[Cell], rows: Sequence[Row]
) -> Iterator[Finding]:
    for column in sheet.columns:
        spot = found.spots.get(column.field)
        if spot is None or column.type not in NUMBERS or column.counter:
            continue
        cell = value_at(cells, spot.column)
        written = _number(column, cell, spot)
        parts = [row.values.get(column.field) for row in rows]
        total = sum((Decimal(part) for part in parts if isinstance(part, (int, Decimal))), Decimal(0))
        if written is not None and written != total:
            yield Finding(
                "total.differs",
                f"合计行的“{column.header}”是“{shown(cell)}”，各行相加是{total}{column.unit or ''}，"
                "已按各行计，请核对是否漏行或填错",
                Severity.WARNING,
                found.grid.title,
                found.grid.address(number, spot.column),
                column.header,
                shown(cell),
            )


def _number(column: Column, cell: Cell, spot: Spot) -> Decimal | None:
    if is_blank(cell):
        return None
    try:
        if column.type is ColumnType.MONEY:
            return values.money(cell, spot.unit or column.unit or "元")
        return Decimal(values.count(cell))
    except Unreadable:
        return None
