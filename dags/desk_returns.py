"""
# 报送件：列出、认领、搁置、复核

无法确认是哪个单位的文件，由办公室判断后在网页上登记，认领和搁置不校验、不发信。
校验通过的报送件，办公室可以抽查复核：属实的记为“已复核”；不实的退回，系统把理由发给该单位并恢复催报。

| | |
|---|---|
| 何时运行 | 只在有人触发时运行 |
| 先看后办 | 先**预演**，列出将有的变动，不登记；核对无误再“确认登记”。在 Airflow 触发页办理的，关闭“只预演，不登记”再运行一次即登记 |
| 留痕 | 记下触发的 Airflow 用户、办理岗位和理由 |
| 复核以后 | 退回的，本件数据不再计入统计，单位收到写明理由的退回通知；已复核的，该单位以后报送的文件不再改变本表数据 |
| 认领以后 | 下一次校验按该单位的报送件办理；认领不能代替校验，不是专用表的仍会退回 |
| 失败怎么办 | 按日志最后一行的说明改正后重新触发；同一文件只能认领或搁置一次 |
"""

from __future__ import annotations

from include.domain.desk import Outcome
from include.wiring.airflow_dag import dag
from include.wiring.desk import Slip, at_desk, desk_dag
from include.wiring.desk_fields import decision_param, file_param, form_param, post_param, unit_param


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


@dag(
    **desk_dag(
        "desk_return_review",
        "报送件：复核一份校验通过的报送件",
        __doc__,
        unit_param() | form_param() | decision_param() | post_param("复核岗位"),
    )
)
def review_return() -> None:
    @at_desk("核对报送件，确认后登记")
    def review(slip: Slip) -> Outcome:
        """Let an accepted return stand, or send it back: the unit is told why and reminded again."""
        from include.steps import desk_returns

        return desk_returns.judge_again(slip)

    review()


list_unclaimed()
claim_file()
set_file_aside()
review_return()
