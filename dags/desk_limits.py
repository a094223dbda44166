"""
# 期限和例外：延长、暂停、恢复、豁免、延期

经批准后在网页上登记。先列出期限由哪一天变为哪一天，确认后登记；超过规定次数、天数的，说明依据并拒绝。

| | |
|---|---|
| 何时运行 | 只在有人触发时运行 |
| 先看后办 | 先**预演**，列出将有的变动，不登记；核对无误再“确认登记”。在 Airflow 触发页办理的，关闭“只预演，不登记”再运行一次即登记 |
| 留痕 | 记下触发的 Airflow 用户、批准岗位和理由 |
| 不符合规定 | 任务失败，日志最后一行写明依据哪一条规定、应怎样填写，不登记任何内容 |
| 失败怎么办 | 按日志最后一行的说明改正后重新触发；延长、暂停已登记的不要再登记一次 |
"""

from __future__ import annotations

from include.domain.desk import Outcome
from include.wiring.airflow_dag import dag
from include.wiring.desk import Slip, at_desk, desk_dag
from include.wiring.desk_fields import (
    days_param,
    form_param,
    ground_param,
    limit_params,
    post_param,
    since_param,
    unit_param,
    until_param,
    waived_params,
)


@dag(**desk_dag("desk_limit_extend", "期限：延长", __doc__, limit_params() | days_param()))
def extend_limit() -> None:
    @at_desk("核对期限，确认后登记")
    def extend(slip: Slip) -> Outcome:
        """By the days asked for, else by those the rule allows."""
        from include.steps import desk_limits

        return desk_limits.extend(slip)

    extend()


@dag(
    **desk_dag(
        "desk_limit_pause",
        "期限：暂停计算",
        __doc__,
        limit_params() | ground_param() | since_param("第一个不计入期限的日子"),
    )
)
def pause_limit() -> None:
    @at_desk("核对期限，确认后登记")
    def pause(slip: Slip) -> Outcome:
        """Only on a ground the procedure rules know."""
        from include.steps import desk_limits

        return desk_limits.pause(slip)

    pause()


@dag(
    **desk_dag(
        "desk_limit_resume", "期限：恢复计算", __doc__, limit_params() | since_param("重新计入的第一个日子")
    )
)
def resume_limit() -> None:
    @at_desk("核对期限，确认后登记")
    def resume(slip: Slip) -> Outcome:
        """The day named counts again."""
        from include.steps import desk_limits

        return desk_limits.resume(slip)

    resume()


@dag(
    **desk_dag(
        "desk_limit_due_date",
        "报送：一个单位延期",
        __doc__,
        unit_param()
        | form_param()
        | post_param("批准岗位")
        | until_param("延期后的截止日", "须晚于现截止日。"),
    )
)
def extend_due_date() -> None:
    @at_desk("核对截止日，确认后登记")
    def extend(slip: Slip) -> Outcome:
        """The due date of one unit's return, never of all."""
        from include.steps import desk_limits

        return desk_limits.extend_due_date(slip)

    extend()


@dag(
    **desk_dag(
        "desk_waiver_grant",
        "规则豁免：批准",
        __doc__,
        waived_params()
        | post_param("批准岗位")
        | until_param("最后一天（含当天）", "自办理当天起至这一天有效。"),
    )
)
def grant_waiver() -> None:
    @at_desk("核对规则，确认后登记")
    def grant(slip: Slip) -> Outcome:
        """One rule, one unit, until a last day."""
        from include.steps import desk_limits

        return desk_limits.waive_rule(slip)

    grant()


@dag(**desk_dag("desk_waiver_revoke", "规则豁免：撤销", __doc__, waived_params() | post_param("批准岗位")))
def revoke_waiver() -> None:
    @at_desk("核对规则，确认后登记")
    def revoke(slip: Slip) -> Outcome:
        """From the day of the run on; earlier verdicts stand."""
        from include.steps import desk_limits

        return desk_limits.revoke_waiver(slip)

    revoke()


extend_limit()
pause_limit()
resume_limit()
extend_due_date()
grant_waiver()
revoke_waiver()
