"""
# 全面总结

开列本阶段各单位应报送的总结材料，报告报送进度。

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


def conclusion_dag(campaign: Campaign, phase: Phase) -> None:
    """Register the DAG of one conclusion phase."""

    @dag(**phase_dag(campaign, phase, __doc__))
    def conclusion() -> None:
        @work("开列报送任务")
        def open_obligations(run: Run) -> dict[str, int]:
            """What units owe at the end, if the notice asks for anything."""
            from include.steps import open_phase

            return open_phase.obligations(campaign, phase, on=run.on, using=run.using)

        @work("进度")
        def tally(run: Run) -> dict[str, int]:
            """Where the phase stands."""
            from include.steps import show

            return show.progress(campaign, phase, using=run.using)

        chain(open_obligations(), tally())

    conclusion()


for campaign, phase in phases(PhaseKind.CONCLUSION):
    conclusion_dag(campaign, phase)
