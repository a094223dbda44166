"""Every indicator of the registers by an example that counts and examples that do not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from include.domain.indicators import BY_KEY, INDICATORS, compute, cross_checks
from include.domain.indicators.self_check import SELF_CHECK
from include.domain.reports import FigureNote, Scope, Snapshot
from tests.domain.snapshot_builders import (
    AGENCY,
    BEFORE,
    WITHIN,
    ZERO,
    make_blacklisting,
    make_case,
    make_clue,
    make_inspection,
    make_item,
    make_problem,
    make_rectification,
    make_referral,
    make_roster_unit,
    make_screening,
    make_snapshot,
    make_tip,
    make_unit,
)

LATER = date(2024, 6, 20)
"""After the period of every snapshot made here."""

ROSTER = [
    make_roster_unit("H1", ownership="公立", level="三级甲等"),
    make_roster_unit("H2", region_code="150622", branch=""),
    make_roster_unit("P1"),
    make_roster_unit("J1"),
]


def value(
    snapshot: Snapshot, key: str, dimension: str = "", member: str = "", scope: Scope = Scope.CUMULATIVE
) -> Decimal:
    place = (key, dimension, member, scope)
    return next(
        (f.value for f in compute(snapshot) if (f.indicator, f.dimension, f.member, f.scope) == place), ZERO
    )


def both(snapshot: Snapshot, key: str) -> tuple[Decimal, Decimal]:
    """本期 and 累计."""
    return value(snapshot, key, scope=Scope.THIS), value(snapshot, key)


def on_three_days(make: Any, *given: str, day: str, **changed: Any) -> list[Any]:
    """One before the period, two within it, one after it."""
    return [
        make(f"{number}", *given, **(changed | {day: when}))
        for number, when in enumerate((BEFORE, WITHIN, WITHIN, LATER))
    ]


CASES: list[tuple[str, str, list[Any], str, str]] = [
    # indicator, part of the snapshot, rows, 本期, 累计
    ("inspection_count", "inspections", on_three_days(make_inspection, "H1", day="end_on"), "2", "3"),
    ("units_inspected", "inspections", on_three_days(make_inspection, "H1", day="end_on"), "1", "1"),
    ("units_inspected", "inspections", [make_inspection("1", "X9"), make_inspection("2", "J1")], "0", "0"),
    ("agencies_inspected", "inspections", [make_inspection("1", "J1"), make_inspection("2", "H1")], "1", "1"),
    (
        "inspected_with_problems",
        "inspections",
        [
            make_inspection("1", "H1"),
            make_inspection("2", "H1"),
            make_inspection("3", "P1", problem_count=0, conclusion="未发现问题"),
        ],
        "1",
        "1",
    ),
    ("inspection_problems", "inspections", [make_inspection("1", "H1", problem_count=3)], "3", "3"),
    (
        "inspection_violation_amt",
        "inspections",
        on_three_days(make_inspection, "H1", day="end_on"),
        "1000",
        "1500",
    ),
    ("inspection_fund_amt", "inspections", on_three_days(make_inspection, "X9", day="end_on"), "800", "1200"),
    (
        "recouped_amt",
        "rectifications",
        [
            *on_three_days(make_rectification, "H1", day="paid_on"),
            make_rectification("own", "H1", source="自查"),
            make_rectification("unpaid", "H1", paid=ZERO, paid_on=None),
        ],
        "300",
        "450",
    ),
    (
        "refund_payable",
        "rectifications",
        on_three_days(make_rectification, "H1", day="issued_on"),
        "800",
        "1200",
    ),
    ("refund_paid", "rectifications", [make_rectification("1", "H1", source="自查")], "150", "150"),
    (
        "refund_outstanding",
        "rectifications",
        [make_rectification("1", "H1", issued_on=BEFORE), make_rectification("2", "H1", paid_on=LATER)],
        "650",
        "650",
    ),
    ("recouped_amt", "cases", [make_case("1"), make_case("2", recoup_on=LATER)], "200", "200"),
    ("refund_payable", "cases", on_three_days(make_case, day="decided_on"), "1200", "1800"),
    ("units_handled", "cases", on_three_days(make_case, day="decided_on"), "1", "1"),
    (
        "units_handled",
        "cases",
        [
            make_case("1", "H1", "NO_ACTION"),
            make_case("2", "P1", decided_on=None),
            make_case("3", "", party="参保人员"),
            make_case("4", "H2", decided_on=None, terminated_on=WITHIN),
        ],
        "1",
        "1",
    ),
    ("units_talked", "cases", [make_case("1", "H1", "TALK"), make_case("2", "P1")], "1", "1"),
    ("units_circulated", "cases", [make_case("1", "H1", "CIRCULAR"), make_case("2", "P1")], "1", "1"),
    ("units_to_rectify", "cases", [make_case("1", "H1", "TALK"), make_case("2", "P1")], "1", "1"),
    ("units_refused", "cases", [make_case("1", "H1", "REFUSE_PAY"), make_case("2", "P1")], "1", "1"),
    ("units_warned", "cases", [make_case("1", "H1", "YELLOW_CARD"), make_case("2", "P1")], "1", "1"),
    (
        "units_suspended",
        "cases",
        [make_case("1", "H1", "SUSPEND_AGREEMENT", "SUSPEND_SETTLEMENT"), make_case("2", "P1", "TALK")],
        "1",
        "1",
    ),
    (
        "units_terminated",
        "cases",
        [make_case("1", "H1", "TERMINATE_AGREEMENT"), make_case("2", "P1")],
        "1",
        "1",
    ),
    (
        "units_penalised",
        "cases",
        [
            make_case("1", "H1", "ADMIN_PENALTY"),
            make_case("2", "H1", "ADMIN_PENALTY", decided_on=BEFORE),
            make_case("3", "P1", "ADMIN_PENALTY", decided_on=None, closed_on=WITHIN),
            make_case("4", "", "ADMIN_PENALTY", party="参保人员"),
        ],
        "1",
        "1",
    ),
    ("refused_amt", "cases", [make_case("1", "H1", "REFUSE_PAY"), make_case("2", "P1")], "300", "300"),
    ("damages_amt", "cases", on_three_days(make_case, day="decided_on", damages_amt=Decimal(7)), "14", "21"),
    ("fine_amt", "cases", on_three_days(make_case, day="decided_on", fine_amt=Decimal(9)), "18", "27"),
    ("fine_amt", "cases", [make_case("1", fine_amt=Decimal(9), decided_on=None, closed_on=WITHIN)], "0", "0"),
    ("licences_revoked", "cases", [make_case("1", "H1", "REVOKE_LICENSE"), make_case("2")], "1", "1"),
    ("cases_exposed", "cases", on_three_days(make_case, day="published_on"), "2", "3"),
    (
        "staff_disciplined",
        "cases",
        [make_case("1", "", "POINTS", party="医疗机构工作人员"), make_case("2", "", party="参保人员")],
        "1",
        "1",
    ),
    ("cases_filed", "cases", on_three_days(make_case, day="filed_on"), "2", "3"),
    ("cases_decided", "cases", on_three_days(make_case, day="decided_on"), "2", "3"),
    ("cases_closed", "cases", on_three_days(make_case, day="closed_on"), "2", "3"),
    (
        "major_cases",
        "cases",
        [
            make_case("1", nature="CRIME"),
            make_case("2", "P1", "REFER_POLICE"),
            make_case("3", nature="FRAUD"),
        ],
        "2",
        "2",
    ),
    ("found_persons", "cases", [make_case("1", "", party="参保人员"), make_case("2", "H1")], "1", "1"),
    ("person_cases_amt", "cases", [make_case("1", "", party="参保人员"), make_case("2", "H1")], "900", "900"),
    (
        "units_blacklisted",
        "blacklistings",
        [make_blacklisting(), make_blacklisting("参保人员", "")],
        "1",
        "1",
    ),
    (
        "persons_blacklisted",
        "blacklistings",
        [make_blacklisting(), make_blacklisting("参保人员", "")],
        "1",
        "1",
    ),
    ("clues_received", "clues", on_three_days(make_clue, day="received_on"), "2", "3"),
    ("clues_checked", "clues", on_three_days(make_clue, day="checked_on"), "2", "3"),
    ("clues_closed", "clues", on_three_days(make_clue, day="closed_on", checked_on=BEFORE), "2", "3"),
    (
        "clues_confirmed",
        "clues",
        [
            make_clue("1", checked_on=WITHIN, result="查实"),
            make_clue("2", checked_on=WITHIN, result="部分查实"),
            make_clue("3", checked_on=WITHIN, result="不属实"),
            make_clue("4", result="查实"),
        ],
        "2",
        "2",
    ),
    (
        "clues_unfounded",
        "clues",
        [
            make_clue("1", checked_on=WITHIN, result="查实"),
            make_clue("2", checked_on=BEFORE, result="正常（有合理解释）"),
            make_clue("3", checked_on=WITHIN, result="无法核实"),
        ],
        "1",
        "2",
    ),
    (
        "clues_in_progress",
        "clues",
        [
            make_clue("1"),
            make_clue("2", closed_on=LATER),
            make_clue("3", closed_on=WITHIN),
            make_clue("4", received_on=LATER),
        ],
        "2",
        "2",
    ),
    (
        "clues_overdue",
        "clues",
        [
            make_clue("1", due_on=date(2024, 6, 4)),
            make_clue("2", due_on=date(2024, 6, 5)),
            make_clue("3", due_on=WITHIN, checked_on=WITHIN),
            make_clue("4", due_on=None),
        ],
        "1",
        "1",
    ),
    (
        "clues_flying",
        "clues",
        [
            make_clue("1", due_on=WITHIN, risk="高"),
            make_clue("2", due_on=WITHIN, risk="中"),
            make_clue("3", due_on=date(2024, 6, 10), risk="高", state="NOT_STARTED"),
            make_clue("4", due_on=date(2024, 6, 10), risk="高", state="VERIFYING"),
            make_clue("5", due_on=date(2024, 8, 30), risk="高", state="NOT_STARTED"),
        ],
        "2",
        "2",
    ),
    ("clue_suspect_amt", "clues", on_three_days(make_clue, day="received_on"), "2000", "3000"),
    (
        "clue_confirmed_amt",
        "clues",
        on_three_days(make_clue, day="checked_on", confirmed_amt=Decimal("0.10")),
        "0.20",
        "0.30",
    ),
    (
        "screening_hits",
        "screenings",
        [
            make_screening(BEFORE),
            make_screening(WITHIN),
            make_screening(WITHIN, hits=3),
            make_screening(LATER),
        ],
        "7",
        "11",
    ),
    (
        "screening_clues",
        "clues",
        [*on_three_days(make_clue, day="received_on", source="LOCAL_MODEL"), make_clue("issued")],
        "2",
        "3",
    ),
    (
        "screening_checked",
        "clues",
        [
            *on_three_days(make_clue, day="checked_on", source="LOCAL_MODEL"),
            make_clue("issued", checked_on=WITHIN),
        ],
        "2",
        "3",
    ),
    (
        "screening_confirmed",
        "clues",
        [
            make_clue("1", source="LOCAL_MODEL", checked_on=WITHIN, result="查实"),
            make_clue("2", source="LOCAL_MODEL", checked_on=BEFORE, result="部分查实"),
            make_clue("3", source="LOCAL_MODEL", checked_on=WITHIN, result="不属实"),
            make_clue("4", source="NHSA", checked_on=WITHIN, result="查实"),
        ],
        "1",
        "2",
    ),
    (
        "screening_wrong",
        "clues",
        [
            make_clue("1", source="LOCAL_MODEL", checked_on=WITHIN, result="正常（有合理解释）"),
            make_clue("2", source="LOCAL_MODEL", checked_on=BEFORE, result="不属实"),
            make_clue("3", source="LOCAL_MODEL", checked_on=WITHIN, result="无法核实"),
            make_clue("4", source="TIP", checked_on=WITHIN, result="不属实"),
        ],
        "1",
        "2",
    ),
    (
        "screening_suspect_amt",
        "clues",
        [*on_three_days(make_clue, day="received_on", source="LOCAL_MODEL"), make_clue("issued")],
        "2000",
        "3000",
    ),
    (
        "screening_confirmed_amt",
        "clues",
        [
            *on_three_days(make_clue, day="checked_on", source="LOCAL_MODEL", confirmed_amt=Decimal(5)),
            make_clue("issued", checked_on=WITHIN, confirmed_amt=Decimal(7)),
        ],
        "10",
        "15",
    ),
    ("tips_received", "tips", on_three_days(make_tip, day="received_on"), "2", "3"),
    ("tips_accepted", "tips", [make_tip("1"), make_tip("2", accepted=False)], "1", "1"),
    (
        "tips_closed",
        "tips",
        [
            make_tip("1", state="CLOSED", result="属实", decided_on=WITHIN),
            make_tip("2", state="REPLIED", result="不属实", received_on=BEFORE),
            make_tip("3", state="REPLIED", accepted=False),
            make_tip("4", result="属实"),
        ],
        "1",
        "2",
    ),
    (
        "tips_confirmed",
        "tips",
        [make_tip("1", state="CLOSED", result="部分属实"), make_tip("2", state="CLOSED", result="不属实")],
        "1",
        "1",
    ),
    ("tips_replied", "tips", [make_tip("1", is_replied=True), make_tip("2")], "1", "1"),
    (
        "tip_reward_amt",
        "tips",
        on_three_days(make_tip, day="reward_on", reward_amt=Decimal("500.50")),
        "1001",
        "1501.50",
    ),
    ("referred_police", "referrals", on_three_days(make_referral, day="sent_on"), "2", "3"),
    (
        "referred_police",
        "referrals",
        [make_referral("1", direction="移入"), make_referral("2", "HEALTH")],
        "0",
        "0",
    ),
    (
        "referred_discipline",
        "referrals",
        [make_referral("1", "DISCIPLINE"), make_referral("2", "DISCIPLINE_GROUP")],
        "2",
        "2",
    ),
    ("referred_health", "referrals", [make_referral("1", "HEALTH"), make_referral("2")], "1", "1"),
    ("referred_market", "referrals", [make_referral("1", "MARKET"), make_referral("2")], "1", "1"),
    (
        "referred_back",
        "referrals",
        [
            make_referral("1", returned_on=WITHIN),
            make_referral("2"),
            make_referral("3", "HEALTH", returned_on=WITHIN),
            make_referral("4", "MEDICAL_INSURANCE", direction="移入", from_org="POLICE"),
        ],
        "2",
        "2",
    ),
]


@pytest.mark.parametrize(("key", "part", "rows", "this", "cumulative"), CASES)
def test_an_indicator_counts_what_its_definition_says(
    key: str, part: str, rows: list[Any], this: str, cumulative: str
) -> None:
    snapshot = make_snapshot(roster=ROSTER, **{part: rows})
    assert both(snapshot, key) == (Decimal(this), Decimal(cumulative))


@pytest.mark.parametrize(
    ("key", "expected"), [("medical_institutions", 2), ("retail_pharmacies", 1), ("units_to_inspect", 3)]
)
def test_the_roster_is_the_denominator_in_both_scopes(key: str, expected: int) -> None:
    assert both(make_snapshot(roster=ROSTER), key) == (expected, expected)


def test_rates_follow_from_their_two_parts_in_both_scopes() -> None:
    snapshot = make_snapshot(
        roster=ROSTER,
        inspections=[make_inspection("1", "H1", end_on=BEFORE), make_inspection("2", "H2")],
        clues=[make_clue("1", checked_on=WITHIN, result="查实"), make_clue("2", received_on=BEFORE)],
    )
    assert both(snapshot, "inspection_coverage") == (Decimal(100) / 3, Decimal(200) / 3)
    assert both(snapshot, "clue_check_rate") == (100, 50)
    assert both(snapshot, "clue_confirm_rate") == (100, 100)
    assert both(make_snapshot(), "inspection_coverage") == (0, 0)


def test_screening_is_divided_by_model_and_branch() -> None:
    own: dict[str, Any] = {"source": "LOCAL_MODEL", "checked_on": WITHIN}
    snapshot = make_snapshot(
        roster=ROSTER,
        clues=[
            make_clue("1", "H1", model="S05 分解住院", result="查实", **own),
            make_clue("2", "H2", model="S05 分解住院", result="不属实", **own),
            make_clue("3", "H1", model="S09 死亡后结算", **own),
            make_clue("4", "H1"),
        ],
        screenings=[make_screening(), make_screening(model="S09 死亡后结算", hits=1)],
    )
    branch = ROSTER[0].branch
    expected = {
        ("screening_hits", "model", "S05 分解住院"): 4,
        ("screening_hits", "model", "S09 死亡后结算"): 1,
        ("screening_clues", "model", "S05 分解住院"): 2,
        ("screening_confirm_rate", "model", "S05 分解住院"): 50,
        ("screening_wrong", "model", "S09 死亡后结算"): 0,
        ("screening_clues", "branch", branch): 2,
        ("screening_clues", "branch", "未注明"): 1,
    }
    assert {place: value(snapshot, *place) for place in expected} == expected
    assert [each.title for each in cross_checks(compute(snapshot)) if not each.holds] == []


def test_every_indicator_of_the_registers_has_an_example() -> None:
    by_example = {key for key, *_ in CASES}
    elsewhere = {
        "medical_institutions",
        "retail_pharmacies",
        "units_to_inspect",
        "inspection_units_involved",
        "inspection_occurrences",
        "found_units",
        "found_occurrences",
        "found_amt",
        "found_fund_amt",
    }
    own = {indicator.key for indicator in INDICATORS if not indicator.is_rate}
    assert own - {indicator.key for indicator in SELF_CHECK} == by_example | elsewhere


FOUND = make_snapshot(
    [make_unit("H1"), make_unit("J1", unit_kind=AGENCY, form="agency_self_check")],
    [
        make_item("H1", "OVERCHARGE"),
        make_item("J1", "AGENCY_AUDIT_GAPS", unit_kind=AGENCY),
        make_item("X1", "OVERCHARGE"),
    ],
    roster=ROSTER,
    inspections=[
        make_inspection("A", "H1", problem_count=2, violation_amt=Decimal("500.25")),
        make_inspection("B", "P1", end_on=BEFORE),
    ],
    problems=[make_problem("A"), make_problem("B", "SUBSTITUTION")],
    cases=[make_case("1", "", party="参保人员", conduct="CARD_LENDING")],
)


@pytest.mark.parametrize(
    ("key", "dimension", "member", "expected"),
    [
        ("found_units", "", "", "3"),
        ("found_units", "action_heading", "medical_institution:虚记或多记费用", "1"),
        ("found_units", "action_heading", "medical_institution:其他", "1"),
        ("found_units", "action_heading", "retail_pharmacy:串换药品", "1"),
        ("found_units", "object", "handling_agency", "1"),
        ("found_persons", "action_heading", "insured_person:冒名顶替", "1"),
        ("found_occurrences", "", "", "21"),
        ("found_amt", "", "", "2100.25"),
        ("found_amt", "object", "insured_person", "900"),
        ("found_amt", "violation_type", "UNITEMISED", "0.25"),
        ("found_fund_amt", "", "", "1560"),
        ("violation_amt", "governance_heading", "handling_agency:基金稽核不全面", "100"),
        ("inspection_problems", "violation_type", "UNITEMISED", "1"),
        ("inspection_problems", "violation_type", "OVERCHARGE", "1"),
        ("inspection_units_involved", "governance_heading", "medical_institution:超标准收费", "1"),
        ("inspection_occurrences", "", "", "14"),
    ],
)
def test_violations_are_counted_under_the_rows_of_the_official_tables(
    key: str, dimension: str, member: str, expected: str
) -> None:
    assert value(FOUND, key, dimension, member) == Decimal(expected)


@pytest.mark.parametrize(
    ("dimension", "member", "expected"),
    [
        ("ownership", "公立", 1),
        ("ownership", "民营", 1),
        ("level", "三级", 1),
        ("branch", "示例旗医保中心", 3),
        ("branch", "未注明", 1),
        ("region", "150622", 1),
        ("object", "retail_pharmacy", 1),
        ("unit_kind", "outside", 1),
        ("region", "outside", 1),
        ("source", "检查", 0),
    ],
)
def test_a_record_counts_under_its_unit_of_the_roster(dimension: str, member: str, expected: int) -> None:
    inspections = [make_inspection(code, code) for code in ("H1", "H2", "P1", "J1", "H9")]
    assert value(
        make_snapshot(roster=ROSTER, inspections=inspections), "inspection_count", dimension, member
    ) == (expected)


def test_a_refund_ordered_in_a_case_is_counted_once() -> None:
    line = make_rectification("1", "H1", case_no="A", payable=Decimal(600), paid=Decimal(200))
    snapshot = make_snapshot(
        roster=ROSTER, rectifications=[line], cases=[make_case("A"), make_case("B", "P1")]
    )
    assert value(snapshot, "refund_payable") == 1200
    assert value(snapshot, "refund_payable", "source", "案件") == 1200
    assert value(snapshot, "recouped_amt", "object", "medical_institution") == 200


def test_no_amount_counts_fines_with_refunds() -> None:
    """A case with nothing but money: each kind is in its own figures and in no other."""
    kinds = {"recoup_paid": Decimal("1"), "damages_amt": Decimal("10"), "fine_amt": Decimal("100")}
    case = make_case("1", violation_amt=ZERO, recoup_due=Decimal("1"), **kinds)
    amounts = {
        f.indicator: f.value
        for f in compute(make_snapshot(roster=ROSTER, cases=[case]))
        if f.dimension == "" and BY_KEY[f.indicator].unit == "元" and f.value and f.scope is Scope.CUMULATIVE
    }
    assert amounts == {
        "recouped_amt": 1,
        "refund_payable": 1,
        "refund_paid": 1,
        "damages_amt": 10,
        "fine_amt": 100,
    }


def test_a_snapshot_from_before_there_were_registers_has_zeros_and_no_contradiction() -> None:
    snapshot = make_snapshot([make_unit("H1")], [make_item("H1")])
    assert both(snapshot, "inspection_count") == (0, 0)
    assert not [check for check in cross_checks(compute(snapshot)) if not check.holds]


def note(key: str, number: str | None, scope: Scope = Scope.CUMULATIVE, **place: str) -> FigureNote:
    given = {"dimension": "", "member": ""} | place
    replaced = None if number is None else Decimal(number)
    return FigureNote(key, given["dimension"], given["member"], scope, replaced, "更正重复登记", "基金监管科")


def test_an_override_is_printed_and_what_the_ledgers_gave_is_kept() -> None:
    inspections = [make_inspection("1", "H1"), make_inspection("2", "P1")]
    snapshot = make_snapshot(roster=ROSTER, inspections=inspections, notes=[note("units_inspected", "1")])
    figure = next(
        f
        for f in compute(snapshot)
        if (f.indicator, f.dimension, f.scope) == ("units_inspected", "", Scope.CUMULATIVE)
    )
    assert (figure.value, figure.computed) == (1, 2)
    assert both(snapshot, "units_inspected") == (2, 1)
    assert value(snapshot, "inspection_coverage") == Decimal(100) / 3
    assert len([f for f in compute(snapshot) if f.computed is not None]) == 1


def test_an_override_of_a_member_that_nothing_was_counted_for_is_printed() -> None:
    snapshot = make_snapshot(notes=[note("clues_received", "3", dimension="clue_source", member="MEDIA")])
    assert value(snapshot, "clues_received", "clue_source", "MEDIA") == 3


def test_an_explanation_alone_changes_no_figure() -> None:
    clues = [make_clue("1")]
    noted = make_snapshot(clues=clues, notes=[note("clues_received", None)])
    assert compute(noted) == compute(make_snapshot(clues=clues))


def test_a_replaced_total_holds_against_its_members_with_its_note_only() -> None:
    snapshot = make_snapshot(clues=[make_clue("1"), make_clue("2")], notes=[note("clues_received", "1")])
    figures = compute(snapshot)
    sums = {check.key for check in cross_checks(figures) if not check.holds and "received__by" in check.key}
    assert "clues_received__by_clue_source" in sums
    held = cross_checks(figures, notes=snapshot.notes)
    assert not [check for check in held if not check.holds and "received__by" in check.key]
    assert any("已说明：更正重复登记" in check.title for check in held)


def previous_checks(now: Snapshot, before: Snapshot, *notes: FigureNote) -> list[str]:
    checks = cross_checks(compute(now), compute(before), notes)
    return [check.title for check in checks if not check.holds]


def test_a_cumulative_number_that_falls_needs_a_written_note() -> None:
    before = make_snapshot(clues=[make_clue("1", received_on=BEFORE), make_clue("2", received_on=BEFORE)])
    now = make_snapshot(clues=[make_clue("1", received_on=BEFORE)])
    fallen = previous_checks(now, before)
    assert "接收线索（合计）：累计≥上期累计（条）" in fallen
    assert "接收线索（合计）：本期＝累计－上期累计（条）" in fallen
    explained = previous_checks(now, before, note("clues_received", None))
    assert "接收线索（合计）：累计≥上期累计（条）" not in explained
    assert "接收线索（合计）：本期＝累计－上期累计（条）" not in explained


def test_a_member_that_falls_is_named_even_when_the_total_does_not() -> None:
    before = make_snapshot(clues=[make_clue("1", received_on=BEFORE, source="MEDIA")])
    now = make_snapshot(clues=[make_clue("1", received_on=BEFORE, source="NHSA")])
    assert "接收线索（线索来源“媒体舆情”）：累计≥上期累计（条）" in previous_checks(now, before)


def test_the_next_period_follows_from_the_one_before() -> None:
    first, second = make_inspection("1", "H1", end_on=BEFORE), make_inspection("2", "P1")
    before = make_snapshot(roster=ROSTER, inspections=[first])
    now = make_snapshot(roster=ROSTER, inspections=[first, second])
    assert previous_checks(now, before) == []
    late = make_inspection("3", "H2", end_on=BEFORE)
    entered_late = make_snapshot(roster=ROSTER, inspections=[first, second, late])
    assert "检查家次（合计）：本期＝累计－上期累计（家次）" in previous_checks(entered_late, before)
    with_note = previous_checks(entered_late, before, note("inspection_count", None, Scope.THIS))
    assert "检查家次（合计）：本期＝累计－上期累计（家次）" not in with_note


@pytest.mark.parametrize(
    ("records", "sentence"),
    [
        (
            {"rectifications": [make_rectification("1", "H1", paid=Decimal(401))]},
            "整改及退费：已退≤应退，合计行（元）",
        ),
        (
            {"inspections": [make_inspection("1", "H1", fund_amt=Decimal("500.01"))]},
            "检查：其中医保基金≤违规金额（元）",
        ),
        ({"cases": [make_case("1", filed_on=LATER)]}, "案件：作出决定≤立案（件）"),
        ({"clues": [make_clue("1", closed_on=WITHIN)]}, "线索核查表：已办结≤已核查，合计行（条）"),
        (
            {"tips": [make_tip("1", received_on=LATER, is_replied=True, replied_on=WITHIN)]},
            "举报：回复≤接收（件）",
        ),
    ],
)
def test_a_contradiction_in_the_registers_names_table_and_column(
    records: dict[str, Any], sentence: str
) -> None:
    failed = [c.title for c in cross_checks(compute(make_snapshot(roster=ROSTER, **records))) if not c.holds]
    assert sentence in failed


def test_every_indicator_says_what_a_period_means_for_it() -> None:
    for indicator in INDICATORS:
        assert indicator.period_sense
        assert indicator.source
        assert indicator.definition.endswith("。")
