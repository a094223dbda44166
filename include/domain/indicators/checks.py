"""Cross-checks (勾稽关系): what must agree between tables, rows and columns, and with the edition before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from include.domain.groups import (
    ACTION_HEADING,
    BATCH,
    BRANCH,
    CLUE_SOURCE,
    DIMENSIONS_ZH,
    GOVERNANCE_HEADING,
    LEVEL,
    MODEL,
    OBJECT,
    OWNERSHIP,
    REGION,
    SOURCE,
    TOTAL,
    UNIT_KIND,
    VIOLATION_TYPE,
    member_zh,
)
from include.domain.indicators.definition import Indicator, Rate, State
from include.domain.indicators.registry import BY_KEY, INDICATORS
from include.domain.indicators.relations import RELATIONS
from include.domain.model import UnitKind
from include.domain.reports import CrossCheck, Figure, FigureNote, Scope

_Place = tuple[str, str]
_ZERO, _HUNDREDTH = Decimal(0), Decimal("0.01")
_TOTAL: _Place = (TOTAL, "")

_WHOLES: tuple[tuple[str, _Place, str], ...] = (
    (UNIT_KIND, _TOTAL, "各类单位之和＝合计"),
    (OBJECT, _TOTAL, "各类对象之和＝合计"),
    (REGION, _TOTAL, "各辖区之和＝合计"),
    (BRANCH, _TOTAL, "各管辖经办机构之和＝合计"),
    (LEVEL, (UNIT_KIND, UnitKind.MEDICAL_INSTITUTION.value), "各等级之和＝定点医疗机构"),
    (OWNERSHIP, (UNIT_KIND, UnitKind.MEDICAL_INSTITUTION.value), "公立、民营之和＝定点医疗机构"),
    (VIOLATION_TYPE, _TOTAL, "各违规类型之和＝合计"),
    (ACTION_HEADING, _TOTAL, "违规行为表各行之和＝合计"),
    (GOVERNANCE_HEADING, _TOTAL, "违法违规情况统计表各行之和＝合计"),
    (CLUE_SOURCE, _TOTAL, "各线索来源之和＝合计"),
    (BATCH, _TOTAL, "各批次之和＝合计"),
    (MODEL, _TOTAL, "各筛查模型之和＝合计"),
    (SOURCE, _TOTAL, "各来源之和＝合计"),
)


def cross_checks(
    figures: Sequence[Figure], previous: Sequence[Figure] = (), notes: Sequence[FigureNote] = ()
) -> list[CrossCheck]:
    """Every 勾稽关系 between the figures, and with those of the occasion before, held or not.

    A figure that is missing counts as 0 and so shows; what is 0 on both sides of a sum is not listed. Rates are
    compared to two decimals of a percent, everything else exactly. A cumulative number that fell, and a period
    that does not follow from the cumulative ones, hold only with a note that says why.
    """
    numbers = _Numbers(figures)
    replaced = {(note.indicator, note.scope): note for note in notes if note.value is not None}
    checks = [
        *_between_totals(numbers),
        *_of_rates(numbers),
        *_of_members(numbers, replaced),
        *_of_overlaps(numbers),
    ]
    if previous:
        said = {(note.indicator, note.dimension, note.member, note.scope): note for note in notes}
        checks += _with_previous(numbers, _Numbers(previous), said)
    return checks


class _Numbers:
    """Figures by indicator and scope, and by dimension."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self._values: defaultdict[tuple[str, Scope], dict[_Place, Decimal]] = defaultdict(dict)
        self._members: defaultdict[tuple[str, Scope, str], list[Decimal]] = defaultdict(list)
        for figure in figures:
            self._values[figure.indicator, figure.scope][figure.dimension, figure.member] = figure.value
            self._members[figure.indicator, figure.scope, figure.dimension].append(figure.value)

    def value(self, key: str, scope: Scope, place: _Place = _TOTAL) -> Decimal:
        return self._values[key, scope].get(place, _ZERO)

    def has(self, key: str, place: _Place, scope: Scope) -> bool:
        return place in self._values[key, scope]

    def places(self, key: str, scope: Scope) -> Mapping[_Place, Decimal]:
        return self._values[key, scope]

    def members(self, key: str, scope: Scope, dimension: str) -> list[Decimal]:
        return self._members[key, scope, dimension]


