"""
# 整改和退回医保基金：进展、退回、验收

在网页上一条一条地办理整改，与工作簿导入走同样的校验：先列出每一栏的原值和新值，确认后登记。

| | |
|---|---|
| 何时运行 | 只在有人触发时运行 |
| 先看后办 | 先**预演**，列出将有的变动，不登记；核对无误再“确认登记”。在 Airflow 触发页办理的，关闭“只预演，不登记”再运行一次即登记 |
| 留痕 | 记下触发的 Airflow 用户、理由、原值和新值 |
| 验收另有其人 | 登记过这一条整改、退回情况的 Airflow 用户不能再登记验收 |
| 不符合规定 | 任务失败，日志最后一行写明是哪一条规定、应怎样填写，不登记任何内容 |
| 失败怎么办 | 按日志最后一行的说明改正后重新触发；同样的内容再登记一次不会有变化 |
"""

from __future__ import annotations

from include.domain.desk import Act
from include.wiring.desk import record_desk

ACTS = (
    Act(
        "desk_rectification_progress",
        "整改：进展",
        "rectification",
        fields=("status", "measure", "result", "unpaid_reason", "memo"),
        only={"status": ("整改中", "待验收", "逾期")},
        about="整改状态一次走一步；“逾期”的须写明未退原因。验收和销号在“整改：验收”中登记。",
    ),
    Act(
        "desk_rectification_refund",
        "整改：收到退回的医保基金",
        "rectification",
        fields=("paid", "pay_way", "paid_on", "voucher_no", "fund_account", "insurance", "memo"),
        needed=frozenset({"paid", "paid_on", "voucher_no"}),
        about="“已退金额”填这一条到目前为止累计退回多少元，不是本次退回多少元；罚款、违约金不在这里登记。",
    ),
    Act(
        "desk_rectification_accept",
        "整改：验收",
        "rectification",
        fields=("check_result", "checker", "checked_on", "closed_on", "memo"),
        needed=frozenset({"check_result", "checker", "checked_on"}),
        state_by=("check_result", {"通过": "已销号", "不通过": "退回重改"}),
        by_another=True,
        about="通过的须填销号日期，应退金额全部退回后方可销号；不通过的退回重改。",
    ),
)

for act in ACTS:
    record_desk(act, __doc__)  # one dag for each act
