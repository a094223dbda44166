"""Indicators (指标) computed once from a snapshot, checked against one another, and used everywhere.

Tables, mails, pages and reports read these figures and compute none of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from include.domain.groups import LEVEL, REGION, TOTAL, UNIT_KIND, VIOLATION_TYPE, groups, member_zh
from include.domain.indicator_definitions import INDICATORS, Indicator
from include.domain.letters import FigureLine
from include.domain.model import UnitKind
from include.domain.reports import CrossCheck, Figure, Snapshot

__all__ = ["BY_KEY", "INDICATORS", "Indicator", "compute", "cross_checks", "figure_lines"]

BY_KEY: dict[str, Indicator] = {indicator.key: indicator for indicator in INDICATORS}


def compute(snapshot: Snapshot) -> list[Figure]:
    """Every indicator exactly once: in total, then for each member of each dimension it has."""
    figures: list[Figure] = []
    for (dimension, member), group in groups(snapshot):
        figures += (
            Figure(indicator.key, dimension, member, indicator.measure(group))
            for indicator in INDICATORS
            if dimension in indicator.dimensions
        )
    return figures


OFFICE_ONLY = frozenset({"units_received", "units_unreachable", "units_involved"})
"""Of use to the office's own work or repeated elsewhere: not among the figures a reader above is shown first."""


def figure_lines(figures: Sequence[Figure]) -> tuple[FigureLine, ...]:
    """The main totals as printed in mails and pages, in the order of the definitions.

    家, 个, 例次 and 人次 are whole numbers; 元 has two decimals, 报送率 one; thousands are separated.
    """
    totals = {figure.indicator: figure.value for figure in figures if figure.dimension == TOTAL}
    return tuple(
        FigureLine(indicator.title, _printed(totals[indicator.key], indicator), indicator.unit)
        for indicator in INDICATORS
        if indicator.key in totals and indicator.key not in OFFICE_ONLY
    )


def _printed(value: Decimal, indicator: Indicator) -> str:
    places = {"元": Decimal("0.01"), "%": Decimal("0.1")}.get(indicator.unit, Decimal(1))
    return f"{value.quantize(places, ROUND_HALF_UP):,}"


_Numbers = Mapping[tuple[str, str, str], Decimal]


class _Relation(NamedTuple):
    """Totals summed on either side, and how the two sums must stand."""

    left: tuple[str, ...]
    sign: str
    right: tuple[str, ...]
    title: str


_PARTS_OF_EXPECTED = (
    "units_accepted",
    "units_received",
    "units_returned",
    "units_partial",
    "units_missing",
    "units_waived",
)

_RELATIONS = (
    _Relation(
        ("units_expected",),
        "=",
        _PARTS_OF_EXPECTED,
        "应报单位＝已报＋已收待校验＋退回待重报＋材料不全＋未报＋免报（家）",
    ),
    _Relation(
        ("units_on_time", "units_late"), "=", ("units_accepted",), "按期报送＋逾期报送＝已报单位（家）"
    ),
    _Relation(("units_on_time",), "≤", ("units_accepted",), "按期报送≤已报单位（家）"),
    _Relation(
        ("zero_returns", "units_with_problems"), "≤", ("units_accepted",), "零报告＋发现问题≤已报单位（家）"
    ),
    _Relation(
        ("units_overdue",),
        "≤",
        ("units_missing", "units_returned", "units_partial"),
        "逾期未完成≤未报＋退回待重报＋材料不全（家）",
    ),
    _Relation(("units_unreachable",), "≤", ("units_expected",), "无可用邮箱≤应报单位（家）"),
    _Relation(
        ("units_with_problems",),
        "=",
        ("units_involved",),
        "报送情况表的发现问题单位＝违规情况表的涉及机构数合计（家）",
    ),
    _Relation(
        ("units_with_problems",),
        "≤",
        ("problem_count",),
        "每家发现问题单位至少有一个问题：发现问题单位≤自查问题数",
    ),
    _Relation(("rectified_count",), "≤", ("problem_count",), "已整改问题数≤自查问题数（个）"),
    _Relation(("fund_amt",), "≤", ("violation_amt",), "其中医保基金≤违规金额（元）"),
    _Relation(("refunded_amt",), "≤", ("fund_amt",), "已退回金额≤其中医保基金（元）"),
    _Relation(("refunded_amt", "outstanding_amt"), "=", ("fund_amt",), "已退回＋未退回＝其中医保基金（元）"),
)
"""``visits`` and ``occurrences`` are different units and are not compared."""

