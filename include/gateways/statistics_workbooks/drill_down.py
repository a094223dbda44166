"""From a figure to the sheet that lists the rows behind it."""

from __future__ import annotations

from include.domain.indicators import BY_KEY, Indicator, Source
from include.domain.indicators.definition import Rate

UNITS_SHEET, ITEMS_SHEET = "报送单位", "问题明细"

SHEETS: dict[Source, str] = {
    Source.UNITS: UNITS_SHEET,
    Source.ITEMS: ITEMS_SHEET,
    Source.ROSTER: "名册",
    Source.INSPECTIONS: "检查明细",
    Source.PROBLEMS: "检查问题明细",
    Source.REFUNDS: "退费明细",
    Source.CASES: "案件明细",
    Source.CLUES: "线索明细",
    Source.TIPS: "举报明细",
    Source.REFERRALS: "移送明细",
    Source.BLACKLISTINGS: "黑名单明细",
    Source.SCREENINGS: "筛查记录",
    Source.FOUND: "检查问题明细",
}

_WITH: dict[Source, tuple[Source, ...]] = {
    Source.FOUND: (Source.ITEMS, Source.PROBLEMS, Source.CASES),
    Source.REFUNDS: (Source.REFUNDS, Source.CASES),
    Source.INSPECTIONS: (Source.INSPECTIONS, Source.ROSTER),
}
"""Sources whose rows stand in several lists."""


def sheet_behind(indicator: Indicator) -> str:
    """The sheet with the rows the figure counts; of a rate, of its part."""
    measure = indicator.measure
    return sheet_behind(BY_KEY[measure.part]) if isinstance(measure, Rate) else SHEETS[measure.of]


def sources_behind(indicators: tuple[str, ...]) -> set[Source]:
    """Every source whose rows must be listed for these indicators."""
    found: set[Source] = set()
    for key in indicators:
        measure = BY_KEY[key].measure
        keys = (measure.part, measure.whole) if isinstance(measure, Rate) else (key,)
        for each in keys:
            of = BY_KEY[each].measure
            assert not isinstance(of, Rate)
            found.update(_WITH.get(of.of, (of.of,)))
    return found
