"""Tasks that wait for a person. No answer in time means: do not send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param

from include.domain.campaign import Campaign, Phase, UpwardReport
from include.settings import Settings

APPROVE = "同意报送"
REJECT = "退回，不报送"
SEND = "同意发送"
KEEP = "暂不发送"


def approvers(campaign: Campaign) -> list[dict[str, str]] | None:
    """The Airflow users who may sign, by the posts they hold; None lets anyone with the right do it."""
    held = Settings().approvers
    users = [held[post.key] for post in campaign.posts if post.key in held]
    return [{"id": user, "name": user} for user in users] or None


def approval(campaign: Campaign, report: UpwardReport, *, text_of: str) -> HITLOperator:
    """Whether a compiled report goes up."""
    return _question(
        campaign,
        "approve",
        title="审批",
        subject=f"{campaign.short_title}：《{report.title}》报送审批",
        text_of=text_of,
        yes=APPROVE,
        no=REJECT,
    )


def sending_approval(campaign: Campaign, phase: Phase, *, text_of: str) -> HITLOperator:
    """Whether a large batch of mails leaves."""
    return _question(
        campaign,
        "approve_sending",
        title="审批批量发送",
        subject=f"{campaign.short_title}：{phase.title}批量发送审批",
        text_of=text_of,
        yes=SEND,
        no=KEEP,
    )


def _question(
    campaign: Campaign, task_id: str, *, title: str, subject: str, text_of: str, yes: str, no: str
) -> HITLOperator:
    """The task that waits for a person. No answer in time means no."""
    return HITLOperator(
        task_id=task_id,
        task_display_name=title,
        subject=subject,
        body=f"{{{{ ti.xcom_pull(task_ids='{text_of}')['text'] }}}}",
        options=[yes, no],
        defaults=[no],
        assigned_users=approvers(campaign),
        response_timeout=timedelta(hours=Settings().approval_hours),
        execution_timeout=None,
        params={"reason": Param("", type="string", title="意见（不同意时请写明原因）", format="multiline")},
        retries=1,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person decided in the Airflow UI; nobody answering in time counts as a no."""

    approved: bool
    by: str
    reason: str

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Answer:
        user = answer.get("responded_by_user")
        reason = (answer.get("params_input") or {}).get("reason") or ""
        if user is None:
            return cls(False, "（无人审批）", "超时未审批，按不同意处理")
        return cls(bool({APPROVE, SEND} & set(answer["chosen_options"])), user["name"], reason)
