"""What was entered late (补登): it happened in an earlier period and was not in what went up for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from include.domain.indicators.definition import Rate
from include.domain.indicators.registry import BY_KEY
from include.domain.reports import Figure, Scope

ZERO = Decimal(0)
_Key = tuple[str, str, str]


def with_late_entries(figures: Sequence[Figure], previous: Sequence[Figure]) -> list[Figure]:
    """本期 as whoever adds up the reports finds it: 累计 less the 累计 that went up before, entries made late included.

    Only what happens on a day of its own and is counted once is so; 家 that were counted before stay as they
    are, and so does a number a person has set. Rates of the period follow their two parts. Without a previous
    report nothing changes.
    """
    before = _cumulative(previous)
    if not before:
        return list(figures)
    now = _cumulative(figures)
    known = {key for key, _, _ in before}
    follows = {
        (figure.indicator, figure.dimension, figure.member): now[_key(figure)]
        - before.get(_key(figure), ZERO)
        for figure in figures
        if figure.scope is Scope.THIS
        and figure.computed is None
        and figure.indicator in known
        and BY_KEY[figure.indicator].is_flow
    }
    this = {_key(each): each.value for each in figures if each.scope is Scope.THIS} | follows
    return [_in_period(each, this) if each.scope is Scope.THIS else each for each in figures]


def _in_period(figure: Figure, this: dict[_Key, Decimal]) -> Figure:
    measure = BY_KEY[figure.indicator].measure
    if not isinstance(measure, Rate) or figure.computed is not None:
        return replace(figure, value=this[_key(figure)])
    place = (figure.dimension, figure.member)
    part, whole = this.get((measure.part, *place), ZERO), this.get((measure.whole, *place), ZERO)
    return replace(figure, value=part * 100 / whole if whole else ZERO)


def _cumulative(figures: Sequence[Figure]) -> dict[_Key, Decimal]:
    return {_key(each): each.value for each in figures if each.scope is Scope.CUMULATIVE}


def _key(figure: Figure) -> _Key:
    return figure.indicator, figure.dimension, figure.member
