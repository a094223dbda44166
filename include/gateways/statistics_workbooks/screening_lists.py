"""The runs of screening behind the hits: what each rule found in each run."""

from __future__ import annotations

from include.domain.indicators import Source
from include.gateways.statistics_workbooks import paper
from include.gateways.statistics_workbooks.compilation import Compilation
from include.gateways.statistics_workbooks.detail_list import THIS, List, in_period


def screenings(edition: Compilation) -> List:
    said = in_period(edition)
    columns = (
        ("筛查日期", paper.DAY, 17),
        ("范围", paper.CENTRED, 24),
        ("筛查模型", paper.WORDS, 30),
        ("命中疑点（条）", paper.COUNT, 17),
        THIS,
    )
    rows = [(row.on, row.scope, row.model, row.hits, said(row.on)) for row in edition.snapshot.screenings]
    return List(
        Source.SCREENINGS,
        "结算数据筛查记录",
        "单位：条（疑点不等于违规）",
        columns,
        rows,
        ("命中疑点（条）",),
    )
