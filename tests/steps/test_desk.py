"""What staff enter by hand: each act on a real ledger and by the real rules, shown first, refused whole."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any

import pytest

from include.domain import rows
from include.domain.desk import KEPT_OUT, Act, Outcome
from include.domain.errors import GiveUp
from include.domain.record_changes import cell
from include.domain.registers import STATE, office_form, parts
from include.gateways.ledger import Ledger
from include.gateways.ledger.database import upgrade
from include.gateways.quality import Quality
from include.steps import desk as step
from include.steps import registers
from include.steps.slips import Slip
from tests.gateways import postgres
from tests.gateways.workbook_builders import examples, forms
from tests.steps.conftest import Desk

DAY = date(2024, 12, 31)
BY, ANOTHER = "admin", "director"
FILES = ("desk_tips", "desk_clues", "desk_inspections", "desk_rectifications", "desk_cases")
QUALITY = Quality()
_numbers = count(1)


def all_acts() -> dict[str, Act]:
    """Every act the DAG files register."""
    found: dict[str, Act] = {}
    for file in FILES:
        for value in vars(importlib.import_module(f"dags.{file}")).values():
            listed = value if isinstance(value, tuple) else (value,)
            found |= {each.key: each for each in listed if isinstance(each, Act)}
    return found


ACTS = all_acts()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    try:
        with postgres.running() as running:
            url = running.create(f"desk_{next(_numbers)}")
            upgrade(url)
            yield url
    except postgres.NoServer as missing:
        pytest.skip(str(missing))


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A desk that judges by the real rules."""
    desk.using = replace(desk.using, quality=QUALITY)
    return desk


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, office: Desk) -> Iterator[Desk]:
    """The same on both databases."""
    if request.param == "sqlite":
        yield office
        return
    ledger = Ledger(request.getfixturevalue("server"))
    office.using = replace(office.using, ledger=ledger)
    # One database for all cases: each has a campaign of its own.
    office.campaign = office.campaign.model_copy(update={"id": f"desk_{next(_numbers)}"})
    yield office
    ledger.close()


def given(office: Desk, register: str, **changes: Any) -> str:
    """A record in the ledger as an import would bring it: the form's example with changes; return its number."""
    form = office_form(forms()[register])
    sheet = form.record_sheets[0]
    line = {field: cell(value) for field, value in examples(register).sheets[sheet.key][0].values.items()}
    line |= changes
    if register == "tip":
        line["tip_no"] = None
    reading = rows.reading(form, {sheet.key: [line]})
    reviewed = registers.review_rows(
        office.campaign, register, "x", reading, b"x", on=DAY, using=office.using
    )
    assert not reviewed.errors, [each.message for each in reviewed.errors]
    registers.enter(office.campaign, reviewed, on=DAY, actor="命令行", using=office.using)
    return reviewed.changes[0].number


def slip(office: Desk, answers: Mapping[str, str], *, dry_run: bool = False, by: str = BY) -> Slip:
    return Slip(
        campaign=office.campaign,
        on=DAY,
        by=by,
        reason="会议纪要第3期",
        answers=answers,
        dry_run=dry_run,
        using=office.using,
    )


def act(office: Desk, key: str, *, dry_run: bool = False, by: str = BY, **answers: str) -> Outcome:
    return step.record(ACTS[key], slip(office, answers, dry_run=dry_run, by=by))


def record(office: Desk, register: str, number: str) -> Mapping[str, Any]:
    form = forms()[register]
    return office.using.ledger.registers.records(office.campaign.id, form)[register][number].values


