"""
# 收件、校验、答复

全部专项行动共用：收取办公室邮箱和收件箱文件夹中的报送件，校验后当场答复（回执、退回、补正），处理退信。

| | |
|---|---|
| 何时运行 | 每天7时至20时，每15分钟一次（有专项行动在办时） |
| 写给谁 | 只答复报送了材料的单位；每份报送件只答复一次 |
| 手工运行 | 与自动运行相同：收件、校验、答复，重复运行不会重复答复 |
| 失败怎么办 | 看失败任务日志最后一行的说明，处理后“清除”该任务重跑即可；一个专项行动出错不影响其他专项行动，一个任务失败不影响后面的任务（如邮箱密码过期，文件夹和督办台交来的照常办理），本次运行仍记为失败 |
| 邮箱在哪里设 | Airflow“管理—连接”中的 duban_imap；没有这个连接时只收文件夹 |
"""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import chain

from include.wiring import Run, imap_mailbox, intake_dag, report_figures, running, work
from include.wiring.airflow_dag import dag

GOES_ON: dict[str, Any] = {"retries": 1, "trigger_rule": "all_done"}
"""Each task does what the ledger shows undone: one that failed before it keeps it from nothing else."""


@dag(**intake_dag(__doc__))
def collect_returns() -> None:
    """Register the one DAG through which everything comes in."""

    @work("收取邮箱", retries=1)
    def receive_mail(run: Run) -> dict[str, int]:
        """Keep every message, understand it, enter the files it carries."""
        from include.steps import receive, show

        mailbox = imap_mailbox()
        if mailbox is None:
            return {}
        return show.messages(receive.mail(running(run.on).campaigns, mailbox, on=run.on, using=run.using))

    @work("处理退信", **GOES_ON)
    def handle_bounces(run: Run) -> dict[str, dict]:
        """What came back counts as not delivered; the unit's other address is tried the same day."""
        from include.steps import returned_mail

        return running(run.on).each(returned_mail.notices, on=run.on, using=run.using)

    @work("收取文件夹", **GOES_ON)
    def collect_folders(run: Run) -> dict[str, int]:
        """Take over what lies in the folder of each campaign."""
        from include.steps import collect

        return running(run.on).each(collect.returns, on=run.on, using=run.using)

    @work("校验并拟定答复", **GOES_ON)
    def check_returns(run: Run) -> dict[str, dict]:
        """Judge all arrivals; receipts and corrections enter the outbox."""
        from include.steps import check

        return running(run.on).each(check.returns, on=run.on, using=run.using)

    @work("发送答复", **GOES_ON)
    def deliver_answers(run: Run) -> dict[str, dict]:
        """Send what is planned and still wanted, each once."""
        from include.steps import deliver

        return running(run.on).each(deliver.notices, on=run.on, using=run.using)

    @work("核对发送结果", **GOES_ON)
    def reconcile_sending(run: Run) -> dict[str, dict]:
        """Batches that have left since: the office hears whom they did not reach, and of mails in doubt."""
        from include.steps import deliver, reconcile

        counts = running(run.on).each(reconcile.batches, on=run.on, using=run.using)
        running(run.on).each(deliver.notices, on=run.on, using=run.using)
        report_figures(run.on, run.using)
        return counts

    @work("更新看板数据", **GOES_ON)
    def take_surveys(run: Run) -> dict[str, dict]:
        """What is owed, came in and was found, counted once for all who look at it; anew when something changed."""
        from include.steps import survey

        return running(run.on).each(survey.refresh, on=run.on, using=run.using)

    tasks = [
        receive_mail(),
        handle_bounces(),
        collect_folders(),
        check_returns(),
        deliver_answers(),
        reconcile_sending(),
        take_surveys(),
    ]
    chain(*tasks)
    # A run in which any task failed has failed, though its last one did its work.
    tasks >> EmptyOperator(task_id="all_done", task_display_name="全部办成")


collect_returns()
