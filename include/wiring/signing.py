"""The tasks that lay a compiled report before three hands, one after the other."""

from __future__ import annotations

from typing import Any

from airflow.sdk import TaskGroup, chain, task

from include.domain.campaign import Campaign, UpwardReport
from include.domain.errors import GiveUp
from include.domain.sign_off import Hand
from include.settings import Settings
from include.wiring.approvals import Answer, signature
from include.wiring.processes import desk_page
from include.wiring.rights import demand_answer
from include.wiring.tasks import Run, work


def signing(campaign: Campaign, report: UpwardReport, draft: Any) -> TaskGroup:
    """经办 → 复核 → 审核. Only three yeses go on; a hand that has signed is passed over."""
    with TaskGroup("signing", group_display_name="经办、复核、审核", prefix_group_id=False) as group:
        chain(*(step for hand in Hand for step in _hand(campaign, report, hand, draft)))
    return group


def _hand(campaign: Campaign, report: UpwardReport, hand: Hand, draft: Any) -> tuple[Any, ...]:
    def ask(run: Run, draft: dict) -> dict | None:
        """The page to sign on and the mail to the post; nothing while another run still waits."""
        from include.steps import deliver, sign_off

        asked = sign_off.ask(
            campaign,
            report,
            draft["edition_id"],
            hand,
            run=run.id,
            page=desk_page(f"/approvals/{draft['edition_id']}"),
            users=Settings().approvers,
            on=run.on,
            using=run.using,
        )
        deliver.notices(campaign, on=run.on, using=run.using)
        return asked.as_dict() if asked else None

    def record(run: Run, draft: dict, answer: dict | None) -> bool:
        """The decision stands in the ledger; only a yes goes on, a no goes back to the drafter."""
        from include.steps import deliver, sign_off

        said = Answer.of(answer)
        if said.user:
            _demand_hand(said.by, campaign, draft["edition_id"], hand, run)
        goes_on = sign_off.record(
            campaign,
            report,
            draft["edition_id"],
            hand,
            run=run.id,
            approved=said.approved,
            by=said.by,
            user=said.user,
            reason=said.reason,
            on=run.on,
            using=run.using,
        )
        if not goes_on:
            deliver.notices(campaign, on=run.on, using=run.using)
        return goes_on

    ask.__name__, record.__name__ = f"ask_{hand.value}", f"record_{hand.value}"
    asked = work(f"送{hand.zh}", kind=task.short_circuit)(ask)(draft)
    signed = signature(campaign, report, hand, asked_by=ask.__name__)
    recorded = work(f"登记{hand.zh}意见", kind=task.short_circuit)(record)(draft, signed.output)
    return asked, signed, recorded


def _demand_hand(user: str, campaign: Campaign, edition_id: int, hand: Hand, run: Run) -> None:
    """An answer that may not be given leaves the hand free to be asked again."""
    try:
        demand_answer(user, campaign.id, hand)
    except GiveUp as refusal:
        run.using.ledger.editions.release(edition_id, hand, run=run.id)
        raise GiveUp(f"{refusal}；清除“送{hand.zh}”任务可立即重新送签") from refusal
