"""The year-end assessment (年底考核) of branches and lower bureaus: points by rate, every line explained.

Which rates count and for how many points is a fact of the campaign; it stays a proposal until the office adopts it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from include.domain.schedule import Assessment, AssessmentLine

TENTH = Decimal("0.1")
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many done of so many that should be; ``done`` never counts what was not owed."""

    done: int
    of: int
    unit: str


@dataclass(frozen=True, slots=True)
class ScoredLine:
    """One line of a score. ``points`` is None when there was nothing to do, which costs nobody anything."""

    title: str
    most: int
    rate: Rate
    points: Decimal | None

    @property
    def sentence(self) -> str:
        if self.points is None:
            return f"{self.title}：没有应办事项，不计分"
        percent = (HUNDRED * self.rate.done / self.rate.of).quantize(TENTH, ROUND_HALF_UP)
        return (
            f"{self.title}：应办{self.rate.of}{self.rate.unit}，已办{self.rate.done}{self.rate.unit}，"
            f"{percent}%，得{self.points}分（满分{self.most}分）"
        )


@dataclass(frozen=True, slots=True)
class Score:
    """Of one unit, out of 100; None when nothing could be scored."""

    unit_code: str
    unit_name: str
    total: Decimal | None
    lines: tuple[ScoredLine, ...]


def score(unit_code: str, unit_name: str, by: Assessment, rates: Mapping[str, Rate]) -> Score:
    """Points are the line's own times the rate, to a tenth; what was not owed is left out and the rest made up to 100.

    Raise KeyError for a measure without a rate.
    """
    lines = tuple(_line(each, rates[each.measure]) for each in by.lines)
    counted = [each for each in lines if each.points is not None]
    most = sum(each.most for each in counted)
    if not most:
        return Score(unit_code, unit_name, None, lines)
    # From the rates themselves: rounded points, made up to 100, would add their roundings up.
    exact = sum((Decimal(each.most) * each.rate.done / each.rate.of for each in counted), Decimal(0))
    return Score(unit_code, unit_name, (HUNDRED * exact / most).quantize(TENTH, ROUND_HALF_UP), lines)


def ranked(scores: Sequence[Score]) -> list[Score]:
    """The best first; those that could not be scored last."""
    return sorted(scores, key=lambda each: (each.total is None, -(each.total or 0), each.unit_code))


def _line(fact: AssessmentLine, rate: Rate) -> ScoredLine:
    if not rate.of:
        return ScoredLine(fact.title, fact.points, rate, None)
    points = (Decimal(fact.points) * rate.done / rate.of).quantize(TENTH, ROUND_HALF_UP)
    return ScoredLine(fact.title, fact.points, rate, points)
