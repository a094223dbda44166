"""
# 举报：登记、受理、转线索、办结、回复

在网页上一件一件地登记和办理举报，与工作簿导入走同样的校验：先列出每一栏的原值和新值，确认后登记。

| | |
|---|---|
| 何时运行 | 只在有人触发时运行 |
| 先看后办 | 先**预演**，列出将有的变动，不登记；核对无误再“确认登记”。在 Airflow 触发页办理的，关闭“只预演，不登记”再运行一次即登记 |
| 留痕 | 记下触发的 Airflow 用户、理由、原值和新值 |
| 举报人身份 | **不在网页上填写**：网页上填的内容会留在 Airflow 数据库中。举报人信息只填在台账工作簿的“举报人信息”表，用命令行 `registers import tip` 导入，加密保存 |
| 不符合规定 | 任务失败，日志最后一行写明是哪一条规定、应怎样填写，不登记任何内容 |
| 失败怎么办 | 按日志最后一行的说明改正后重新触发；同样的内容再登记一次不会有变化 |
"""

from __future__ import annotations

from include.domain.desk import Act
from include.wiring.desk import record_desk

ACTS = (
    Act(
        "desk_tip_register",
        "举报：新登记一件",
        "tip",
        adds=True,
        fields=(
            "received_at",
            "channel",
            "receiver_post",
            "real_name",
            "subject_type",
            "subject_code",
            "subject_name",
            "content",
            "facts",
            "files",
        ),
        state="已登记",
        about="登记编号由系统接着编，不会断号；登记后办理状态为“已登记”。",
    ),
    Act(
        "desk_tip_accept",
        "举报：受理或不予受理",
        "tip",
        fields=("accepted", "reject_reason", "unit", "assigned_on", "due_on", "memo"),
        needed=frozenset({"accepted"}),
        state_by=("accepted", {"受理": "已受理", "不予受理": "不予受理"}),
        about="不予受理的须写明理由；受理的须有承办单位和核查期限。办理状态随之改为“已受理”或“不予受理”。",
    ),
    Act(
        "desk_tip_link",
        "举报：转为线索",
        "tip",
        fields=("clue_no", "memo"),
        needed=frozenset({"clue_no"}),
        state="转线索",
        refers={"clue_no": "clue"},
        about="线索须已在疑点线索台账中登记。",
    ),
    Act(
        "desk_tip_result",
        "举报：核查结果、办结",
        "tip",
        fields=("result", "filed", "filed_on", "reply", "reward", "memo"),
        needed=frozenset({"result", "reply"}),
        state="办结",
        about="条条有回复：办结时须写明回复情况，匿名且无法回复的写“匿名无法回复”。",
    ),
    Act(
        "desk_tip_reply",
        "举报：回复和奖励",
        "tip",
        fields=("told_on", "told_way", "reply", "reward", "reward_amt", "paid_on", "memo"),
        state="已回复",
        about="实名举报的，自立案或不予立案决定之日起5个工作日内告知。办理状态改为“已回复”，此后不能再改。",
    ),
)

for act in ACTS:
    record_desk(act, __doc__)  # one dag for each act
