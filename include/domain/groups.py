"""What a figure is about: the units expected to report and the accepted problems, whole or part by part.

The parts are the members of a dimension (维度): kind of unit, level of hospital, region, violation type.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from include.domain.model import UnitKind
from include.domain.obligations import ObligationState
from include.domain.reports import Snapshot, SnapshotItem, SnapshotUnit
from include.domain.violations import in_article_order, violation_zh

TOTAL = ""
UNIT_KIND = "unit_kind"
LEVEL = "level"
REGION = "region"
VIOLATION_TYPE = "violation_type"

UNIT_DIMENSIONS = (TOTAL, UNIT_KIND, LEVEL, REGION)
ITEM_DIMENSIONS = (*UNIT_DIMENSIONS, VIOLATION_TYPE)

LEVELS = ("三级", "二级", "一级及以下")
"""How statistics tables divide medical institutions; 未定级 counts with the last."""

_OPEN, _RECEIVED, _RETURNED, _PARTIAL, _ACCEPTED, _REVIEWED, _WAIVED, _CLOSED = ObligationState
_REPORTED = frozenset({_ACCEPTED, _REVIEWED})
_LEAST_DONE_FIRST = (_OPEN, _RETURNED, _PARTIAL, _RECEIVED, _ACCEPTED, _REVIEWED, _WAIVED, _CLOSED)

NOT_REPORTED = (_OPEN, _RETURNED, _PARTIAL)
"""What the office goes after by name: nothing came, it was sent back, or the stamped scan is missing."""


def standings(snapshot: Snapshot) -> list[SnapshotUnit]:
    """Units expected to report, one entry each, by code.

    A unit that owes several forms counts as one 家 and stands where its least finished return stands,
    with its earliest unmet due date; closed obligations are not expected.
    """
    by_unit: defaultdict[str, list[SnapshotUnit]] = defaultdict(list)
    for obligation in snapshot.units:
        if obligation.state is not _CLOSED:
            by_unit[obligation.unit_code].append(obligation)
    return [_standing(by_unit[code]) for code in sorted(by_unit)]


def _standing(obligations: Sequence[SnapshotUnit]) -> SnapshotUnit:
    if len(obligations) == 1:
        return obligations[0]
    least_done = min(obligations, key=lambda each: (_LEAST_DONE_FIRST.index(each.state), each.form))
    return replace(
        least_done,
        is_zero=all(each.is_zero for each in obligations),
        days_late=max(each.days_late for each in obligations),
        due_on=min(
            (each.due_on for each in obligations if each.state in NOT_REPORTED), default=least_done.due_on
        ),
    )


def counted_items(snapshot: Snapshot) -> list[SnapshotItem]:
    """Self-check problems behind the figures: those of units whose return is accepted (已报)."""
    reported = {unit.unit_code for unit in standings(snapshot) if unit.state in _REPORTED}
    return [item for item in snapshot.items if item.unit_code in reported]


def level_of(unit: SnapshotUnit) -> str | None:
    """Which of ``LEVELS`` a medical institution belongs to; None for other units."""
    if unit.unit_kind is not UnitKind.MEDICAL_INSTITUTION:
        return None
    return next((level for level in LEVELS if unit.level.startswith(level)), LEVELS[-1])


def member_zh(dimension: str, member: str) -> str:
    """A member by the name people read; a region by its code of GB/T 2260; the total is 合计."""
    match dimension:
        case "unit_kind":
            return UnitKind(member).zh
        case "violation_type":
            return violation_zh(member)
        case "region":
            return f"区划{member}"
    return member or "合计"


def in_official_order(dimension: str, members: Iterable[str]) -> list[str]:
    """Kinds and levels as tables list them, violation types by article, regions by code."""
    if dimension == VIOLATION_TYPE:
        return in_article_order(members)
    order = {UNIT_KIND: [kind.value for kind in UnitKind], LEVEL: list(LEVELS)}.get(dimension, [])
    return sorted(
        members, key=lambda member: (order.index(member) if member in order else len(order), member)
    )


@dataclass(frozen=True, slots=True)
class Group:
    """The units and problems one figure is about, and the day they are looked at."""

    units: tuple[SnapshotUnit, ...]
    items: tuple[SnapshotItem, ...]
    on: date

    def count(self, holds: Callable[[SnapshotUnit], bool]) -> Decimal:
        return Decimal(sum(1 for unit in self.units if holds(unit)))

    def in_state(self, *states: ObligationState) -> Decimal:
        return self.count(lambda unit: unit.state in states)

    def reported(self, holds: Callable[[SnapshotUnit], bool] = lambda unit: True) -> Decimal:
        return self.count(lambda unit: unit.state in _REPORTED and holds(unit))

    def share_of_expected(self, part: Decimal) -> Decimal:
        """Percent, not rounded; 0 where nobody is expected."""
        return part * 100 / len(self.units) if self.units else Decimal(0)

    def total(self, amount: Callable[[SnapshotItem], Decimal | int]) -> Decimal:
        return sum((Decimal(amount(item)) for item in self.items), Decimal(0))

    def units_with_items(self) -> Decimal:
        return Decimal(len({item.unit_code for item in self.items}))


def groups(snapshot: Snapshot) -> Iterator[tuple[tuple[str, str], Group]]:
    """Groups by (dimension, member): the total first, members in the order of their names."""
    units: defaultdict[tuple[str, str], list[SnapshotUnit]] = defaultdict(list)
    items: defaultdict[tuple[str, str], list[SnapshotItem]] = defaultdict(list)
    places: dict[str, list[tuple[str, str]]] = {}
    for unit in standings(snapshot):
        places[unit.unit_code] = _places(unit)
        for place in places[unit.unit_code]:
            units[place].append(unit)
    for item in counted_items(snapshot):
        for place in (*places[item.unit_code], (VIOLATION_TYPE, item.violation_type)):
            items[place].append(item)
    for place in sorted(
        {(TOTAL, ""), *units, *items}, key=lambda each: (ITEM_DIMENSIONS.index(each[0]), each[1])
    ):
        yield place, Group(tuple(units[place]), tuple(items[place]), snapshot.taken_on)


def _places(unit: SnapshotUnit) -> list[tuple[str, str]]:
    places = [(TOTAL, ""), (UNIT_KIND, unit.unit_kind.value), (REGION, unit.region_code)]
    level = level_of(unit)
    return places if level is None else [*places, (LEVEL, level)]
