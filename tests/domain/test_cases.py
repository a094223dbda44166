"""Cases: the order of steps, fines inside their article, what a penalty requires, referral and points."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.domain import cases
from include.domain.cases import ENDED, STEPS, Points
from include.domain.model import Severity
from include.domain.registers import MACHINES, given_in
from include.gateways.penalty_file import load_law
from tests.gateways.workbook_builders import examples, forms

LAW = load_law()
PERSON = {
    "party_type": "参保人员",
    "legal_basis": "条例第四十一条第二款",
    "nature": "欺诈骗保",
    "fraud_amt": Decimal(2000),
}


def record(key: str, **changes: Any) -> dict[str, Any]:
    (found,) = given_in(forms()[key], examples(key))[key]
    return {**found.values, **changes}


def rules(**changes: Any) -> list[tuple[str, str, Severity]]:
    return [(each.rule, each.name, each.severity) for each in cases.faults(record("case", **changes), LAW)]


def error(rule: str, name: str) -> list[tuple[str, str, Severity]]:
    return [(rule, name, Severity.ERROR)]


def warning(rule: str, name: str) -> list[tuple[str, str, Severity]]:
    return [(rule, name, Severity.WARNING)]


LARGE = {
    "loss_amt": Decimal(100000),
    "violation_amt": Decimal(100000),
    "fine_amt": Decimal(100000),
    "told_fine_amt": Decimal(100000),
}
ENOUGH = {"hearing_told_on": date(2024, 7, 22), "meeting_on": date(2024, 8, 3)}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"legal_on": None}, error("legal_review_first", "decided_on")),
        ({"legal_on": None, "fine_amt": Decimal(0)}, []),
        (
            {"legal_on": None, "fine_amt": Decimal(3000), "loss_amt": Decimal(3000)},
            [],
        ),  # simple procedure
        (LARGE | ENOUGH, []),
        (LARGE | ENOUGH | {"hearing_told_on": None}, error("hearing_offered", "hearing_told_on")),
        (LARGE | ENOUGH | {"meeting_on": None}, error("discussion_held", "meeting_on")),
        (LARGE | ENOUGH | {"decided_on": None, "hearing_told_on": None, "served_on": None}, []),
        ({"dispositions": "暂停相关责任部门服务"}, error("hearing_offered", "hearing_told_on")),
        ({"hearing_on": date(2024, 7, 26)}, warning("hearing_notice", "hearing_on")),
        ({"hearing_on": date(2024, 7, 29)}, []),
        ({"served_on": date(2024, 8, 4)}, error("case_order", "served_on")),
        ({"legal_on": date(2024, 6, 19), "notice_on": None}, error("case_order", "legal_on")),
        ({"fine_amt": Decimal("5999.99")}, error("fine_range", "fine_amt")),
        ({"fine_amt": Decimal(6000)}, []),
        ({"fine_amt": Decimal(12000)}, []),
        ({"fine_amt": Decimal("12000.01")}, error("fine_range", "fine_amt")),
        ({"fine_amt": Decimal("12000.01"), "memo": "依法减轻处罚"}, error("fine_range", "fine_amt")),
        (
            {"fine_amt": Decimal(5000), "memo": "主动退回，依法减轻处罚"},
            warning("fine_range", "fine_amt"),
        ),
        ({"legal_basis": "条例第三十六条"}, error("article_party", "legal_basis") + error("fine_range", "fine_amt")),
        ({"legal_basis": "行政处罚法第三十二条"}, error("article_unknown", "legal_basis")),
        ({"occur_start": date(2021, 1, 1), "occur_end": date(2021, 4, 30)}, error("article_in_force", "legal_basis")),
        ({"occur_start": date(2021, 1, 1), "occur_end": date(2021, 5, 1)}, []),  # goes on under the new law
        ({"occur_start": None, "occur_end": None}, error("conduct_dated", "occur_end")),
        ({"nature": "欺诈骗保"}, warning("article_nature", "legal_basis")),
        (PERSON | {"fine_amt": Decimal(4999), "told_fine_amt": Decimal(4999)}, []),
        (PERSON | {"fine_amt": Decimal(5000), "told_fine_amt": Decimal(5000)}, error("hearing_offered", "hearing_told_on")),
        ({"due_on": date(2024, 10, 19)}, error("second_extension", "due_on")),
        ({"due_on": date(2024, 10, 18)}, []),
        ({"due_on": date(2024, 10, 19), "meeting_on": date(2024, 8, 3)}, []),
        ({"due_on": date(2024, 8, 4)}, warning("decided_late", "decided_on")),
        ({"dispositions": "解除协议"}, error("termination_dated", "terminated_on")),
        ({"terminated_on": date(2024, 8, 5), "ban_until": None}, error("ban_computed", "ban_until")),
        ({"points": "血液净化室主管医师，记13分"}, error("points_range", "points")),
        ({"points": "血液净化室主管医师，记0分"}, error("points_range", "points")),
        ({"points": "已记分"}, error("points_written", "points")),
        ({"points": "主管医师，记12分；护士长，记1分"}, []),
    ],
)  # fmt: skip
def test_exactly_what_is_against_the_law_is_found(
    changes: dict[str, Any], found: list[tuple[str, str, Severity]]
) -> None:
    assert rules(**changes) == found


def test_a_fine_outside_says_the_article_and_the_allowed_amounts() -> None:
    (fault,) = cases.faults(record("case", fine_amt=Decimal(20000)), LAW)
    assert "条例第三十八条为造成基金损失金额（6000.00元）的1至2倍，即6000.00元至12000.00元" in fault.sentence


def test_money_owed_to_the_fund_is_no_part_of_a_fine() -> None:
    """A refund, however large, moves neither the range nor the threshold of a fine."""
    assert rules(recoup_due=Decimal(900000), liquidated_damages=Decimal(900000)) == []


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 12), max_size=40))
def test_no_case_is_ever_without_a_next_step_or_a_result(choices: list[int]) -> None:
    moves, state = MACHINES["case"].moves, "立案"
    for choice in choices:
        if not moves[state]:
            break
        state = moves[state][choice % len(moves[state])]
    ended = state in ENDED
    assert bool(cases.next_step(record("case", state=state), LAW.procedure)) is not ended
    assert ended or any(MACHINES["case"].leads(state, end) for end in ENDED)


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_days_out_of_order_never_pass_and_days_in_order_always_do(data: st.DataObject) -> None:
    """The example's steps under arbitrary days: found exactly when some day lies before one of an earlier step."""
    names = [name for name, _ in STEPS.values() if name != "hearing_on"]
    days = [date(2024, 6, 20), *(date(2024, 7, data.draw(st.integers(1, 28))) for _ in names[1:])]
    found = rules(due_on=date(2024, 9, 18), **dict(zip(names, days, strict=True)))
    assert any(rule == "case_order" for rule, _, _ in found) is (days != sorted(days))


