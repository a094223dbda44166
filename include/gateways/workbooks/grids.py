"""The cells of a workbook, sheet by sheet, at their true addresses.

calamine reads what the guard has looked at; formats older than xlsx are read apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice, zip_longest
from zipfile import ZipFile

from openpyxl.utils import get_column_letter
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from include.domain.values import Cell
from include.gateways.workbooks import legacy
from include.gateways.workbooks.guard import Inspection
from include.gateways.workbooks.refusals import DAMAGED, ERRORS, Refused
from include.gateways.workbooks.sheet_xml import MOST_COLUMNS, Scan

MOST_ROWS = 60_000
"""Of a sheet that is sent in; what the office itself hands in may be longer."""


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet. ``rows`` holds Excel row number and cells of rows that are not empty."""

    title: str
    is_visible: bool
    rows: Sequence[tuple[int, Sequence[Cell]]]
    scan: Scan
    merged: frozenset[tuple[int, int]] = frozenset()
    """(row, column), from zero, of cells swallowed by a merged neighbour on their left."""
    is_cut: bool = False
    """There are more filled rows than were asked for; the rest was not read."""

    def address(self, row: int, column: int) -> str:
        """``C7`` for Excel row 7 and the third column (counted from zero)."""
        return f"{get_column_letter(column + 1)}{row}"


def grids(content: bytes, inspection: Inspection, *, most_rows: int = MOST_ROWS) -> list[Grid]:
    """Every sheet of an inspected workbook. Raise Refused when it cannot be read after all."""
    if inspection.is_legacy:
        return _read_legacy(content, inspection.errors, most_rows)
    try:
        return _read(_with(content, inspection.trimmed), inspection, most_rows)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as broken:  # readers fail in many ways, a panic of calamine is not even an Exception
        raise Refused("file.damaged", DAMAGED) from broken


def _read(content: bytes, inspection: Inspection, most_rows: int) -> list[Grid]:
    workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    found = []
    for facts in workbook.sheets_metadata:
        if facts.name not in inspection.scans:
            continue
        sheet = workbook.get_sheet_by_name(facts.name)
        # Without skip_empty_area=False leading empty rows vanish and every address shifts.
        rows, is_cut = _not_empty(sheet.to_python(skip_empty_area=False), most_rows)
        found.append(
            Grid(
                title=facts.name,
                is_visible=facts.visible == SheetVisibleEnum.Visible,
                rows=rows,
                is_cut=is_cut,
                scan=inspection.scans[facts.name],
                merged=frozenset(
                    (first[0], column)
                    for first, last in sheet.merged_cell_ranges or ()
                    for column in range(first[1] + 1, min(last[1], MOST_COLUMNS) + 1)
                ),
            )
        )
    return found


def _with(content: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The package with some of its parts replaced."""
    if not parts:
        return content
    buffer = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return buffer.getvalue()


def _read_legacy(content: bytes, errors: Sequence[Mapping[str, str]], most_rows: int) -> list[Grid]:
    sheets = legacy.sheets(content, most_rows=most_rows)
    if any(errors) and len(errors) != len(sheets):
        raise Refused("file.error_cells", ERRORS)
    return [
        Grid(
            title=sheet["title"],
            is_visible=sheet["is_visible"],
            rows=[(number, cells[:MOST_COLUMNS]) for number, cells in sheet["rows"][:most_rows]],
            scan=Scan(shown),
            is_cut=len(sheet["rows"]) > most_rows,
        )
        for sheet, shown in zip_longest(sheets, errors[: len(sheets)], fillvalue={})
    ]


def _not_empty(
    rows: Iterable[Sequence[Cell]], most_rows: int
) -> tuple[list[tuple[int, Sequence[Cell]]], bool]:
    """Rows with anything in them and their numbers, and whether there were too many."""
    filled = (
        (number, row[:MOST_COLUMNS])
        for number, row in enumerate(rows, start=1)
        if any(cell is not None and cell != "" for cell in row[:MOST_COLUMNS])
    )
    kept = list(islice(filled, most_rows))
    return kept, next(filled, None) is not None
