"""
# 自查自纠

督促各报送单位按期报送自查表：发启动通知和本单位专用表，收件、校验、退回或回执，按档次催报，逾期汇总报告岗位。

| | |
|---|---|
| 何时运行 | 阶段开始至最后一档催报后5个工作日，每个工作日一次 |
| 写给谁 | 尚未“校验通过”且有邮箱的单位；每个单位每一档只发一次，校验通过即停 |
| 手工运行 | 默认**只预演**：列出拟发给谁、为什么，谁不发、为什么；确认后关闭“只预演”再运行 |
| 失败怎么办 | 看失败任务日志最后一行的说明，处理后“清除”该任务重跑即可；已发的不会重发 |
| 停机几天 | 恢复后只补发已到的最高一档，不会成串补发 |
"""

from __future__ import annotations

from include.domain.campaign import Campaign, Phase, PhaseKind
from include.wiring import Run, office_notices, phase_dag, phases, with_mail, work
from include.wiring.airflow_dag import dag


def self_check_dag(campaign: Campaign, phase: Phase) -> None:
    """Register the DAG of one self-check phase."""

    @dag(**phase_dag(campaign, phase, __doc__))
    def self_check() -> None:
        @work("开列报送任务")
        def open_obligations(run: Run) -> dict[str, int]:
            """One obligation per unit that owes a return."""
            from include.steps import open_phase

            return open_phase.obligations(campaign, phase, on=run.on, using=run.using)

        @work("进度")
        def tally(run: Run) -> dict[str, int]:
            """Where the phase stands."""
            from include.steps import show

            return show.progress(campaign, phase, using=run.using)

        with_mail(campaign, phase, [open_obligations(), office_notices(campaign, phase)], tally())

    self_check()


for campaign, phase in phases(PhaseKind.SELF_CHECK):
    self_check_dag(campaign, phase)
