"""The indicators of own screening (结算数据筛查): what rules hit, what verification said. A hit is a suspicion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from include.domain.groups import MODEL, TOTAL, UNIT_DIMENSIONS
from include.domain.indicators.definition import (
    Day,
    Indicator,
    IndicatorUnit,
    Measure,
    Rate,
    Source,
    Sum,
    one,
)
from include.domain.screening import CONFIRMED, OWN_SCREENING, WRONG
from include.domain.snapshot_records import Clue

_DIMENSIONS = (*UNIT_DIMENSIONS, MODEL)


def _own(when: Callable[[Clue], date | None]) -> Day:
    return lambda row: when(row) if row.source == OWN_SCREENING else None


def _concluded(*results: str) -> Day:
    return _own(lambda row: row.checked_on if row.result in results else None)


def _of(key: str, title: str, unit: IndicatorUnit, definition: str, measure: Measure) -> Indicator:
    return Indicator(key, title, unit, definition, measure, _DIMENSIONS)


_RECEIVED, _CHECKED = _own(lambda row: row.received_on), _own(lambda row: row.checked_on)

SCREENING: tuple[Indicator, ...] = (
    Indicator(
        "screening_hits",
        "筛查命中",
        "条",
        "历次筛查各模型命中的疑点条数，以筛查日期计入；同一疑点在几次筛查中都命中的，每次都计入。",
        Sum(Source.SCREENINGS, lambda row: row.on, lambda row: row.hits),
        (TOTAL, MODEL),
    ),
    _of(
        "screening_clues",
        "筛查登记线索",
        "条",
        "由本地大数据筛查登记的疑点线索条数，同一疑点只登记一条，以接收日期计入。",
        Sum(Source.CLUES, _RECEIVED, one),
    ),
    _of(
        "screening_checked",
        "筛查线索已核查",
        "条",
        "筛查登记的线索中已核查完毕（待复核、已办结、已反馈）的条数，以核查完毕日期计入。",
        Sum(Source.CLUES, _CHECKED, one),
    ),
    _of(
        "screening_confirmed",
        "筛查线索查实",
        "条",
        "筛查登记的线索中核查结论为查实或部分查实的条数，以核查完毕日期计入。",
        Sum(Source.CLUES, _concluded(*CONFIRMED), one),
    ),
    _of(
        "screening_wrong",
        "筛查线索不属实",
        "条",
        "筛查登记的线索中核查结论为不属实或有合理解释的条数，以核查完毕日期计入；无法核实的不计。",
        Sum(Source.CLUES, _concluded(*WRONG), one),
    ),
    _of(
        "screening_confirm_rate",
        "筛查查实率",
        "%",
        "筛查线索查实÷筛查线索已核查×100%；没有已核查线索时记为0。",
        Rate("screening_confirmed", "screening_checked"),
    ),
    _of(
        "screening_suspect_amt",
        "筛查疑点金额",
        "元",
        "筛查登记的线索所列疑点金额之和；疑点金额不是违规金额，同一费用可能被几个模型命中。",
        Sum(Source.CLUES, _RECEIVED, lambda row: row.suspect_amt),
    ),
    _of(
        "screening_confirmed_amt",
        "筛查查实违规金额",
        "元",
        "筛查登记的线索经核查查实的违规金额之和，以核查完毕日期计入。",
        Sum(Source.CLUES, _CHECKED, lambda row: row.confirmed_amt),
    ),
)
