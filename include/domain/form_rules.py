"""Rules between the fields of a form, as data. A form file states them; the quality gateway applies them.

Every rule carries its own words: ``text`` for the instructions sheet, ``message`` for the finding. In
``message`` a field name in braces stands for what the row says (``{fund_amt}``), and ``{header}``,
``{value}``, ``{row}``, ``{unit_code}``, ``{unit_name}``, ``{window_start}``, ``{window_end}``,
``{campaign_start}``, ``{on}``, ``{rows}`` (other Excel rows) and ``{total}`` for what their names say.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from include.domain.dates import months_later
from include.domain.model import Day, Key, Severity, Strict, Text

MESSAGE_WORDS = frozenset(
    {
        "header",
        "value",
        "row",
        "unit_code",
        "unit_name",
        "window_start",
        "window_end",
        "campaign_start",
        "on",
        "rows",
        "total",
    }
)


class Condition(Strict):
    """When a rule applies: a field has one of the values (是/否, labels), is a number above zero, or is filled."""

    field: Key
    sheet: Key | None = Field(default=None, description="字段所在的工作表，不写即本表；他表只能是卡片式")
    is_one_of: tuple[Text, ...] = ()
    positive: bool = False
    filled: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Condition:
        if [bool(self.is_one_of), self.positive, self.filled].count(True) != 1:
            raise ValueError(
                "条件须在 is_one_of（取值）、positive: true（大于零）和 filled: true（已填写）中写且只写一项"
            )
        return self


class _Rule(Strict):
    """``since`` and ``until`` are the first and last day of judging on which the rule is applied."""

    key: Key
    sheet: Key
    severity: Severity = Severity.ERROR
    since: Day | None = Field(default=None, description="自哪天起执行；不写则与表格同时生效")
    until: Day | None = Field(default=None, description="执行到哪天止（含当天）；不写则一直执行")
    text: Text = Field(description="写入填表说明的要求")
    message: Text = Field(description="不符合时给填报人的一句话，说明写了什么、应写什么")

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.since and self.until and self.until < self.since:
            raise ValueError(
                f"规则“{self.key}”的停止日期 until（{self.until}）早于起始日期 since（{self.since}），请核对两个日期"
            )
        return self

    def in_force_on(self, day: date) -> bool:
        """Whether a return judged on that day is held to the rule."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields of the rule's own sheet; the first is the cell a finding points at."""
        return (self.field,) if isinstance(self, _OnField) else ()


class _OnField(_Rule):
    field: Key


class GreaterOrEqual(_OnField):
    """``field`` ≥ ``other``, numbers or days; an empty side is not compared."""

    kind: Literal["greater_or_equal"]
    other: Key

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.other)


class SumOf(_OnField):
    """``field`` = sum of ``parts`` within the tolerance (元); not judged while all parts are empty."""

    kind: Literal["sum_of"]
    parts: tuple[Key, ...] = Field(min_length=1)
    tolerance: Decimal = Field(default=Decimal(0), ge=0)
    when: Condition | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, *self.parts)


class RequiredIf(_OnField):
    kind: Literal["required_if"]
    when: Condition


class InWindow(_OnField):
    """The day lies inside the campaign's data window; an open end is the day of judging."""

    kind: Literal["in_window"]


class NotAfter(_OnField):
    kind: Literal["not_after"]
    day: Literal["on", "window_end"]


class NotBefore(_OnField):
    kind: Literal["not_before"]
    day: Literal["campaign_start", "window_start"]


class EqualsContext(_OnField):
    """The field repeats a fact of the campaign or unit; an unknown fact (an open window) is not compared."""

    kind: Literal["equals_context"]
    to: Literal["unit_code", "unit_name", "window_start", "window_end"]


class RowsIf(_OnField):
    """A card's answer decides how many rows a table must have (发现问题=是 → at least one)."""

    kind: Literal["rows_if"]
    when: Condition
    table: Key
    at_least: int = Field(default=0, ge=0)
    at_most: int | None = Field(default=None, ge=0)


class AllZeroIf(_Rule):
    """All these numbers are zero or empty when the condition holds (零报告)."""

    kind: Literal["all_zero_if"]
    when: Condition
    zero: tuple[Key, ...] = Field(min_length=1)

    @property
    def fields(self) -> tuple[str, ...]:
        return self.zero


