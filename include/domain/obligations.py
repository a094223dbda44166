"""What one unit owes (报送任务) and the states it moves through. Received is not accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from include.domain.model import UnitKind
from include.domain.occasions import ONCE
from include.domain.workdays import WorkdayCalendar


class ObligationState(StrEnum):
    OPEN = "open"  # 待报
    RECEIVED = "received"  # 已收,未校验
    RETURNED = "returned"  # 校验不通过,已退回
    PARTIAL = "partial"  # 材料不全(缺盖章扫描件)
    ACCEPTED = "accepted"  # 校验通过
    REVIEWED = "reviewed"  # 已复核
    WAIVED = "waived"  # 免报
    CLOSED = "closed"  # 终止:单位退出,或阶段在通知印发前已结束

    @property
    def reported_zh(self) -> str:
        """The word of the tables that go up: 待报 is said within the office."""
        return "未报" if self is ObligationState.OPEN else self.zh

    @property
    def zh(self) -> str:
        return _ZH[self]


_ZH = {
    ObligationState.OPEN: "待报",
    ObligationState.RECEIVED: "已收待校验",
    ObligationState.RETURNED: "已退回待重报",
    ObligationState.PARTIAL: "材料不全",
    ObligationState.ACCEPTED: "校验通过",
    ObligationState.REVIEWED: "已复核",
    ObligationState.WAIVED: "免报",
    ObligationState.CLOSED: "已终止",
}

_OPEN, _RECEIVED, _RETURNED, _PARTIAL, _ACCEPTED, _REVIEWED, _WAIVED, _CLOSED = ObligationState

ALLOWED: dict[ObligationState, frozenset[ObligationState]] = {
    _OPEN: frozenset({_RECEIVED, _WAIVED, _CLOSED}),
    _RECEIVED: frozenset({_RETURNED, _PARTIAL, _ACCEPTED, _WAIVED, _CLOSED}),
    _RETURNED: frozenset({_RECEIVED, _WAIVED, _CLOSED}),
    _PARTIAL: frozenset({_RECEIVED, _ACCEPTED, _RETURNED, _WAIVED, _CLOSED}),
    _ACCEPTED: frozenset({_REVIEWED, _RETURNED, _CLOSED}),
    _REVIEWED: frozenset({_CLOSED}),
    _WAIVED: frozenset({_OPEN, _CLOSED}),
    _CLOSED: frozenset({_OPEN}),
}
"""An accepted return stays accepted when the unit sends a newer, worse one; staff may send it back."""

SETTLED = frozenset({_ACCEPTED, _REVIEWED, _WAIVED, _CLOSED})
"""Nothing more is owed: the ladder stops here and nowhere else."""

REPORTED = frozenset({_ACCEPTED, _REVIEWED})
"""The unit has reported (已报)."""

UNSETTLED = frozenset(ObligationState) - SETTLED


class IllegalMove(ValueError):
    """A state change outside ``ALLOWED``."""


def move(current: ObligationState, to: ObligationState) -> ObligationState:
    """The new state; raise IllegalMove when the machine has no such edge."""
    if to not in ALLOWED[current]:
        raise IllegalMove(f"报送任务不能由“{current.zh}”变为“{to.zh}”")
    return to


@dataclass(frozen=True, slots=True)
class Obligation:
    """Unit × form × phase × occasion. Dates are days in Asia/Shanghai."""

    id: int
    campaign_id: str
    phase_key: str
    form: str
    unit_code: str
    unit_name: str
    unit_kind: UnitKind
    state: ObligationState
    due_on: date
    scan_required: bool
    is_zero: bool = False
    received_on: date | None = None
    accepted_on: date | None = None
    days_late: int = 0
    filled_by: str = "unit"
    occasion: str = ONCE
    """Which time a return owed again and again is meant; ``ONCE`` for one owed with its phase."""

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED


class Missing(NamedTuple):
    """What a unit has not sent in by its due date, and what is needed to ask for it."""

    form: str
    occasion: str
    unit_code: str
    unit_name: str
    unit_kind: UnitKind
    state: ObligationState
    phone: str | None
    reminders: int
    """Reminders and overdue notices (次) the mail server took over."""


@dataclass(frozen=True, slots=True)
class Extension:
    """A due date moved back for one unit (延期), and who allowed it."""

    old_due_on: date
    due_on: date
    reason: str
    approved_by: str
    granted_on: date


def days_late(due_on: date, received_on: date, calendar: WorkdayCalendar) -> int:
    """Working days late; a return on the free days after the due date is one day late, not none."""
    if received_on <= due_on:
        return 0
    return max(1, calendar.between(due_on, received_on))
