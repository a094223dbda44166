"""One life of each register, through the real imports and the real DAG: entered, chased, closed, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from demo.runs import Runs
from include.domain.campaign import Campaign
from include.domain.registers import STATE, office_form, parts
from include.domain.returns import Value
from include.steps import registers, roster
from include.steps.ports import Gateways

DAG = "follow_registers"
ENTERED_ON, CHASED_ON, CLOSED_ON = date(2024, 6, 14), date(2024, 6, 21), date(2024, 8, 30)
ACTOR = "演示"

Line = Mapping[str, Value]
HOSPITAL, PHARMACY = "H15062690001", "P15062690001"
CREDIT_CODE = "12990000400000000P"
"""Of no real party: region 990000 does not exist."""

CLUE, TIP, INSPECTION, CASE, REFUND, BAN = (
    "XS-150626-20240603-0001",
    "1",
    "JC-150626-20240611-0001",
    "AJ-150626-2024-0001",
    "ZG-150626-20240531-0001",
    "示医保罚〔2024〕9号（模拟）",
)
FINE, TOO_MUCH = Decimal(9000), Decimal(20000)

OFFICERS: Sequence[Line] = [
    {
        "cert_no": number,
        "unit": "乌审旗医保局（模拟）",
        "valid_from": date(2021, 1, 1),
        "valid_until": date(2026, 12, 31),
    }
    for number in ("MN0001", "MN0002")
]
THE_CLUE: Line = {
    "clue_no": CLUE,
    "upper_clue_no": "MN2024-000123",
    "source": "市局下发",
    "issued_by": "某某市医疗保障局（模拟）",
    "issued_on": date(2024, 6, 1),
    "batch_no": "2024年第1批",
    "subject_type": "医疗机构",
    "fixmedins_code": HOSPITAL,
    "model_code": "重复收费",
    "content": "同一患者同日多次收取同一项目费用（模拟）",
    "suspect_amt": Decimal(15000),
    "occurrences": 120,
    "risk_level": "高",
    "received_on": date(2024, 6, 3),
    "unit": "乌审旗医保中心（模拟）",
    "verifiers": "稽核岗01、稽核岗02",
    "due_on": date(2024, 6, 26),
    "progress": "核查中",
}
CLUE_ENDS: Line = {
    "method": "病历",
    "progress": "已反馈",
    "result": "部分查实",
    "explain": "其中20例为两次治疗分别收费（模拟）",
    "confirmed_amt": Decimal(12600),
    "confirmed_fund": Decimal(9800),
    "disposition": "责令限期整改；追回医保基金",
    "report_file": "核查报告0001.pdf",
    "closed_on": date(2024, 6, 25),
    "feedback_on": date(2024, 6, 26),
}
THE_TIP: Line = {
    "tip_no": 1,
    "received_at": date(2024, 6, 3),
    "channel": "电话",
    "receiver_post": "基金稽核岗",
    "real_name": True,
    "subject_type": "定点零售药店",
    "subject_code": PHARMACY,
    "subject_name": "被举报药店（模拟）",
    "content": "反映该店用医保卡结算日用品并开成药品（模拟）",
    "status": "已受理",
    "accepted": "受理",
    "unit": "乌审旗医保中心（模拟）",
    "assigned_on": date(2024, 6, 4),
    "due_on": date(2024, 6, 25),
}
TIP_ENDS: Line = {
    "status": "已回复",
    "result": "属实",
    "filed": "立案",
    "filed_on": date(2024, 6, 24),
    "told_on": date(2024, 6, 26),
    "told_way": "电话",
    "reply": "已告知核查和立案情况",
    "reward": True,
    "reward_base": Decimal(6000),
    "reward_amt": Decimal(500),
    "reward_told_on": date(2024, 8, 9),
    "paid_on": date(2024, 8, 16),
}
THE_INSPECTION: Line = {
    "insp_no": INSPECTION,
    "fixmedins_code": PHARMACY,
    "fixmedins_name": "被检查药店（模拟）",
    "insp_type": "举报核查",
    "insp_mode": "现场加数据",
    "status": "完成",
    "start_on": date(2024, 6, 11),
    "end_on": date(2024, 6, 13),
    "window_start": date(2022, 1, 1),
    "window_end": date(2023, 12, 31),
    "unit": "乌审旗医保局（模拟）",
    "officers": "MN0001、MN0002",
    "sampled_records": 60,
    "problem_count": 1,
    "violation_amt": Decimal(8000),
    "fund_amt": Decimal(6000),
    "self_check_ok": "部分",
    "relapse": False,
    "conclusion": "一般违规",
    "proposed": "追回医保基金；行政处罚",
}
THE_CASE: Line = {
    "case_no": CASE,
    "case_name": "某药店涉嫌串换药品案（模拟）",
    "source": "检查",
    "party_type": "定点零售药店",
    "party_name": "被检查药店（模拟）",
    "party_code": PHARMACY,
    "violation_types": "串换药品、医用耗材、诊疗项目和服务设施",
    "status": "立案",
    "filed_on": ENTERED_ON,
    "officers": "MN0001、MN0002",
    "due_on": date(2024, 9, 12),
    "occur_start": date(2024, 1, 1),
    "occur_end": date(2024, 5, 31),
    "violation_amt": Decimal(8000),
    "loss_amt": Decimal(6000),
    "fraud_amt": Decimal(0),
    "fine_amt": Decimal(0),
    "recoup_due": Decimal(0),
    "recoup_paid": Decimal(0),
    "liquidated_damages": Decimal(0),
    "fine_paid": Decimal(0),
    "late_fee": Decimal(0),
}
CASE_ENDS: Line = {
    "case_name": "某药店串换药品案（模拟）",
    "status": "结案",
    "facts": "将日用品串换为医保药品结算（模拟）",
    "nature": "一般违规（造成损失）",
    "dispositions": "追回医保基金；行政处罚",
    "notice_on": date(2024, 7, 22),
    "told_fine_amt": FINE,
    "legal_on": date(2024, 8, 1),
    "decision_no": "示医保罚〔2024〕1号（模拟）",
    "decided_on": date(2024, 8, 5),
    "legal_basis": "条例第三十八条第（四）项",
    "fine_multiple": "1.5",
    "fine_amt": FINE,
    "fine_paid": FINE,
    "recoup_due": Decimal(6000),
    "recoup_paid": Decimal(6000),
    "recoup_on": date(2024, 8, 12),
    "served_on": date(2024, 8, 7),
    "closed_on": CLOSED_ON,
}
THE_REFUND: Line = {
    "rect_no": REFUND,
    "source": "自查",
    "fixmedins_code": HOSPITAL,
    "fixmedins_name": "被要求整改机构（模拟）",
    "problem_ref": "自查问题第1项：重复收费",
    "requirement": "停止重复收费，退回医保基金",
    "issued_on": date(2024, 5, 31),
    "rectify_due": date(2024, 6, 20),
    "measure": "收费系统增加互斥提示",
    "status": "整改中",
    "payable": Decimal(9800),
    "paid": Decimal(0),
    "insurance": "职工医保",
}
REFUND_ENDS: Line = {
    "result": "系统已上线，费用已退回",
    "status": "已销号",
    "paid": Decimal(9800),
    "pay_way": "银行转账",
    "paid_on": date(2024, 6, 25),
    "voucher_no": "MN20240625001",
    "fund_account": "医保基金财政专户",
    "checker": "基金稽核岗",
    "checked_on": date(2024, 6, 27),
    "check_result": "通过",
    "closed_on": date(2024, 6, 28),
}
THE_BAN: Line = {
    "subject_type": "定点零售药店",
    "subject_code": "P15062699998",
    "uscc": CREDIT_CODE,
    "subject_name": "已解除协议的药店（模拟）",
    "reason": "伪造处方空刷医保卡骗取医保基金（模拟）",
    "basis_doc_no": BAN,
    "listed_on": date(2024, 8, 10),
    "terminated_on": date(2024, 8, 10),
    "ban_start": date(2024, 8, 10),
    "ban_until": date(2027, 8, 9),
    "pushed_credit": False,
}
APPLICANT: Line = {
    "code": "P15062699999",
    "name": "改名重新申请的药店（模拟）",
    "kind": "定点零售药店",
    "uscc": CREDIT_CODE,
    "region_code": "150626",
    "ownership": "民营",
    "contact_phone": "0477-0019999",
}

REGISTERED: Sequence[tuple[str, Sequence[Line]]] = (
    ("officer", OFFICERS),
    ("clue", [THE_CLUE]),
    ("tip", [THE_TIP]),
    ("inspection", [THE_INSPECTION]),
    ("case", [THE_CASE]),
    ("rectification", [THE_REFUND]),
)
ENDED: Sequence[tuple[str, Sequence[Line]]] = (
    ("clue", [{**THE_CLUE, **CLUE_ENDS}]),
    ("tip", [{**THE_TIP, **TIP_ENDS}]),
    ("case", [{**THE_CASE, **CASE_ENDS}]),
    ("rectification", [{**THE_REFUND, **REFUND_ENDS}]),
    ("blacklist", [THE_BAN]),
)
CHASED = ("clue", "tip", "rectification")
ENDS = {
    "clue": (CLUE, STATE, "已反馈"),
    "tip": (TIP, STATE, "已回复"),
    "inspection": (INSPECTION, "status", "完成"),
    "case": (CASE, STATE, "结案"),
    "rectification": (REFUND, STATE, "已销号"),
}


class RegisterRefused(Exception):
    """A workbook of the demo was not taken; the message has every sentence."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How the life of a record stands: its number, its state, and what is not as it should be, if anything is."""

    title: str
    number: str
    state: str
    problem: str


