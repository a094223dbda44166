from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from include.domain.indicators import BY_KEY, INDICATORS, OFFICE_ONLY, compute, cross_checks, figure_lines
from include.domain.obligations import ObligationState
from include.domain.reports import CrossCheck, Figure, Scope, Snapshot
from tests.domain.snapshot_builders import (
    AGENCY,
    BEFORE_DUE,
    DUE,
    PHARMACY,
    make_item,
    make_snapshot,
    make_unit,
)

OPEN, RECEIVED, RETURNED, PARTIAL, ACCEPTED, REVIEWED, WAIVED, CLOSED = ObligationState

MIXED = make_snapshot(
    [
        make_unit("H1", ACCEPTED, level="三级甲等"),
        make_unit("H2", REVIEWED, level="二级甲等", days_late=2),
        make_unit("H3", ACCEPTED, level="未定级", is_zero=True, has_address=False),
        make_unit("H4", OPEN, level="一级"),
        make_unit("H5", RETURNED, level="一级"),
        make_unit("H6", CLOSED, level="一级"),
        make_unit("P1", PARTIAL, unit_kind=PHARMACY, level="", region_code="150622"),
        make_unit("P2", RECEIVED, unit_kind=PHARMACY, level="", region_code="150622"),
        make_unit("P3", WAIVED, unit_kind=PHARMACY, level="", region_code="150622"),
        make_unit("P4", ACCEPTED, unit_kind=PHARMACY, level="", is_zero=True),
    ],
    [
        make_item("H1", "DUPLICATE_CHARGE"),
        make_item("H1", "OVERCHARGE", rectify_status="已整改"),
        make_item(
            "H2",
            "DUPLICATE_CHARGE",
            occurrences=10,
            visits=4,
            violation_amt=Decimal("0.10"),
            fund_amt=Decimal("0.10"),
            refunded_amt=Decimal("0.10"),
            rectify_status="已整改",
        ),
    ],
)
"""Nine expected: four accepted, one each received, returned, partial, waived, open; one closed beside them."""


def value(figures: list[Figure], indicator: str, dimension: str = "", member: str = "") -> Decimal:
    found = [
        f.value
        for f in figures
        if (f.indicator, f.dimension, f.member, f.scope) == (indicator, dimension, member, Scope.CUMULATIVE)
    ]
    assert len(found) == 1, f"{indicator} {dimension} {member}: {len(found)} figures"
    return found[0]


def failed(figures: list[Figure]) -> list[CrossCheck]:
    return [check for check in cross_checks(figures) if not check.holds]


@pytest.mark.parametrize(
    ("indicator", "expected"),
    [
        ("units_expected", "9"),
        ("units_accepted", "4"),
        ("zero_returns", "2"),
        ("units_with_problems", "2"),
        ("units_on_time", "3"),
        ("units_late", "1"),
        ("units_received", "1"),
        ("units_returned", "1"),
        ("units_partial", "1"),
        ("units_missing", "1"),
        ("units_waived", "1"),
        ("units_overdue", "3"),
        ("units_unreachable", "1"),
        ("units_involved", "2"),
        ("problem_count", "3"),
        ("occurrences", "16"),
        ("visits", "8"),
        ("violation_amt", "200.10"),
        ("fund_amt", "160.10"),
        ("refunded_amt", "60.10"),
        ("outstanding_amt", "100.00"),
        ("rectified_count", "2"),
    ],
)
def test_a_total_is_what_a_person_counts(indicator: str, expected: str) -> None:
    assert value(compute(MIXED), indicator) == Decimal(expected)


@pytest.mark.parametrize(
    ("indicator", "dimension", "member", "expected"),
    [
        ("units_expected", "unit_kind", "medical_institution", "5"),
        ("units_expected", "unit_kind", "retail_pharmacy", "4"),
        ("units_accepted", "level", "三级", "1"),
        ("units_accepted", "level", "二级", "1"),
        ("units_accepted", "level", "一级及以下", "1"),
        ("units_missing", "level", "一级及以下", "1"),
        ("units_expected", "region", "150622", "3"),
        ("units_accepted", "region", "150622", "0"),
        ("violation_amt", "level", "三级", "200.00"),
        ("violation_amt", "unit_kind", "retail_pharmacy", "0"),
        ("units_involved", "violation_type", "DUPLICATE_CHARGE", "2"),
        ("units_involved", "violation_type", "OVERCHARGE", "1"),
        ("occurrences", "violation_type", "DUPLICATE_CHARGE", "13"),
        ("outstanding_amt", "violation_type", "DUPLICATE_CHARGE", "50.00"),
    ],
)
def test_a_member_counts_its_own_part(indicator: str, dimension: str, member: str, expected: str) -> None:
    assert value(compute(MIXED), indicator, dimension, member) == Decimal(expected)


