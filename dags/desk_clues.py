"""
# 疑点线索：交办、核查、反馈

在网页上一条一条地办理疑点线索，与工作簿导入走同样的校验：先列出每一栏的原值和新值，确认后登记。

| | |
|---|---|
| 何时运行 | 只在有人触发时运行 |
| 先看后办 | 先**预演**，列出将有的变动，不登记；核对无误再“确认登记”。在 Airflow 触发页办理的，关闭“只预演，不登记”再运行一次即登记 |
| 留痕 | 记下触发的 Airflow 用户、理由、原值和新值 |
| 不符合规定 | 任务失败，日志最后一行写明是哪一条规定、应怎样填写，不登记任何内容 |
| 不在网页上填 | 参保人员编号和姓名、证件号；新线索成批登记用台账工作簿 |
| 失败怎么办 | 按日志最后一行的说明改正后重新触发；同样的内容再登记一次不会有变化 |
"""

from __future__ import annotations

from include.domain.desk import Act
from include.wiring.desk import record_desk

ACTS = (
    Act(
        "desk_clue_assign",
        "线索：交办",
        "clue",
        fields=("unit", "verifiers", "due_on"),
        needed=frozenset({"unit", "verifiers"}),
        state="核查中",
        about="写明承办单位和不少于两名核查人员（执法证号或工号，用“、”隔开），核查进度改为“核查中”。",
    ),
    Act(
        "desk_clue_result",
        "线索：核查进度和结论",
        "clue",
        fields=(
            "progress",
            "method",
            "result",
            "explain",
            "confirmed_amt",
            "confirmed_fund",
            "disposition",
            "case_no",
            "referral_no",
            "rect_no",
            "report_file",
            "closed_on",
            "memo",
        ),
        only={"progress": ("核查中", "待复核", "已办结")},
        refers={"case_no": "case", "referral_no": "referral", "rect_no": "rectification"},
        about="核查进度一次走一步：核查中、待复核、已办结。不属实或有合理解释的须写明情况。",
    ),
    Act(
        "desk_clue_feedback",
        "线索：反馈上级",
        "clue",
        fields=("feedback_on", "memo"),
        needed=frozenset({"feedback_on"}),
        state="已反馈",
        about="上级下发的线索办结后逐条反馈，核查进度改为“已反馈”，此后不能再改。",
    ),
)

for act in ACTS:
    record_desk(act, __doc__)  # one dag for each act
