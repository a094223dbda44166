"""
# 台账逐条督办

全部专项行动共用：逐条核对线索、举报、整改、案件、移送、黑名单台账中未办结事项的期限，
临近和逾期的按岗位、按台账汇总成一封邮件催办；台账本身由工作人员逐条登记，系统不改动、不销号。

| | |
|---|---|
| 何时运行 | 工作日8时30分 |
| 写给谁 | 期限前3个工作日、当日、逾期1个工作日催承办岗位；逾期3个工作日报办公室主任；同一事项同一档次只催一次 |
| 手工运行 | 与自动运行相同，可指定日期；重复运行不会重复催办 |
| 失败怎么办 | 看失败任务日志最后一行的说明，处理后“清除”该任务重跑即可；一个专项行动出错不影响其他专项行动 |
| 月度情况 | 每月末用命令行 follow digest 生成：每个承办单位一个工作簿（已办结、未办结、逾期和未办结明细），由办公室发承办单位核对 |
| 延长和暂停 | 经批准后用命令行 follow extend、follow pause 登记理由和批准岗位 |
"""

from __future__ import annotations

from airflow.sdk import chain

from include.wiring import Run, begun, follow_dag, work
from include.wiring.airflow_dag import dag


@dag(**follow_dag(__doc__))
def follow_registers() -> None:
    """Register the one DAG that follows the records of all campaigns."""

    @work("核对期限并拟定催办", retries=1)
    def follow_records(run: Run) -> dict[str, dict]:
        """One digest per post and register enters the outbox; no record is told the same rung twice."""
        from include.steps import follow

        return begun(run.on).each(follow.records, on=run.on, using=run.using)

    @work("发送催办", retries=1)
    def deliver_digests(run: Run) -> dict[str, dict]:
        """Send what is planned and still wanted, each once."""
        from include.steps import deliver

        return begun(run.on).each(deliver.notices, on=run.on, using=run.using)

    chain(follow_records(), deliver_digests())


follow_registers()