def test_rates_are_exact_until_printed() -> None:
    figures = compute(MIXED)
    assert value(figures, "return_rate") == Decimal(400) / 9
    assert value(figures, "on_time_rate") == Decimal(300) / 9
    printed = {line.title: line.value for line in figure_lines(figures)}
    assert printed["报送率"] == "44.4"


def test_every_figure_is_computed_exactly_once() -> None:
    figures = compute(MIXED)
    places = [(figure.indicator, figure.dimension, figure.member, figure.scope) for figure in figures]
    assert len(places) == len(set(places))
    assert {figure.indicator for figure in figures if not figure.dimension} == set(BY_KEY)
    assert not [f for f in figures if f.dimension == "violation_type" and f.indicator == "units_expected"]


def test_nothing_is_a_float() -> None:
    assert all(isinstance(figure.value, Decimal) for figure in compute(MIXED))


def test_money_is_added_without_binary_error() -> None:
    items = [
        make_item("H1", violation_amt=Decimal("0.10"), fund_amt=Decimal("0.10"), refunded_amt=Decimal("0.00"))
    ] * 3
    figures = compute(make_snapshot([make_unit("H1")], items))
    assert value(figures, "violation_amt") == Decimal("0.30")


def test_figures_that_agree_pass_every_check() -> None:
    assert failed(compute(MIXED)) == []


def test_an_empty_snapshot_has_zeros_and_no_contradiction() -> None:
    figures = compute(make_snapshot([]))
    assert {figure.value for figure in figures} == {Decimal(0)}
    assert {figure.indicator for figure in figures} == set(BY_KEY)
    assert failed(figures) == []


def test_a_closed_obligation_is_not_expected() -> None:
    figures = compute(make_snapshot([make_unit("H1", CLOSED), make_unit("H2", OPEN)]))
    assert value(figures, "units_expected") == 1
    assert value(figures, "units_missing") == 1


@pytest.mark.parametrize("extra", [0, 1, 7])
def test_the_return_rate_never_passes_100_percent(extra: int) -> None:
    units = [make_unit(f"H{number}") for number in range(3)]
    gone = [make_unit(f"X{number}", CLOSED) for number in range(extra)]
    twice = [make_unit("H0", form="inspection")]
    figures = compute(make_snapshot(units + gone + twice))
    assert value(figures, "return_rate") == Decimal(100)
    assert value(figures, "on_time_rate") == Decimal(100)


def test_all_overdue_is_shown_as_all_overdue() -> None:
    units = [make_unit("H1", OPEN), make_unit("H2", RETURNED), make_unit("H3", PARTIAL)]
    figures = compute(make_snapshot(units))
    assert value(figures, "units_overdue") == 3
    assert value(figures, "return_rate") == 0


@pytest.mark.parametrize("on", [BEFORE_DUE, DUE])
def test_nobody_is_overdue_on_the_due_day_or_before(on: date) -> None:
    figures = compute(make_snapshot([make_unit("H1", OPEN)], on=on))
    assert value(figures, "units_overdue") == 0
    assert value(figures, "units_missing") == 1


@pytest.mark.parametrize("state", [RECEIVED, WAIVED, ACCEPTED, REVIEWED])
def test_a_unit_whose_part_is_done_is_not_overdue(state: ObligationState) -> None:
    assert value(compute(make_snapshot([make_unit("H1", state)])), "units_overdue") == 0


def test_a_late_return_is_accepted_and_late_but_not_on_time() -> None:
    figures = compute(
        make_snapshot([make_unit("H1", ACCEPTED, days_late=1), make_unit("H2", OPEN, days_late=1)])
    )
    assert (value(figures, "units_late"), value(figures, "units_on_time")) == (1, 0)


@pytest.mark.parametrize(
    ("states", "counted_as"),
    [
        ((ACCEPTED, ACCEPTED), "units_accepted"),
        ((ACCEPTED, OPEN), "units_missing"),
        ((REVIEWED, RETURNED), "units_returned"),
        ((RECEIVED, PARTIAL), "units_partial"),
        ((ACCEPTED, WAIVED), "units_accepted"),
        ((ACCEPTED, CLOSED), "units_accepted"),
    ],
)
def test_a_unit_owing_two_forms_is_one_unit_and_stands_where_its_least_finished_one_stands(
    states: tuple[ObligationState, ...], counted_as: str
) -> None:
    units = [make_unit("H1", state, form=f"form_{number}") for number, state in enumerate(states)]
    figures = compute(make_snapshot(units))
    assert value(figures, "units_expected") == 1
    assert value(figures, counted_as) == 1
    assert failed(figures) == []


def test_a_unit_owing_two_forms_is_overdue_by_its_earliest_unmet_due_date() -> None:
    units = [
        make_unit("H1", OPEN, form="later", due_on=date(2024, 12, 31)),
        make_unit("H1", RETURNED, form="sooner", due_on=DUE),
    ]
    assert value(compute(make_snapshot(units)), "units_overdue") == 1