@settings(deadline=None, max_examples=50)
@given(st.decimals("0.01", "999999.99", places=2), st.decimals("0.01", "9999999.99", places=2))
def test_a_fine_passes_exactly_inside_once_to_twice_the_loss(loss: Decimal, fine: Decimal) -> None:
    found = rules(loss_amt=loss, fine_amt=fine, told_fine_amt=fine, **ENOUGH)
    assert (("fine_range", "fine_amt", Severity.ERROR) in found) is not (loss <= fine <= 2 * loss)


@pytest.mark.parametrize(
    ("changes", "following", "lacking"),
    [
        ({"state": "立案", "decided_on": None}, "调查", []),
        ({"state": "告知", "notice_on": None}, "法制审核", ["事先告知日期"]),
        ({"state": "告知", **LARGE}, "法制审核", ["听证告知日期"]),
        ({"state": "告知", **LARGE, **ENOUGH}, "听证", []),
        ({"state": "法制审核", **LARGE, **ENOUGH}, "集体讨论", []),
        ({"state": "法制审核", "legal_on": None}, "决定", ["法制审核日期"]),
        ({"state": "执行", "recoup_paid": Decimal(1000)}, "结案", ["医保基金未退清（5000.00元）"]),
        ({"state": "执行", "fine_paid": Decimal(0)}, "结案", ["罚款未缴清（9000.00元）"]),
        ({"state": "中止", "decided_on": None, "served_on": None, "closed_on": None}, "恢复办理或终止", []),
        ({"state": "结案"}, "", []),
        ({"state": "终止"}, "", []),
    ],
)
def test_an_open_case_knows_its_next_step_and_what_it_lacks(
    changes: dict[str, Any], following: str, lacking: list[str]
) -> None:
    values = record("case", **changes)
    assert cases.next_step(values, LAW.procedure) == following
    assert cases.missing(values, LAW.procedure) == lacking


