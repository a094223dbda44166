"""
# 集中整治（检查、抽查复查）

为名册内每个应检查单位开列一项检查任务，每周排一次检查计划，报告检查进度。检查由办公室组织，系统不向被检查单位催报。

第一周由办公室用命令行 `inspections plan --teams` 登记检查组并抽签；以后每周第一个工作日沿用上次的检查组自动抽签，
一周只抽一次。检查组有变动的，当周先用命令行排定。

| | |
|---|---|
| 何时运行 | 阶段期间每个工作日一次 |
| 写给谁 | 不发邮件 |
| 失败怎么办 | 看失败任务日志最后一行的说明，处理后“清除”该任务重跑即可 |
"""

from __future__ import annotations

from airflow.sdk import chain, dag

from include.domain.campaign import Campaign, Phase, PhaseKind
from include.wiring import Run, phase_dag, phases, work


def inspection_dag(campaign: Campaign, phase: Phase) -> None:
    """Register the DAG of one inspection phase."""

    @dag(**phase_dag(campaign, phase, __doc__))
    def inspection() -> None:
        @work("开列检查任务")
        def open_obligations(run: Run) -> dict[str, int]:
            """One inspection per unit of the supervised kinds."""
            from include.steps import open_phase

            return open_phase.obligations(campaign, phase, on=run.on, using=run.using)

        @work("排本周检查计划")
        def plan_week(run: Run) -> dict[str, int]:
            """Draw the week once, with the teams of the week before."""
            from include.steps import plan_inspections

            return plan_inspections.go_on(campaign, on=run.on, dry_run=run.is_rehearsal, using=run.using)

        @work("进度")
        def tally(run: Run) -> dict[str, int]:
            """How many are to be inspected, and how many are done."""
            from include.steps import show

            return show.progress(campaign, phase, using=run.using)

        chain(open_obligations(), plan_week(), tally())

    inspection()


for campaign, phase in phases(PhaseKind.INSPECTION):
    inspection_dag(campaign, phase)
