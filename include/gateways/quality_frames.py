"""All returns' rows of one sheet as columns: values, what was written, what could not be read, broken rules.

Money is integer 分 and a day the integer yyyymmdd: exact, and far faster to judge than dates or decimals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from include.domain import codes
from include.domain.form_rules import (
    AddsUp,
    AllZeroIf,
    AnyFilled,
    AtLeastDifferent,
    CodeFitsKind,
    CodeFitsRegion,
    Condition,
    EqualsContext,
    InRange,
    InWindow,
    KnownRegion,
    MultipleOf,
    NotAfter,
    NotBefore,
    Numbered,
    RefersTo,
    RequiredIf,
    RowsIf,
    SumOf,
    TimeAfter,
)
from include.domain.forms import NUMBERS, ColumnType, Form, Sheet
from include.domain.returns import CheckContext, Reading, Row, Value
from include.domain.values import same_name
from include.gateways.quality_checks import (
    ASKED_DIRECTLY,
    RETURN,
    problem_column,
    rule_column,
    written_column,
)

Named = tuple[str, bool, list[object]]
"""A frame column: name, whether it holds integers, values by position."""


class Judged:
    """One return under judgement, with what several of its rows need to know looked up once."""

    def __init__(self, return_id: int, reading: Reading, context: CheckContext) -> None:
        self.return_id = return_id
        self.reading = reading
        self.context = context
        self._values: dict[tuple[str, str], frozenset[Value]] = {}
        self._sums: dict[tuple[str, str, str], Mapping[Value, Decimal]] = {}

    def rows(self, sheet: str) -> Sequence[Row]:
        return self.reading.sheets.get(sheet, ())

    def values_of(self, sheet: str, field: str) -> frozenset[Value]:
        """What a table says in a column."""
        key = (sheet, field)
        if key not in self._values:
            self._values[key] = frozenset(row.values.get(field) for row in self.rows(sheet))
        return self._values[key]

    def sums_of(self, rule: AddsUp) -> Mapping[Value, Decimal]:
        """What the detail rows of a rule add up to, by the number they refer to."""
        key = (rule.table, rule.table_by, rule.amount)
        if key not in self._sums:
            sums: dict[Value, Decimal] = defaultdict(Decimal)
            for row in self.rows(rule.table):
                amount = row.values.get(rule.amount)
                if amount is not None:
                    sums[row.values.get(rule.table_by)] += Decimal(str(amount))
            self._sums[key] = sums
        return self._sums[key]


@dataclass(frozen=True, slots=True)
class Placed:
    """One row and where it is from; its position in the list is its position in the frame."""

    source: Judged
    order: int
    row: Row


def columns_of(form: Form, sheet: Sheet, placed: Sequence[Placed]) -> Iterator[Named]:
    """Every column of the frame the sheet's checks look at."""
    rows = [where.row for where in placed]
    yield RETURN, True, [where.source.return_id for where in placed]
    for column in sheet.columns:
        field = column.field
        is_number = column.type in NUMBERS or column.type is ColumnType.DATE
        yield (
            field,
            is_number,
            [
                as_integer(row.values.get(field)) if is_number else _word(row.values.get(field))
                for row in rows
            ],
        )
        yield problem_column(field), False, [row.problems.get(field) for row in rows]
        if column.required:
            yield written_column(field), False, [_written(row, field) for row in rows]
    for rule in form.rules_of(sheet):
        if not isinstance(rule, ASKED_DIRECTLY):
            for field in rule.zero if isinstance(rule, AllZeroIf) else rule.fields[:1]:
                is_broken = _BREAKS[type(rule)]
                flags: list[object] = [int(is_broken(rule, field, where)) for where in placed]
                yield rule_column(rule, field), True, flags


def as_integer(value: Value) -> int | None:
    """A number, amount or day as the frame has it."""
    if value is None or isinstance(value, str | bool):
        return None
    if isinstance(value, Decimal):
        return int(value * 100)
    if isinstance(value, date):
        return value.year * 10_000 + value.month * 100 + value.day
    return value


def applies(when: Condition, where: Placed) -> bool:
    """Whether a rule's condition holds for a row, or for the card of its return."""
    values = where.row.values
    if when.sheet is not None:
        card = where.source.rows(when.sheet)
        values = card[0].values if card else {}
    value = values.get(when.field)
    if value is None:
        return False
    if when.filled:
        return True
    if when.positive:
        return (as_integer(value) or 0) > 0
    word = {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)
    return word in when.is_one_of


def sum_of_parts(rule: SumOf, row: Row) -> Decimal | None:
    """What the parts add up to; None while none is filled."""
    parts = [row.values[field] for field in rule.parts if row.values.get(field) is not None]
    return sum((Decimal(str(part)) for part in parts), Decimal(0)) if parts else None


def context_day(name: str, context: CheckContext) -> date | None:
    """A day of the campaign by its name in a rule."""
    day = getattr(context, name)
    return day if isinstance(day, date) else None


def _word(value: Value) -> str | None:
    if isinstance(value, bool):
        return "是" if value else "否"
    return None if value is None else str(value)


def _written(row: Row, field: str) -> str | None:
    """Something is there: a value, or a text that could not be read."""
    if row.values.get(field) is None and field not in row.problems:
        return None
    return row.raw.get(field) or "-"


def _holds(when: Condition | None, where: Placed) -> bool:
    return when is None or applies(when, where)


