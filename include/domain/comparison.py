"""Two versions of one return, side by side: what was added, removed, changed, and what it adds up to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from include.domain.forms import NUMBERS, Column, Form, Layout, Sheet
from include.domain.returns import Reading, Row, Value

EMPTY = "（空）"


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"

    @property
    def zh(self) -> str:
        return {Change.ADDED: "新增", Change.REMOVED: "删除", Change.CHANGED: "改动"}[self]


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell that differs, or a whole row (``header`` empty) that only one version has, with what it says."""

    change: Change
    sheet: str
    row: str
    header: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Total:
    """Rows (条) of a table, or a column of it added up in the column's unit; unreadable cells count nothing."""

    sheet: str
    header: str
    before: Decimal
    after: Decimal


Pair = tuple[str, Row | None, Row | None]
"""The row's name for people, and what either version has there."""


def differences(form: Form, before: Reading, after: Reading) -> list[Difference]:
    """In the order of the form. A row that only got another 序号 does not differ."""
    return [
        difference
        for sheet in form.filled_sheets
        for pair in _pairs(sheet, before.sheets.get(sheet.key, ()), after.sheets.get(sheet.key, ()))
        for difference in _of_pair(sheet, *pair)
    ]


def totals(form: Form, before: Reading, after: Reading) -> list[Total]:
    """Of every table: its rows, then each amount and count, whether they differ or not."""
    found = []
    for sheet in form.filled_sheets:
        if sheet.layout is not Layout.TABLE:
            continue
        old, new = (reading.sheets.get(sheet.key, ()) for reading in (before, after))
        found.append(Total(sheet.title, "条数（条）", Decimal(len(old)), Decimal(len(new))))
        # A number without unit is the number of something (序号), not an amount of it.
        summed = [column for column in sheet.columns if column.type in NUMBERS and column.unit]
        found += [Total(sheet.title, each.label, _sum(each, old), _sum(each, new)) for each in summed]
    return found


def _pairs(sheet: Sheet, before: Sequence[Row], after: Sequence[Row]) -> Iterator[Pair]:
    """Rows that do not say the same in both, matched by 序号 where the sheet numbers them, else by place."""
    if sheet.layout is Layout.CARD:
        yield "", next(iter(before), None), next(iter(after), None)
        return
    same = Counter(_content(sheet, row) for row in before) & Counter(_content(sheet, row) for row in after)
    waiting: defaultdict[str, list[Row]] = defaultdict(list)
    for name, row in _apart_from(same, sheet, after):
        waiting[name].append(row)
    for name, old in _apart_from(same, sheet, before):
        found = waiting[name]
        yield name, old, found.pop(0) if found else None
    yield from ((name, None, new) for name, rows in waiting.items() for new in rows)


def _apart_from(
    same: Counter[tuple[str, ...]], sheet: Sheet, rows: Sequence[Row]
) -> Iterator[tuple[str, Row]]:
    left = same.copy()
    counter = next((column.field for column in sheet.columns if column.counter), "")
    for place, row in enumerate(rows, start=1):
        content = _content(sheet, row)
        if left[content]:
            left[content] -= 1
        else:
            yield f"第{row.values.get(counter) or place}行", row


def _of_pair(sheet: Sheet, name: str, old: Row | None, new: Row | None) -> Iterator[Difference]:
    if old is None and new is not None:
        yield Difference(Change.ADDED, sheet.title, name, "", "", _told(sheet, new))
    elif new is None and old is not None:
        yield Difference(Change.REMOVED, sheet.title, name, "", _told(sheet, old), "")
    elif old is not None and new is not None:
        for column in sheet.columns:
            was, is_now = _printed(column, old), _printed(column, new)
            if was != is_now:
                yield Difference(Change.CHANGED, sheet.title, name, column.label, was, is_now)


def _content(sheet: Sheet, row: Row) -> tuple[str, ...]:
    return tuple(_printed(column, row) for column in sheet.columns if not column.counter)


def _told(sheet: Sheet, row: Row) -> str:
    """What a whole row says."""
    said = ((column.label, _printed(column, row)) for column in sheet.columns if not column.counter)
    return "；".join(f"{label}：{words}" for label, words in said if words != EMPTY)


def _sum(column: Column, rows: Sequence[Row]) -> Decimal:
    values = (row.values.get(column.field) for row in rows)
    return sum((Decimal(value) for value in values if isinstance(value, int | Decimal)), Decimal(0))


def _printed(column: Column, row: Row) -> str:
    if column.field in row.problems:
        return f"{row.raw.get(column.field, '')}（无法识别）"
    return _value(row.values.get(column.field))


def _value(value: Value) -> str:
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)