_HUNDREDTH = Decimal("0.01")


def cross_checks(figures: Sequence[Figure]) -> list[CrossCheck]:
    """Every 勾稽关系 between the figures, held or not. A figure that is missing counts as 0 and so shows.

    Rates are compared to two decimals of a percent, everything else exactly.
    """
    numbers = {(figure.indicator, figure.dimension, figure.member): figure.value for figure in figures}
    return [*_between_totals(numbers), *_of_rates(numbers), *_of_members(numbers), *_of_involved(numbers)]


def _total(numbers: _Numbers, *keys: str) -> Decimal:
    return sum((numbers.get((key, TOTAL, ""), Decimal(0)) for key in keys), Decimal(0))


def _check(key: str, title: str, left: Decimal, relation: str, right: Decimal) -> CrossCheck:
    holds = {"=": left == right, "≤": left <= right, "≥": left >= right}[relation]
    return CrossCheck(key, title, left, relation, right, holds)


def _between_totals(numbers: _Numbers) -> list[CrossCheck]:
    return [
        _check(
            f"{'_and_'.join(left)}__{'equals' if sign == '=' else 'within'}__{right[0]}",
            title,
            _total(numbers, *left),
            sign,
            _total(numbers, *right),
        )
        for left, sign, right, title in _RELATIONS
    ]


def _of_rates(numbers: _Numbers) -> list[CrossCheck]:
    """Every rate against its two counts, in total and member by member."""
    return [
        _check(
            f"{rate}__recomputed" + (f"__{dimension}__{member}" if dimension else ""),
            f"{BY_KEY[rate].title}＝{formula}：{member_zh(dimension, member)}（%）",
            numbers.get((rate, dimension, member), Decimal(0)).quantize(_HUNDREDTH),
            "=",
            _percent(numbers, part, dimension, member).quantize(_HUNDREDTH),
        )
        for rate, part, formula in (
            ("return_rate", "units_accepted", "已报÷应报"),
            ("on_time_rate", "units_on_time", "按期÷应报"),
        )
        for key, dimension, member in numbers
        if key == "units_expected"
    ] + [
        _check(
            f"{rate}__within_100", f"{BY_KEY[rate].title}≤100（%）", _total(numbers, rate), "≤", Decimal(100)
        )
        for rate in ("return_rate", "on_time_rate")
    ]


def _percent(numbers: _Numbers, part: str, dimension: str, member: str) -> Decimal:
    whole = numbers.get(("units_expected", dimension, member), Decimal(0))
    return numbers.get((part, dimension, member), Decimal(0)) * 100 / whole if whole else Decimal(0)


def _of_members(numbers: _Numbers) -> list[CrossCheck]:
    """Per additive indicator and dimension, the members together against the whole they divide."""
    wholes = (
        (UNIT_KIND, TOTAL, "", "各类单位之和＝合计"),
        (REGION, TOTAL, "", "各辖区之和＝合计"),
        (LEVEL, UNIT_KIND, UnitKind.MEDICAL_INSTITUTION.value, "各等级之和＝定点医疗机构"),
        (VIOLATION_TYPE, TOTAL, "", "各违规类型之和＝合计"),
    )
    return [
        _check(
            f"{indicator.key}__by_{dimension}",
            f"{indicator.title}：{title}（{indicator.unit}）",
            sum(_members(numbers, indicator.key, dimension), Decimal(0)),
            "=",
            numbers.get((indicator.key, of_dimension, of_member), Decimal(0)),
        )
        for dimension, of_dimension, of_member, title in wholes
        for indicator in INDICATORS
        if indicator.additive and dimension in indicator.dimensions
    ]


def _of_involved(numbers: _Numbers) -> list[CrossCheck]:
    """A unit with problems of several types is one unit of the total and one of each type."""
    by_type = _members(numbers, "units_involved", VIOLATION_TYPE)
    whole = _total(numbers, "units_involved")
    return [
        _check(
            "units_involved__largest_type",
            "涉及机构数：最多的一类≤合计（家）",
            max(by_type, default=Decimal(0)),
            "≤",
            whole,
        ),
        _check(
            "units_involved__sum_of_types",
            "涉及机构数：合计≤各违规类型之和（家）",
            whole,
            "≤",
            sum(by_type, Decimal(0)),
        ),
    ]


def _members(numbers: _Numbers, key: str, dimension: str) -> list[Decimal]:
    return [
        value for (indicator, along, _), value in numbers.items() if (indicator, along) == (key, dimension)
    ]
