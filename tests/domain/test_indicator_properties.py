"""Whatever the ledgers hold: members sum to totals, this period is part of all, money reconciles, order does not matter."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from include.domain.groups import LEVEL, OWNERSHIP
from include.domain.indicators import BY_KEY, INDICATORS, compute, cross_checks
from include.domain.reports import Figure, Scope, Snapshot
from tests.domain.snapshot_builders import (
    make_case,
    make_clue,
    make_inspection,
    make_item,
    make_problem,
    make_rectification,
    make_roster_unit,
    make_snapshot,
    make_unit,
)

CODES = ("H1", "H2", "H3", "P1", "P2", "X9")
ROSTER = [
    make_roster_unit("H1", level="三级甲等", ownership="公立"),
    make_roster_unit("H2", region_code="150622"),
    make_roster_unit("H3", ownership="", level=""),
    make_roster_unit("P1", branch=""),
    make_roster_unit("P2"),
]
TYPES = ("OVERCHARGE", "SUBSTITUTION", "BED_HANGING", "SOMETHING_NEW")
DISPOSITIONS = ("TALK", "ORDER_RECTIFY", "REFUSE_PAY", "ADMIN_PENALTY", "TERMINATE_AGREEMENT", "NO_ACTION")

codes = st.sampled_from(CODES)
days = st.integers(0, 60).map(lambda number: date(2024, 4, 10) + timedelta(number))
money = st.integers(0, 10**9).map(lambda fen: Decimal(fen).scaleb(-2))


@st.composite
def inspections(draw: st.DrawFn) -> tuple[Any, list[Any]]:
    number = str(draw(st.integers(0, 10**9)))
    problems = [
        make_problem(number, draw(st.sampled_from(TYPES)), violation_amt=draw(money), fund_amt=Decimal(0))
        for _ in range(draw(st.integers(0, 3)))
    ]
    amount = sum((problem.violation_amt for problem in problems), Decimal(0)) + draw(money)
    count = draw(st.integers(len(problems), 4))
    row = make_inspection(
        number,
        draw(codes),
        end_on=draw(days),
        problem_count=count,
        violation_amt=amount,
        fund_amt=Decimal(0),
        conclusion="一般违规" if count else "未发现问题",
    )
    return row, problems


@st.composite
def rectifications(draw: st.DrawFn) -> Any:
    payable = draw(money)
    ordered = draw(days)
    return make_rectification(
        str(draw(st.integers(0, 10**9))),
        draw(codes),
        source=draw(st.sampled_from(("自查", "现场检查", "举报"))),
        payable=payable,
        paid=draw(st.sampled_from((Decimal(0), payable))),
        issued_on=ordered,
        paid_on=ordered + timedelta(draw(st.integers(0, 20))),
    )


@st.composite
def cases(draw: st.DrawFn) -> Any:
    filed = draw(days)
    party = draw(st.sampled_from(("定点医疗机构", "参保人员")))
    return make_case(
        str(draw(st.integers(0, 10**9))),
        "" if party == "参保人员" else draw(codes),
        *draw(st.lists(st.sampled_from(DISPOSITIONS), min_size=1, unique=True)),
        party=party,
        conduct=draw(st.sampled_from(TYPES)),
        filed_on=filed,
        decided_on=draw(st.sampled_from((None, filed + timedelta(5)))),
        violation_amt=draw(money),
        fine_amt=draw(money),
        damages_amt=draw(money),
        recoup_due=Decimal(0),
        recoup_paid=Decimal(0),
    )


@st.composite
def clues(draw: st.DrawFn) -> Any:
    received = draw(days)
    closed = draw(st.sampled_from((None, received, received + timedelta(9))))
    return make_clue(
        str(draw(st.integers(0, 10**9))),
        draw(codes),
        source=draw(st.sampled_from(("NHSA", "TIP", "MEDIA"))),
        batch=draw(st.sampled_from(("", "一", "二"))),
        received_on=received,
        checked_on=closed,
        closed_on=closed,
        result=draw(st.sampled_from(("查实", "不属实"))) if closed else "",
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    inspected = draw(st.lists(inspections(), max_size=6, unique_by=lambda each: each[0].number))
    reporting = draw(st.lists(st.sampled_from(CODES[:5]), max_size=5, unique=True))
    kinds = {unit.code: unit for unit in ROSTER}
    units = [
        make_unit(
            code,
            unit_kind=kinds[code].kind,
            level=kinds[code].level,
            region_code=kinds[code].region_code,
            accepted_on=draw(days),
        )
        for code in reporting
    ]
    items = [
        make_item(code, draw(st.sampled_from(TYPES)), unit_kind=kinds[code].kind, violation_amt=draw(money))
        for code in reporting
        for _ in range(draw(st.integers(0, 2)))
    ]
    return make_snapshot(
        units,
        items,
        on=date(2024, 5, 31),
        roster=ROSTER,
        inspections=[row for row, _ in inspected],
        problems=[problem for _, problems in inspected for problem in problems],
        rectifications=draw(st.lists(rectifications(), max_size=6)),
        cases=draw(st.lists(cases(), max_size=6, unique_by=lambda each: each.number)),
        clues=draw(st.lists(clues(), max_size=6)),
    )


def total(figures: list[Figure], key: str, scope: Scope = Scope.CUMULATIVE) -> Decimal:
    return next(f.value for f in figures if (f.indicator, f.dimension, f.scope) == (key, "", scope))


@settings(max_examples=40, deadline=None)
@given(snapshots())
def test_members_sum_to_totals(snapshot: Snapshot) -> None:
    figures = compute(snapshot)
    sums: dict[tuple[str, str, Scope], Decimal] = {}
    for figure in figures:
        key = (figure.indicator, figure.dimension, figure.scope)
        sums[key] = sums.get(key, Decimal(0)) + figure.value
    for (key, dimension, scope), value in sums.items():
        indicator = BY_KEY[key]
        # Level and ownership divide the hospitals alone; cross-checks compare them with those.
        if indicator.is_rate or dimension in (*indicator.overlaps, LEVEL, OWNERSHIP):
            continue
        assert value == sums[key, "", scope], f"{key} by {dimension}, {scope}"
    assert not [check.title for check in cross_checks(figures) if not check.holds and "之和＝" in check.title]


@settings(max_examples=40, deadline=None)
@given(snapshots())
def test_this_period_is_part_of_all(snapshot: Snapshot) -> None:
    figures = {(f.indicator, f.dimension, f.member, f.scope): f.value for f in compute(snapshot)}
    for (key, dimension, member, scope), value in figures.items():
        if scope is Scope.THIS and not BY_KEY[key].is_rate:
            assert 0 <= value <= figures[key, dimension, member, Scope.CUMULATIVE]


@settings(max_examples=40, deadline=None)
@given(snapshots())
def test_money_reconciles_with_the_rows(snapshot: Snapshot) -> None:
    figures, end = compute(snapshot), snapshot.period.end
    fines = sum((c.fine_amt for c in snapshot.cases if c.decided_on and c.decided_on <= end), Decimal(0))
    paid = sum((r.paid for r in snapshot.rectifications if r.paid_on and r.paid_on <= end), Decimal(0))
    own = sum(
        (r.paid for r in snapshot.rectifications if r.source == "自查" and r.paid_on and r.paid_on <= end),
        Decimal(0),
    )
    found = sum((i.violation_amt for i in snapshot.inspections if i.end_on <= end), Decimal(0))
    assert total(figures, "fine_amt") == fines
    assert total(figures, "refund_paid") == paid
    assert total(figures, "recouped_amt") == paid - own
    assert total(figures, "inspection_violation_amt") == found
    assert total(figures, "refund_payable") - total(figures, "refund_paid") == total(
        figures, "refund_outstanding"
    )


@settings(max_examples=40, deadline=None)
@given(snapshots(), money)
def test_a_fine_moves_no_refund_and_a_refund_no_fine(snapshot: Snapshot, extra: Decimal) -> None:
    before = compute(snapshot)
    fined = replace(snapshot, cases=tuple(replace(c, fine_amt=c.fine_amt + extra) for c in snapshot.cases))
    refunded = replace(
        snapshot, rectifications=tuple(replace(r, paid=r.paid + extra) for r in snapshot.rectifications)
    )
    of_fines = {f.indicator for f, g in zip(before, compute(fined), strict=True) if f != g}
    of_refunds = {f.indicator for f, g in zip(before, compute(refunded), strict=True) if f != g}
    assert of_fines <= {"fine_amt"}
    assert of_refunds <= {"refund_paid", "recouped_amt", "refund_outstanding"}


@settings(max_examples=20, deadline=None)
@given(snapshots(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(snapshot: Snapshot, shuffle: random.Random) -> None:
    parts = {
        name: list(getattr(snapshot, name)) for name in ("inspections", "cases", "clues", "rectifications")
    }
    for rows in parts.values():
        shuffle.shuffle(rows)
    again = replace(snapshot, **{name: tuple(rows) for name, rows in parts.items()})
    assert compute(again) == compute(snapshot)


def test_every_figure_is_a_decimal() -> None:
    assert all(isinstance(figure.value, Decimal) for figure in compute(make_snapshot(roster=ROSTER)))
    assert len({indicator.title for indicator in INDICATORS}) == len(INDICATORS)
