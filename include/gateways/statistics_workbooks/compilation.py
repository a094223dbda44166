"""What one edition prints: the arguments of ``build`` and the look-ups every sheet shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from include.domain.campaign import Campaign, UpwardReport
from include.domain.dates import zh_date
from include.domain.errors import GiveUp
from include.domain.groups import TOTAL, in_official_order
from include.domain.indicators import BY_KEY
from include.domain.reports import CrossCheck, Figure, Scope, Snapshot
from include.gateways.statistics_workbooks.row_blocks import RowBlock

RELATION_ZH = {"=": "等于", "≤": "不大于", "≥": "不小于"}
"""In words: a cell that begins with = is taken for a formula."""

_TEN_THOUSAND = Decimal(10_000)


def in_unit(value: Decimal, unit: str) -> Decimal:
    """The figure as printed in the unit: 万元 is 元 divided by ten thousand, exactly."""
    return value / _TEN_THOUSAND if unit == "万元" else value


@dataclass(frozen=True)
class Compilation:
    """Numbers come from ``figures`` alone; the snapshot only lists the rows behind them."""

    campaign: Campaign
    report: UpwardReport
    edition: int
    snapshot: Snapshot
    figures: Sequence[Figure]
    checks: Sequence[CrossCheck]
    previous: Sequence[Figure] = ()
    blocks: dict[str, RowBlock] = field(default_factory=dict)

    @cached_property
    def _numbers(self) -> dict[tuple[str, Scope, str, str], Decimal]:
        return {
            (each.indicator, each.scope, each.dimension, each.member): each.value for each in self.figures
        }

    @cached_property
    def _before(self) -> dict[tuple[str, Scope, str, str], Decimal]:
        return {
            (each.indicator, each.scope, each.dimension, each.member): each.value for each in self.previous
        }

    @cached_property
    def _members(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for figure in self.figures:
            found.setdefault(figure.dimension, set()).add(figure.member)
        return found

    def value(
        self, indicator: str, dimension: str = TOTAL, member: str = "", scope: Scope = Scope.CUMULATIVE
    ) -> Decimal:
        """The figure; 0 for a member that does not occur. Raise GiveUp for one that was not computed."""
        number = self._numbers.get((indicator, scope, dimension, member))
        if number is not None:
            return number
        if dimension != TOTAL and not self.occurs(dimension, member):
            return Decimal(0)
        raise GiveUp(f"快照{self.snapshot.id}没有指标“{BY_KEY[indicator].title}”的数值，请重新编制本报表")

    def previous_value(self, indicator: str, dimension: str = TOTAL, member: str = "") -> Decimal | None:
        """What 本期 was on the occasion before; None when there was none."""
        if not self.previous:
            return None
        return self._before.get((indicator, Scope.THIS, dimension, member), Decimal(0))

    def occurs(self, dimension: str, member: str) -> bool:
        return member in self._members.get(dimension, ())

    def members(self, dimension: str) -> list[str]:
        return in_official_order(dimension, self._members.get(dimension, ()))

    def members_with(self, dimension: str, indicators: Sequence[str]) -> list[str]:
        """Those for which one of the indicators has counted something."""
        own = [key for key in indicators if dimension in BY_KEY[key].dimensions]
        return [
            member
            for member in self.members(dimension)
            if any(self.value(key, dimension, member, scope) for key in own for scope in Scope)
        ]

    @property
    def failed(self) -> list[CrossCheck]:
        return [check for check in self.checks if not check.holds]

    @property
    def overridden(self) -> list[Figure]:
        """The figures that a person's note replaced."""
        return [figure for figure in self.figures if figure.computed is not None]

    @property
    def draft_mark(self) -> str:
        return f"第{self.edition}版"

    @property
    def period(self) -> str:
        """From the start of the reported phase to the day of the snapshot, cumulative."""
        phase = self.report.phase
        start = self.campaign.phase(phase).start if phase else self.campaign.starts_on
        return f"自{zh_date(start)}至{zh_date(self.snapshot.taken_on)}（累计）"

    @property
    def both_periods(self) -> str:
        """本期 and 累计, each with its days."""
        period = self.snapshot.period
        end = min(period.end, self.snapshot.taken_on)
        return f"本期自{zh_date(period.start)}至{zh_date(end)}，累计自{zh_date(self.campaign.starts_on)}至{zh_date(end)}"
