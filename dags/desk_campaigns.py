"""
# 专项行动：通知调整、岗位变更

通知有调整、岗位换人时，在网页上登记；先列出影响哪些单位、由什么变为什么，确认后登记。

| | |
|---|---|
| 何时运行 | 只在有人触发时运行 |
| 先看后办 | 先**预演**，列出将有的变动，不登记；核对无误再“确认登记”。在 Airflow 触发页办理的，关闭“只预演，不登记”再运行一次即登记 |
| 通知调整 | 先由管理员把专项行动文件（campaign.yaml）改成新的内容，再在这里登记对已开列报送任务的影响；已发出的邮件不变 |
| 岗位变更 | 自所填日子起，发给该岗位的邮件改发新的公用邮箱；不写姓名 |
| 留痕 | 记下触发的 Airflow 用户、批准岗位、理由、原值和新值 |
| 失败怎么办 | 按日志最后一行的说明改正后重新触发；同样的内容再登记一次不会有变化 |
"""

from __future__ import annotations

from include.domain.desk import Outcome
from include.wiring.airflow_dag import dag
from include.wiring.desk import Slip, at_desk, desk_dag
from include.wiring.desk_fields import holder_params, post_param


@dag(**desk_dag("desk_campaign_amend", "专项行动：登记通知调整", __doc__, post_param("批准岗位")))
def amend_campaign() -> None:
    @at_desk("核对影响，确认后登记")
    def amend(slip: Slip) -> Outcome:
        """What was given out follows the notice as it now reads."""
        from include.steps import desk_campaign

        return desk_campaign.amend(slip)

    amend()


@dag(**desk_dag("desk_campaign_holder", "专项行动：变更岗位的接收邮箱", __doc__, holder_params()))
def change_holder() -> None:
    @at_desk("核对岗位和邮箱，确认后登记")
    def appoint(slip: Slip) -> Outcome:
        """From a day on; the one before until the day before."""
        from include.steps import desk_campaign

        return desk_campaign.appoint(slip)

    appoint()


amend_campaign()
change_holder()