def test_problems_of_a_unit_that_is_not_accepted_are_not_counted() -> None:
    snapshot = make_snapshot(
        [make_unit("H1", RETURNED), make_unit("H2", CLOSED)], [make_item("H1"), make_item("H2")]
    )
    figures = compute(snapshot)
    assert value(figures, "problem_count") == 0
    assert value(figures, "violation_amt") == 0
    assert failed(figures) == []


def test_a_violation_type_outside_the_catalogue_is_counted_all_the_same() -> None:
    figures = compute(make_snapshot([make_unit("H1")], [make_item("H1", "SOMETHING_NEW")]))
    assert value(figures, "problem_count", "violation_type", "SOMETHING_NEW") == 1
    assert failed(figures) == []


@pytest.mark.parametrize("indicator", [indicator.key for indicator in INDICATORS])
@pytest.mark.parametrize("by", [Decimal(1), Decimal("-0.01")])
def test_a_total_that_was_tampered_with_is_found(indicator: str, by: Decimal) -> None:
    figures = [
        replace(figure, value=figure.value + by)
        if (figure.indicator, figure.dimension) == (indicator, "")
        else figure
        for figure in compute(MIXED)
    ]
    assert failed(figures), f"{indicator} changed by {by} and nothing was noticed"


@pytest.mark.parametrize("dimension", ["unit_kind", "level", "region"])
@pytest.mark.parametrize("indicator", ["units_accepted", "units_late", "fund_amt", "visits", "return_rate"])
def test_a_member_that_was_tampered_with_is_found(indicator: str, dimension: str) -> None:
    figures = compute(MIXED)
    place = next(n for n, f in enumerate(figures) if (f.indicator, f.dimension) == (indicator, dimension))
    figures[place] = replace(figures[place], value=figures[place].value + 1)
    assert failed(figures)


@pytest.mark.parametrize("indicator", ["units_accepted", "violation_amt", "units_involved", "return_rate"])
def test_a_total_that_is_missing_is_found(indicator: str) -> None:
    figures = [f for f in compute(MIXED) if (f.indicator, f.dimension) != (indicator, "")]
    assert failed(figures)


@pytest.mark.parametrize(
    "snapshot",
    [
        make_snapshot([make_unit("H1", is_zero=True)], [make_item("H1")]),
        make_snapshot([make_unit("H1")], [make_item("H1", refunded_amt=Decimal("80.01"))]),
        make_snapshot([make_unit("H1")], [make_item("H1", violation_amt=Decimal("79.99"))]),
    ],
    ids=["zero return with problems", "refunded more than the fund paid", "fund part above the whole"],
)
def test_a_contradiction_in_the_data_is_found(snapshot: Snapshot) -> None:
    assert failed(compute(snapshot))


def test_every_check_has_its_own_key_and_a_chinese_title() -> None:
    checks = cross_checks(compute(MIXED))
    assert len({check.key for check in checks}) == len(checks)
    assert all("\u4e00" <= check.title[0] <= "\u9fff" for check in checks)
    assert len({check.title for check in checks}) == len(checks)


def test_a_kind_that_does_not_occur_has_no_figures() -> None:
    assert not [f for f in compute(MIXED) if f.member == AGENCY.value]


def test_refunds_and_fines_are_never_one_figure() -> None:
    assert "不含违约金和罚款" in BY_KEY["refunded_amt"].definition


def test_every_indicator_states_unit_definition_and_source() -> None:
    assert len(BY_KEY) == len(INDICATORS)
    for indicator in INDICATORS:
        assert indicator.definition.endswith("。")
        assert indicator.source
        assert indicator.title


@pytest.mark.parametrize(
    ("title", "printed", "unit"),
    [
        ("应报单位", "9", "家"),
        ("涉及例次", "16", "例次"),
        ("涉及人次", "8", "人次"),
        ("违规金额", "200.10", "元"),
        ("按期报送率", "33.3", "%"),
        ("未退回金额", "100.00", "元"),
    ],
)
def test_a_printed_line_has_the_places_of_its_unit(title: str, printed: str, unit: str) -> None:
    line = next(line for line in figure_lines(compute(MIXED)) if line.title == title)
    assert (line.value, line.unit) == (printed, unit)


def test_printed_amounts_separate_thousands_and_zero_is_printed() -> None:
    item = make_item("H1", violation_amt=Decimal("1234567.80"), refunded_amt=Decimal(0))
    printed = {
        line.title: line.value for line in figure_lines(compute(make_snapshot([make_unit("H1")], [item])))
    }
    assert printed["违规金额"] == "1,234,567.80"
    assert printed["已退回金额"] == "0.00"
    assert printed["未报单位"] == "0"


def test_figures_of_office_work_only_are_not_shown_to_the_bureau_above() -> None:
    titles = {line.title for line in figure_lines(compute(MIXED))}
    assert {"应报单位", "已报单位", "违规金额"} <= titles
    assert titles & {BY_KEY[key].title for key in OFFICE_ONLY} == set()
