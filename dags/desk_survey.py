"""
# 看板：更新看板数据

重新清点一个专项行动，网页上的数字即以此刻为准。平时不必运行：收件流程每15分钟、各阶段流程每个工作日都会更新。

| | |
|---|---|
| 何时运行 | 只在有人触发时运行 |
| 办什么 | 只清点、只供网页显示；不登记、不改动台账，不发信 |
| 按哪一天 | 留空即当天；填写以前的日期，网页上即显示按那一天清点的数字，下一次自动更新后恢复 |
| 失败怎么办 | 看失败任务日志最后一行的说明，处理后“清除”该任务重跑即可；重复运行没有影响 |
"""

from __future__ import annotations

from include.wiring import Run, work
from include.wiring.airflow_dag import dag
from include.wiring.desk import campaign_of, desk_dag


@dag(**desk_dag("desk_survey", "看板：更新看板数据", __doc__, {}, is_signed=False))
def update_survey() -> None:
    @work("更新看板数据", retries=1)
    def take_survey(run: Run) -> dict[str, int]:
        """Nothing is entered but the survey itself, so there is nothing to rehearse."""
        from include.steps import survey

        return survey.take(campaign_of(run), on=run.on, using=run.using)

    take_survey()


update_survey()
