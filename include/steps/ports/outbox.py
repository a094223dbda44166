"""Every message before, while and after it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from include.domain.notices import NewNotice, Notice, NoticeKind, NoticeState, OutboxRow
from include.domain.plans import BulkPlan, PlanCounts, PlanLine
from include.domain.units import Unit


class Outbox(Protocol):
    def plan(self, notices: Sequence[NewNotice]) -> int:
        """Enter notices; return how many are new. A key already there is left alone."""

    def plan_units(self, plan: BulkPlan) -> PlanCounts:
        """Enter one notice for each unit that owes and can be reached, in one statement (INSERT … SELECT)."""

    def preview_units(self, plan: BulkPlan) -> list[PlanLine]:
        """What ``plan_units`` would do, unit by unit, entering nothing."""

    def claim(self, campaign_id: str, *, limit: int, now: datetime, lease: timedelta) -> list[Notice]:
        """Move planned notices whose time has come to *sending*; two workers never get the same one."""

    def expire_leases(self, *, now: datetime) -> int:
        """Move *sending* notices whose lease has run out to *in doubt*; return how many."""

    def record(
        self,
        notice_id: int,
        state: NoticeState,
        *,
        at: datetime,
        to: str | None = None,
        message_id: str | None = None,
        detail: str = "",
    ) -> None:
        """Write down what became of a claimed notice and of this attempt. Moves only along ALLOWED."""

    def release(self, notice_id: int, *, at: datetime, not_before: datetime, detail: str) -> None:
        """Back to *planned*: nothing was handed over, a later try is safe."""

    def counts(self, campaign_id: str) -> dict[tuple[NoticeKind, NoticeState], int]: ...

    def rows(self, campaign_id: str) -> list[OutboxRow]:
        """Everything ever planned, in order of entry."""

    def keys(self, campaign_id: str, *, kind: NoticeKind) -> set[str]:
        """Keys of that kind already entered, whatever became of them."""

    def is_sent(self, *, edition_id: int) -> bool:
        """Whether the mail server took over (or the rehearsal rendered) the mail of a report edition."""

    def chased(self, campaign_id: str, phase_key: str) -> dict[int, int]:
        """Obligation id → reminders and overdue notices (次) the server took over; none means absent."""

    def unreachable(self, campaign_id: str, phase_key: str) -> list[Unit]:
        """Units with an unsettled obligation and no address (电话联系名单)."""
