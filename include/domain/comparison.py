"""Two versions of one return, side by side: what was added, removed, changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from include.domain.forms import Form, Layout, Sheet
from include.domain.returns import Reading, Row, Value


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell that differs, or a whole row (``header`` empty) that only one version has."""

    sheet: str
    row: str
    header: str
    before: str
    after: str


def differences(form: Form, before: Reading, after: Reading) -> list[Difference]:
    """In the order of the form. Rows are matched by 序号 where the sheet numbers them, else by place."""
    return [
        difference
        for sheet in form.filled_sheets
        for difference in _of_sheet(sheet, _rows(sheet, before), _rows(sheet, after))
    ]


def _of_sheet(sheet: Sheet, before: Mapping[str, Row], after: Mapping[str, Row]) -> Iterator[Difference]:
    for key in [*before, *(key for key in after if key not in before)]:
        old, new = before.get(key), after.get(key)
        if old is None:
            yield Difference(sheet.title, key, "", "", "新增一行")
        elif new is None:
            yield Difference(sheet.title, key, "", "删除一行", "")
        else:
            for column in sheet.columns:
                was, is_now = old.values.get(column.field), new.values.get(column.field)
                if was != is_now:
                    yield Difference(sheet.title, key, column.header, _printed(was), _printed(is_now))


def _rows(sheet: Sheet, reading: Reading) -> dict[str, Row]:
    rows = reading.sheets.get(sheet.key, ())
    if sheet.layout is Layout.CARD:
        return {"": rows[0]} if rows else {}
    counter = next((column.field for column in sheet.columns if column.counter), None)
    return {
        f"第{row.values.get(counter) if counter and row.values.get(counter) else place}行": row
        for place, row in enumerate(rows, start=1)
    }


def _printed(value: Value) -> str:
    if value is None:
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)
