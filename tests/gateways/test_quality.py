"""Great Expectations as judge: right returns pass, every kind of fault is found at its cell, in one batch.

A run of GX costs seconds, however many returns are in it; so all cases of a form are judged together once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from string import ascii_uppercase
from typing import Any

import pytest

from include.domain.form_rules import AllZeroIf
from include.domain.model import Severity
from include.domain.returns import CheckContext, Finding, Reading, Row
from include.gateways import quality
from include.gateways.quality import Quality, ValidationFailed
from include.gateways.quality_checks import checks_of, stacks_of
from tests.gateways.workbook_builders import (
    COVER,
    RETURNS,
    context,
    cover_cell,
    filled,
    forms,
    item,
    item_cell,
    read,
    roster,
    roster_row,
    unit,
)

Rows = Mapping[str, Any]
ZERO: Rows = {"cover": [{**COVER, "has_problem": "否"}], "items": []}
LINE = {"seq": 1, "setl_id": "S001", "fee_on": date(2022, 3, 15), "violation_amt": 12600}


def cover(**changes: Any) -> Rows:
    return {"cover": [{**COVER, **changes}]}


def items(*lines: dict[str, Any]) -> Rows:
    return {"items": list(lines)}


CASES: dict[str, tuple[Rows, list[tuple[str, str]]]] = {
    "right": ({}, []),
    "zero return": (ZERO, []),
    "third party": (cover(method="委托第三方", third_party="某某会计师事务所"), []),
    "two right rows": (items(item(), item(visits="120人次", violation_amt="1.5万元")), []),
    "nothing refunded yet": (
        items(item(rectify_status="整改中", rectified_on=None, refunded_amt=0, refunded_on=None, voucher_no=None)),
        [],
    ),
    "detail adds up": ({"lines": [LINE]}, []),
    "required": (items(item(measure=None)), [("measure.required", item_cell("measure"))]),
    "required on the cover": (cover(signer="  "), [("signer.required", cover_cell("signer"))]),
    "unreadable": (items(item(visits="三")), [("visits.readable", item_cell("visits"))]),
    "negative": (items(item(violation_amt=-1, fund_amt=-2, refunded_amt=None)), [("violation_amt.range", item_cell("violation_amt")), ("fund_amt.range", item_cell("fund_amt"))]),
    "too short": (items(item(description="乱收费")), [("description.length", item_cell("description"))]),
    "no such choice": (items(item(area="眼科美容")), [("area.choice", item_cell("area"))]),
    "phone": (cover(phone="12345"), [("phone.readable", cover_cell("phone"))]),
    "other unit": (cover(unit_name="别的医院"), [("cover_unit_name", cover_cell("unit_name"))]),
    "narrow window": (cover(window_start=date(2023, 1, 1)), [("cover_window_start", cover_cell("window_start"))]),
    "third party unnamed": (cover(method="委托第三方"), [("third_party_named", cover_cell("third_party"))]),
    "filled tomorrow": (cover(filled_on=date(2024, 5, 25)), [("filled_before_today", cover_cell("filled_on"))]),
    "filled too early": (cover(filled_on=date(2024, 4, 30)), [("filled_after_start", cover_cell("filled_on"))]),
    "problems unlisted": (items(), [("problems_listed", cover_cell("has_problem"))]),
    "zero return with rows": (
        cover(has_problem="否"),
        [
            ("no_problems_listed", cover_cell("has_problem")),
            *(
                (f"zero_amounts.{field}", item_cell(field))
                for field in ("violation_amt", "fund_amt", "refunded_amt")
            ),
        ],
    ),
    "gap in numbers": (items(item(), item(seq=5)), [("items_numbered", item_cell("seq", 1))]),
    "same number twice": (
        items(item(), item(), item(seq=2)),
        [("items_seq_once", item_cell("seq", 1)), ("items_numbered", item_cell("seq", 2)), ("items_seq_once", item_cell("seq", 2))],
    ),
    "dates reversed": (items(item(occur_end=date(2021, 12, 1))), [("occur_order", item_cell("occur_end"))]),
    "outside the window": (items(item(occur_start=date(2020, 1, 1))), [("occur_start_in_window", item_cell("occur_start"))]),
    "visits above occurrences": (items(item(visits=121)), [("visits_within_occurrences", item_cell("occurrences"))]),
    "amount without occurrences": (items(item(visits=0, occurrences=0)), [("occurrences_with_amount", item_cell("occurrences"))]),
    "fund above amount": (items(item(fund_amt=12600.51)), [("amount_covers_fund", item_cell("violation_amt"))]),
    "parts do not add up": (items(item(fund_emp=9000, fund_res=799.98)), [("fund_parts", item_cell("fund_amt"))]),
    "parts within a cent": (items(item(fund_emp=9000, fund_res=799.99)), []),
    "refund above fund": (items(item(refunded_amt=9800.01)), [("refund_within_fund", item_cell("fund_amt"))]),
    "rectified without date": (items(item(rectified_on=None)), [("rectified_dated", item_cell("rectified_on"))]),
    "refund without voucher": (items(item(voucher_no="无")), [("refund_vouched", item_cell("voucher_no"))]),
    "detail of no problem": ({"lines": [{**LINE, "seq": 9}]}, [("lines_known", "A4")]),
    "detail differs": ({"lines": [{**LINE, "violation_amt": 12000}]}, [("lines_add_up", item_cell("violation_amt"))]),
}  # fmt: skip


@pytest.fixture(scope="module")
def judged() -> dict[str, list[Finding]]:
    readings = {number: read(filled(rows=rows)) for number, (rows, _) in enumerate(CASES.values())}
    assert all(reading.is_readable for reading in readings.values())
    found = Quality().judge(forms()["self_check"], readings, dict.fromkeys(readings, context()))
    return {case: found[number] for number, case in enumerate(CASES)}


@pytest.mark.parametrize("case", CASES)
def test_exactly_what_is_wrong_is_found_where_it_is(case: str, judged: dict[str, list[Finding]]) -> None:
    assert sorted((finding.rule, finding.cell) for finding in judged[case]) == sorted(CASES[case][1])


def test_every_finding_says_sheet_cell_header_and_what_to_write(judged: dict[str, list[Finding]]) -> None:
    for finding in (finding for findings in judged.values() for finding in findings):
        assert finding.sheet in {"封面", "自查问题明细", "问题对应结算明细"}
        assert finding.cell
        assert finding.header
        assert "请" in finding.message or "不能" in finding.message or "应" in finding.message
        assert "{" not in finding.message


def test_sentences_give_the_numbers_that_disagree(judged: dict[str, list[Finding]]) -> None:
    (fund,) = judged["fund above amount"]
    assert "12600.5元" in fund.message
    assert "12600.51元" in fund.message
    (parts,) = judged["parts do not add up"]
    assert "9799.98元" in parts.message
    (window,) = judged["outside the window"]
    assert "2021年5月1日至2024年4月30日" in window.message
    assert "第6行" in judged["same number twice"][0].message


def test_a_gap_in_numbers_is_only_a_warning(judged: dict[str, list[Finding]]) -> None:
    assert [finding.severity for finding in judged["gap in numbers"]] == [Severity.WARNING]
    assert [finding.severity for finding in judged["detail differs"]] == [Severity.WARNING]
    assert [finding.severity for finding in judged["required"]] == [Severity.ERROR]


@pytest.mark.parametrize("form", [form for form in RETURNS if form != "self_check"])
def test_the_other_forms_filled_in_rightly_have_no_findings(form: str) -> None:
    reading = read(filled(form))
    assert reading.findings == ()
    assert Quality().judge(forms()[form], {7: reading}, {7: context()}) == {7: []}


def test_an_open_window_ends_on_the_day_of_judging() -> None:
    reading = read(
        filled(rows={**cover(window_end=date(2024, 5, 20)), **items(item(occur_end=date(2024, 5, 10)))})
    )
    open_ended = context(window_end=None)
    assert Quality().judge(forms()["self_check"], {1: reading}, {1: open_ended}) == {1: []}


def test_a_return_with_a_broken_structure_is_not_judged() -> None:
    broken = Reading(None, {"items": []}, (Finding("sheet.missing", "缺少工作表"),))
    assert Quality().judge(forms()["self_check"], {3: broken}, {3: context()}) == {3: []}


ROSTER: list[tuple[dict[str, Any], list[tuple[str, Severity]]]] = [
    (roster_row(), []),
    (roster_row(code="P15062600002", kind="药店", contact_email=None, contact_phone="13900000000"), []),
    (roster_row(code="J15062600003", kind="医保经办机构", uscc=None), []),
    (roster_row(code="H15062600004", kind="定点零售药店"), [("code_fits_kind", Severity.ERROR)]),
    (roster_row(code="H35050200005"), [("code_fits_region", Severity.WARNING)]),
    (roster_row(code="H99000000006", region_code="990000"), [("region_known", Severity.WARNING)]),
    (roster_row(code="H15062600007", contact_email=None), [("reachable", Severity.WARNING)]),
    (roster_row(code="H15062600008", contact_email="yibao@hospital。example"), [("contact_email.readable", Severity.WARNING)]),
    (roster_row(code="H15062600009", uscc="1299OOOO400000000P"), [("uscc.readable", Severity.ERROR)]),
    (roster_row(code="H15062600010", uscc=None), [("uscc_missing", Severity.WARNING)]),
    (roster_row(code="H1506260011"), [("code.readable", Severity.ERROR)]),
    (roster_row(code="H15062600012"), [("code_once", Severity.ERROR)]),
    (roster_row(code="H15062600012"), [("code_once", Severity.ERROR)]),
]  # fmt: skip


def test_a_roster_is_judged_row_by_row() -> None:
    posts = [
        {
            "post_key": "Office Director",
            "email": "a@b.example",
            "holds_from": date(2024, 5, 1),
            "holds_until": "2024-04-01",
        }
    ]
    reading = read(roster([row for row, _ in ROSTER], posts))
    (found,) = Quality().judge(forms()["roster"], {1: reading}, {1: context()}).values()
    units = [finding for finding in found if finding.sheet == "定点医药机构名册"]
    for number, (_, expected) in enumerate(ROSTER, start=2):
        here = [
            (each.rule, each.severity)
            for each in units
            if each.cell.endswith(str(number)) and each.cell.lstrip(ascii_uppercase) == str(number)
        ]
        assert here == expected, number
    assert sum(len(expected) for _, expected in ROSTER) == len(units)
    assert {each.rule for each in found if each.sheet == "岗位联系表"} == {"post_key.pattern", "tenure_order"}
    assert "12990000400000000P" in next(each.message for each in units if each.rule == "uscc.readable")


@pytest.mark.parametrize("form", forms())
def test_every_column_and_every_rule_is_in_the_suite(form: str) -> None:
    for sheet in forms()[form].filled_sheets:
        checks = checks_of(forms()[form], sheet)
        stacks = stacks_of(checks)
        assert Counter(check for stack in stacks for check in stack.checks) == Counter(checks)
        assert [stack.key for stack in stacks] == [
            (one.meta or {})["check"] for one in quality.suite_of(stacks, rows=1)[1:]
        ]
        assert {column.field for column in sheet.columns} == {check.field for check in checks}
        for rule in forms()[form].rules_of(sheet):
            expected = len(rule.zero) if isinstance(rule, AllZeroIf) else 1
            assert sum(check.rule is rule for check in checks) == expected


def test_a_check_that_cannot_be_carried_out_is_not_taken_for_a_verdict() -> None:
    import pandas as pd

    checks = [
        check
        for check in checks_of(forms()["self_check"], forms()["self_check"].sheet("items"))
        if check.key == "violation_amt.range"
    ]
    with pytest.raises(ValidationFailed, match=r"violation_amt\.range"):
        quality._validated(pd.DataFrame({"violation_amt": pd.Series(["12元", 5], dtype=object)}), checks)
    with pytest.raises(ValidationFailed, match=r"violation_amt\.range"):
        quality._validated(pd.DataFrame({"something_else": [1]}), checks)


def test_amounts_are_compared_to_the_cent_whatever_their_size() -> None:
    cells = {column.field: "A4" for column in forms()["self_check"].sheet("items").columns}
    huge = Decimal("99999999999999.98")
    values = {
        **item(violation_amt=huge, fund_amt=huge + Decimal("0.01"), refunded_amt=None),
        "seq": 1,
    }
    row = Row(4, values, {field: str(value) for field, value in values.items()}, cells)
    whose: CheckContext = context(unit())
    reading = Reading(None, {"cover": read(filled()).sheets["cover"], "items": [row]})
    (found,) = Quality().judge(forms()["self_check"], {1: reading}, {1: whose}).values()
    assert [finding.rule for finding in found] == ["amount_covers_fund"]
