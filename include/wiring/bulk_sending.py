"""The tasks every DAG that writes to units ends with: ask when it is much, send, and account for it."""

from __future__ import annotations

from airflow.sdk import TaskGroup, TriggerRule, chain, task

from include.domain.campaign import Campaign, Phase
from include.wiring.approvals import Answer, sending_approval
from include.wiring.rights import demand_answer
from include.wiring.tasks import Run, work


def sending(campaign: Campaign, phase: Phase) -> TaskGroup:
    """Ask a person about large batches, send what may leave, tell the office whom it did not reach."""
    with TaskGroup("sending", group_display_name="批准并发送", prefix_group_id=False) as group:

        @work("有无大批量待批")
        def present_batches(run: Run) -> dict[str, str]:
            """What a person has to decide on, if anything; the request goes to the director by mail as well."""
            from include.steps import approve, deliver

            text = approve.request(campaign, phase, on=run.on, using=run.using)
            if text:
                deliver.notices(campaign, on=run.on, using=run.using)
            return {"text": text}

        @task.branch(task_display_name="是否需要批准")
        def needs_approval(batches: dict[str, str]) -> str:
            """Small batches need nobody."""
            return "approve_sending" if batches["text"] else "deliver_notices"

        @work("登记发送审批意见")
        def record_approval(run: Run, answer: dict) -> int:
            """A batch refused is not sent; once corrected it is planned and laid before anew."""
            from include.steps import approve

            said = Answer.of(answer)
            if said.user:
                demand_answer(said.by, campaign.id)
            return approve.decide(
                campaign,
                phase,
                on=run.on,
                approved=said.approved,
                by=said.by,
                reason=said.reason,
                using=run.using,
            )

        @work("发送", retries=5, trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
        def deliver_notices(run: Run) -> dict[str, int]:
            """Send what is planned and still wanted, each once."""
            from include.steps import deliver, show

            return show.outcomes(deliver.notices(campaign, on=run.on, using=run.using))

        @work("核对并报告未通知到的单位", retries=5)
        def reconcile_batches(run: Run) -> dict[str, int]:
            """Planned against sent; the office hears whom the step did not reach."""
            from include.steps import deliver, reconcile

            counts = reconcile.batches(campaign, on=run.on, using=run.using)
            deliver.notices(campaign, on=run.on, using=run.using)
            return counts

        batches = present_batches()
        approve = sending_approval(campaign, phase, text_of="present_batches")
        delivered = deliver_notices()
        chain(
            needs_approval(batches), approve, record_approval(approve.output), delivered, reconcile_batches()
        )
        chain(group.children["needs_approval"], delivered)
    return group
