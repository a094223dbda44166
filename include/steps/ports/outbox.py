"""Every message before, while and after it is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from include.domain.notices import Message, NewNotice, Notice, NoticeKind, NoticeState, OutboxRow, SendMode
from include.domain.plans import BulkPlan, Coverage, Dispatch, PlanCounts, PlanLine, Reason, Returned, Stop


class Outbox(Protocol):
    def plan(self, notices: Sequence[NewNotice]) -> int:
        """Enter notices; return how many are new. A key already there is left alone."""

    def plan_units(self, plan: BulkPlan) -> PlanCounts:
        """Enter one notice for each unit that owes and can be reached, in one statement (INSERT … SELECT)."""

    def preview_units(self, plan: BulkPlan) -> list[PlanLine]:
        """What ``plan_units`` would do, unit by unit, entering nothing."""

    def claim(
        self, campaign_id: str, *, mode: SendMode, limit: int, now: datetime, lease: timedelta
    ) -> list[Notice]:
        """Move planned notices whose time has come to *sending*; two workers never get the same one.

        ``limit`` counts mails: notices planned for one contact are claimed together. Nothing is claimed
        while sending is stopped, nor from a batch nobody has approved yet, nor what was planned in another
        send mode: a rehearsal must neither be sent nor use up what is meant to be.
        """

    def expire_leases(self, *, now: datetime) -> int:
        """Move *sending* notices whose lease has run out to *in doubt*; return how many."""

    def record_mail(
        self,
        notice_ids: Sequence[int],
        state: NoticeState,
        *,
        at: datetime,
        to: str | None = None,
        message_id: str | None = None,
        detail: str = "",
        mail: Message | None = None,
    ) -> int:
        """Write down what became of the notices of one mail, of all or of none. Moves only along ALLOWED.

        ``mail`` is what was handed over; its words are kept.
        Return the number of the latest attempt, see ``attempts_made``.
        """

    def record_and_claim(
        self,
        campaign_id: str,
        notice_ids: Sequence[int],
        state: NoticeState,
        *,
        mode: SendMode,
        lease: timedelta,
        at: datetime,
        to: str | None = None,
        message_id: str | None = None,
        detail: str = "",
        mail: Message | None = None,
    ) -> tuple[int, list[Notice]]:
        """``record_mail``, then ``claim`` of one mail, both or neither; return what the two return."""

    def release(
        self, notice_id: int, *, at: datetime, not_before: datetime, detail: str, alone: bool = False
    ) -> None:
        """Back to *planned*: nothing was handed over, a later try is safe.

        ``alone`` takes it out of its group: its unit no longer shares the contact of the others.
        """

    def due(self, campaign_id: str, *, mode: SendMode, now: datetime) -> int:
        """Notices (份) that could be claimed now."""

    def newest_of(
        self, campaign_id: str, unit_codes: Collection[str], *, kind: NoticeKind
    ) -> dict[str, OutboxRow]:
        """By unit the notice of that kind entered last; units without one are left out."""

    def in_doubt(self, campaign_id: str) -> list[OutboxRow]:
        """Those of which nobody knows whether they left, in order of entry; a person settles them."""

    def settle(self, notice_id: int, *, was_sent: bool, by: str, reason: str, at: datetime) -> str:
        """A person's finding on a notice in doubt: it had left, or it is to be sent once more; return its key."""

    def came_back(self, campaign_id: str) -> list[Returned]:
        """Notices that count as sent although their mail has bounced for good, in order of entry."""

    def bounce(self, notice_id: int, *, at: datetime, detail: str) -> bool:
        """A mail that was taken over has come back; return whether that is news."""

    def plan_again(self, notice_id: int, *, on: date) -> bool:
        """Enter a notice whose mail came back once more, for the unit's other address; return whether it is new.

        Its batch has one notice more to account for.
        """

    def attempts_made(self) -> int:
        """The number of the latest attempt; it only grows, unless the ledger was put back to an older day."""

    def sent_between(self, start: datetime, end: datetime) -> int:
        """Mails (封) the server took over from ``start`` until before ``end``, of all campaigns."""

    def stop(self, scope: str, *, by: str, reason: str, at: datetime) -> None:
        """Nothing of the scope (a campaign, or ``*``) is claimed from now on; the first reason stays."""

    def resume(self, scope: str, *, by: str, reason: str, at: datetime) -> bool:
        """Let the scope send again; return whether it was stopped."""

    def stops(self, campaign_id: str | None = None) -> list[Stop]:
        """What stands in the way of sending: of that campaign, or of any."""

    def dispatches(self, campaign_id: str, *, waiting: bool = False) -> list[Dispatch]:
        """The batches of a campaign in order of entry; ``waiting`` for those nobody has decided yet."""

    def decide(self, dispatch_id: int, *, approved: bool, by: str, reason: str, at: datetime) -> bool:
        """A person's word on a batch; a refused one is skipped whole. Return whether it was still open."""

    def dispatch(self, dispatch_id: int) -> Dispatch:
        """Raise KeyError when there is none."""

    def states(self, dispatch_id: int) -> Counter[NoticeState]:
        """The notices (份) of a batch by state."""

    def samples(self, dispatch_id: int, *, limit: int) -> list[Notice]:
        """The first notices of a batch that have not left yet, claimed by nobody."""

    def count_units(self, plan: BulkPlan) -> dict[Reason, int]:
        """What ``plan_units`` would do, in numbers (家), entering nothing."""

    def waiting(self) -> int:
        """Notices (份) planned and not yet sent, of all campaigns: they share the mailbox."""

    def coverage(self, dispatch_id: int) -> list[Coverage]:
        """What became of a batch, unit by unit: every unit that owed the form then, by code."""

    def counts(self, campaign_id: str) -> dict[tuple[NoticeKind, NoticeState], int]: ...

    def rows(self, campaign_id: str) -> list[OutboxRow]:
        """Everything ever planned, in order of entry."""

    def keys(self, campaign_id: str, *, kind: NoticeKind) -> set[str]:
        """Keys of that kind already entered, whatever became of them."""

    def is_sent(self, *, edition_id: int) -> bool:
        """Whether the mail server took over (or the rehearsal rendered) the mail of a report edition."""

    def count_unreachable(self, campaign_id: str, phase_key: str) -> int:
        """Units (家) with an unsettled obligation of their own and no address."""
