"""The sheets of a compiled workbook as a page shows them: what is merged, what is a number, not more than a screenful."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

MOST_ROWS = 40
MOST_COLUMNS = 40


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    across: int
    down: int
    is_number: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """``left_out`` rows stand in the file alone."""

    title: str
    rows: tuple[tuple[Cell, ...], ...]
    left_out: int


@lru_cache(maxsize=16)
def sheets(sha256: str, read: Callable[[str], bytes]) -> tuple[Sheet, ...]:
    """A file in the archive never changes, so it is read once."""
    book = load_workbook(BytesIO(read(sha256)))
    return tuple(
        _sheet(each) for each in book.worksheets if each.sheet_state == "visible" and each.max_row > 1
    )


def _sheet(sheet: Worksheet) -> Sheet:
    merged = {
        (each.min_row, each.min_col): (each.max_col - each.min_col + 1, each.max_row - each.min_row + 1)
        for each in sheet.merged_cells.ranges
    }
    hidden = {
        (row, column)
        for each in sheet.merged_cells.ranges
        for row in range(each.min_row, each.max_row + 1)
        for column in range(each.min_col, each.max_col + 1)
    } - merged.keys()
    rows = []
    for row in sheet.iter_rows(max_row=MOST_ROWS, max_col=min(sheet.max_column, MOST_COLUMNS)):
        if any(cell.value is not None for cell in row):
            shown = [cell for cell in row if (cell.row, cell.column) not in hidden]
            rows.append(tuple(_cell(cell, *merged.get((cell.row, cell.column), (1, 1))) for cell in shown))
    return Sheet(sheet.title, tuple(rows), max(0, sheet.max_row - MOST_ROWS))


def _cell(cell: Any, across: int, down: int) -> Cell:
    value = cell.value
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return Cell(_text(value, cell.number_format, is_number), across, down, is_number)


def _text(value: Any, number_format: str, is_number: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, (datetime, date)):
        return f"{value.year}年{value.month}月{value.day}日"
    if not is_number or number_format == "@":
        return str(value)
    places = len(number_format.partition(".")[2].rstrip('%"').rstrip(";")) if "." in number_format else 0
    if number_format.endswith("%"):
        return f"{value * 100:,.{places}f}%"
    return f"{value:,.{places}f}"
