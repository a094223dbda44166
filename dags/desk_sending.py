"""
# 发送：停止、恢复、恢复备份后确认、核实、重发

名单有误、邮箱异常、正在核实联系人时，在网页上停止发送；待发的通知保留，恢复后继续，不会重发。

| | |
|---|---|
| 何时运行 | 只在有人触发时运行 |
| 先看后办 | 先**预演**，列出将有的变动，不登记；核对无误再“确认登记”。在 Airflow 触发页办理的，关闭“只预演，不登记”再运行一次即登记 |
| 何时生效 | 下一封邮件起；正在交付的一封会发完 |
| 暂停一个单位 | 到发送时拦下，该单位列入“未能通知的单位”并写明理由；恢复后仍有必要的重新列入发送 |
| 从备份恢复台账以后 | 系统会自动停止全部发送；核对备份以来发出的邮件后，用“系统停发后确认”恢复发送 |
| 待核实的邮件 | 交给邮件服务器时中断、不知是否发出的，系统不会自行重发；对照邮箱“已发送”后登记核实结果 |
| 重发 | 只重发已经发出过的最近一封；按发送当时的情况重新生成，报送已经校验通过的不再发送 |
| 失败怎么办 | 按日志最后一行的说明改正后重新触发；重复停止、重复恢复不会有变化 |
"""

from __future__ import annotations

from include.domain.desk import Outcome
from include.wiring.airflow_dag import dag
from include.wiring.desk import Slip, at_desk, desk_dag
from include.wiring.desk_fields import again_params, doubt_params, scope_param, unit_param


@dag(**desk_dag("desk_sending_stop", "发送：停止发送", __doc__, scope_param()))
def stop_sending() -> None:
    @at_desk("核对范围，确认后停止")
    def stop(slip: Slip) -> Outcome:
        """Of all campaigns, or of one, from the next mail on."""
        from include.steps import desk_sending

        return desk_sending.stop(slip)

    stop()


@dag(**desk_dag("desk_sending_resume", "发送：恢复发送", __doc__, scope_param()))
def resume_sending() -> None:
    @at_desk("核对停止的原因，确认后恢复")
    def resume(slip: Slip) -> Outcome:
        """What waits goes on; after a restore this is the confirmation."""
        from include.steps import desk_sending

        return desk_sending.resume(slip)

    resume()


@dag(**desk_dag("desk_sending_suspend_unit", "发送：暂停向一个单位发信", __doc__, unit_param()))
def suspend_unit() -> None:
    @at_desk("核对单位，确认后暂停")
    def suspend(slip: Slip) -> Outcome:
        """Kept back when it would be sent, and listed as not notified with the reason."""
        from include.steps import desk_sending

        return desk_sending.suspend_unit(slip)

    suspend()


@dag(**desk_dag("desk_sending_resume_unit", "发送：恢复向一个单位发信", __doc__, unit_param()))
def resume_unit() -> None:
    @at_desk("核对单位，确认后恢复")
    def resume(slip: Slip) -> Outcome:
        """What was kept back and still matters is planned anew."""
        from include.steps import desk_sending

        return desk_sending.resume_unit(slip)

    resume()


@dag(**desk_dag("desk_sending_confirm", "发送：系统停发后确认（如恢复备份后）", __doc__, {}))
def confirm_restored() -> None:
    @at_desk("核对备份以来的邮件，确认后恢复")
    def confirm(slip: Slip) -> Outcome:
        """Only where the system itself has stopped all mail."""
        from include.steps import desk_sending

        return desk_sending.confirm_restored(slip)

    confirm()


@dag(**desk_dag("desk_sending_settle", "发送：登记待核实邮件的核实结果", __doc__, doubt_params()))
def settle_doubt() -> None:
    @at_desk("核对邮件，确认后登记")
    def settle(slip: Slip) -> Outcome:
        """It had left, or it goes once more."""
        from include.steps import desk_sending

        return desk_sending.settle(slip)

    settle()


@dag(**desk_dag("desk_sending_again", "发送：向部分单位重发", __doc__, again_params()))
def send_again() -> None:
    @at_desk("核对单位，确认后列入发送")
    def again(slip: Slip) -> Outcome:
        """The last mail of a kind, to the units named."""
        from include.steps import desk_sending

        return desk_sending.send_again(slip)

    again()


confirm_restored()
settle_doubt()
send_again()
stop_sending()
resume_sending()
suspend_unit()
resume_unit()
