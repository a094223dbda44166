"""Every figure of a snapshot, in one pass over its rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from include.domain.groups import DIMENSIONS, TOTAL
from include.domain.indicators.definition import Distinct, Indicator, Moment, Rate, Source, State, Sum
from include.domain.indicators.facts import Facts, Places
from include.domain.indicators.registry import BY_KEY, INDICATORS
from include.domain.reports import Figure, FigureNote, Scope, Snapshot

Place = tuple[str, str]
_Numbers = dict[Place, Decimal]
_Key = TypeVar("_Key", bound=Hashable)

ZERO = Decimal(0)
HUNDRED = Decimal(100)


def compute(snapshot: Snapshot) -> list[Figure]:
    """Every indicator exactly once per scope: in total, then for each member of each dimension it has.

    Where a note of the snapshot gives another value, that is printed and the ledgers' is kept beside it; rates
    follow from what is printed.
    """
    counts, seen = _count(snapshot)
    numbers = {(key, scope): count.members(scope) for key, count in counts.items() for scope in Scope}
    return list(_figures(numbers, _in_order(seen), snapshot.notes))


def compute_within(snapshot: Snapshot, dimension: str) -> dict[str, dict[tuple[str, Place], Decimal]]:
    """Every count (累计) once more within each member of a dimension that divides all rows, like a unit's region.

    By member, then by indicator and place. What is 0 is absent, rates follow from counts, notes are not heeded;
    the members' counts of a place add up to the whole's.
    """
    counts, _ = _count(snapshot)
    found: defaultdict[str, dict[tuple[str, Place], Decimal]] = defaultdict(dict)
    for key, count in counts.items():
        for (member, place), number in count.within(dimension).items():
            if number:
                found[member][key, place] = number
    return dict(found)


def _count(snapshot: Snapshot) -> tuple[dict[str, _Count], set[Places]]:
    """One pass over all rows: the counts by indicator, and every combination of places that was seen."""
    moment = Moment(snapshot.period.start, snapshot.period.end, snapshot.taken_on)
    counts = {indicator.key: _Count(indicator, moment) for indicator in INDICATORS if not indicator.is_rate}
    by_source: dict[Source, list[_Count]] = defaultdict(list)
    for count in counts.values():
        by_source[count.source].append(count)
    seen: set[Places] = {((TOTAL, ""),)}
    for source, row, places in Facts(snapshot).rows():
        seen.add(places)
        for count in by_source[source]:
            count.add(row, places)
    return counts, seen


class _Count:
    """What one indicator has counted so far, by scope and by the places of a row taken together.

    Rows share few combinations of places: adding per combination, and dividing once at the end, is what keeps
    many rows with many dimensions cheap.
    """

    def __init__(self, indicator: Indicator, moment: Moment) -> None:
        assert not isinstance(indicator.measure, Rate)
        self._measure = indicator.measure
        self._dimensions = frozenset(indicator.dimensions)
        self._moment = moment
        self._sums: dict[Scope, dict[Places, Decimal | int]] = {scope: {} for scope in Scope}
        self._sets: dict[Scope, dict[Places, set[str]]] = {scope: {} for scope in Scope}

    @property
    def source(self) -> Source:
        return self._measure.of

    def add(self, row: Any, places: Places) -> None:
        measure = self._measure
        if isinstance(measure, State):
            if amount := measure.amount(row, self._moment):
                for scope in Scope:
                    self._sum(scope, places, amount)
            return
        day = measure.when(row)
        if day is None or day > self._moment.end:
            return
        is_this = day >= self._moment.start
        if isinstance(measure, Sum):
            if amount := measure.amount(row):
                self._sum(Scope.CUMULATIVE, places, amount)
                if is_this:
                    self._sum(Scope.THIS, places, amount)
            return
        who = measure.who(row)
        self._sets[Scope.CUMULATIVE].setdefault(places, set()).add(who)
        if is_this:
            self._sets[Scope.THIS].setdefault(places, set()).add(who)

    def _sum(self, scope: Scope, places: Places, amount: Decimal | int) -> None:
        sums = self._sums[scope]
        sums[places] = sums.get(places, 0) + amount

    def members(self, scope: Scope) -> _Numbers:
        """The count of every member anything was counted for."""
        return self._by(scope, self._own)

    def within(self, dimension: str) -> dict[tuple[str, Place], Decimal]:
        """The same, cumulated, by member of the dimension as well."""

        def keys(places: Places) -> Iterator[tuple[str, Place]]:
            member = next(member for name, member in places if name == dimension)
            return ((member, place) for place in self._own(places))

        return self._by(Scope.CUMULATIVE, keys)

    def _by(self, scope: Scope, keys: Callable[[Places], Iterable[_Key]]) -> dict[_Key, Decimal]:
        if isinstance(self._measure, Distinct):
            different: defaultdict[_Key, set[str]] = defaultdict(set)
            for places, names in self._sets[scope].items():
                for key in keys(places):
                    different[key] |= names
            return {key: Decimal(len(names)) for key, names in different.items()}
        sums: defaultdict[_Key, Decimal] = defaultdict(Decimal)
        for places, amount in self._sums[scope].items():
            for key in keys(places):
                sums[key] += amount
        return dict(sums)

    def _own(self, places: Places) -> Iterator[Place]:
        return (place for place in places if place[0] in self._dimensions)


def _in_order(seen: Iterable[Places]) -> list[Place]:
    order = {dimension: number for number, dimension in enumerate(DIMENSIONS)}
    return sorted({place for places in seen for place in places}, key=lambda each: (order[each[0]], each[1]))


def _figures(
    numbers: Mapping[tuple[str, Scope], _Numbers], places: list[Place], notes: Iterable[FigureNote]
) -> Iterator[Figure]:
    said = {
        (each.indicator, each.scope, each.dimension, each.member): each.value
        for each in notes
        if each.value is not None and each.indicator in BY_KEY
    }
    known = set(places)
    named = sorted({(dimension, member) for _, _, dimension, member in said} - known)
    printed: dict[tuple[str, Scope, Place], Decimal] = {}
    for place in (*places, *named):
        for indicator in INDICATORS:
            if place[0] not in indicator.dimensions:
                continue
            for scope in Scope:
                counted = _counted(indicator, scope, place, numbers, printed)
                value = said.get((indicator.key, scope, *place))
                printed[indicator.key, scope, place] = counted if value is None else value
                yield Figure(
                    indicator.key,
                    *place,
                    counted if value is None else value,
                    scope,
                    None if value is None else counted,
                )


def _counted(
    indicator: Indicator,
    scope: Scope,
    place: Place,
    numbers: Mapping[tuple[str, Scope], _Numbers],
    printed: Mapping[tuple[str, Scope, Place], Decimal],
) -> Decimal:
    """What the ledgers give; a rate stands after its two parts."""
    if isinstance(indicator.measure, Rate):
        return rate(
            printed[indicator.measure.part, scope, place], printed[indicator.measure.whole, scope, place]
        )
    return numbers[indicator.key, scope].get(place, ZERO)


def rate(part: Decimal, whole: Decimal) -> Decimal:
    """Percent, not rounded; 0 where the whole is 0."""
    return part * HUNDRED / whole if whole else ZERO