class UniqueInSheet(_OnField):
    """No two rows of one file share the value; every doubled row is named."""

    kind: Literal["unique_in_sheet"]


class Numbered(_OnField):
    """1, 2, 3 … without gaps, in the order of the rows."""

    kind: Literal["numbered"]


class RefersTo(_OnField):
    """The value occurs in another table of the same file."""

    kind: Literal["refers_to"]
    table: Key
    to: Key


class AddsUp(_OnField):
    """``field`` = sum of ``amount`` over the rows of ``table`` that carry this row's ``by`` value.

    Rows that no row of ``table`` refers to are not judged: detail may be handed in later.
    """

    kind: Literal["adds_up"]
    by: Key
    table: Key
    table_by: Key
    amount: Key
    tolerance: Decimal = Field(default=Decimal(0), ge=0)

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.by)


class AnyFilled(_OnField):
    """At least one of the fields is filled; the finding points at ``field``."""

    kind: Literal["any_filled"]
    others: tuple[Key, ...] = Field(min_length=1)

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, *self.others)


class CodeFitsKind(_OnField):
    """The first letter of a unit code fits the unit's kind (H, P, J, F)."""

    kind: Literal["code_fits_kind"]
    kind_field: Key

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.kind_field)


class CodeFitsRegion(_OnField):
    """Digits 2–7 of a unit code are the region of the row."""

    kind: Literal["code_fits_region"]
    region_field: Key

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.region_field)


class KnownRegion(_OnField):
    """The region is in GB/T 2260, abolished districts included."""

    kind: Literal["known_region"]


class TimeAfter(_OnField):
    """``field`` lies between ``least`` and ``most`` days or months after ``after``; an empty day is not judged.

    A period of whole months may be counted with or without its first day: three years from 2024-05-10
    end on 2027-05-09 or 2027-05-10.
    """

    kind: Literal["time_after"]
    after: Key
    unit: Literal["days", "months"]
    least: int = Field(default=0, ge=0)
    most: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _has_an_end(self) -> Self:
        if self.most is not None and self.most < self.least:
            raise ValueError(
                f"规则“{self.key}”的 most（{self.most}）小于 least（{self.least}），请核对两个数"
            )
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.after)

    def is_kept(self, first: date, day: date) -> bool:
        earliest = self._later(first, self.least)
        if self.unit == "months" and self.least:
            earliest -= timedelta(days=1)
        return earliest <= day and (self.most is None or day <= self._later(first, self.most))

    def _later(self, first: date, count: int) -> date:
        if self.unit == "days":
            return first + timedelta(days=count)
        return months_later(first, count)


class MultipleOf(_OnField):
    """``field`` lies between ``least`` times and ``most`` times ``of`` (元); nothing or 0 is not judged."""

    kind: Literal["multiple_of"]
    of: Key
    least: Decimal = Field(ge=0)
    most: Decimal = Field(ge=0)
    when: Condition | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.of)


class InRange(_OnField):
    """The number lies between ``least`` and ``most``, where a column's own bounds would hold always."""

    kind: Literal["in_range"]
    least: Decimal
    most: Decimal
    when: Condition | None = None


class AtLeastDifferent(_OnField):
    """The field names at least so many different entries, separated by 、 or ；."""

    kind: Literal["at_least_different"]
    least: int = Field(default=2, ge=2)
    when: Condition | None = None

    def is_kept(self, written: str) -> bool:
        return len({part for part in re.split(r"[、；;，,\s]+", written) if part}) >= self.least


class EachInList(_OnField):
    """Every entry of the field, separated by ；, is a label of a named list (several choices in one cell)."""

    kind: Literal["each_in_list"]
    choice_list: Key


Rule = Annotated[
    GreaterOrEqual
    | SumOf
    | RequiredIf
    | InWindow
    | NotAfter
    | NotBefore
    | EqualsContext
    | RowsIf
    | AllZeroIf
    | UniqueInSheet
    | Numbered
    | RefersTo
    | AddsUp
    | AnyFilled
    | CodeFitsKind
    | CodeFitsRegion
    | KnownRegion
    | TimeAfter
    | MultipleOf
    | InRange
    | AtLeastDifferent
    | EachInList,
    Field(discriminator="kind"),
]
