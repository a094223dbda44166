"""The tasks by which units are asked for what they owe, whatever the phase: take in, judge, launch, climb, send."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.sdk import chain, task

from include.domain.campaign import Campaign, Phase
from include.wiring.bulk_sending import sending
from include.wiring.surveying import surveyed
from include.wiring.tasks import Run, work


def _chasing(campaign: Campaign, phase: Phase, *, before: Any, after: Any) -> None:
    """Put the tasks of the chase between two others."""

    @work("预演还是办理", kind=task.branch)
    def choose(run: Run) -> str:
        """A run by hand only shows its plan unless told otherwise."""
        return "show_plan" if run.is_rehearsal else "collect_returns"

    @work("预演：拟发给谁、为什么")
    def show_plan(run: Run) -> dict:
        """Who would be written to and who not, and why. Enters and sends nothing."""
        from include.steps import plan, show

        lines = plan.preview(
            campaign, phase, on=run.on, units=run.units, step_key=run.step_key, using=run.using
        )
        return show.plan(campaign, lines)

    @work("收件存档")
    def collect_returns(run: Run) -> int:
        """Take over what has arrived by the end of the day."""
        from include.steps import collect

        return collect.returns(campaign, on=run.on, using=run.using)

    @work("校验并拟定答复")
    def check_returns(run: Run) -> dict[str, int]:
        """Judge all arrivals in one batch; receipts and corrections enter the outbox."""
        from include.steps import check, show

        return show.verdicts(check.returns(campaign, on=run.on, using=run.using))

    @work("拟定启动通知")
    def plan_launch(run: Run) -> dict[str, int]:
        """Every unit's own workbook, once for each time it is owed."""
        from include.steps import plan, show

        return show.counts(plan.launch(campaign, phase, on=run.on, units=run.units, using=run.using))

    @work("拟定催报")
    def plan_reminders(run: Run) -> dict[str, int]:
        """The highest rung reached and not yet sent."""
        from include.steps import plan, show

        return show.counts(
            plan.reminders(
                campaign, phase, on=run.on, units=run.units, step_key=run.step_key, using=run.using
            )
        )

    @work("拟定逾期汇总")
    def plan_escalations(run: Run) -> int:
        """One digest to each post the rung names."""
        from include.steps import plan

        return plan.escalations(campaign, phase, on=run.on, step_key=run.step_key, using=run.using)

    decided = choose()
    chain(before, decided, [show_plan(), collected := collect_returns()])
    chain(
        collected,
        check_returns(),
        plan_launch(),
        plan_reminders(),
        plan_escalations(),
        sending(campaign, phase),
        after,
    )


def office_notices(campaign: Campaign, phase: Phase) -> Any:
    """The task that plans what the office and its posts are told of the phase."""

    @work("拟定办公室提醒")
    def plan_office_notices(run: Run) -> dict[str, int]:
        """Milestones in danger, steps that begin or end, vacant posts; each told once. A rehearsal enters nothing."""
        from include.steps import office_notices

        return office_notices.plan(campaign, phase, on=run.on, dry_run=run.is_rehearsal, using=run.using)

    return plan_office_notices()


def with_mail(campaign: Campaign, phase: Phase, first: Sequence[Any], after: Any) -> None:
    """Chain the first tasks to those that send: with the whole chase where units owe something, else without.

    What follows them ends with the survey.
    """
    chain(*first)
    chain(after, surveyed(campaign))
    if phase.asks_units:
        _chasing(campaign, phase, before=first[-1], after=after)
        return

    @work("发送办公室提醒", retries=5)
    def deliver_notices(run: Run) -> dict[str, int]:
        """Send what is planned and still wanted, each once; a rehearsal sends nothing."""
        from include.steps import deliver, show

        if run.is_rehearsal:
            return {}
        return show.outcomes(deliver.notices(campaign, on=run.on, using=run.using))

    chain(first[-1], deliver_notices(), after)
