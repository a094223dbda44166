"""
# 动员部署

导入并锁定定点医药机构名册，核对各单位能否联系得上，向各单位发动员部署通知。

| | |
|---|---|
| 何时运行 | 阶段期间每个工作日一次 |
| 名册 | 把名册工作簿放入收件箱的“专项行动编号/roster”文件夹；有错的行不导入并逐行列明，其余照常导入 |
| 名册锁定 | 首次导入即锁定为基数；以后再放入的名册按新增、退出、变更登记，不改变基数 |
| 写给谁 | 名册内有邮箱的单位，每个单位一次；无邮箱的列入电话联系名单；领导小组和办公室岗位没有登记人员邮箱的，提醒办公室补充备案 |
| 手工运行 | 默认**只预演**：列出拟发给谁、为什么，谁不发、为什么；确认后关闭“只预演”再运行 |
| 失败怎么办 | 看失败任务日志最后一行的说明，处理后“清除”该任务重跑即可；已发的不会重发 |
"""

from __future__ import annotations

from airflow.sdk import chain, task

from include.domain.campaign import Campaign, Phase, PhaseKind
from include.wiring import Run, office_notices, phase_dag, phases, sending, surveyed, work
from include.wiring.airflow_dag import dag


def mobilization_dag(campaign: Campaign, phase: Phase) -> None:
    """Register the DAG of one mobilisation phase."""

    @dag(**phase_dag(campaign, phase, __doc__))
    def mobilization() -> None:
        @work("导入名册")
        def take_roster(run: Run) -> dict:
            """Freeze the first roster, enter later ones as adjustments; list the rows in error."""
            from include.steps import roster

            return roster.take_over(campaign, on=run.on, using=run.using)

        @work("开列报送任务")
        def open_obligations(run: Run) -> dict[str, int]:
            """What units owe in this phase, if the notice asks for anything."""
            from include.steps import open_phase

            return open_phase.obligations(campaign, phase, on=run.on, using=run.using)

        @work("核对联系方式")
        def check_contacts(run: Run) -> dict:
            """Units that cannot be reached by mail, posts without a holder."""
            from include.steps import roster

            return roster.contacts(campaign, on=run.on, using=run.using)

        @work("预演还是办理", kind=task.branch)
        def choose(run: Run) -> str:
            """A run by hand only shows its plan unless told otherwise."""
            return "show_plan" if run.is_rehearsal else "plan_announcements"

        @work("预演：拟发给谁、为什么")
        def show_plan(run: Run) -> dict:
            """Who would be written to and who not, and why. Enters and sends nothing."""
            from include.steps import plan, show

            lines = plan.preview_announcements(campaign, phase, on=run.on, units=run.units, using=run.using)
            return show.plan(campaign, lines)

        @work("拟定动员部署通知")
        def plan_announcements(run: Run) -> dict[str, int]:
            """One announcement per unit, once."""
            from include.steps import plan, show

            return show.counts(
                plan.announcements(campaign, phase, on=run.on, units=run.units, using=run.using)
            )

        @work("进度")
        def tally(run: Run) -> dict[str, int]:
            """Where the phase stands."""
            from include.steps import show

            return show.progress(campaign, phase, using=run.using)

        decided = choose()
        chain(
            take_roster(),
            open_obligations(),
            check_contacts(),
            office_notices(campaign, phase),
            decided,
            [show_plan(), planned := plan_announcements()],
        )
        chain(planned, sending(campaign, phase), tally(), surveyed(campaign))

    mobilization()


for campaign, phase in phases(PhaseKind.MOBILIZATION):
    mobilization_dag(campaign, phase)