def _check(
    key: str, title: str, left: Decimal, relation: str, right: Decimal, *indicators: str
) -> CrossCheck:
    holds = {"=": left == right, "≤": left <= right, "≥": left >= right}[relation]
    return CrossCheck(key, title, left, relation, right, holds, frozenset(indicators))


def _suffix(scope: Scope) -> tuple[str, str]:
    """For key and title; cumulative, which most are, is not said."""
    return ("", "") if scope is Scope.CUMULATIVE else ("__this", "，本期")


def _titled(words: str, scope: Scope) -> str:
    """The unit stays last, in brackets."""
    if scope is Scope.CUMULATIVE:
        return words
    head, bracket, unit = words.rpartition("（")
    return f"{head}，本期（{unit}" if bracket else f"{words}，本期"


def _between_totals(numbers: _Numbers) -> Iterator[CrossCheck]:
    for relation in RELATIONS:
        for scope in relation.scopes:
            if relation.only_with is not None and not numbers.has(*relation.only_with, scope):
                continue
            left, right = (
                sum((numbers.value(key, scope, place) for key, place in side), _ZERO)
                for side in (relation.left, relation.right)
            )
            yield _check(
                relation.key + _suffix(scope)[0],
                _titled(relation.title, scope),
                left,
                relation.sign,
                right,
                *(key for key, _ in (*relation.left, *relation.right)),
            )


def _of_rates(numbers: _Numbers) -> Iterator[CrossCheck]:
    """Every rate against its two counts, in total and member by member, and never above 100."""
    for rate in (indicator for indicator in INDICATORS if isinstance(indicator.measure, Rate)):
        assert isinstance(rate.measure, Rate)
        part, whole = BY_KEY[rate.measure.part], BY_KEY[rate.measure.whole]
        formula = f"{rate.title}＝{part.title}÷{whole.title}"
        for scope in Scope:
            key_end, _ = _suffix(scope)
            places = {_TOTAL: None} | dict.fromkeys(numbers.places(whole.key, scope))
            for dimension, member in places:
                place = (dimension, member)
                value, of = numbers.value(rate.key, scope, place), numbers.value(whole.key, scope, place)
                if not value and not of and place != _TOTAL:
                    continue
                recomputed = numbers.value(part.key, scope, place) * 100 / of if of else _ZERO
                where = f"__{dimension}__{member}" if dimension else ""
                yield _check(
                    f"{rate.key}__recomputed{where}{key_end}",
                    _titled(f"{formula}：{_row_zh(place)}（%）", scope),
                    value.quantize(_HUNDREDTH),
                    "=",
                    recomputed.quantize(_HUNDREDTH),
                    *(rate.key, part.key, whole.key),
                )
            if scope is Scope.CUMULATIVE:
                total = numbers.value(rate.key, scope)
                yield _check(
                    f"{rate.key}__within_100", f"{rate.title}≤100（%）", total, "≤", Decimal(100), rate.key
                )


def _row_zh(place: _Place) -> str:
    dimension, member = place
    name = member_zh(dimension, member)
    return name if dimension in (TOTAL, UNIT_KIND, REGION) else f"{DIMENSIONS_ZH[dimension]}“{name}”"


