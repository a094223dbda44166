"""
# 统计表上报

在报送时限前编制统计表：锁定数据、计算指标、核对勾稽关系、填表，经有权岗位审批同意后报送上级。

| | |
|---|---|
| 何时运行 | 报送时限前若干个工作日起，每个工作日一次；数据没有变化不重复送审 |
| 审批 | 在任务“审批”的“需要操作”页选择“同意报送”或“退回，不报送”；超时未办按**不报送**处理 |
| 写给谁 | 经同意后发给上级医保部门接收岗，一版只发一次 |
| 失败怎么办 | 勾稽不符会停在“编制并核对”并说明哪两个数不一致，不会送审；处理后“清除”该任务重跑 |
"""

from __future__ import annotations

from airflow.sdk import chain, dag, task

from include.domain.campaign import Campaign, UpwardReport
from include.wiring import Answer, Run, approval, report_dag, reports, work


def upward_report_dag(campaign: Campaign, report: UpwardReport) -> None:
    """Register the DAG of one report upward."""

    @dag(**report_dag(campaign, report, __doc__))
    def report_upward() -> None:
        @work("编制并核对")
        def compile_edition(run: Run) -> dict:
            """Snapshot, figures, cross-checks, workbook; the same data give the same edition."""
            from include.steps import report as step

            occasion = step.current_occasion(campaign, report, on=run.on, using=run.using)
            return step.compile_edition(campaign, report, occasion, on=run.on, using=run.using).as_dict()

        @task.short_circuit(task_display_name="是否需要审批")
        def needs_decision(draft: dict) -> bool:
            """An edition already decided is not laid before anybody again."""
            return draft["needs_decision"]

        @work("登记审批意见", kind=task.short_circuit)
        def record_decision(run: Run, draft: dict, answer: dict) -> bool:
            """The decision stands in the ledger; only a yes goes on."""
            from include.steps import report as step

            said = Answer.of(answer)
            return step.decide(
                draft["edition_id"], approved=said.approved, by=said.by, reason=said.reason, using=run.using
            )

        @work("拟定上报邮件")
        def plan_mail(run: Run, draft: dict) -> int:
            """One mail per edition, to the holder of the receiving post."""
            from include.steps import report as step

            return step.plan_mail(campaign, report, draft["edition_id"], on=run.on, using=run.using)

        @work("发送", retries=5)
        def deliver_notices(run: Run) -> dict[str, int]:
            """Send what is planned and still wanted, each once."""
            from include.steps import deliver, show

            return show.outcomes(deliver.notices(campaign, on=run.on, using=run.using))

        @work("登记已报送")
        def mark_sent(run: Run, draft: dict) -> None:
            """Only when the mail server took the mail over."""
            from include.steps import report as step

            step.mark_sent(draft["edition_id"], using=run.using)

        draft = compile_edition()
        approve = approval(campaign, report, text_of="compile_edition")
        chain(
            needs_decision(draft),
            approve,
            record_decision(draft, approve.output),
            plan_mail(draft),
            deliver_notices(),
            mark_sent(draft),
        )

    report_upward()


for campaign, report in reports():
    upward_report_dag(campaign, report)
