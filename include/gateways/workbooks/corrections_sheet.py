"""仅错误行: the failing rows of the main table on a sheet of their own, to be put right there and sent back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date, datetime

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils import coordinate_to_tuple, get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from include.domain import values
from include.domain.forms import NUMBERS, Column, Form, Sheet
from include.domain.returns import Finding, Row
from include.domain.values import is_blank, normalise
from include.gateways.workbooks import corrections, style
from include.gateways.workbooks.corrections import (
    ISSUED_SHEET,
    Correction,
    Origin,
    RowsOf,
    corrections_on,
    main_table,
)
from include.gateways.workbooks.grids import Grid
from include.gateways.workbooks.locate import CORRECTIONS_SHEET, Found, Spot, value_at
from include.gateways.workbooks.marks import OPINION, cell_at, colour, fill_of, lines_of, say
from include.gateways.workbooks.package import clean

_HEADER_ROW = 3
_OPINION_WIDTH = 50
_BEYOND_HEADING = 13


def take_over(workbook: Workbook, form: Form, grids: Sequence[Grid], found: Found, rows_of: RowsOf) -> bool:
    """Write what was put right on 仅错误行 into the table, and take both of its sheets away.

    Return whether anything in the table changed.
    """
    table = main_table(form)
    taken: list[Correction] = []
    if table is not None and CORRECTIONS_SHEET in workbook.sheetnames:
        rows = list(rows_of(form, table, found))
        taken, _ = corrections_on(form, rows, grids, rows_of)
        page = next(grid for grid in grids if grid.title == CORRECTIONS_SHEET)
        _write_all(workbook[found.grid.title], taken, page)
    drop(workbook)
    return bool(taken)


def put_right(
    workbook: Workbook, form: Form, page: Grid, found: Found, rows: Sequence[Row], rows_of: RowsOf
) -> list[Finding]:
    """Write what a page that came alone puts right into the table; return what does not fit there."""
    taken, findings = corrections.put_right(form, rows, page, rows_of)
    _write_all(workbook[found.grid.title], taken, page)
    return findings


def _write_all(sheet: Worksheet, taken: Sequence[Correction], page: Grid) -> None:
    cells = dict(page.rows)
    for each in taken:
        row, column = coordinate_to_tuple(each.written.cells[each.field])
        target = cell_at(sheet, each.row.cells.get(each.field, ""))
        if target is not None:
            _write(target, value_at(cells.get(row, ()), column - 1))


def drop(workbook: Workbook) -> None:
    """Take both sheets away, copies somebody made of the visible one included."""
    for title in list(workbook.sheetnames):
        if title == ISSUED_SHEET or title.startswith(CORRECTIONS_SHEET):
            del workbook[title]


def add(
    workbook: Workbook,
    form: Form,
    found: Found,
    rows: Sequence[Row],
    by_row: Mapping[int, Sequence[Finding]],
    origin: Origin | None,
) -> None:
    """Add the sheet and its hidden copy for the rows with findings; ``workbook`` is not marked yet."""
    table = main_table(form)
    failing = [row for row in rows if row.number in by_row]
    if table is None or not failing:
        return
    columns = [
        (column.field, found.spots[column.field]) for column in table.columns if column.field in found.spots
    ]
    sheet = workbook.create_sheet(CORRECTIONS_SHEET, 0)
    hidden = workbook.create_sheet(ISSUED_SHEET)
    hidden.sheet_state = "veryHidden"
    _dress(sheet, workbook[found.grid.title], table, columns, failing)
    if origin is not None:
        _sign(sheet, max(len(columns) + 1, _BEYOND_HEADING), origin)
    for target in (sheet, hidden):
        _fill(target, table, found, columns, failing)
    for order, row in enumerate(failing, start=1):
        _judge(sheet, form, columns, _HEADER_ROW + order, row, by_row[row.number])


def _sign(sheet: Worksheet, column: int, origin: Origin) -> None:
    """In a corner, shown to nobody: a hidden sheet would stay behind when the page is copied to a file of its own."""
    cell = sheet.cell(1, column)
    assert isinstance(cell, Cell)  # beyond the merged heading
    say(cell, str(origin))
    cell.number_format = ";;;"
    cell.protection = style.LOCKED


def _fill(
    sheet: Worksheet,
    table: Sheet,
    found: Found,
    columns: Sequence[tuple[str, Spot]],
    failing: Sequence[Row],
) -> None:
    lines = dict(found.grid.rows)
    for number, (field, spot) in enumerate(columns, start=1):
        say(sheet.cell(_HEADER_ROW, number), str(value_at(lines[found.header_row], spot.column)))
        for order, row in enumerate(failing, start=1):
            value = value_at(lines.get(row.number, ()), spot.column)
            if table.column(field).counter and is_blank(value):
                counted = row.values.get(field)
                value = counted if isinstance(counted, int) else None
            cell = sheet.cell(_HEADER_ROW + order, number)
            assert isinstance(cell, Cell)  # nothing below the heading is merged
            _write(cell, value)


def _write(cell: Cell, value: values.Cell) -> None:
    """A value as its writer left it: what looks like a formula is text, and stays text when it is edited."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str):
        value = clean(value)
    cell.value = value if value != "" else None
    if isinstance(value, str) and value:
        cell.data_type = "s"
        if normalise(value)[:1] in set("=+-@"):
            cell.quotePrefix = True