CLUE = {
    "progress": "未启动",
    "verifiers": None,
    "method": None,
    "result": None,
    "explain": None,
    "confirmed_amt": None,
    "confirmed_fund": None,
    "disposition": None,
    "case_no": None,
    "referral_no": None,
    "rect_no": None,
    "report_file": None,
    "closed_on": None,
    "feedback_on": None,
}
TIP = {
    "reject_reason": None,
    "status": "已登记",
    "accepted": None,
    "clue_no": None,
    "unit": None,
    "assigned_on": None,
    "due_on": None,
    "result": None,
    "filed": None,
    "filed_on": None,
    "told_on": None,
    "told_way": None,
    "reply": None,
    "reward": None,
    "reward_amt": None,
    "paid_on": None,
}
RECTIFICATION = {
    "status": "整改中",
    "paid": "0",
    "pay_way": None,
    "paid_on": None,
    "voucher_no": None,
    "fund_account": None,
    "checker": None,
    "checked_on": None,
    "check_result": None,
    "closed_on": None,
    "case_no": None,
}
CASE = {
    "status": "调查终结",
    **dict.fromkeys(
        [
            "dispositions",
            "notice_on",
            "told_fine_amt",
            "hearing_told_on",
            "hearing_on",
            "legal_on",
            "meeting_on",
            "decision_no",
            "decided_on",
            "legal_basis",
            "fine_multiple",
            "recoup_on",
            "published_on",
            "publish_where",
            "closed_on",
            "archive_no",
            "served_on",
            "referral_no",
            "points",
            "suspend_scope",
        ]
    ),
    **dict.fromkeys(("fine_amt", "recoup_due", "recoup_paid", "fine_paid", "late_fee"), "0"),
}


def test_a_clue_is_assigned_worked_on_and_fed_back(either: Desk) -> None:
    number = given(either, "clue", **CLUE)
    told = act(either, "desk_clue_assign", number=number, unit="示例旗医保中心", verifiers="SL0001、SL0002")
    assert "核查进度 “未启动” → “核查中”" in told.changes
    act(either, "desk_clue_result", number=number, progress="待复核", method="病历")
    act(
        either,
        "desk_clue_result",
        number=number,
        progress="已办结",
        result="查实",
        confirmed_amt="12600",
        confirmed_fund="9800.00",
        disposition="责令限期整改；追回医保基金",
        report_file="报告1.pdf",
        closed_on="2024-06-21",
    )
    act(either, "desk_clue_feedback", number=number, feedback_on="2024-06-24")
    found = record(either, "clue", number)
    assert (found[STATE], str(found["confirmed_amt"]), found["feedback_on"]) == (
        "已反馈",
        "12600.00",
        date(2024, 6, 24),
    )


def test_a_tip_is_registered_accepted_linked_concluded_and_answered(either: Desk) -> None:
    told = act(
        either,
        "desk_tip_register",
        received_at="2024-06-05",
        channel="电话",
        receiver_post="基金稽核岗",
        real_name="是",
        subject_type="定点零售药店",
        subject_code="P15062600002",
        subject_name="示例旗第二药店",
        content="反映该店用医保卡结算日用品并开成药品",
    )
    assert told.what.endswith("第1号")
    clue = given(either, "clue", **CLUE)
    act(
        either,
        "desk_tip_accept",
        number="1",
        accepted="受理",
        unit="示例旗医保中心",
        assigned_on="2024-06-06",
        due_on="2024-06-27",
    )
    act(either, "desk_tip_link", number="1", clue_no=clue)
    act(
        either,
        "desk_tip_result",
        number="1",
        result="属实",
        filed="立案",
        filed_on="2024-06-20",
        reply="已告知",
    )
    act(
        either,
        "desk_tip_reply",
        number="1",
        told_on="2024-06-24",
        told_way="电话",
        reward="是",
        reward_amt="500",
        paid_on="2024-07-10",
    )
    found = record(either, "tip", "1")
    assert (found[STATE], found["clue_no"], str(found["reward_amt"])) == ("已回复", clue, "500.00")


def test_a_tip_that_is_not_accepted_says_why(office: Desk) -> None:
    number = given(office, "tip", **TIP)
    with pytest.raises(GiveUp, match="请写明理由"):
        act(office, "desk_tip_accept", number=number, accepted="不予受理")
    act(office, "desk_tip_accept", number=number, accepted="不予受理", reject_reason="不属于医保部门职责")
    assert record(office, "tip", number)[STATE] == "不予受理"


def test_a_tip_is_linked_to_a_clue_that_exists(office: Desk) -> None:
    number = given(
        office, "tip", **TIP | {"status": "已受理", "accepted": "受理", "unit": "甲", "due_on": DAY}
    )
    with pytest.raises(GiveUp, match="《疑点线索台账》中没有编号“XS-150626-20240605-0009”"):
        act(office, "desk_tip_link", number=number, clue_no="XS-150626-20240605-0009")