def test_a_case_is_due_by_its_limit_then_by_its_payment() -> None:
    assert cases.due_on(record("case", decided_on=None), LAW.procedure) == date(2024, 9, 18)
    assert cases.due_on(record("case", served_on=date(2024, 8, 7)), LAW.procedure) == date(2024, 8, 22)
    assert cases.due_on(record("case", served_on=None), LAW.procedure) is None


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"materials": None}, [("referral_materials", "materials")]),
        ({"materials": "移送书"}, [("referral_materials", "materials")]),
        ({"kind": "行政", "materials": "移送书"}, []),
        ({"kind": "行政", "materials": None}, [("referral_materials", "materials")]),
        ({"approved_on": None}, [("referral_approved", "approved_on")]),
        ({"from_org": "公安机关"}, [("referral_direction", "from_org")]),
        ({"to_org": "医保部门"}, [("referral_direction", "to_org")]),
        ({"direction": "移入", "from_org": "公安机关", "to_org": "医保部门"}, []),
        ({"direction": "移入"}, [("referral_direction", "to_org")]),
        ({"decision": "不予立案", "review": None}, [("referral_next", "decision")]),
        ({"decision": "不予立案", "review": "已提请立案监督"}, []),
    ],
)  # fmt: skip
def test_a_referral_has_its_materials_its_approval_and_its_direction(
    changes: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    faults = cases.referral_faults(record("referral", **changes))
    assert [(each.rule, each.name) for each in faults] == found


@pytest.mark.parametrize(
    ("changes", "following"),
    [
        ({"decision": None, "receipt_on": None, "outcome": None}, "取得回执并填写回执日期"),
        ({"decision": None, "outcome": None}, "等待接收单位决定"),
        ({"decision": "不予立案", "outcome": None}, "提请复议或立案监督，或转为行政处理"),
        ({"decision": "退回", "outcome": None}, "作行政处理，处理完毕填写反馈结果"),
        ({"decision": "退回", "outcome": "已作行政处罚"}, ""),
        (
            {"direction": "移入", "case_no": None, "outcome": None},
            "核查并决定是否立案，填写案件编号或反馈结果",
        ),
        ({"direction": "移入", "case_no": "AJ-1"}, ""),
    ],
)
def test_what_police_hand_back_has_a_next_step(changes: dict[str, Any], following: str) -> None:
    assert cases.referral_next(record("referral", **changes)) == following


def test_points_belong_to_one_post_of_one_institution_in_one_year() -> None:
    assert cases.points_in("血液净化室主管医师，记3分；护士长，记1分") == (
        Points("血液净化室主管医师", 3),
        Points("护士长", 1),
    )
    two = [
        record("case", points="主管医师，记5分"),
        record("case", points="主管医师，记4分"),
        record("case", points="主管医师，记4分", decided_on=date(2025, 1, 2)),
        record("case", points="主管医师，记4分", unit_code="H15062600099"),
    ]
    found = cases.points_by_person(two)
    assert sorted(found.values()) == [(4, 4), (4, 4), (5, 9)]


@pytest.mark.parametrize(
    ("most", "year", "word"),
    [(3, 8, "年度末清零"), (5, 9, "暂停"), (6, 12, "终止"), (12, 12, "3年内不得恢复")],
)
def test_points_lead_to_suspension_and_then_to_the_end(most: int, year: int, word: str) -> None:
    assert word in cases.points_mean(most, year)
