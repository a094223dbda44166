"""What an indicator is: one definition in words for the reader, one way of measuring for the program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from include.domain.groups import TOTAL

IndicatorUnit = Literal["家", "家次", "个", "件", "条", "例", "人", "例次", "人次", "元", "%"]


class Source(StrEnum):
    """The ledger a figure is counted from."""

    UNITS = "units"
    ITEMS = "items"
    ROSTER = "roster"
    INSPECTIONS = "inspections"
    PROBLEMS = "problems"
    REFUNDS = "refunds"
    CASES = "cases"
    CLUES = "clues"
    TIPS = "tips"
    REFERRALS = "referrals"
    BLACKLISTINGS = "blacklistings"
    SCREENINGS = "screenings"
    FOUND = "found"

    @property
    def zh(self) -> str:
        return _SOURCES_ZH[self]


_SOURCES_ZH = {
    Source.UNITS: "报送任务台账",
    Source.ITEMS: "校验通过的自查问题明细",
    Source.ROSTER: "冻结名册",
    Source.INSPECTIONS: "现场检查记录",
    Source.PROBLEMS: "检查发现问题明细",
    Source.REFUNDS: "整改及退费台账、案件查处台账",
    Source.CASES: "案件查处台账",
    Source.CLUES: "疑点线索台账",
    Source.TIPS: "举报线索登记表",
    Source.REFERRALS: "案件（线索）移送台账",
    Source.BLACKLISTINGS: "医疗保障“黑名单”台账",
    Source.SCREENINGS: "结算数据筛查记录",
    Source.FOUND: "自查问题明细、检查发现问题明细、案件查处台账",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """The days of a report: its period, and the day its data were taken."""

    start: date
    end: date
    on: date

    @property
    def as_of(self) -> date:
        """The day a state (时点数) is looked at: the period's last, or the snapshot's when that is earlier."""
        return min(self.end, self.on)


Day = Callable[[Any], date | None]


def one(_: Any) -> int:
    return 1


@dataclass(frozen=True, slots=True)
class Sum:
    """What happened on a day: 累计 until the period's end, 本期 within it. A row without a day does not count."""

    of: Source
    when: Day
    amount: Callable[[Any], Decimal | int] = one


@dataclass(frozen=True, slots=True)
class Distinct:
    """How many different ones something happened to. A row without a day does not count."""

    of: Source
    when: Day
    who: Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class State:
    """How things stand at the end (时点数); 本期 and 累计 are the same."""

    of: Source
    amount: Callable[[Any, Moment], Decimal | int]


@dataclass(frozen=True, slots=True)
class Rate:
    """Percent of one indicator in another, not rounded; 0 where the whole is 0."""

    part: str
    whole: str


Measure = Sum | Distinct | State | Rate


@dataclass(frozen=True, slots=True)
class Indicator:
    """A named figure. ``overlaps``: dimensions whose members count the same thing more than once (家 by type)."""

    key: str
    title: str
    unit: IndicatorUnit
    definition: str
    measure: Measure
    dimensions: tuple[str, ...] = (TOTAL,)
    overlaps: tuple[str, ...] = ()

    @property
    def is_rate(self) -> bool:
        return isinstance(self.measure, Rate)

    @property
    def is_flow(self) -> bool:
        """Whether 累计 grows from one period to the next by exactly 本期: events with a day of their own."""
        return isinstance(self.measure, Sum) and self.measure.of not in (
            Source.UNITS,
            Source.ITEMS,
            Source.FOUND,
        )

    @property
    def source(self) -> str:
        """The ledger it comes from, in words."""
        if isinstance(self.measure, Rate):
            return "由本表有关指标计算"
        return self.measure.of.zh

    @property
    def period_sense(self) -> str:
        """What 本期 and 累计 mean for it, in words."""
        match self.measure:
            case Rate():
                return "本期、累计分别以各自的两个数计算"
            case State():
                return "时点数，本期与累计相同"
        if self.is_flow:
            return "本期为发生在统计期间内的数，上期报送后补登的计入本期；累计为专项行动以来至期末的数"
        return "本期为发生在统计期间内的数，累计为专项行动以来至期末的数"
