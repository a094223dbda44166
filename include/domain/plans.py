"""Who would be written to, and who not, and why (发送计划)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from include.domain.notices import NoticeKind, SendMode


class Reason(StrEnum):
    """Why a unit is, or is not, written to."""

    SEND = "send"
    ACCEPTED = "accepted"
    WAIVED = "waived"
    CLOSED = "closed"
    NOT_REACHED = "not_reached"
    ALREADY_SENT = "already_sent"
    JUST_LAUNCHED = "just_launched"
    NO_ADDRESS = "no_address"

    @property
    def zh(self) -> str:
        return {
            Reason.SEND: "拟发送",
            Reason.ACCEPTED: "已校验通过，不再催报",
            Reason.WAIVED: "已批准免报",
            Reason.CLOSED: "报送任务已终止",
            Reason.NOT_REACHED: "未到催报日",
            Reason.ALREADY_SENT: "本档次已列入发送，不重复发",
            Reason.JUST_LAUNCHED: "当天刚发启动通知，不再另发提醒",
            Reason.NO_ADDRESS: "无可用邮箱，列入电话联系名单",
        }[self]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One unit's line in a plan; no address, because addresses are looked up when the mail is sent."""

    unit_code: str
    unit_name: str
    due_on: date
    step_key: str | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class PlanCounts:
    """How many notices a planning run entered, and why the other units get none (家)."""

    entered: int
    left_out: dict[Reason, int]


@dataclass(frozen=True, slots=True)
class BulkPlan:
    """One rung for all units that share a due date: planned by the database in one statement.

    ``due_on`` None means whatever the due date (the launch notice). ``units`` None means all.
    """

    campaign_id: str
    phase_key: str
    form: str
    kind: NoticeKind
    step_key: str
    mode: SendMode
    on: date
    due_on: date | None = None
    units: frozenset[str] | None = None
