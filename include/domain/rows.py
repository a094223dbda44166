"""Rows that come from no workbook: a page filled in, a query of a database. They are read as a workbook's are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from include.domain import codes, values
from include.domain.forms import Column, ColumnType, Form, Sheet
from include.domain.returns import Reading, Row, Value
from include.domain.values import Cell, Unreadable, is_blank, shown

_CODES: dict[ColumnType, Callable[[str], str]] = {
    ColumnType.INSTITUTION_CODE: codes.institution_code,
    ColumnType.USCC: codes.uscc,
    ColumnType.REGION: codes.region,
    ColumnType.PHONE: codes.phone,
    ColumnType.EMAIL: codes.email,
}


def parsed(form: Form, column: Column, cell: Cell, unit: str | None = None) -> Value:
    """What a cell that is not blank says; ``unit`` (元, 万元) is what the source says of an amount.

    Raise Unreadable.
    """
    match column.type:
        case ColumnType.MONEY:
            return values.money(cell, unit or column.unit or "元")
        case ColumnType.COUNT:
            return values.count(cell)
        case ColumnType.DATE:
            return values.day(cell)
        case ColumnType.YES_NO:
            return values.yes_no(cell)
        case ColumnType.CHOICE:
            written = values.text(cell)
            return form.option(column, written) or written
        case ColumnType.TEXT:
            return values.text(cell)
        case _:
            return _CODES[column.type](values.text(cell))


def reading(form: Form, lines: Mapping[str, Sequence[Mapping[str, Cell]]], *, first: int = 1) -> Reading:
    """Cells by sheet key and field, as a workbook's reading; a field that is not named is no column of the source.

    A row is told by its number, counted from ``first``: it stands where a workbook has the address of the cell.
    """
    return Reading(
        None,
        {
            sheet.key: list(_rows(form, sheet, lines[sheet.key], first))
            for sheet in form.filled_sheets
            if sheet.key in lines
        },
    )


def place(number: int) -> str:
    """Where a row of a query or a page is, for people."""
    return f"第{number}行"


def _rows(form: Form, sheet: Sheet, lines: Sequence[Mapping[str, Cell]], first: int) -> Iterator[Row]:
    for number, cells in enumerate(lines, start=first):
        yield _row(form, sheet, number, cells)


def _row(form: Form, sheet: Sheet, number: int, cells: Mapping[str, Cell]) -> Row:
    row_values: dict[str, Value] = {}
    raw: dict[str, str] = {}
    problems: dict[str, str] = {}
    for column in sheet.columns:
        field, cell = column.field, cells.get(column.field)
        row_values[field] = None
        if field not in cells:
            continue
        raw[field] = shown(cell)
        if not (is_blank(cell) and not (column.type is ColumnType.YES_NO and raw[field])):
            try:
                row_values[field] = parsed(form, column, cell)
            except Unreadable as wrong:
                problems[field] = str(wrong)
        if column.counter and row_values[field] is None and field not in problems:
            row_values[field] = number
    return Row(number, row_values, raw, dict.fromkeys(raw, place(number)), problems)