def _dress(
    sheet: Worksheet,
    original: Worksheet,
    table: Sheet,
    columns: Sequence[tuple[str, Spot]],
    failing: Sequence[Row],
) -> None:
    last = len(columns) + 1
    for number, (field, spot) in enumerate(columns, start=1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = table.column(field).width
        _copy_rules(sheet, original, spot.column + 1, letter, len(failing))
        _open(sheet, number, table.column(field), len(failing))
        for order, row in enumerate(failing, start=1):
            written = original.cell(row.number, spot.column + 1)
            sheet.cell(_HEADER_ROW + order, number).number_format = written.number_format
    say(sheet.cell(_HEADER_ROW, last), OPINION)
    sheet.column_dimensions[get_column_letter(last)].width = _OPINION_WIDTH
    model = style.paint(
        sheet.cell(_HEADER_ROW, last), font=style.BOLD, fill=style.HEADER_FILL, alignment=style.CENTRE
    )
    model.protection = style.LOCKED
    for number in range(1, last):
        # Copied, not painted: openpyxl looks every part of a style up among all of the workbook's.
        sheet.cell(_HEADER_ROW, number)._style = copy(model._style)
    sheet.row_dimensions[_HEADER_ROW].height = 46
    wide = style.pages_across(sum(table.column(field).width for field, _ in columns) + _OPINION_WIDTH)
    style.heading(
        sheet,
        CORRECTIONS_SHEET,
        f"只列“{original.title}”中有问题的行。可以在本页改正，也可以在原表改正，改一处即可；"
        "两处都改而内容不一样的，以原表为准。请勿改动序号。",
        last,
        first=1 if wide == 1 else 2,
    )
    sheet.freeze_panes = f"B{_HEADER_ROW + 1}"
    style.for_print(sheet, landscape=True, header_row=_HEADER_ROW, pages_wide=wide)
    style.protect(sheet)


def _open(sheet: Worksheet, number: int, column: Column, count: int) -> None:
    """Input cells like those of the issued workbook; 序号 is what a row is found by and stays locked."""
    model = style.paint(
        sheet.cell(_HEADER_ROW + 1, number),
        fill=style.LOCKED_FILL if column.counter else style.INPUT_FILL,
        alignment=style.CENTRE if column.counter else style.RIGHT if column.type in NUMBERS else style.LEFT,
    )
    model.protection = style.LOCKED if column.counter else style.OPEN
    for row in range(_HEADER_ROW + 2, _HEADER_ROW + 1 + count):
        sheet.cell(row, number)._style = copy(model._style)


def _copy_rules(sheet: Worksheet, original: Worksheet, column: int, letter: str, count: int) -> None:
    """The drop-down of the original column, whatever sheet its options are on."""
    for rule in original.data_validations.dataValidation:
        if any(area.min_col <= column <= area.max_col and area.max_row > 3 for area in rule.sqref.ranges):
            own: DataValidation = copy(rule)
            own.sqref = type(rule.sqref)(f"{letter}{_HEADER_ROW + 1}:{letter}{_HEADER_ROW + count}")
            sheet.add_data_validation(own)
            return


def _judge(
    sheet: Worksheet,
    form: Form,
    columns: Sequence[tuple[str, Spot]],
    number: int,
    row: Row,
    findings: Sequence[Finding],
) -> None:
    """Colour the bad cells of one row and say what is wrong in the last one."""
    height = 1
    for place, (field, _) in enumerate(columns, start=1):
        cell = sheet.cell(number, place)
        here = [finding for finding in findings if finding.cell == row.cells.get(field)]
        if here:
            colour(cell, form, here)
        width = sheet.column_dimensions[get_column_letter(place)].width
        shown = f"{cell.value:%Y-%m-%d}" if isinstance(cell.value, date | datetime) else str(cell.value or "")
        height = max(height, lines_of(shown, width))
    said = style.paint(sheet.cell(number, len(columns) + 1), fill=fill_of(findings))
    sentences = sentences_of(findings)
    say(said, sentences)
    said.protection = style.LOCKED
    height = max(height, sum(lines_of(line, _OPINION_WIDTH) for line in sentences.split("\n")))
    sheet.row_dimensions[number].height = min(17 * height + 4, 400)


def sentences_of(findings: Sequence[Finding]) -> str:
    """What is wrong with one row, a line for each finding."""
    if len(findings) == 1:
        return findings[0].message
    return "\n".join(f"{order}. {finding.message}" for order, finding in enumerate(findings, start=1))
