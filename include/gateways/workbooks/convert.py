"""A return in an old format (xls, xlsb, ods) as a workbook of today, so that it can be marked and sent back.

Only what the form asks for is carried over; the sender's own colours, comments and further sheets are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from include.domain.forms import Form
from include.domain.returns import Finding, Identity
from include.gateways.workbooks import identity
from include.gateways.workbooks.build import address_of, blank, cells_of
from include.gateways.workbooks.corrections import RowsOf
from include.gateways.workbooks.grids import Grid
from include.gateways.workbooks.locate import Found
from include.gateways.workbooks.package import clean, saved


def as_form_workbook(
    form: Form,
    grids: Sequence[Grid],
    found: Mapping[str, Found],
    findings: Sequence[Finding],
    rows_of: RowsOf,
) -> tuple[bytes, list[Finding]]:
    """The form's own sheets with what was read, and the findings at the cells they have there."""
    workbook = blank(form)
    moved: dict[tuple[str, str], tuple[str, str]] = {}
    for key, where in found.items():
        spec = form.sheet(key)
        rows = list(rows_of(form, spec, where))
        lines = [
            {field: row.raw[field] if field in row.problems else row.values.get(field) for field in row.cells}
            for row in rows
        ]
        for number, values in cells_of(form, {key: lines})[spec.title].items():
            for column, value in values.items():
                cell = workbook[spec.title].cell(number, column)
                if isinstance(value, bool):
                    value = "是" if value else "否"
                cell.value = clean(value) if isinstance(value, str) else value
                if isinstance(value, str):
                    cell.data_type = "s"
        for order, row in enumerate(rows):
            for field, address in row.cells.items():
                new = address_of(spec, field, order)
                for title in (spec.title, where.grid.title):
                    moved[title, address] = (spec.title, new)
    if whose := _identity(grids):
        identity.write(workbook, whose)
    return saved(workbook), [_moved(finding, moved) for finding in findings]


def _moved(finding: Finding, moved: Mapping[tuple[str, str], tuple[str, str]]) -> Finding:
    sheet, cell = moved.get((finding.sheet, finding.cell), (finding.sheet, finding.cell))
    return replace(finding, sheet=sheet, cell=cell)


def _identity(grids: Sequence[Grid]) -> Identity | None:
    hidden = next((grid for grid in grids if grid.title == identity.SHEET), None)
    return identity.parse(cells for _, cells in hidden.rows) if hidden is not None else None
