"""What a detail sheet prints, and the columns that several of them share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from include.domain.indicators import Source
from include.gateways.statistics_workbooks import paper
from include.gateways.statistics_workbooks.compilation import Compilation

Cells = tuple[paper.Value | None, ...]

CODE, NAME = ("机构编码", paper.CENTRED, 17), ("机构名称", paper.WORDS, 34)
NUMBER = ("编号", paper.CENTRED, 28)
THIS = ("计入本期", paper.CENTRED, 10)


class List(NamedTuple):
    """What a detail sheet prints: ``sums`` name the columns that have a total."""

    source: Source
    title: str
    unit_line: str
    columns: tuple[tuple[str, str, float], ...]
    rows: Sequence[Cells]
    sums: tuple[str, ...] = ()


def in_period(edition: Compilation) -> Callable[[date | None], str]:
    """Says of a day whether it counts in 本期, only in 累计, or not at all."""
    period = edition.snapshot.period

    def said(day: date | None) -> str:
        if day is None or day > period.end:
            return "未计入"
        return "是" if day >= period.start else "否"

    return said
