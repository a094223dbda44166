"""
# 案件、移送、黑名单

在网页上一件一件地办理，与工作簿导入走同样的校验：先列出每一栏的原值和新值，确认后登记。

| | |
|---|---|
| 何时运行 | 只在有人触发时运行 |
| 办案顺序 | 办案阶段一次走一步：立案、调查、告知、（听证）、法制审核、（集体讨论）、决定、送达、执行、结案 |
| 先看后办 | 先**预演**，列出将有的变动，不登记；核对无误再“确认登记”。在 Airflow 触发页办理的，关闭“只预演，不登记”再运行一次即登记 |
| 留痕 | 记下触发的 Airflow 用户、理由、原值和新值 |
| 不符合规定 | 任务失败，日志最后一行写明是哪一条规定、应怎样填写，不登记任何内容 |
| 不在网页上填 | 当事人的姓名和证件号：立案、个人列入黑名单用台账工作簿登记 |
| 失败怎么办 | 按日志最后一行的说明改正后重新触发；同样的内容再登记一次不会有变化 |
"""

from __future__ import annotations

from include.domain.desk import Act
from include.wiring.desk import record_desk

CASES = (
    Act(
        "desk_case_investigate",
        "案件：调查",
        "case",
        fields=(
            "status",
            "facts",
            "occur_start",
            "occur_end",
            "violation_amt",
            "loss_amt",
            "fraud_amt",
            "nature",
            "memo",
        ),
        only={"status": ("调查", "调查终结")},
    ),
    Act(
        "desk_case_notify",
        "案件：告知、听证",
        "case",
        fields=("status", "notice_on", "told_fine_amt", "hearing_told_on", "hearing_on", "memo"),
        only={"status": ("告知", "听证")},
    ),
    Act(
        "desk_case_decide",
        "案件：法制审核、集体讨论、决定",
        "case",
        fields=(
            "status",
            "legal_on",
            "meeting_on",
            "decided_on",
            "nature",
            "dispositions",
            "decision_no",
            "legal_basis",
            "fine_multiple",
            "fine_amt",
            "recoup_due",
            "liquidated_damages",
            "agreement_doc_no",
            "suspend_scope",
            "suspend_start",
            "suspend_end",
            "terminated_on",
            "ban_until",
            "points",
            "memo",
        ),
        only={"status": ("法制审核", "集体讨论", "决定")},
        about="罚款按违法行为发生时的条款核对幅度；退回的医保基金、违约金、罚款分开填写，不得相加。",
    ),
    Act(
        "desk_case_execute",
        "案件：送达、执行、结案",
        "case",
        fields=(
            "status",
            "served_on",
            "recoup_paid",
            "recoup_on",
            "fine_paid",
            "late_fee",
            "published_on",
            "publish_where",
            "closed_on",
            "archive_no",
            "memo",
        ),
        only={"status": ("送达", "执行", "结案")},
        about="责令退回金额退清、罚款缴清后方可结案。",
    ),
    Act(
        "desk_case_halt",
        "案件：中止、终止",
        "case",
        fields=("status", "memo"),
        needed=frozenset({"status", "memo"}),
        only={"status": ("中止", "终止")},
        about="须在备注中写明理由；中止后恢复办理，在其他事项中选回原来的阶段。",
    ),
)
REFERRALS = (
    Act(
        "desk_referral_register",
        "移送：新登记一件",
        "referral",
        adds=True,
        fields=(
            "referral_no",
            "direction",
            "kind",
            "to_org",
            "from_org",
            "case_no",
            "suspected",
            "amount",
            "proposed_on",
            "approver_post",
            "approved_on",
            "sent_on",
            "referral_doc_no",
            "materials",
            "memo",
        ),
        needed=frozenset({"case_no"}),
        refers={"case_no": "case"},
        brings={"party": "party_name"},
        about="当事人由系统按案件编号从案件台账带出；没有案件编号的移入用台账工作簿登记。",
    ),
    Act(
        "desk_referral_answer",
        "移送：回执和接收单位决定",
        "referral",
        fields=("receipt_on", "decision", "decided_on", "review", "outcome", "returned_on", "memo"),
    ),
)
BLACKLIST = (
    Act(
        "desk_blacklist_list",
        "黑名单：列入机构",
        "blacklist",
        adds=True,
        fields=(
            "subject_type",
            "subject_code",
            "uscc",
            "subject_name",
            "reason",
            "basis_doc_no",
            "listed_on",
            "terminated_on",
            "ban_start",
            "ban_until",
            "pushed_credit",
            "pushed_credit_on",
            "published_where",
            "approvers",
            "memo",
        ),
        needed=frozenset({"subject_code"}),
        only={"subject_type": ("定点医疗机构", "定点零售药店")},
        about="只列入机构；个人须填证件号，用台账工作簿登记。公示、推送须经两个不同岗位审批。",
    ),
    Act(
        "desk_blacklist_remove",
        "黑名单：移出",
        "blacklist",
        found_by=("basis_doc_no", "subject_code"),
        fields=("removed_on", "remove_reason", "approvers", "memo"),
        needed=frozenset({"basis_doc_no", "removed_on", "remove_reason"}),
        about="按依据文书号找到要移出的一条；同一文书列入几家机构的，再写机构编码。移出后原记录保留。",
    ),
)

for act in (*CASES, *REFERRALS, *BLACKLIST):
    record_desk(act, __doc__)  # one dag for each act
