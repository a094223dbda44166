"""
# 集中整治（检查、抽查复查）

为名册内每个应检查单位开列一项检查任务，报告检查进度。检查由办公室组织，系统不向被检查单位催报。

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

        @work("进度")
        def tally(run: Run) -> dict[str, int]:
            """How many are to be inspected, and how many are done."""
            from include.steps import show

            return show.progress(campaign, phase, using=run.using)

        chain(open_obligations(), tally())

    inspection()


for campaign, phase in phases(PhaseKind.INSPECTION):
    inspection_dag(campaign, phase)
