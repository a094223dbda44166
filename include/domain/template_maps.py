"""Which cell of an upper bureau's own table takes which figure: the mapping beside a template workbook."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from include.domain.faults import Fault, refuse
from include.domain.groups import TOTAL
from include.domain.indicators import BY_KEY
from include.domain.model import Key, Strict, Text
from include.domain.tables import Dimension, PrintedScope, faults_of_member

_TEN_THOUSAND, _HUNDREDTH = Decimal(10_000), Decimal("0.01")


class Cell(Strict):
    """One cell and the figure it takes."""

    sheet: Text = Field(description="模板中的工作表名称")
    cell: str = Field(pattern=r"^[A-Z]{1,3}[1-9][0-9]{0,6}$", description="单元格，如 C7")
    indicator: Key
    dimension: Dimension | None = Field(default=None, description="不写则为合计")
    member: Text | None = None
    scope: PrintedScope = Field(default="cumulative", description="this 本期、cumulative 累计、previous 上期")
    unit: Literal["万元", "元"] | None = Field(
        default=None, description="不写则为指标的计量单位；元可改填万元"
    )

    @property
    def place(self) -> tuple[str, str]:
        """Dimension and member; the total where none is named."""
        return self.dimension or TOTAL, self.member or ""

    def printed(self, value: Decimal) -> Decimal:
        """The figure in the unit of the cell, 万元 to two decimals."""
        return (value / _TEN_THOUSAND).quantize(_HUNDREDTH) if self.unit == "万元" else value


class TemplateMap(Strict):
    """All cells of one template."""

    title: Text = Field(description="表名，用作所填文件的名称")
    cells: tuple[Cell, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _meant(self) -> TemplateMap:
        seen: set[tuple[str, str]] = set()
        faults: list[Fault] = []
        for number, cell in enumerate(self.cells):
            at = ("cells", number)
            faults += _faults_of(at, cell)
            if (cell.sheet, cell.cell) in seen:
                faults.append(
                    Fault((*at, "cell"), f"“{cell.sheet}”的{cell.cell}写了两次，请删去一处", cell.cell)
                )
            seen.add((cell.sheet, cell.cell))
        refuse("TemplateMap", faults)
        return self


def _faults_of(at: tuple[str | int, ...], cell: Cell) -> Iterator[Fault]:
    indicator = BY_KEY.get(cell.indicator)
    if indicator is None:
        yield Fault(
            (*at, "indicator"),
            f"没有名为“{cell.indicator}”的指标，请对照编制说明中的指标填写",
            cell.indicator,
        )
        return
    if (cell.dimension is None) != (cell.member is None):
        yield Fault(at, "dimension 和 member 须同时写明；合计两项都不写", cell.cell)
    elif cell.place[0] not in indicator.dimensions:
        yield Fault(
            (*at, "dimension"),
            f"指标“{indicator.title}”没有按 {cell.dimension} 的分组数，请换用其他分组",
            cell.dimension,
        )
    else:
        yield from faults_of_member((*at, "member"), cell.dimension, cell.member)
    if cell.unit is not None and indicator.unit != "元":
        yield Fault(
            (*at, "unit"),
            f"指标“{indicator.title}”以“{indicator.unit}”计量，不能填成“{cell.unit}”，请删去此项",
            cell.unit,
        )
