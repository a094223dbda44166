"""
# 上报材料

在报送时限前编制上报材料：锁定数据、计算指标、核对勾稽关系、填表和成文，经经办、复核、审核三道签批后报送上级，登记签收；
报送后数据有变化的，编制更正版。遇事即报的事项（重大案件、舆情）由人工触发，在表单中写明情况，签批程序相同。

| | |
|---|---|
| 何时运行 | 报送时限前若干个工作日起，每个工作日一次；逾期未报的继续办理几个工作日并标明“逾期”；两期之间的工作日不运行 |
| 签批 | 在督办台“审批”页查看指标、勾稽、附件后，由三个不同岗位、三名不同人员依次办理；超时未办按**不报送**处理，下一工作日重新提请 |
| 数据变化 | 签批期间数据有变化的，编制新版替代旧版，已签批的重新签批；没有变化的不重复送签 |
| 退回 | 须写明理由，只通知经办岗位，本版终止；数据修改后自动编制新版。数据未变而须重新送签的，手工触发并填写“更正或重新送签的理由” |
| 写给谁 | 三道均同意后发给上级医保部门接收岗，一版只发一次；上级回复该邮件即登记签收，也可手工触发登记 |
| 失败怎么办 | 勾稽不符会停在“编制并核对”并说明哪两个数不一致，不会送签；岗位无人在岗、同一人签批两道等，任务会写明由谁、如何补正，补正后“清除”该任务重跑 |
"""

from __future__ import annotations

from airflow.sdk import chain, task

from include.domain.campaign import Campaign, UpwardReport
from include.wiring import Run, report_dag, reports, signing, work
from include.wiring.airflow_dag import dag


def upward_report_dag(campaign: Campaign, report: UpwardReport) -> None:
    """Register the DAG of one report upward."""

    @dag(**report_dag(campaign, report, __doc__))
    def report_upward() -> None:
        @work("编制并核对")
        def compile_edition(run: Run) -> dict:
            """Snapshot, figures, cross-checks, files; the same data give the same edition."""
            from include.steps import deliver, report_run

            draft = report_run.compile_edition(
                campaign, report, asked=run.params, rehearsal=run.is_rehearsal, on=run.on, using=run.using
            )
            deliver.notices(campaign, on=run.on, using=run.using)
            report_run.refuse_trouble(draft)
            return draft.as_dict()

        @task.short_circuit(task_display_name="是否需要签批或报送")
        def goes_on(draft: dict) -> bool:
            """An edition that has ended is not laid before anybody again."""
            return draft["goes_on"]

        @work("拟定上报邮件")
        def plan_mail(run: Run, draft: dict) -> int:
            """One mail per edition, to the holder of the receiving post."""
            from include.steps import report_mail

            return report_mail.plan_mail(campaign, report, draft["edition_id"], on=run.on, using=run.using)

        @work("发送", retries=5)
        def deliver_notices(run: Run) -> dict[str, int]:
            """Send what is planned and still wanted, each once."""
            from include.steps import deliver, show

            return show.outcomes(deliver.notices(campaign, on=run.on, using=run.using))

        @work("登记已报送")
        def mark_sent(run: Run, draft: dict) -> None:
            """Only when the mail server took the mail over."""
            from include.steps import report_mail

            report_mail.mark_sent(draft["edition_id"], using=run.using)

        draft = compile_edition()
        chain(
            goes_on(draft),
            signing(campaign, report, draft),
            plan_mail(draft),
            deliver_notices(),
            mark_sent(draft),
        )

    report_upward()


for campaign, report in reports():
    upward_report_dag(campaign, report)
