"""
# 电话催办：登记一次通话

邮件通知不到、逾期未报、约定了回电的单位，打完电话在网页上登记一次；成批的填“电话催办表”一次登记。

| | |
|---|---|
| 何时运行 | 只在有人触发时运行 |
| 先看后办 | 先**预演**，列出将登记的内容，不登记；核对无误再“确认登记”。在 Airflow 触发页办理的，关闭“只预演，不登记”再运行一次即登记 |
| 登记以后 | 列入该单位的“经过”；承诺报送、约定回电到期的列入“今日”；号码有误的，到号码更正前一直列明 |
| 不影响 | 报送状态和催报档次：只有校验通过才停止催报 |
| 留痕 | 记下拨打岗位、触发的 Airflow 用户、时间和结果；只写岗位，不写姓名、手机号 |
| 登记有误 | 写明不同的通话时间另登记一次，以最后一次为准；登记过的不删除 |
| 失败怎么办 | 按日志最后一行的说明改正后重新触发；同样的内容再登记一次不会有变化 |
"""

from __future__ import annotations

from include.domain.desk import Outcome
from include.wiring.airflow_dag import dag
from include.wiring.desk import Slip, at_desk, desk_dag
from include.wiring.desk_fields import call_params


@dag(**desk_dag("desk_contact_call", "电话催办：登记一次通话", __doc__, call_params()))
def record_call() -> None:
    @at_desk("核对通话，确认后登记")
    def call(slip: Slip) -> Outcome:
        """One call, as kept on the unit's page."""
        from include.steps import desk_contact

        return desk_contact.call(slip)

    call()


record_call()