def test_a_refund_is_entered_and_another_person_accepts_the_rectification(either: Desk) -> None:
    number = given(either, "rectification", **RECTIFICATION)
    act(either, "desk_rectification_progress", number=number, status="待验收", result="系统已上线")
    told = act(
        either,
        "desk_rectification_refund",
        number=number,
        paid="9800",
        pay_way="银行转账",
        paid_on="2024-06-25",
        voucher_no="YH1",
        fund_account="医保基金财政专户",
    )
    assert "已退金额 “0.00” → “9800.00”" in told.changes
    answers = {
        "number": number,
        "check_result": "通过",
        "checker": "基金稽核岗",
        "checked_on": "2024-07-02",
        "closed_on": "2024-07-03",
    }
    with pytest.raises(GiveUp, match="由“admin”登记，验收不得由同一人办理"):
        act(either, "desk_rectification_accept", **answers)
    assert record(either, "rectification", number)[STATE] == "待验收"
    act(either, "desk_rectification_accept", by=ANOTHER, **answers)
    assert record(either, "rectification", number)[STATE] == "已销号"


def test_a_rectification_that_fails_goes_back(office: Desk) -> None:
    number = given(office, "rectification", **RECTIFICATION | {"status": "待验收"})
    act(
        office,
        "desk_rectification_accept",
        number=number,
        check_result="不通过",
        checker="基金稽核岗",
        checked_on="2024-07-02",
    )
    assert record(office, "rectification", number)[STATE] == "退回重改"


def test_an_inspection_s_result_is_entered(either: Desk) -> None:
    number = given(
        either, "inspection", status="检查中", end_on=None, conclusion=None, problem_count="0", violation_amt="0", fund_amt="0"
    )  # fmt: skip
    told = act(
        either,
        "desk_inspection_result",
        number=number,
        status="完成",
        end_on="2024-07-17",
        conclusion="一般违规",
        problem_count="1",
        violation_amt="12600",
        fund_amt="9800",
    )
    assert "检查状态 “检查中” → “完成”" in told.changes
    assert record(either, "inspection", number)["conclusion"] == "一般违规"


def test_a_case_goes_its_steps_in_order_to_its_end(either: Desk) -> None:
    number = given(either, "case", **CASE)
    with pytest.raises(GiveUp, match="办案阶段目前是“调查终结”，下一步只能是“告知"):
        act(either, "desk_case_decide", number=number, status="法制审核", legal_on="2024-08-01")
    act(
        either, "desk_case_notify", number=number, status="告知", notice_on="2024-07-22", told_fine_amt="9000"
    )
    act(either, "desk_case_decide", number=number, status="法制审核", legal_on="2024-08-01")
    act(
        either,
        "desk_case_decide",
        number=number,
        status="决定",
        decided_on="2024-08-05",
        dispositions="追回医保基金；行政处罚",
        decision_no="示医保罚〔2024〕1号",
        legal_basis="条例第三十八条第（四）项",
        fine_multiple="1.5",
        fine_amt="9000",
        recoup_due="6000",
    )
    act(either, "desk_case_execute", number=number, status="送达", served_on="2024-08-07")
    paid = {"recoup_paid": "6000", "recoup_on": "2024-08-12", "fine_paid": "9000"}
    act(either, "desk_case_execute", number=number, status="执行", **paid)
    act(
        either, "desk_case_execute", number=number, status="结案", closed_on="2024-08-30", archive_no="2024-1"
    )
    assert record(either, "case", number)[STATE] == "结案"


def test_a_case_is_investigated_and_halted_with_a_reason(office: Desk) -> None:
    number = given(office, "case", **CASE | {"status": "立案"})
    act(office, "desk_case_investigate", number=number, status="调查", violation_amt="9000")
    with pytest.raises(GiveUp, match="请填写备注"):
        act(office, "desk_case_halt", number=number, status="中止")
    act(office, "desk_case_halt", number=number, status="中止", memo="等待鉴定")
    assert record(office, "case", number)[STATE] == "中止"


