"""Numbers counted from a campaign's first day (累计数): they never fall, and those of parts make up a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from include.domain.forms import Column, ColumnType, Form, Sheet
from include.domain.model import Severity
from include.domain.returns import Finding, Reading, Value

MEMO = "memo"
COUNTED = frozenset({ColumnType.COUNT, ColumnType.MONEY})


@dataclass(frozen=True, slots=True)
class Item:
    """A number a form asks for once: its sheet, its column."""

    sheet: Sheet
    column: Column

    @property
    def key(self) -> str:
        return self.column.field

    @property
    def title(self) -> str:
        return self.column.header

    @property
    def unit(self) -> str:
        return self.column.unit or ""


@dataclass(frozen=True, slots=True)
class Part:
    """What one unit reported: numbers by key, amounts in 元."""

    unit_code: str
    unit_name: str
    values: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Difference:
    """A number that stands otherwise in our own ledger than in a return."""

    unit_code: str
    unit_name: str
    title: str
    reported: Decimal
    own: Decimal
    unit: str


def items(form: Form) -> tuple[Item, ...]:
    """The numbers on the form's cards, in order; tables with a row per batch are no single numbers."""
    return tuple(
        Item(card, column) for card in form.cards for column in card.columns if column.type in COUNTED
    )


def numbers(form: Form, reading: Reading) -> dict[str, Decimal]:
    """Key → number as reported; what was left empty is absent, which is not the same as 0."""
    found: dict[str, Decimal] = {}
    for item in items(form):
        for row in reading.sheets.get(item.sheet.key, ())[:1]:
            value = row.values.get(item.key)
            if isinstance(value, int | Decimal) and not isinstance(value, bool):
                found[item.key] = Decimal(value)
    return found


def totals(form: Form, parts: Sequence[Part]) -> dict[str, Decimal]:
    """The sum of the parts, number by number. A unit that has not reported is no part and adds no 0."""
    return {
        item.key: sum((part.values[item.key] for part in parts if item.key in part.values), Decimal(0))
        for item in items(form)
        if any(item.key in part.values for part in parts)
    }


def fallen(form: Form, reading: Reading, before: Mapping[str, Decimal], *, since: str) -> Iterator[Finding]:
    """A finding for every number below that of the return ``since`` names, unless its sheet has a note."""
    now = numbers(form, reading)
    for item in items(form):
        earlier, value = before.get(item.key), now.get(item.key)
        if earlier is None or value is None or value >= earlier:
            continue
        row = reading.sheets[item.sheet.key][0]
        is_noted = bool(_text(row.values.get(MEMO)))
        asked = "已在备注中说明" if is_noted else "请核对；确有减少的，请在本表“备注”中写明原因"
        yield Finding(
            rule="cumulative.fallen",
            message=f"{item.title}是累计数，填写的是{_shown(value)}{item.unit}，"
            f"少于{since}的{_shown(earlier)}{item.unit}，{asked}",
            severity=Severity.INFO if is_noted else Severity.ERROR,
            sheet=item.sheet.title,
            cell=row.cells.get(item.key, ""),
            header=item.title,
            value=_shown(value),
        )


def differences(
    form: Form, parts: Sequence[Part], own: Mapping[str, Mapping[str, Decimal]]
) -> list[Difference]:
    """Where a return and our own ledger both have a number and they differ; ``own`` by unit code and key."""
    return [
        Difference(
            part.unit_code, part.unit_name, item.title, part.values[item.key], mine[item.key], item.unit
        )
        for part in parts
        if (mine := own.get(part.unit_code)) is not None
        for item in items(form)
        if item.key in part.values and item.key in mine and part.values[item.key] != mine[item.key]
    ]


def _text(value: Value) -> str:
    return str(value).strip() if value is not None else ""


def _shown(number: Decimal) -> str:
    return f"{number:,f}"
