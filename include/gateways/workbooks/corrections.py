"""What a unit put right on 仅错误行 instead of in its table.

仅错误行 goes out with the failing rows of the form's main table, and beside it, on a hidden sheet, what it said then.
A cell counts as corrected there when it says something else now. It replaces the cell of the row with the same 序号,
unless that one was changed as well: the table itself is the record, so what was put right in place wins, and a
warning names the two that differ. 序号 itself is corrected in the table only. Without the hidden sheet nobody can
tell an old page from a corrected one, and 仅错误行 is not read. The page alone is no return by itself; it says in a
corner whose it is and which file it was made of, so that it can be put together with that file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace

from include.domain.forms import Form, Layout, Sheet
from include.domain.model import Severity
from include.domain.returns import Finding, Identity, Reading, Row, Value
from include.gateways.workbooks.grids import Grid
from include.gateways.workbooks.locate import CORRECTIONS_SHEET, Found, find_columns

ISSUED_SHEET = "_duban_issued"
_HEADING = "duban corrections 1"

RowsOf = Callable[[Form, Sheet, Found], Iterable[Row]]
_Key = tuple[Value, int]


@dataclass(frozen=True, slots=True)
class Correction:
    """A field put right on 仅错误行: the row of the table it belongs to, and the row where it was written."""

    field: str
    row: Row
    written: Row


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose page it is, and the SHA-256 of the return it was made of: what is left when only the page comes back."""

    identity: Identity
    sha256: str

    def __str__(self) -> str:
        return "|".join((_HEADING, *astuple(self.identity), self.sha256))

    @classmethod
    def on(cls, grids: Sequence[Grid]) -> Origin | None:
        """As the page among the sheets has it; None without one, or when a part of it is missing."""
        page = page_of(grids)
        for cell in page.rows[0][1] if page is not None and page.rows else ():
            parts = cell.split("|") if isinstance(cell, str) else ()
            if len(parts) == len(fields(Identity)) + 2 and parts[0] == _HEADING and all(parts):
                return cls(Identity(*parts[1:-1]), parts[-1])
        return None


def page_of(grids: Sequence[Grid]) -> Grid | None:
    """仅错误行 among the sheets; a copy of it is called 仅错误行 (2)."""
    return next((grid for grid in grids if grid.title.startswith(CORRECTIONS_SHEET)), None)


def main_table(form: Form) -> Sheet | None:
    """The table whose failing rows go out apart: the first that numbers its rows."""
    tables = (sheet for sheet in form.sheets if sheet.layout is Layout.TABLE)
    return next((sheet for sheet in tables if any(column.counter for column in sheet.columns)), None)


def corrected(form: Form, reading: Reading, grids: Sequence[Grid], rows_of: RowsOf) -> Reading:
    """The reading with the corrections of 仅错误行 taken over; as it is when there are none."""
    table = main_table(form)
    if table is None:
        return reading
    if table.key not in reading.sheets:
        return _without_table(reading, table, grids)
    taken, findings = corrections_on(form, reading.sheets[table.key], grids, rows_of)
    if not taken and not findings:
        return reading
    return merged(reading, table, taken, findings)


def _without_table(reading: Reading, table: Sheet, grids: Sequence[Grid]) -> Reading:
    if page_of(grids) is None:
        return reading
    # With another sheet of the form it is a return that lost its table, and what was changed there is not to be dropped.
    origin = None if reading.sheets else Origin.on(grids)
    findings = (_alone(table), *reading.findings)
    return replace(reading, findings=findings, corrects=origin.sha256 if origin else "")


def put_right(
    form: Form, rows: Sequence[Row], page: Grid, rows_of: RowsOf
) -> tuple[list[Correction], list[Finding]]:
    """The same for a page that came alone, against the main table's ``rows`` in the return it was made of."""
    table = main_table(form)
    if table is None:
        return [], []
    return compared(table, rows, list(rows_of(form, table, find_columns(table, page))), rows)


def corrections_on(
    form: Form, rows: Sequence[Row], grids: Sequence[Grid], rows_of: RowsOf
) -> tuple[list[Correction], list[Finding]]:
    """The corrections 仅错误行 holds for the main table's ``rows``, and what has to be said of it."""
    table = main_table(form)
    written = next((grid for grid in grids if grid.title == CORRECTIONS_SHEET), None)
    issued = next((grid for grid in grids if grid.title == ISSUED_SHEET), None)
    if table is None or written is None or issued is None:
        return [], []
    now, then = (list(rows_of(form, table, find_columns(table, grid))) for grid in (written, issued))
    return compared(table, rows, now, then)