def _number(value: Value) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _sum_differs(rule: SumOf, field: str, where: Placed) -> bool:
    if not _holds(rule.when, where):
        return False
    total, parts = where.row.values.get(field), sum_of_parts(rule, where.row)
    return total is not None and parts is not None and abs(Decimal(str(total)) - parts) > rule.tolerance


def _is_missing(rule: RequiredIf, field: str, where: Placed) -> bool:
    if field in where.row.problems or not applies(rule.when, where):
        return False
    value = where.row.values.get(field)
    return value is None or value == 0


def _is_outside(rule: InWindow, field: str, where: Placed) -> bool:
    day = where.row.values.get(field)
    start, end = where.source.context.window_start, where.source.context.window_end or where.source.context.on
    return isinstance(day, date) and ((start is not None and day < start) or day > end)


def _is_late(rule: NotAfter, field: str, where: Placed) -> bool:
    day, last = where.row.values.get(field), context_day(rule.day, where.source.context)
    return isinstance(day, date) and last is not None and day > last


def _is_early(rule: NotBefore, field: str, where: Placed) -> bool:
    day, first = where.row.values.get(field), context_day(rule.day, where.source.context)
    return isinstance(day, date) and first is not None and day < first


def _differs(rule: EqualsContext, field: str, where: Placed) -> bool:
    value, expected = where.row.values.get(field), getattr(where.source.context, rule.to)
    if value is None or expected is None:
        return False
    return value != expected if isinstance(expected, date) else not same_name(str(value), expected)


def _has_wrong_rows(rule: RowsIf, field: str, where: Placed) -> bool:
    if not applies(rule.when, where):
        return False
    rows = len(where.source.rows(rule.table))
    return rows < rule.at_least or (rule.at_most is not None and rows > rule.at_most)


def _is_not_zero(rule: AllZeroIf, field: str, where: Placed) -> bool:
    return applies(rule.when, where) and where.row.values.get(field) not in {None, 0}


def _is_out_of_order(rule: Numbered, field: str, where: Placed) -> bool:
    value = where.row.values.get(field)
    return value is not None and value != where.order + 1


def _refers_to_nothing(rule: RefersTo, field: str, where: Placed) -> bool:
    value = where.row.values.get(field)
    return value is not None and value not in where.source.values_of(rule.table, rule.to)


def _does_not_add_up(rule: AddsUp, field: str, where: Placed) -> bool:
    value, by = where.row.values.get(field), where.row.values.get(rule.by)
    detail = where.source.sums_of(rule)
    return value is not None and by in detail and abs(Decimal(str(value)) - detail[by]) > rule.tolerance


def _nothing_filled(rule: AnyFilled, field: str, where: Placed) -> bool:
    return not any(_written(where.row, name) for name in rule.fields)


def _does_not_fit_kind(rule: CodeFitsKind, field: str, where: Placed) -> bool:
    code, kind = where.row.values.get(field), where.row.values.get(rule.kind_field)
    known = {member.zh for member in codes.LETTER_BY_KIND}
    return isinstance(code, str) and kind in known and getattr(codes.kind_of(code), "zh", None) != kind


def _does_not_fit_region(rule: CodeFitsRegion, field: str, where: Placed) -> bool:
    code, region = where.row.values.get(field), where.row.values.get(rule.region_field)
    return isinstance(code, str) and isinstance(region, str) and codes.region_of(code) != region


def _is_unknown_region(rule: KnownRegion, field: str, where: Placed) -> bool:
    region = where.row.values.get(field)
    return isinstance(region, str) and not codes.is_known_region(region)


def _is_mistimed(rule: TimeAfter, field: str, where: Placed) -> bool:
    first, day = where.row.values.get(rule.after), where.row.values.get(field)
    return isinstance(first, date) and isinstance(day, date) and not rule.is_kept(first, day)


def _is_no_multiple(rule: MultipleOf, field: str, where: Placed) -> bool:
    base, value = (_number(where.row.values.get(name)) for name in (rule.of, field))
    if not value or base is None or not _holds(rule.when, where):
        return False
    return not rule.least * base <= value <= rule.most * base


def _is_out_of_range(rule: InRange, field: str, where: Placed) -> bool:
    value = _number(where.row.values.get(field))
    return value is not None and _holds(rule.when, where) and not rule.least <= value <= rule.most


def _names_too_few(rule: AtLeastDifferent, field: str, where: Placed) -> bool:
    value = where.row.values.get(field)
    return isinstance(value, str) and _holds(rule.when, where) and not rule.is_kept(value)


_BREAKS: dict[type, Callable[..., bool]] = {
    SumOf: _sum_differs,
    RequiredIf: _is_missing,
    InWindow: _is_outside,
    NotAfter: _is_late,
    NotBefore: _is_early,
    EqualsContext: _differs,
    RowsIf: _has_wrong_rows,
    AllZeroIf: _is_not_zero,
    Numbered: _is_out_of_order,
    RefersTo: _refers_to_nothing,
    AddsUp: _does_not_add_up,
    AnyFilled: _nothing_filled,
    CodeFitsKind: _does_not_fit_kind,
    CodeFitsRegion: _does_not_fit_region,
    KnownRegion: _is_unknown_region,
    TimeAfter: _is_mistimed,
    MultipleOf: _is_no_multiple,
    InRange: _is_out_of_range,
    AtLeastDifferent: _names_too_few,
}
