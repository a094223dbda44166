"""
# 报送件：列出、认领、搁置

无法确认是哪个单位的文件，由办公室判断后在网页上登记；这里不校验、不发信。

| | |
|---|---|
| 何时运行 | 只在有人触发时运行 |
| 先看后办 | 先**预演**，列出将有的变动，不登记；核对无误再“确认登记”。在 Airflow 触发页办理的，关闭“只预演，不登记”再运行一次即登记 |
| 留痕 | 记下触发的 Airflow 用户、办理岗位和理由 |
| 认领以后 | 下一次校验按该单位的报送件办理；认领不能代替校验，不是专用表的仍会退回 |
| 失败怎么办 | 按日志最后一行的说明改正后重新触发；同一文件只能认领或搁置一次 |
"""

from __future__ import annotations

from airflow.sdk import dag

from include.domain.desk import Outcome
from include.wiring.desk import Slip, at_desk, desk_dag
from include.wiring.desk_fields import file_param, post_param, unit_param


@dag(**desk_dag("desk_return_list", "报送件：列出待认领的文件", __doc__, {}, is_signed=False))
def list_unclaimed() -> None:
    @at_desk("列出待认领的文件")
    def show(slip: Slip) -> Outcome:
        """What waits, and whose each file probably is."""
        from include.steps import desk_returns

        return desk_returns.list_unclaimed(slip)

    show()


@dag(
    **desk_dag(
        "desk_return_claim",
        "报送件：认领一份文件",
        __doc__,
        file_param() | unit_param() | post_param("办理岗位"),
    )
)
def claim_file() -> None:
    @at_desk("核对文件和单位，确认后登记")
    def claim(slip: Slip) -> Outcome:
        """Give a file to a unit; nothing is judged or sent from here."""
        from include.steps import desk_returns

        return desk_returns.assign(slip)

    claim()


@dag(
    **desk_dag(
        "desk_return_set_aside", "报送件：搁置一份文件", __doc__, file_param() | post_param("办理岗位")
    )
)
def set_file_aside() -> None:
    @at_desk("核对文件，确认后登记")
    def set_aside(slip: Slip) -> Outcome:
        """Keep what is no return, and judge it no more."""
        from include.steps import desk_returns

        return desk_returns.set_aside(slip)

    set_aside()


list_unclaimed()
claim_file()
set_file_aside()
