"""
# 结算数据筛查（全部专项行动）

逐个地市读取结算数据（同一地市的各县放在一起，跨县就医才看得出来），按筛查规则找出疑点，登记为疑点线索；疑点不等于违规，须逐条核查。

| | |
|---|---|
| 何时运行 | 配置了结算数据目录（DUBAN_SETTLEMENTS）的，每月第一个工作日；没有配置的不自动运行 |
| 数据不合格 | 缺列、缺主键、金额对不上、月份不符的分区拒收，原因写在任务日志中；不影响其他分区 |
| 手工运行 | 默认**只预演**：列出各规则疑点条数和会登记的线索条数；确认后关闭“只预演，不登记”再运行 |
| 重复运行 | 同样的数据再筛查一次，不会重复登记线索 |
| 失败怎么办 | 一个地市一个任务，看失败任务日志最后一行，处理后“清除”该任务重跑即可，其他地市不必重跑 |
"""

from __future__ import annotations

from airflow.sdk import dag

from include.wiring import Run, screen_dag, work


@dag(**screen_dag(__doc__))
def screen_settlements() -> None:
    """Register the one DAG that screens settlement data, a task for each city."""

    @work("列出有数据的地市", retries=1)
    def list_areas(run: Run) -> list[str]:
        """None where no data are configured."""
        from include.wiring.screening import areas

        return areas()

    @work("筛查一个地市，登记疑点线索", retries=1, max_active_tis_per_dagrun=1)
    def screen_area(run: Run, area: str) -> dict[str, dict]:
        """One city at a time: an engine takes the whole machine, and clue numbers are given in turn."""
        from include.wiring.screening import screen

        return screen(run, area)

    screen_area.expand(part=list_areas())


screen_settlements()
