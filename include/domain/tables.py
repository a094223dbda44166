"""The layout of a statistics table (统计表) as data: rows × columns of indicators, checked before it is printed."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Literal

from pydantic import Field, model_validator

from include.domain.faults import Fault, refuse
from include.domain.groups import LEVEL, LEVELS, TOTAL, UNIT_KIND, VIOLATION_TYPE
from include.domain.indicators import BY_KEY
from include.domain.model import Key, Strict, Text, UnitKind
from include.domain.violations import VIOLATION_TYPES

Dimension = Literal["unit_kind", "level", "region", "violation_type"]

_MEMBERS: dict[str, tuple[str, ...]] = {
    UNIT_KIND: tuple(kind.value for kind in UnitKind),
    LEVEL: LEVELS,
    VIOLATION_TYPE: tuple(violation.code for violation in VIOLATION_TYPES),
}
"""Regions differ from campaign to campaign and are not listed."""


class Row(Strict):
    """One printed row; with ``each``, one row per member that occurs, in official order."""

    title: Text | None = Field(default=None, description="行名；each 行自动取名")
    dimension: Dimension | None = Field(default=None, description="不写则为合计")
    member: Text | None = Field(default=None, description="该维度的一个成员")
    each: Dimension | None = Field(default=None, description="该维度出现的每个成员各一行")
    indent: int = Field(default=0, ge=0, le=6, description="行名缩进几格")
    only_if_any: bool = Field(default=False, description="没有该类单位时不印此行")

    @property
    def is_total(self) -> bool:
        return self.dimension is None and self.each is None

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

    @property
    def printed_unit(self) -> str:
        return self.unit or BY_KEY[self.indicator].unit


class TableLayout(Strict):
    """What one sheet of the statistics workbook prints."""

    title: Text
    sheet: Text = Field(max_length=31, pattern=r"^[^\[\]:*?/\\']+$", description="工作表名称")
    unit_line: Text = Field(description="表头右侧的计量单位，如“单位：家”")
    stub: Text = Field(description="行名一栏的表头")
    numbered: bool = Field(default=False, description="是否印序号栏")
    rows: tuple[Row, ...] = Field(min_length=1)
    columns: tuple[Column, ...] = Field(min_length=1, max_length=24)
    note: Text | None = Field(default=None, description="表下说明")

    @model_validator(mode="after")
    def _printable(self) -> TableLayout:
        faults = [fault for number, row in enumerate(self.rows) for fault in _faults_of_row(number, row)]
        for number, column in enumerate(self.columns):
            faults += self._faults_of_column(number, column)
        refuse("TableLayout", faults)
        return self

    def _faults_of_column(self, number: int, column: Column) -> list[Fault]:
        indicator = BY_KEY.get(column.indicator)
        if indicator is None:
            near = "、".join(get_close_matches(column.indicator, BY_KEY, n=2)) or "、".join(BY_KEY)
            return [
                Fault(
                    ("columns", number, "indicator"),
                    f"没有名为“{column.indicator}”的指标，请改为已定义的指标，如 {near}",
                    column.indicator,
                )
            ]
        faults = []
        if column.printed_unit != indicator.unit and (column.unit, indicator.unit) != ("万元", "元"):
            faults.append(
                Fault(
                    ("columns", number, "unit"),
                    f"指标“{indicator.title}”以“{indicator.unit}”计量，不能印成“{column.unit}”，请删去此项或改正",
                    column.unit,
                )
            )
        for row in self.rows:
            if row.along not in indicator.dimensions:
                faults.append(
                    Fault(
                        ("columns", number, "indicator"),
                        f"指标“{indicator.title}”没有按 {row.along} 的分组数，不能用于本表，请换用其他指标",
                        column.indicator,
                    )
                )
                break
        before = [other.group for other in self.columns[:number]]
        if column.group in before and column.group is not None and before[-1] != column.group:
            faults.append(
                Fault(
                    ("columns", number, "group"),
                    f"表头“{column.group}”下的各栏须相邻，请调整 columns 的顺序",
                    column.group,
                )
            )
        return faults


def _faults_of_row(number: int, row: Row) -> list[Fault]:
    if row.each is not None:
        if row.title or row.dimension or row.member:
            return [Fault(("rows", number), "each 行自动取名，请删去 title、dimension 和 member", row.each)]
        return []
    if row.title is None:
        return [Fault(("rows", number, "title"), "请写明行名，或改用 each 逐个列出成员", None)]
    if (row.dimension is None) != (row.member is None):
        return [Fault(("rows", number), "dimension 和 member 须同时写明；合计行两项都不写", row.title)]
    known = _MEMBERS.get(row.dimension or "", ())
    if known and row.member not in known:
        near = "、".join(get_close_matches(row.member or "", known, n=2)) or "、".join(known)
        return [
            Fault(
                ("rows", number, "member"),
                f"{row.dimension} 没有成员“{row.member}”，可选：{near}",
                row.member,
            )
        ]
    return []
