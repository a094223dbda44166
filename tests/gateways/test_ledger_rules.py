"""The rules of the office's ledgers and of the periodic returns: every case differs from a right row in one point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from include.domain.forms import Form
from include.domain.returns import Finding, Reading
from include.gateways.quality import Quality
from tests.gateways.workbook_builders import context, examples, forms

ON = date(2024, 12, 31)
Changes = Mapping[str, Any]

CASES: dict[str, list[tuple[Changes, list[str]]]] = {
    "rectification": [
        ({}, []),
        ({"rectify_due": date(2024, 6, 9)}, ["due_after_issue"]),
        ({"paid": Decimal("9800.01")}, ["paid_within_payable", "closed_paid"]),
        ({"paid": Decimal(9000)}, ["closed_paid"]),
        ({"paid": Decimal(9000), "status": "整改中", "closed_on": None}, []),
        ({"paid": Decimal(0), "payable": Decimal(0), "paid_on": None, "voucher_no": None}, []),
        ({"voucher_no": None}, ["paid_vouched"]),
        ({"fund_account": "国库"}, ["fund_account.choice"]),
        ({"status": "逾期", "unpaid_reason": None}, ["overdue_explained"]),
        ({"check_result": "不通过"}, ["closed_passed"]),
        ({"closed_on": date(2024, 7, 1)}, ["closed_after_check"]),
        ({"closed_on": None}, ["closed_dated"]),
    ],
    "inspection": [
        ({}, []),
        ({"end_on": None}, ["done_dated"]),
        ({"end_on": None, "status": "检查中"}, []),
        ({"officers": "SL0001、SL0001"}, ["two_officers"]),
        ({"areas": "骨科；眼科"}, ["areas_listed"]),
        ({"areas": "血透;心内、康复（理疗）"}, ["areas_listed"]),
        ({"areas": "血透; 心内、康复"}, []),
        ({"proposed": "责令（限期）整改；行政处罚(罚款)；"}, []),
        ({"conclusion": "未发现问题"}, ["nothing_found.problem_count", "nothing_found.violation_amt", "nothing_found.fund_amt"]),
        ({"problem_count": 0}, ["something_found"]),
        ({"window_start": date(2020, 1, 1)}, ["window_start_inside"]),
        ({"violation_amt": Decimal("12598.99")}, ["problems_add_up"]),
        ({"insp_no": "JC-2"}, ["problems_known"]),
    ],
    "clue": [
        ({}, []),
        ({"clue_no": "2024-1"}, ["clue_no.pattern"]),
        ({"psn_no": "150626199001010012"}, ["psn_no.pattern"]),
        ({"subject_type": "参保人员", "psn_no": None}, ["person_numbered"]),
        ({"due_on": date(2024, 8, 3)}, ["due_in_time"]),
        ({"verifiers": "稽核岗01"}, ["two_verifiers"]),
        ({"result": None}, ["closed_concluded"]),
        ({"report_file": None}, ["closed_reported"]),
        ({"result": "不属实"}, ["nothing_confirmed.confirmed_amt", "nothing_confirmed.confirmed_fund"]),
        ({"result": "不属实", "confirmed_amt": None, "confirmed_fund": None, "explain": None}, ["unfounded_explained"]),
        ({"confirmed_amt": Decimal(15001)}, ["confirmed_within_suspect"]),
        ({"feedback_on": None}, ["fed_back_dated"]),
        ({"progress": "核查中", "result": None, "report_file": None, "closed_on": None, "feedback_on": None}, []),
    ],
    "tip": [
        ({}, []),
        ({"tip_no": 2}, ["tips_numbered"]),
        ({"channel": "来访"}, ["visitors_received_by_two"]),
        ({"accepted": "不予受理", "reject_reason": None}, ["reject_explained"]),
        ({"reply": None}, ["closed_replied"]),
        ({"told_on": date(2024, 6, 28)}, ["told_in_time"]),
        ({"reward_amt": Decimal("199.99")}, ["reward_in_range"]),
        ({"reward_amt": Decimal("200000.01")}, ["reward_in_range"]),
        ({"result": "不属实", "reward": False}, ["reward_only_if_true", "reward_declared.reward_amt", "reward_declared.paid_on"]),
    ],
    "case": [
        ({}, []),
        ({"fine_amt": Decimal("12000.01"), "told_fine_amt": Decimal(13000)}, ["fine_of_loss", "closed_fined"]),
        ({"fine_amt": Decimal(9000), "told_fine_amt": Decimal(8999)}, ["fine_as_told"]),
        ({"nature": "欺诈骗保", "fraud_amt": Decimal(8000), "referral_no": None}, ["fraud_considered", "fine_of_fraud"]),
        ({"nature": "涉嫌犯罪", "fraud_amt": Decimal(8000), "referral_no": None}, ["crime_referred", "fraud_considered"]),
        ({"fraud_amt": Decimal(8001), "referral_no": None}, ["amount_covers_fraud", "fraud_not_loss", "fraud_considered"]),
        ({"due_on": date(2024, 11, 18)}, ["due_in_time"]),
        ({"occur_start": None, "occur_end": date(2022, 6, 19)}, ["within_two_years"]),
        ({"occur_start": None, "occur_end": date(2019, 6, 19)}, ["within_two_years", "within_five_years"]),
        ({"legal_on": date(2024, 7, 21)}, ["legal_after_notice"]),
        ({"meeting_on": date(2024, 8, 6)}, ["decided_after_meeting"]),
        ({"dispositions": "罚款；警告"}, ["dispositions_listed"]),
        ({"fine_multiple": "六倍"}, ["fine_multiple.pattern"]),
        ({"late_fee": Decimal(9001)}, ["late_fee_capped"]),
        ({"recoup_paid": Decimal(5000)}, ["closed_recouped"]),
        ({"suspend_start": date(2024, 8, 10), "suspend_scope": "医保结算"}, ["suspension_ends"]),
        ({"suspend_start": date(2024, 8, 10), "suspend_end": date(2024, 12, 10), "suspend_scope": "结算"}, ["suspension_length"]),
        ({"terminated_on": date(2024, 8, 10), "ban_until": date(2026, 8, 10)}, ["ban_three_years"]),
        ({"party_cert": "150626199001010012"}, ["party_cert.pattern"]),
        ({"closed_on": None}, ["closed_dated"]),
        ({"served_on": None}, ["served_dated"]),
        ({"hearing_told_on": date(2024, 6, 19)}, ["hearing_told_after_filing"]),
        ({"hearing_told_on": date(2024, 7, 31), "hearing_on": date(2024, 7, 30)}, ["hearing_after_telling"]),
        ({"recoup_due": Decimal("8000.01"), "recoup_paid": Decimal("8000.01")}, ["refund_without_fine"]),
        ({"status": "终止", "memo": None}, ["ended_explained"]),
    ],
    "referral": [
        ({}, []),
        ({"approved_on": date(2024, 7, 12), "sent_on": date(2024, 7, 12), "receipt_on": date(2024, 7, 12)}, ["approved_in_time"]),
        ({"sent_on": date(2024, 7, 12)}, ["sent_in_time", "receipt_after_sending"]),
        ({"materials": None}, ["crime_listed"]),
        ({"decision": "退回"}, ["return_dated"]),
        ({"decided_on": date(2024, 7, 15)}, ["decision_in_time"]),
        ({"returned_on": date(2024, 7, 20), "decision": None}, ["returned_by_decision"]),
    ],
    "blacklist": [
        ({}, []),
        ({"ban_until": date(2027, 8, 8)}, ["ban_three_years"]),
        ({"subject_type": "参保人员", "subject_cert": None}, ["person_identified"]),
        ({"pushed_credit_on": None}, ["push_dated"]),
        ({"removed_on": date(2024, 9, 1), "remove_reason": None}, ["removal_explained", "removal_after_ban"]),
        ({"approvers": None}, ["push_approved", "publication_approved"]),
        ({"approvers": None, "pushed_credit": False, "published_where": None}, []),
        ({"approvers": "分管局长、分管局长"}, ["two_approvers"]),
    ],
    "branch_progress": [
        ({}, []),
        ({"period_end": date(2025, 1, 1)}, ["period_past", "filled_after_period"]),
        ({"units_inspected": 121}, ["inspected_within_all", "visits_cover_units"]),
        ({"units_penalised": 15}, ["handled_covers_penalised"]),
        ({"units_to_inspect": 119}, ["roster_adds_up"]),
        ({"clues_confirmed": 33}, ["clues_confirmed_within"]),
        ({"tips_replied": 4}, ["tips_answered"]),
        ({"in_progress": 7}, ["batch_adds_up"]),
        ({"confirmed": 17}, ["results_add_up"]),
        ({"overdue": 9}, ["overdue_within"]),
    ],
    "department_contribution": [
        ({}, []),
        ({"clues_to_insurance": 5}, ["handed_within_found"]),
        ({"recovered_amt": Decimal(52001)}, ["recovered_within_amount"]),
        ({"narrative": "积极配合。"}, ["narrative.length"]),
    ],
}  # fmt: skip
NAMED = [
    pytest.param(form, order, id=f"{form}-{'+'.join(changes) or 'right'}-{order}")
    for form, cases in CASES.items()
    for order, (changes, _) in enumerate(cases)
]


def changed(reading: Reading, changes: Changes) -> Reading:
    """The reading with other values, in whatever sheet has the field first."""
    sheets = {key: list(rows) for key, rows in reading.sheets.items()}
    for field, value in changes.items():
        rows = next(rows for rows in sheets.values() if field in rows[0].values)
        shown = "" if value is None else str(value)
        rows[0] = replace(rows[0], values={**rows[0].values, field: value}, raw={**rows[0].raw, field: shown})
    return Reading(reading.identity, sheets)


@pytest.fixture(scope="module")
def judged() -> dict[str, dict[int, list[Finding]]]:
    found = {}
    for form, cases in CASES.items():
        readings = {order: changed(examples(form), changes) for order, (changes, _) in enumerate(cases)}
        found[form] = Quality().judge(forms()[form], readings, dict.fromkeys(readings, context(on=ON)))
    return found


@pytest.mark.parametrize(("form", "order"), NAMED)
def test_exactly_the_broken_rules_are_found(
    form: str, order: int, judged: dict[str, dict[int, list[Finding]]]
) -> None:
    assert sorted(each.rule for each in judged[form][order]) == sorted(CASES[form][order][1])


def test_every_sentence_is_complete_and_says_what_to_do(judged: dict[str, dict[int, list[Finding]]]) -> None:
    for finding in (each for found in judged.values() for several in found.values() for each in several):
        assert "{" not in finding.message
        assert any(word in finding.message for word in ("请", "应", "不要"))
        assert finding.cell


def in_force(form: Form, key: str, **days: date) -> Form:
    rules = tuple(rule.model_copy(update=days) if rule.key == key else rule for rule in form.rules)
    return form.model_copy(update={"rules": rules})


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("ban_after_termination", {"ban_start": date(2024, 8, 9)}),
        ("push_dated", {"pushed_credit_on": None}),
    ],
)
def test_a_rule_is_applied_from_its_first_day_to_its_last(key: str, changes: Changes) -> None:
    days = [date(2024, 9, 14), date(2024, 9, 15), date(2024, 9, 30), date(2024, 10, 1)]
    form = in_force(forms()["blacklist"], key, since=days[1], until=days[2])
    readings = dict.fromkeys(range(len(days)), changed(examples("blacklist"), changes))
    found = Quality().judge(form, readings, {order: context(on=on) for order, on in enumerate(days)})
    assert [key in [each.rule for each in found[order]] for order in found] == [False, True, True, False]
