"""
# 集中整治（检查、抽查复查）

为名册内每个应检查单位开列一项检查任务，每周排一次检查计划，推算进度节点能否按期达到，报告检查进度。检查由办公室组织，系统不向被检查单位催报。
通知要求下级单位定期报送数据的，每期上报前按档次催报，收件、校验、退回或回执。

第一周由办公室用命令行 `inspections plan --teams` 登记检查组并抽签；以后每周第一个工作日沿用上次的检查组自动抽签，
一周只抽一次。检查组有变动的，当周先用命令行排定。

| | |
|---|---|
| 何时运行 | 阶段期间每个工作日一次；有单位报送任务的，至最后一档催报后5个工作日 |
| 写给谁 | 进度节点可能不能按期达到的，提醒办公室：首次发现、程度加重、每两周、截止前5个工作日各一次；分步安排开始前和截止前提醒有关岗位；定期报送的单位每一档一次 |
| 手工运行 | 默认**只预演**：不排计划，不发邮件；确认后关闭“只预演”再运行 |
| 失败怎么办 | 看失败任务日志最后一行的说明，处理后“清除”该任务重跑即可；已发的不会重发 |
"""

from __future__ import annotations

from include.domain.campaign import Campaign, Phase, PhaseKind
from include.wiring import Run, office_notices, phase_dag, phases, with_mail, work
from include.wiring.airflow_dag import dag


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
            from include.steps import inspection_coverage

            return inspection_coverage.progress(campaign, phase, on=run.on, using=run.using)

        first = [open_obligations(), plan_week(), office_notices(campaign, phase)]
        with_mail(campaign, phase, first, tally())

    inspection()


for campaign, phase in phases(PhaseKind.INSPECTION):
    inspection_dag(campaign, phase)
