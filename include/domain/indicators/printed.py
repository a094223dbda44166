"""Figures as words: the main totals of a mail or a page."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from include.domain.groups import TOTAL
from include.domain.indicators.definition import Indicator
from include.domain.indicators.registry import INDICATORS
from include.domain.indicators.self_check import SELF_CHECK
from include.domain.letters import FigureLine
from include.domain.reports import Figure, Scope

OFFICE_ONLY = frozenset({"units_received", "units_unreachable", "units_involved"})
"""Of use to the office's own work or repeated elsewhere: not among the figures a reader above is shown first."""

_OF_SELF_CHECK = frozenset(indicator.key for indicator in SELF_CHECK)
_HEADLINES = frozenset(
    {
        "units_to_inspect",
        "units_inspected",
        "inspection_coverage",
        "inspected_with_problems",
        "inspection_violation_amt",
        "recouped_amt",
        "units_handled",
        "fine_amt",
        "clues_received",
        "clues_checked",
        "clues_confirmed",
        "tips_received",
        "tips_confirmed",
        "referred_police",
        "cases_exposed",
    }
)
"""Of the registers, what a reader above asks for first; shown once there is something to show."""


def figure_lines(figures: Sequence[Figure]) -> tuple[FigureLine, ...]:
    """The main cumulative totals as printed in mails and pages, in the order of the definitions.

    Counts are whole numbers; 元 has two decimals, % one; thousands are separated.
    """
    totals = {
        figure.indicator: figure.value
        for figure in figures
        if figure.dimension == TOTAL and figure.scope is Scope.CUMULATIVE
    }
    # What every report has of its roster is no inspection: coverage is shown once one has been made.
    inspects = bool(totals.get("inspection_count"))
    return tuple(
        FigureLine(indicator.title, printed(totals[indicator.key], indicator), indicator.unit)
        for indicator in INDICATORS
        if indicator.key in totals and _is_shown(indicator, totals[indicator.key], inspects)
    )


def _is_shown(indicator: Indicator, value: Decimal, inspects: bool) -> bool:
    if indicator.key in _OF_SELF_CHECK:
        return indicator.key not in OFFICE_ONLY
    if indicator.key == "units_to_inspect":
        return inspects
    return indicator.key in _HEADLINES and value != 0


def printed(value: Decimal, indicator: Indicator) -> str:
    """The number with the places of its unit, thousands separated."""
    return f"{rounded(value, indicator):,}"


def rounded(value: Decimal, indicator: Indicator) -> Decimal:
    """To the places in which its unit is printed."""
    places = {"元": Decimal("0.01"), "%": Decimal("0.1")}.get(indicator.unit, Decimal(1))
    return value.quantize(places, ROUND_HALF_UP)
