"""All indicators, in the order in which they are printed."""

from __future__ import annotations

from include.domain.indicators.cases import CASE_PROGRESS, DISPOSITION
from include.domain.indicators.clues import CLUE_CHECKS, HANDED_ON, TIP_WORK
from include.domain.indicators.definition import Indicator
from include.domain.indicators.inspection import BASE, INSPECTION, VIOLATIONS
from include.domain.indicators.refunds import RECOVERY
from include.domain.indicators.screening import SCREENING
from include.domain.indicators.self_check import SELF_CHECK

INDICATORS: tuple[Indicator, ...] = (
    *SELF_CHECK,
    *BASE,
    *INSPECTION,
    *VIOLATIONS,
    *RECOVERY,
    *DISPOSITION,
    *CASE_PROGRESS,
    *CLUE_CHECKS,
    *SCREENING,
    *TIP_WORK,
    *HANDED_ON,
)

BY_KEY: dict[str, Indicator] = {indicator.key: indicator for indicator in INDICATORS}