class Lives:
    """``say`` shows a line to whoever watches."""

    def __init__(
        self, campaign: Campaign, runs: Runs, using: Gateways, *, say: Callable[[str], None]
    ) -> None:
        self._campaign = campaign
        self._runs = runs
        self._using = using
        self._say = say

    def is_over(self) -> bool:
        return not any(each.problem for each in endings(self._campaign, self._using))

    def enter(self) -> None:
        """Everything is registered, and is on nobody's desk yet."""
        for key, lines in REGISTERED:
            self._enter(key, lines, ENTERED_ON)
        self._say(
            "已登记：市局下发线索、实名举报、举报核查检查、由检查立案的案件、自查退费，各1件；执法证号2个"
        )

    def chase(self) -> None:
        """The scheduler's run of that day tells each post what is due."""
        self._runs.wait_for_dag(DAG)
        self._runs.run(DAG, CHASED_ON)
        told = self._using.ledger.time_limits.rungs(self._campaign.id, mode=self._using.mail_server.mode)
        said = "、".join(f"{self._using.forms[each.register].title}{each.number}" for each in told)
        self._say(f"按岗位、台账各发一封催办：{said}")

    def end(self) -> None:
        """A fine outside its article is refused; within it, everything comes to its end."""
        wrong = {
            **THE_CASE,
            **CASE_ENDS,
            "fine_amt": TOO_MUCH,
            "told_fine_amt": TOO_MUCH,
            "fine_paid": TOO_MUCH,
        }
        for sentence in self._refused("case", [wrong]):
            self._say(f"未登记：{sentence}")
        for key, lines in ENDED:
            self._enter(key, lines, CLOSED_ON)
        self._say(
            "逐件办结：线索已反馈，举报已回复并奖励，案件罚款在幅度内并结案，退费已退清销号，黑名单已列入"
        )
        for sentence in banned(self._campaign, self._using):
            self._say(f"名册导入被拒：{sentence}")

    def _enter(self, key: str, lines: Sequence[Line], on: date) -> None:
        reviewed = self._reviewed(key, lines, on)
        if reviewed.errors:
            raise RegisterRefused("\n".join(f"{key} {each.place} {each.message}" for each in reviewed.errors))
        registers.enter(self._campaign, reviewed, on=on, actor=ACTOR, using=self._using)

    def _refused(self, key: str, lines: Sequence[Line]) -> list[str]:
        return [each.message for each in self._reviewed(key, lines, CLOSED_ON).errors]

    def _reviewed(self, key: str, lines: Sequence[Line], on: date) -> registers.Reviewed:
        form = office_form(self._using.forms[key])
        content = self._using.workbooks.register(form, {form.sheets[0].key: lines})
        return registers.review(self._campaign, key, f"{form.title}.xlsx", content, on=on, using=self._using)