def _of_members(numbers: _Numbers, replaced: Mapping[tuple[str, Scope], FigureNote]) -> Iterator[CrossCheck]:
    """Per indicator and dimension it adds up over, the members together against the whole they divide.

    Where a person has replaced one of them, the note stands for the difference.
    """
    for dimension, whole, title in _WHOLES:
        for indicator in INDICATORS:
            if indicator.is_rate or dimension not in indicator.dimensions or dimension in indicator.overlaps:
                continue
            for scope in Scope:
                members = numbers.members(indicator.key, scope, dimension)
                left, right = sum(members, _ZERO), numbers.value(indicator.key, scope, whole)
                if left or right or any(members):
                    check = _check(
                        f"{indicator.key}__by_{dimension}{_suffix(scope)[0]}",
                        _titled(f"{indicator.title}：{title}（{indicator.unit}）", scope),
                        left,
                        "=",
                        right,
                        indicator.key,
                    )
                    yield _explained(check, replaced.get((indicator.key, scope)))


def _of_overlaps(numbers: _Numbers) -> Iterator[CrossCheck]:
    """A unit with several types is one unit of the total and one of each type."""
    for indicator in INDICATORS:
        for dimension in indicator.overlaps:
            for scope in Scope:
                members = numbers.members(indicator.key, scope, dimension)
                whole = numbers.value(indicator.key, scope)
                if not whole and not any(members):
                    continue
                name, key = DIMENSIONS_ZH[dimension], f"{indicator.key}__{dimension}"
                unit, end = indicator.unit, _suffix(scope)[0]
                yield _check(
                    f"{key}__largest{end}",
                    _titled(f"{indicator.title}：{name}中最多的一类≤合计（{unit}）", scope),
                    max(members, default=_ZERO),
                    "≤",
                    whole,
                    indicator.key,
                )
                yield _check(
                    f"{key}__together{end}",
                    _titled(f"{indicator.title}：合计≤各{name}之和（{unit}）", scope),
                    whole,
                    "≤",
                    sum(members, _ZERO),
                    indicator.key,
                )


def _with_previous(
    now: _Numbers, before: _Numbers, said: Mapping[tuple[str, str, str, Scope], FigureNote]
) -> Iterator[CrossCheck]:
    for indicator in INDICATORS:
        if isinstance(indicator.measure, Rate | State):
            continue
        old = before.places(indicator.key, Scope.CUMULATIVE)
        for place, earlier in old.items():
            value = now.value(indicator.key, Scope.CUMULATIVE, place)
            # Members are listed only where they fall: the totals say that the rest does not.
            if (earlier or value) and (place == _TOTAL or value < earlier):
                yield _explained(
                    _check(
                        f"{indicator.key}__not_less__{place[0]}__{place[1]}",
                        f"{indicator.title}（{_row_zh(place)}）：累计≥上期累计（{indicator.unit}）",
                        value,
                        "≥",
                        earlier,
                        indicator.key,
                    ),
                    said.get((indicator.key, *place, Scope.CUMULATIVE)),
                )
        if indicator.is_flow:
            yield from _period_follows(indicator, now, before, said)


def _period_follows(
    indicator: Indicator,
    now: _Numbers,
    before: _Numbers,
    said: Mapping[tuple[str, str, str, Scope], FigureNote],
) -> Iterator[CrossCheck]:
    this, value = now.value(indicator.key, Scope.THIS), now.value(indicator.key, Scope.CUMULATIVE)
    earlier = before.value(indicator.key, Scope.CUMULATIVE)
    if this or value or earlier:
        yield _explained(
            _check(
                f"{indicator.key}__period_follows",
                f"{indicator.title}（合计）：本期＝累计－上期累计（{indicator.unit}）",
                this,
                "=",
                value - earlier,
                indicator.key,
            ),
            said.get((indicator.key, *_TOTAL, Scope.THIS))
            or said.get((indicator.key, *_TOTAL, Scope.CUMULATIVE)),
        )


def _explained(check: CrossCheck, note: FigureNote | None) -> CrossCheck:
    """A contradiction that somebody has explained in writing holds, and says so."""
    if check.holds or note is None:
        return check
    head, _, unit = check.title.rpartition("（")
    return replace(check, title=f"{head}，已说明：{note.note}（{unit}", holds=True)
