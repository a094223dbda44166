"""Figures as a document prints them, and how it asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import total_ordering
from typing import get_args

from include.domain.documents import PrintedUnit
from include.domain.groups import TOTAL, in_official_order, member_zh
from include.domain.indicators import BY_KEY
from include.domain.reports import Figure, Scope
from include.gateways.documents.faults import BadDocument

MONEY = "万元"
_WAN = Decimal(10_000)
_CENT = Decimal("0.01")
_SCOPE_ZH = {Scope.CUMULATIVE: "累计", Scope.THIS: "本期"}


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A figure with its unit. ``value`` is in the indicator's unit (元 where 万元 is printed); 0 is false."""

    value: Decimal
    unit: str

    def __str__(self) -> str:
        return f"{self.digits}{self._printed_unit}"

    @property
    def digits(self) -> str:
        """Without the unit. Not zero never reads as zero: a sum under 50元 is printed in 元."""
        match self._printed_unit:
            case "万元":
                return f"{(self.value / _WAN).quantize(_CENT, ROUND_HALF_UP):f}" if self.value else "0"
            case "元":
                whole = self.value == self.value.to_integral_value()
                return f"{self.value:.0f}" if whole else f"{self.value.quantize(_CENT, ROUND_HALF_UP):f}"
            case "个百分点" if 0 < self.value < Decimal("0.05"):
                return "不足0.1"
            case "%" | "个百分点":
                rounded = self.value.quantize(Decimal("0.1"), ROUND_HALF_UP)
                whole = self.value in (0, 100) or (
                    self.unit != "%" and rounded == rounded.to_integral_value()
                )
                return f"{rounded:.0f}" if whole else f"{rounded:f}"
        return f"{self.value.quantize(Decimal(1), ROUND_HALF_UP):f}"

    @property
    def _printed_unit(self) -> str:
        small = self.unit == MONEY and 0 < abs(self.value) < Decimal(50)
        return "元" if small else self.unit

    @property
    def in_unit(self) -> str:
        """For a column whose head names the unit: no other unit, however small the number."""
        if self.unit in (MONEY, "元"):
            value = self.value / _WAN if self.unit == MONEY else self.value
            return f"{value.quantize(_CENT, ROUND_HALF_UP):f}"
        return self.digits

    def __bool__(self) -> bool:
        return self.value != 0

    def __eq__(self, other: object) -> bool:
        return self.value == _value(other)

    def __lt__(self, other: object) -> bool:
        return self.value < _value(other)

    def __hash__(self) -> int:
        return hash(self.value)

    def __sub__(self, other: Number) -> Number:
        if other.unit != self.unit:
            raise BadDocument(f"“{self.unit}”与“{other.unit}”不能相减，请核对单位")
        return Number(self.value - other.value, self.unit)


class Figures:
    """The figures of one edition and of the one before."""

    def __init__(self, figures: Sequence[Figure], previous: Sequence[Figure] = ()) -> None:
        self._now = _by_place(figures)
        self._before = _by_place(previous)
        self.has_previous = bool(previous)

    def number(self, key: str, unit: PrintedUnit, scope: Scope = Scope.CUMULATIVE, **place: str) -> Number:
        """Raise BadDocument, naming the token, for a figure that does not exist."""
        _check_unit(key, unit)
        dimension, member = _place(place)
        try:
            return Number(self._now[key, scope, dimension, member], unit)
        except KeyError:
            of = f"，{member_zh(dimension, member)}" if dimension else ""
            raise BadDocument(f"缺少指标“{_name(key)}”（{_SCOPE_ZH[scope]}{of}）") from None

    def before(self, key: str, unit: PrintedUnit, **place: str) -> Number | None:
        """The cumulative figure of the edition before; None where it had none."""
        value = self._before.get((key, Scope.CUMULATIVE, *_place(place)))
        return None if value is None else Number(value, unit)

    def members(self, key: str, unit: PrintedUnit, by: str) -> list[tuple[str, Number]]:
        """The members of a dimension by name, in official order, without the zeros."""
        self.number(key, unit)  # a misspelt indicator has no members either, and must not pass for zero
        values = {
            member: value
            for (indicator, scope, dimension, member), value in self._now.items()
            if (indicator, scope, dimension) == (key, Scope.CUMULATIVE, by) and value
        }
        return [
            (member_zh(by, member), Number(values[member], unit)) for member in in_official_order(by, values)
        ]


def _by_place(figures: Sequence[Figure]) -> dict[tuple[str, Scope, str, str], Decimal]:
    return {(each.indicator, each.scope, each.dimension, each.member): each.value for each in figures}


def _place(place: dict[str, str]) -> tuple[str, str]:
    if len(place) > 1:
        raise BadDocument(f"一个指标只能取一个维度，写了{'、'.join(place)}")
    return next(iter(place.items()), (TOTAL, ""))


def _check_unit(key: str, unit: str) -> None:
    if unit not in get_args(PrintedUnit):
        raise BadDocument(
            f"指标“{_name(key)}”的单位“{unit}”不能印出，可选：{'、'.join(get_args(PrintedUnit))}"
        )
    known = BY_KEY.get(key)
    if known is not None and known.unit != ("元" if unit == MONEY else unit):
        raise BadDocument(f"指标“{_name(key)}”的单位是“{known.unit}”，不能印成“{unit}”")


def _name(key: str) -> str:
    return f"{BY_KEY[key].title}（{key}）" if key in BY_KEY else key


def _value(other: object) -> Decimal:
    if isinstance(other, Number):
        return other.value
    if isinstance(other, int | float | str | Decimal):
        return Decimal(str(other))
    raise TypeError(f"a number cannot be compared with {type(other).__name__}")
