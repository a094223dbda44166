"""Who would be written to, and who not, and why (发送计划)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from include.domain.notices import NoticeKind, NoticeState, SendMode
from include.domain.obligations import SETTLED, ObligationState
from include.domain.occasions import ONCE
from include.domain.quota import QuietHours


class Reason(StrEnum):
    """Why a unit is, or is not, written to."""

    SEND = "send"
    ACCEPTED = "accepted"
    WAIVED = "waived"
    CLOSED = "closed"
    NOT_REACHED = "not_reached"
    ALREADY_SENT = "already_sent"
    JUST_LAUNCHED = "just_launched"
    OVERTAKEN = "overtaken"
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
            Reason.OVERTAKEN: "此后的日期已列入发送，不补发以前的档次",
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
    waiting: int = 0
    """Of those entered, how many wait for a person's approval."""


EVERYTHING = "*"
"""The scope of a stop that holds for all campaigns."""


def unit_scope(campaign_id: str, unit_code: str) -> str:
    """The scope of a stop that holds for the mails to one unit."""
    return f"{campaign_id}/{unit_code}"


@dataclass(frozen=True, slots=True)
class Stop:
    """Why nothing of a campaign (of any: ``EVERYTHING``; to one unit: ``unit_scope``) may be sent just now."""

    scope: str
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Returned:
    """A notice whose mail came back (退信)."""

    notice_id: int
    unit_code: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """One unit of a batch: what it owed, what became of its notice (None: it never had one)."""

    unit_code: str
    unit_name: str
    obligation_state: ObligationState | None
    notice_state: NoticeState | None
    detail: str | None
    has_address: bool | None
    phone: str | None


class Standing(StrEnum):
    """Where a unit of a batch stands; each unit in exactly one place, so the parts make up the whole."""

    SENT = "sent"  # 已发出
    SPARED = "spared"  # 无需通知
    UNREACHED = "unreached"  # 未能通知


_LEFT = frozenset({NoticeState.ACCEPTED, NoticeState.RENDERED})


def standing(line: Coverage) -> tuple[Standing, str]:
    """Where the unit stands and why, in words for staff. What still waits is not yet notified."""
    state = line.notice_state
    if state in _LEFT:
        return Standing.SENT, ""
    if line.obligation_state is not None and line.obligation_state in SETTLED:
        return Standing.SPARED, line.obligation_state.zh
    if not line.has_address:
        return Standing.UNREACHED, line.detail or "无可用邮箱"
    if state is None:
        return Standing.SPARED, "不在本批范围（未选定，或当天刚发启动通知）"
    if state is NoticeState.SKIPPED:
        return Standing.SPARED, line.detail or state.zh
    return Standing.UNREACHED, f"{state.zh}：{line.detail}" if line.detail else state.zh


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One planning run's notices (一批): sent together, approved together, reconciled together.

    ``approved`` is None while a person has yet to decide; small batches need nobody.
    """

    id: int
    mode: SendMode
    campaign_id: str
    kind: NoticeKind
    planned_on: date
    entered: int
    needs_approval: bool
    phase_key: str | None = None
    form: str | None = None
    step_key: str | None = None
    due_on: date | None = None
    occasion: str = ONCE
    approved: bool | None = None
    decided_by: str = ""
    reason: str = ""

    @property
    def is_waiting(self) -> bool:
        return self.needs_approval and self.approved is None


@dataclass(frozen=True, slots=True)
class BulkPlan:
    """One rung for all units that share a due date: planned by the database in one statement.

    Without a ``form`` it goes to every unit of the roster. ``due_on`` None means whatever the due date (the launch notice). ``units`` None means all.
    """

    campaign_id: str
    phase_key: str
    form: str | None
    kind: NoticeKind
    step_key: str
    mode: SendMode
    on: date
    due_on: date | None = None
    occasion: str = ONCE
    units: frozenset[str] | None = None
    useful_until: date | None = None
    approve_above: int | None = None
    """More notices than this wait for a person; None never waits."""


@dataclass(frozen=True, slots=True)
class SendingRules:
    """What a deployment decides about bulk sending: who approves how much, and when nobody is disturbed.

    ``approvals_page`` is the address of the page on which one approves; empty when nobody has said it.
    """

    approve_above: int | None = None
    quiet_hours: QuietHours | None = None
    approval_hours: int = 48
    approvals_page: str = ""