def test_a_referral_takes_its_party_from_the_case(office: Desk) -> None:
    case = given(office, "case", **CASE)
    act(
        office,
        "desk_referral_register",
        referral_no="YS-150626-2024-0001",
        direction="移出",
        kind="行业监管",
        to_org="卫生健康部门",
        from_org="医保部门",
        case_no=case,
        suspected="涉嫌违规执业",
        amount="8000",
        sent_on="2024-07-11",
        materials="移送书",
    )
    act(
        office,
        "desk_referral_answer",
        number="YS-150626-2024-0001",
        receipt_on="2024-07-11",
        decision="立案",
        decided_on="2024-07-12",
    )
    found = record(office, "referral", "YS-150626-2024-0001")
    assert (found["party"], found["decision"]) == (record(office, "case", case)["party_name"], "立案")


BAN = {
    "subject_type": "定点零售药店",
    "subject_code": "P15062600003",
    "subject_name": "示例旗第三药店",
    "reason": "伪造处方空刷医保卡骗取医保基金",
    "basis_doc_no": "示医保罚〔2024〕2号",
    "listed_on": "2020-08-10",
    "pushed_credit": "否",
}


def test_an_institution_is_listed_and_removed_again(either: Desk) -> None:
    act(either, "desk_blacklist_list", **BAN)
    told = act(
        either,
        "desk_blacklist_remove",
        basis_doc_no="示医保罚〔2024〕2号",
        removed_on="2024-08-10",
        remove_reason="禁止申请期满且已完成整改",
    )
    assert "移出日期 （空白） → “2024-08-10”" in told.changes


def test_of_several_on_one_document_the_code_must_be_said(office: Desk) -> None:
    act(office, "desk_blacklist_list", **BAN)
    act(
        office,
        "desk_blacklist_list",
        **BAN | {"subject_code": "P15062600004", "subject_name": "示例旗第四药店"},
    )
    removal = {"basis_doc_no": BAN["basis_doc_no"], "removed_on": "2024-08-10", "remove_reason": "更正"}
    with pytest.raises(GiveUp, match="有2条，无法确定是哪一条"):
        act(office, "desk_blacklist_remove", **removal)
    act(office, "desk_blacklist_remove", **removal, subject_code="P15062600004")


# What must not happen


def test_a_dry_run_says_the_same_and_enters_nothing(office: Desk) -> None:
    number = given(office, "clue", **CLUE)
    before = record(office, "clue", number)
    answers = {"number": number, "unit": "示例旗医保中心二部", "verifiers": "SL0001、SL0002"}
    shown = act(office, "desk_clue_assign", dry_run=True, **answers)
    assert record(office, "clue", number) == before
    assert office.using.archive.files.keys() == {office.using.archive.put(b"x")}
    assert act(office, "desk_clue_assign", **answers) == shown


def test_the_same_slip_twice_changes_nothing(office: Desk) -> None:
    number = given(office, "clue", **CLUE)
    answers = {"number": number, "unit": "示例旗医保中心", "verifiers": "SL0001、SL0002"}
    act(office, "desk_clue_assign", **answers)
    again = act(office, "desk_clue_assign", **answers)
    assert (again.changes, again.notes) == ((), ("台账已是所填内容，没有变动",))


def test_a_new_record_is_not_added_twice_nor_overwritten(office: Desk) -> None:
    act(office, "desk_blacklist_list", **BAN)
    assert act(office, "desk_blacklist_list", **BAN).changes == ()
    with pytest.raises(GiveUp, match="已经登记过，不能重复登记"):
        act(office, "desk_blacklist_list", **BAN | {"reason": "另一个事由，写得很清楚"})


