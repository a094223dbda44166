"""The layouts of statistics tables (统计表) as data, checked before they are printed.

A matrix has rows of members and columns of indicators, an indicator table a row per indicator and a column per
scope, a list a row per problem.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import Field, model_validator

from include.domain.conduct_headings import members_of
from include.domain.faults import Fault, refuse
from include.domain.groups import (
    ACTION_HEADING,
    CLUE_SOURCE,
    CLUE_SOURCES,
    GOVERNANCE_HEADING,
    LEVEL,
    LEVELS,
    OBJECT,
    OBJECTS,
    OWNERSHIP,
    OWNERSHIPS,
    REFUND_SOURCES,
    SOURCE,
    TOTAL,
    UNIT_KIND,
    UNSTATED,
    VIOLATION_TYPE,
)
from include.domain.indicators import BY_KEY
from include.domain.model import Key, Strict, Text, UnitKind
from include.domain.reports import Scope
from include.domain.violations import VIOLATION_TYPES

Dimension = Literal[
    "unit_kind",
    "level",
    "ownership",
    "region",
    "branch",
    "object",
    "violation_type",
    "action_heading",
    "governance_heading",
    "clue_source",
    "batch",
    "model",
    "source",
]

MEMBERS: dict[str, tuple[str, ...]] = {
    UNIT_KIND: tuple(kind.value for kind in UnitKind),
    LEVEL: LEVELS,
    OWNERSHIP: (*OWNERSHIPS, UNSTATED),
    OBJECT: tuple(OBJECTS),
    VIOLATION_TYPE: tuple(violation.code for violation in VIOLATION_TYPES),
    ACTION_HEADING: members_of(ACTION_HEADING),
    GOVERNANCE_HEADING: members_of(GOVERNANCE_HEADING),
    CLUE_SOURCE: tuple(CLUE_SOURCES),
    SOURCE: REFUND_SOURCES,
}
"""Regions, handling units, batches and models differ from campaign to campaign and are not listed."""

PrintedScope = Literal["this", "cumulative", "previous"]
"""``previous`` is what 本期 was on the occasion before."""


class Row(Strict):
    """One printed row; with ``each``, one row per member that occurs, in official order."""

    title: Text | None = Field(default=None, description="行名；each 行自动取名")
    dimension: Dimension | None = Field(default=None, description="不写则为合计")
    member: Text | None = Field(default=None, description="该维度的一个成员")
    each: Dimension | None = Field(default=None, description="该维度出现的每个成员各一行")
    prefix: Text | None = Field(default=None, description="each 行行名前所加的字")
    within: Text | None = Field(default=None, description="each 行只取这一对象类别的成员")
    all_members: bool = Field(default=False, description="each 行列出固定的全部成员，没有发生的也印")
    indent: int = Field(default=0, ge=0, le=6, description="行名缩进几格")
    only_if_any: bool = Field(default=False, description="没有该类单位时不印此行")

    @property
    def is_total(self) -> bool:
        return self.each is None and (self.dimension is None or (self.title or "").endswith("合计"))

    @property
    def along(self) -> str:
        """The dimension its figures are taken from; TOTAL for a total."""
        return self.each or self.dimension or TOTAL


class Column(Strict):
    """One indicator. Columns of the same ``group`` stand side by side under a common heading."""

    title: Text
    indicator: Key
    group: Text | None = None
    unit: Text | None = Field(default=None, description="不写则为指标的计量单位；元可改印万元")
    where_divided: bool = Field(default=False, description="指标没有按该行分组的，印“—”")
    cumulative_only: bool = Field(
        default=False, description="只有累计数有意义的（如核查率：本期核查的未必是本期下发的），本期印“—”"
    )
    continued: bool = Field(default=False, description="自此栏起另起一段，接在表下续印")

    @property
    def printed_unit(self) -> str:
        return self.unit or BY_KEY[self.indicator].unit


class _Sheet(Strict):
    title: Text
    sheet: Text = Field(max_length=31, pattern=r"^[^\[\]:*?/\\']+$", description="工作表名称")
    unit_line: Text = Field(description="表头右侧的计量单位，如“单位：家”")
    note: Text | None = Field(default=None, description="表下说明")


class TableLayout(_Sheet):
    """Rows of members, columns of indicators; each row once per scope."""

    form: Literal["matrix"] = "matrix"
    stub: Text = Field(description="行名一栏的表头")
    numbered: bool = Field(default=False, description="是否印序号栏")
    scopes: tuple[Scope, ...] = Field(
        default=(Scope.CUMULATIVE,),
        min_length=1,
        max_length=2,
        description="每行印哪些口径：this 本期、cumulative 累计",
    )
    remarks: bool = Field(default=False, description="末栏是否为备注")
    rows: tuple[Row, ...] = Field(min_length=1)
    columns: tuple[Column, ...] = Field(min_length=1, max_length=32)

    @model_validator(mode="after")
    def _printable(self) -> TableLayout:
        faults = [fault for number, row in enumerate(self.rows) for fault in _faults_of_row(number, row)]
        for number, column in enumerate(self.columns):
            faults += self._faults_of_column(number, column)
        refuse("TableLayout", faults)
        return self

    @property
    def indicators(self) -> tuple[str, ...]:
        return tuple(column.indicator for column in self.columns)

    @property
    def panels(self) -> tuple[tuple[Column, ...], ...]:
        """The columns as they are printed: a wide table is continued below itself."""
        starts = [0, *(at for at, column in enumerate(self.columns) if column.continued and at)]
        return tuple(
            self.columns[first:last] for first, last in zip(starts, [*starts[1:], None], strict=True)
        )

    def _faults_of_column(self, number: int, column: Column) -> Iterator[Fault]:
        place = ("columns", number)
        faults = list(_faults_of_indicator(place, column.indicator, column.unit))
        yield from faults
        if any(fault.at[-1] == "indicator" for fault in faults):
            return
        indicator = BY_KEY[column.indicator]
        undivided = [row.along for row in self.rows if row.along not in indicator.dimensions]
        if undivided and not column.where_divided:
            yield Fault(
                (*place, "indicator"),
                f"指标“{indicator.title}”没有按 {undivided[0]} 的分组数，不能用于本表，请换用其他指标",
                column.indicator,
            )
        before = [other.group for other in self.columns[:number]]
        if column.group in before and column.group is not None and before[-1] != column.group:
            yield Fault(
                (*place, "group"),
                f"表头“{column.group}”下的各栏须相邻，请调整 columns 的顺序",
                column.group,
            )


class Line(Strict):
    """One indicator of an indicator table, in total or for one member."""

    indicator: Key
    title: Text | None = Field(default=None, description="不写则为指标名称")
    dimension: Dimension | None = None
    member: Text | None = None
    unit: Text | None = Field(default=None, description="不写则为指标的计量单位；元可改印万元")

    @property
    def printed_title(self) -> str:
        return self.title or BY_KEY[self.indicator].title

    @property
    def printed_unit(self) -> str:
        return self.unit or BY_KEY[self.indicator].unit


class Section(Strict):
    """Lines under a common heading."""

    title: Text
    lines: tuple[Line, ...] = Field(min_length=1)


class IndicatorTable(_Sheet):
    """A row per indicator, a column per scope."""

    form: Literal["indicators"]
    scopes: dict[PrintedScope, Text] = Field(min_length=1, description="口径及其表头，依次为各栏")
    remarks: bool = True
    sections: tuple[Section, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _printable(self) -> IndicatorTable:
        faults: list[Fault] = []
        for at, section in enumerate(self.sections):
            for number, line in enumerate(section.lines):
                place = ("sections", at, "lines", number)
                faults += _faults_of_indicator(place, line.indicator, line.unit)
                if (line.dimension is None) != (line.member is None):
                    faults.append(
                        Fault(place, "dimension 和 member 须同时写明；合计两项都不写", line.indicator)
                    )
        refuse("IndicatorTable", faults)
        return self

    @property
    def indicators(self) -> tuple[str, ...]:
        return tuple(line.indicator for section in self.sections for line in section.lines)


class ListTable(_Sheet):
    """问题清单: every problem found by self-checks and inspections, a row each."""

    form: Literal["problem_list"]

    @property
    def indicators(self) -> tuple[str, ...]:
        return ("problem_count", "inspection_problems")


Table = Annotated[TableLayout | IndicatorTable | ListTable, Field(discriminator="form")]


def _faults_of_indicator(place: tuple[str | int, ...], key: str, unit: str | None) -> Iterator[Fault]:
    indicator = BY_KEY.get(key)
    if indicator is None:
        near = "、".join(get_close_matches(key, BY_KEY, n=2)) or "见编制说明"
        yield Fault((*place, "indicator"), f"没有名为“{key}”的指标，请改为已定义的指标，如 {near}", key)
    elif unit not in (None, indicator.unit) and (unit, indicator.unit) != ("万元", "元"):
        yield Fault(
            (*place, "unit"),
            f"指标“{indicator.title}”以“{indicator.unit}”计量，不能印成“{unit}”，请删去此项或改正",
            unit,
        )


def _faults_of_row(number: int, row: Row) -> list[Fault]:
    if row.each is not None:
        if row.title or row.dimension or row.member:
            return [Fault(("rows", number), "each 行自动取名，请删去 title、dimension 和 member", row.each)]
        if row.all_members and row.each not in MEMBERS:
            return [
                Fault(("rows", number, "all_members"), f"{row.each} 没有固定的成员，请删去此项", row.each)
            ]
        return []
    if row.title is None:
        return [Fault(("rows", number, "title"), "请写明行名，或改用 each 逐个列出成员", None)]
    if (row.dimension is None) != (row.member is None):
        return [Fault(("rows", number), "dimension 和 member 须同时写明；合计行两项都不写", row.title)]
    return list(faults_of_member(("rows", number, "member"), row.dimension, row.member))


def faults_of_member(
    place: tuple[str | int, ...], dimension: str | None, member: str | None
) -> Iterator[Fault]:
    """A member that a dimension with a fixed list does not have."""
    known = MEMBERS.get(dimension or "", ())
    if known and member not in known:
        near = "、".join(get_close_matches(member or "", known, n=2)) or "、".join(known)
        yield Fault(place, f"{dimension} 没有成员“{member}”，可选：{near}", member)
