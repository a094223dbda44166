"""The cells of a workbook, sheet by sheet, at their true addresses.

calamine reads; openpyxl streams the rare wide file in which calamine would ask for a dense matrix.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from include.domain.values import Cell
from include.gateways.workbooks.guard import Inspection, Refused, Scan

MOST_ROWS = 60_000
MOST_COLUMNS = 60
_DAMAGED = "文件已损坏或没有传完整，无法打开，请在电脑上确认能正常打开后重新保存并报送"


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet. ``rows`` holds Excel row number and cells of rows that are not empty."""

    title: str
    is_visible: bool
    rows: Sequence[tuple[int, Sequence[Cell]]]
    scan: Scan
    merged: frozenset[tuple[int, int]] = frozenset()
    """(row, column), from zero, of cells swallowed by a merged neighbour on their left."""

    def address(self, row: int, column: int) -> str:
        """``C7`` for Excel row 7 and the third column (counted from zero)."""
        return f"{get_column_letter(column + 1)}{row}"


def grids(content: bytes, inspection: Inspection) -> list[Grid]:
    """Every sheet of an inspected workbook. Raise Refused when it cannot be read after all."""
    try:
        return _streamed(content, inspection) if inspection.is_wide else _dense(content, inspection)
    except Refused:
        raise
    except Exception as broken:  # readers fail in their own many ways; to the sender they are one
        raise Refused("file.damaged", _DAMAGED) from broken


def _dense(content: bytes, inspection: Inspection) -> list[Grid]:
    workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    found = []
    for facts in workbook.sheets_metadata:
        if facts.name not in inspection.scans:
            continue
        sheet = workbook.get_sheet_by_name(facts.name)
        # Without skip_empty_area=False leading empty rows vanish and every address shifts.
        rows = sheet.to_python(skip_empty_area=False)
        found.append(
            Grid(
                title=facts.name,
                is_visible=facts.visible == SheetVisibleEnum.Visible,
                rows=_not_empty(facts.name, rows),
                scan=inspection.scans[facts.name],
                merged=frozenset(
                    (first[0], column)
                    for first, last in sheet.merged_cell_ranges or ()
                    for column in range(first[1] + 1, min(last[1], MOST_COLUMNS) + 1)
                ),
            )
        )
    return found


def _streamed(content: bytes, inspection: Inspection) -> list[Grid]:
    workbook = load_workbook(BytesIO(content), read_only=True, data_only=True)
    try:
        return [
            Grid(
                title=sheet.title,
                is_visible=sheet.sheet_state == "visible",
                rows=_not_empty(sheet.title, sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)),
                scan=inspection.scans.get(sheet.title, Scan()),
            )
            for sheet in workbook.worksheets
        ]
    finally:
        workbook.close()


def _not_empty(title: str, rows: Iterable[Sequence[Cell]]) -> list[tuple[int, Sequence[Cell]]]:
    filled = (
        (number, row)
        for number, row in enumerate(rows, start=1)
        if any(cell is not None and cell != "" for cell in row)
    )
    kept = list(islice(filled, MOST_ROWS))
    if next(filled, None) is not None:
        raise Refused("file.too_many_rows", f"工作表“{title}”超过{MOST_ROWS}行，请分成几个文件报送")
    return kept
