"""What one edition prints: the arguments of ``build`` and the look-ups every sheet shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from include.domain.campaign import Campaign, UpwardReport
from include.domain.dates import zh_date
from include.domain.errors import GiveUp
from include.domain.groups import TOTAL, in_official_order
from include.domain.indicators import BY_KEY
from include.domain.reports import CrossCheck, Figure, Snapshot

RELATION_ZH = {"=": "等于", "≤": "不大于", "≥": "不小于"}
"""In words: a cell that begins with = is taken for a formula."""


@dataclass(frozen=True)
class Compilation:
    """Numbers come from ``figures`` alone; the snapshot only lists the rows behind them."""

    campaign: Campaign
    report: UpwardReport
    edition: int
    snapshot: Snapshot
    figures: Sequence[Figure]
    checks: Sequence[CrossCheck]

    @cached_property
    def _numbers(self) -> dict[tuple[str, str, str], Decimal]:
        return {(figure.indicator, figure.dimension, figure.member): figure.value for figure in self.figures}

    @cached_property
    def _members(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for figure in self.figures:
            found.setdefault(figure.dimension, set()).add(figure.member)
        return found

    def value(self, indicator: str, dimension: str = TOTAL, member: str = "") -> Decimal:
        """The figure; 0 for a member that does not occur. Raise GiveUp for one that was not computed."""
        if (indicator, dimension, member) in self._numbers:
            return self._numbers[indicator, dimension, member]
        if dimension != TOTAL and not self.occurs(dimension, member):
            return Decimal(0)
        raise GiveUp(f"快照{self.snapshot.id}没有指标“{BY_KEY[indicator].title}”的数值，请重新编制本报表")

    def occurs(self, dimension: str, member: str) -> bool:
        return member in self._members.get(dimension, ())

    def members(self, dimension: str) -> list[str]:
        return in_official_order(dimension, self._members.get(dimension, ()))

    @property
    def failed(self) -> list[CrossCheck]:
        return [check for check in self.checks if not check.holds]

    @property
    def draft_mark(self) -> str:
        return f"第{self.edition}版"

    @property
    def period(self) -> str:
        """From the start of the reported phase to the day of the snapshot, cumulative."""
        phase = self.report.phase
        start = self.campaign.phase(phase).start if phase else self.campaign.starts_on
        return f"自{zh_date(start)}至{zh_date(self.snapshot.taken_on)}（累计）"
