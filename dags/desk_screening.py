"""
# 筛查参数：调整

经批准后在网页上调整一条筛查规则的一个参数。先列出由哪个值变为哪个值，确认后登记；超出可调范围的拒绝。

| | |
|---|---|
| 何时运行 | 只在有人触发时运行 |
| 先看后办 | 默认**只预演**：变动列在任务日志和返回值（XCom）中；无误后关闭“只预演，不登记”再运行 |
| 何时生效 | 办理当天起的筛查按新参数执行；以前登记的线索不变，每次筛查都记下当时的规则版本和参数 |
| 留痕 | 记下触发的 Airflow 用户、批准岗位和理由 |
| 恢复默认 | 把新值填成默认值再登记一次 |
| 失败怎么办 | 按日志最后一行的说明改正后重新触发；已登记的不要再登记一次 |
"""

from __future__ import annotations

from include.domain.desk import Outcome
from include.wiring.airflow_dag import dag
from include.wiring.desk import Slip, at_desk, desk_dag
from include.wiring.desk_fields import post_param, threshold_params


@dag(
    **desk_dag(
        "desk_screening_threshold", "筛查：调整规则参数", __doc__, threshold_params() | post_param("批准岗位")
    )
)
def change_threshold() -> None:
    @at_desk("核对参数，确认后登记")
    def change(slip: Slip) -> Outcome:
        """One parameter of one rule, within its bounds, from the day of the run on."""
        from include.steps import screening_thresholds

        return screening_thresholds.change(slip)

    change()


change_threshold()
