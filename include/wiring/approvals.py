"""Tasks that wait for a person. No answer in time means: do not send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, Variable

from include.domain.campaign import Campaign, Phase, PostRole, UpwardReport
from include.domain.sign_off import Hand
from include.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk import Context

SIGN = {
    Hand.PREPARED: "核对无误，送复核",
    Hand.REVIEWED: "复核同意，送审核",
    Hand.APPROVED: "同意报送",
}
REJECT = "退回，不报送"
USER_IDS = "duban_user_ids"
"""The Airflow variable with the numbers FAB gave its users, by name; ``deploy.access`` keeps it."""
SEND = "同意发送"
KEEP = "暂不发送"
YES = frozenset({*SIGN.values(), SEND})

LEADERS = frozenset({PostRole.GROUP_HEAD, PostRole.GROUP_DEPUTY, PostRole.OFFICE_DIRECTOR})


def approvers(campaign: Campaign) -> list[dict[str, str]] | None:
    """The Airflow users who may let a large batch leave, by the leading posts they hold; None lets anyone with the right."""
    held = Settings().approvers
    users = [held[post.key] for post in campaign.posts if post.key in held and post.role in LEADERS]
    return _assigned(users)


def sending_approval(campaign: Campaign, phase: Phase, *, text_of: str) -> HITLOperator:
    """Whether a large batch of mails leaves."""
    return NamedUsersOperator(
        task_id="approve_sending",
        task_display_name="审批批量发送",
        subject=f"{campaign.short_title}：{phase.title}批量发送审批",
        body=_text_of(text_of),
        options=[SEND, KEEP],
        defaults=[KEEP],
        assigned_users=approvers(campaign),
        **_waiting(),
    )


def signature(campaign: Campaign, report: UpwardReport, hand: Hand, *, asked_by: str) -> SignatureOperator:
    """Whether a hand signs a compiled report."""
    return SignatureOperator(
        task_id=f"sign_{hand.value}",
        task_display_name=hand.zh,
        subject=f"{campaign.short_title}：《{report.title}》报送{hand.zh}",
        body=_text_of(asked_by),
        options=[SIGN[hand], REJECT],
        defaults=[REJECT],
        asked_by=asked_by,
        **_waiting(),
    )


class NamedUsersOperator(HITLOperator):
    """Waits for users given by name, whatever the auth manager calls them."""

    def execute(self, context: Context) -> Any:
        if self.assigned_users:
            self.assigned_users = _by_id(self.assigned_users)
        return super().execute(context)


class SignatureOperator(NamedUsersOperator):
    """Waits for one hand, as the task ``asked_by`` found it: for its users, or not at all when it has signed."""

    def __init__(self, *, asked_by: str, **options: Any) -> None:
        super().__init__(**options)
        self.asked_by = asked_by

    def execute(self, context: Context) -> Any:
        asked = context["ti"].xcom_pull(task_ids=self.asked_by)
        if not asked["needed"]:
            return None
        self.assigned_users = _assigned(asked["users"])
        return super().execute(context)


def _assigned(users: list[str]) -> list[dict[str, str]] | None:
    return [{"id": user, "name": user} for user in users] or None


def _by_id(users: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """FAB knows its users by number, the simple auth manager by name."""
    ids = Variable.get(USER_IDS, default={}, deserialize_json=True)
    return [{"id": ids.get(user["name"], user["name"]), "name": user["name"]} for user in users]


def _text_of(task_id: str) -> str:
    return f"{{{{ ti.xcom_pull(task_ids='{task_id}')['text'] }}}}"


def _waiting() -> dict[str, Any]:
    return {
        "response_timeout": timedelta(hours=Settings().approval_hours),
        "execution_timeout": None,
        "params": {
            "reason": Param("", type="string", title="意见（不同意时请写明原因）", format="multiline")
        },
        "retries": 1,
    }


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person decided in the Airflow UI; nobody answering in time counts as a no, and has no ``user``."""

    approved: bool
    by: str
    reason: str
    user: str = ""

    @classmethod
    def of(cls, answer: dict[str, Any] | None) -> Answer:
        user = (answer or {}).get("responded_by_user")
        if answer is None or user is None:
            return cls(False, "（无人审批）", "超时未审批，按不同意处理")
        reason = (answer.get("params_input") or {}).get("reason") or ""
        approved = bool(YES & set(answer["chosen_options"]))
        return cls(approved, user["name"], str(reason), str(user["id"]))
