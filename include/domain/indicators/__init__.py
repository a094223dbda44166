"""Indicators (指标) computed once from a snapshot, checked against one another, and used everywhere.

Tables, mails, pages and reports read these figures and compute none of their own.
"""

from __future__ import annotations

from include.domain.indicators.checks import cross_checks
from include.domain.indicators.compute import compute, compute_within, rate
from include.domain.indicators.definition import Indicator, Source
from include.domain.indicators.late_entries import with_late_entries
from include.domain.indicators.printed import OFFICE_ONLY, figure_lines, rounded
from include.domain.indicators.registry import BY_KEY, INDICATORS

__all__ = [
    "BY_KEY",
    "INDICATORS",
    "OFFICE_ONLY",
    "Indicator",
    "Source",
    "compute",
    "compute_within",
    "cross_checks",
    "figure_lines",
    "rate",
    "rounded",
    "with_late_entries",
]