@pytest.mark.parametrize(
    ("key", "register", "state", "answers", "sentence"),
    [
        ("desk_clue_assign", "clue", CLUE, {"unit": "甲", "verifiers": "SL0001"}, "不足2个不同的人员"),
        (
            "desk_clue_result",
            "clue",
            CLUE | {"progress": "待复核", "verifiers": "A1、A2", "method": "病历"},
            {"progress": "已办结", "result": "不属实", "report_file": "a.pdf", "closed_on": "2024-06-21"},
            "请写明不属实、无法核实或合理解释的具体情况",
        ),
        (
            "desk_clue_feedback",
            "clue",
            CLUE | {"progress": "核查中", "verifiers": "A1、A2"},
            {"feedback_on": "2024-06-24"},
            "下一步只能是“待复核”|办结日期|核查结论",
        ),
        (
            "desk_rectification_refund",
            "rectification",
            RECTIFICATION,
            {"paid": "9900", "paid_on": "2024-06-25", "voucher_no": "1", "pay_way": "银行转账"},
            "已退金额（9900元）大于应退金额（9800.00元）",
        ),
        ("desk_inspection_result", "inspection", {}, {"status": "完成", "officers": "SL0001"}, "不足2个不同的证号"),
        (
            "desk_case_decide",
            "case",
            CASE | {"status": "法制审核", "notice_on": "2024-07-22", "told_fine_amt": "99000", "legal_on": "2024-08-01"},
            {
                "status": "决定",
                "decided_on": "2024-08-05",
                "dispositions": "行政处罚",
                "decision_no": "1",
                "legal_basis": "条例第三十八条第（四）项",
                "fine_amt": "30000",
            },
            "不在规定幅度内",
        ),
    ],
)  # fmt: skip
def test_a_refusal_names_the_rule_and_changes_nothing(
    office: Desk, key: str, register: str, state: dict[str, Any], answers: dict[str, str], sentence: str
) -> None:
    number = given(office, register, **state)
    before = record(office, register, number)
    with pytest.raises(GiveUp, match=f"(?s)^不能登记：.*(?:{sentence})"):
        act(office, key, number=number, **answers)
    assert record(office, register, number) == before


def test_an_unknown_number_offers_the_nearest(office: Desk) -> None:
    number = given(office, "clue", **CLUE)
    with pytest.raises(GiveUp, match=f"没有编号“{number[:-1]}9”，请核对编号；最接近的有：{number}"):
        act(office, "desk_clue_assign", number=f"{number[:-1]}9", unit="甲", verifiers="A1、A2")


@pytest.mark.parametrize("personal", ["电话13800138000", "证件15062619900101001X"])
def test_the_number_of_a_card_or_a_telephone_is_never_entered(office: Desk, personal: str) -> None:
    number = given(office, "tip", **TIP)
    with pytest.raises(GiveUp, match="备注中有身份证号或手机号码"):
        act(office, "desk_tip_accept", number=number, accepted="受理", memo=personal)


def test_the_audit_names_the_user_and_the_reason(office: Desk) -> None:
    from include.gateways.ledger.tables import audit

    number = given(office, "clue", **CLUE)
    act(office, "desk_clue_assign", number=number, unit="乙", verifiers="A1、A2")
    ledger = office.using.ledger
    assert ledger.registers.changed_by(office.campaign.id, forms()["clue"], number) == {BY}
    with ledger._database.reading() as connection:
        last = connection.execute(audit.select().order_by(audit.c.id.desc()).limit(1)).one()
    assert (last.actor, last.reason) == (BY, "会议纪要第3期")
    assert ledger.audit.verify() is None


# What the acts themselves must be


@pytest.mark.parametrize("key", ACTS)
def test_an_act_asks_only_for_what_its_register_has(key: str) -> None:
    each = ACTS[key]
    columns = {
        column.field: column for sheet in forms()[each.register].record_sheets for column in sheet.columns
    }
    asked = {*each.fields, *each.found_by}
    assert asked <= columns.keys()
    assert each.needed <= asked
    for field, labels in each.only.items():
        assert set(labels) <= set(forms()[each.register].options(columns[field]))
    assert set(each.brings) <= columns.keys()


@pytest.mark.parametrize("key", ACTS)
def test_no_act_asks_for_a_person_s_identity(key: str) -> None:
    each = ACTS[key]
    form = forms()[each.register]
    secret = {column.field for sheet in form.sheets if sheet.confidential for column in sheet.columns}
    secret -= {column.field for sheet in form.record_sheets for column in sheet.columns}
    secret |= KEPT_OUT.get(each.register, frozenset())
    assert not secret & {*each.fields, *each.found_by}


def test_personal_fields_are_kept_out_of_any_act() -> None:
    with pytest.raises(ValueError, match="personal data must not be on a page"):
        Act("desk_x", "x", "tip", fields=("tipster_phone",))


def test_every_confidential_column_is_kept_out() -> None:
    confidential = {
        column.field
        for form in forms().values()
        if form.office_register
        for part in parts(form)
        if part.is_confidential
        for column in (kept.column for kept in part.kept)
    }
    assert confidential - {"tip_no"} <= KEPT_OUT["tip"]