def compared(
    table: Sheet, rows: Sequence[Row], written: Sequence[Row], issued: Sequence[Row]
) -> tuple[list[Correction], list[Finding]]:
    """Corrections to take over and findings about the others.

    ``rows`` are the table's now, ``written`` those of 仅错误行 now, ``issued`` those of 仅错误行 as it went out.
    """
    taken: list[Correction] = []
    findings: list[Finding] = []
    present, before, after = (_by_number(table, each) for each in (rows, issued, written))
    there, here = (Counter(number for number, _ in keys) for keys in (present, after))
    for key, row in after.items():
        changed = list(_changed(table, row, before.get(key)))
        if changed and there[key[0]] > 1 and there[key[0]] != here[key[0]]:
            findings.append(_of_several_rows(table, key, row, there[key[0]]))
            continue
        if changed and key not in present:
            findings.append(_of_no_row(table, key, row))
            continue
        for field in changed:
            correction = Correction(field, present[key], row)
            if key in before and _differs_in_place(correction, before[key]):
                findings.append(_twice(table, key, correction))
            else:
                taken.append(correction)
    return taken, findings


def merged(
    reading: Reading, table: Sheet, taken: Iterable[Correction], findings: Iterable[Finding]
) -> Reading:
    """The reading as if the corrections had been made in the table: its cells stay those of the table."""
    by_row: dict[int, list[Correction]] = {}
    for correction in taken:
        by_row.setdefault(correction.row.number, []).append(correction)
    rows = tuple(_with(row, by_row.get(row.number, ())) for row in reading.sheets[table.key])
    return replace(
        reading,
        sheets={**reading.sheets, table.key: rows},
        findings=(*reading.findings, *findings),
    )


def _with(row: Row, corrections: Sequence[Correction]) -> Row:
    if not corrections:
        return row
    values, raw, problems = dict(row.values), dict(row.raw), dict(row.problems)
    for each in corrections:
        values[each.field] = each.written.values.get(each.field)
        raw[each.field] = each.written.raw.get(each.field, "")
        problems.pop(each.field, None)
        if each.field in each.written.problems:
            problems[each.field] = each.written.problems[each.field]
    return replace(row, values=values, raw=raw, problems=problems)


def _by_number(table: Sheet, rows: Iterable[Row]) -> Mapping[_Key, Row]:
    """Rows by 序号; of several with the same one, by which of them they are."""
    counter = next(column.field for column in table.columns if column.counter)
    seen: Counter[Value] = Counter()
    found: dict[_Key, Row] = {}
    for row in rows:
        number = row.values.get(counter)
        found[number, seen[number]] = row
        seen[number] += 1
    return found


def _changed(table: Sheet, row: Row, before: Row | None) -> Iterator[str]:
    for column in table.columns:
        field = column.field
        if column.counter or field not in row.cells:
            continue
        # A row the page did not have when it went out says nothing where it is empty.
        if _said(row, field) != (_said(before, field) if before is not None else None):
            yield field


def _differs_in_place(correction: Correction, before: Row) -> bool:
    here = _said(correction.row, correction.field)
    return here not in (_said(before, correction.field), _said(correction.written, correction.field))


def _said(row: Row, field: str) -> Value:
    return row.raw.get(field) if field in row.problems else row.values.get(field)


def _alone(table: Sheet) -> Finding:
    return Finding(
        "corrections.alone",
        f"只有“{CORRECTIONS_SHEET}”，没有“{table.title}”，也认不出取自哪个退回文件，无法合并；"
        f"请在退回的文件中改正后，保留全部工作表，把整个文件报送回来",
        sheet=CORRECTIONS_SHEET,
    )


def _of_no_row(table: Sheet, key: _Key, row: Row) -> Finding:
    return Finding(
        "corrections.no_row",
        f"“{CORRECTIONS_SHEET}”第{row.number}行改的是序号“{key[0]}”，但“{table.title}”中没有这个序号，"
        f"无法合并，请直接在“{table.title}”中改正",
        sheet=CORRECTIONS_SHEET,
        cell=next(iter(row.cells.values()), ""),
        value="" if key[0] is None else str(key[0]),
    )


def _of_several_rows(table: Sheet, key: _Key, row: Row, many: int) -> Finding:
    return Finding(
        "corrections.several_rows",
        f"“{CORRECTIONS_SHEET}”第{row.number}行改的是序号“{key[0]}”，但“{table.title}”中有{many}行都是这个序号，"
        f"无法确定改的是哪一行，请直接在“{table.title}”中改正",
        sheet=CORRECTIONS_SHEET,
        cell=next(iter(row.cells.values()), ""),
        value="" if key[0] is None else str(key[0]),
    )


def _twice(table: Sheet, key: _Key, correction: Correction) -> Finding:
    label = table.column(correction.field).label
    here, there = (row.raw.get(correction.field, "") for row in (correction.row, correction.written))
    return Finding(
        "corrections.twice",
        f"序号“{key[0]}”的“{label}”在“{table.title}”中改成了“{here}”，在“{CORRECTIONS_SHEET}”中改成了“{there}”，"
        f"已以“{table.title}”为准，请核对",
        Severity.WARNING,
        sheet=table.title,
        cell=correction.row.cells.get(correction.field, ""),
        header=label,
        value=here,
    )