def banned(campaign: Campaign, using: Gateways) -> list[str]:
    """What a roster with the banned party under a new name is refused with."""
    form = using.forms[roster.FORM]
    content = using.workbooks.register(form, {roster.UNITS: [APPLICANT]})
    reviewed = roster.review(campaign, content, on=CLOSED_ON, using=using)
    return [each.message for each in reviewed.errors if each.rule == "roster.banned"]


def endings(campaign: Campaign, using: Gateways) -> list[Ending]:
    """The state of every life as the ledger has it now."""
    mode = using.mail_server.mode
    chased = {(each.register, each.number) for each in using.ledger.time_limits.rungs(campaign.id, mode=mode)}
    found = []
    for key, (number, field, wanted) in ENDS.items():
        form = using.forms[key]
        record = using.ledger.registers.records(campaign.id, form)[parts(form)[0].table].get(number)
        state = str(record.values.get(field)) if record else "未登记"
        problem = "" if state == wanted else f"应为“{wanted}”，现为“{state}”"
        if not problem and key in CHASED and (key, number) not in chased:
            problem = "没有催办过"
        if key == "case" and record and not problem and record.values.get("fine_amt") != FINE:
            problem = f"罚款应为{FINE}元"
        found.append(Ending(form.title, number, state, problem))
    is_refused = bool(banned(campaign, using))
    state = "名册导入被拒" if is_refused else "名册可以导入"
    found.append(Ending(using.forms["blacklist"].title, BAN, state, "" if is_refused else "应被拒"))
    return found
