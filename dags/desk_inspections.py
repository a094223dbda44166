"""
# 现场检查：登记检查情况

在网页上一家次一家次地登记检查结果，与工作簿导入走同样的校验：先列出每一栏的原值和新值，确认后登记。

| | |
|---|---|
| 何时运行 | 只在有人触发时运行 |
| 写哪个编号 | 检查台账中已有的编号，或本专项行动检查计划中的编号：机构、检查组、执法人员由计划带出 |
| 先看后办 | 先**预演**，列出将有的变动，不登记；核对无误再“确认登记”。在 Airflow 触发页办理的，关闭“只预演，不登记”再运行一次即登记 |
| 留痕 | 记下触发的 Airflow 用户、理由、原值和新值 |
| 不符合规定 | 任务失败，日志最后一行写明是哪一条规定、应怎样填写，不登记任何内容 |
| 不在网页上填 | 检查发现问题明细（一家多行）和计划外的检查，用台账工作簿登记 |
| 失败怎么办 | 按日志最后一行的说明改正后重新触发；同样的内容再登记一次不会有变化 |
"""

from __future__ import annotations

from include.domain.desk import Act
from include.wiring.desk import record_desk

RESULT = Act(
    "desk_inspection_result",
    "检查：登记检查情况",
    "inspection",
    fields=(
        "status",
        "insp_mode",
        "start_on",
        "end_on",
        "notice_no",
        "officers",
        "third_party",
        "areas",
        "sampled_records",
        "problem_count",
        "violation_amt",
        "fund_amt",
        "self_check_ok",
        "relapse",
        "online_purchase_ok",
        "nonlocal_issue",
        "conclusion",
        "proposed",
        "party_opinion",
        "evidence_files",
        "memo",
    ),
    needed=frozenset({"status"}),
    about="检查状态为“完成”且填了检查结束日期的，才计入检查覆盖率。执法人员不少于2人，只写执法证号。",
)

record_desk(RESULT, __doc__)  # one dag
