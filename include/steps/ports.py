"""What the steps need of the world, by shape. A gateway fits a port without importing it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Protocol

from include.domain.campaign import Campaign, Owed, Phase, UpwardReport
from include.domain.forms import Form
from include.domain.letters import Letter, Office
from include.domain.notices import Handed as Handed
from include.domain.notices import (
    Message,
    NewNotice,
    Notice,
    NoticeKind,
    NoticeState,
    OutboxRow,
    Rendered,
    SendMode,
)
from include.domain.obligations import Obligation, ObligationState
from include.domain.plans import BulkPlan, PlanCounts, PlanLine
from include.domain.reports import CrossCheck, Edition, Figure, Snapshot
from include.domain.returns import (
    CheckContext,
    FileKind,
    Finding,
    Identity,
    InboxFile,
    Judgement,
    Reading,
    ReturnFile,
    SelfCheckItem,
    Value,
    Verdict,
)
from include.domain.units import PostHolder, RosterChange, Unit
from include.domain.waivers import Waiver
from include.domain.workdays import WorkdayCalendar


class Roster(Protocol):
    """Units and post holders of a campaign, frozen at its start and adjusted since."""

    def frozen_on(self, campaign_id: str) -> date | None: ...

    def freeze(
        self,
        campaign_id: str,
        units: Sequence[Unit],
        holders: Sequence[PostHolder],
        *,
        on: date,
        actor: str,
        source_sha256: str,
    ) -> None:
        """Raise RosterFrozen when frozen from another file already; the same file changes nothing."""

    def adjust(self, campaign_id: str, changes: Sequence[RosterChange], *, actor: str) -> int:
        """Enter joins, exits and changes; return how many were new. A leaver's open obligations close."""

    def units(self, campaign_id: str, *, on: date) -> list[Unit]:
        """Units in force that day, by code."""

    def unit(self, campaign_id: str, code: str) -> Unit | None: ...

    def holder(self, campaign_id: str, post_key: str, *, on: date) -> PostHolder | None: ...


class Obligations(Protocol):
    def open(
        self, campaign_id: str, phase_key: str, owed: Owed, *, due_on: date, on: date, closed: bool = False
    ) -> int:
        """One obligation per unit in force of the kinds that owe; return how many are new. Set-based.

        ``closed`` enters them closed: the phase was over when the notice came out.
        """

    def get(self, obligation_id: int) -> Obligation: ...

    def of_unit(self, campaign_id: str, unit_code: str, form: str) -> Obligation | None:
        """The unit's obligation for that form; of several phases the one with the latest due date."""

    def all(
        self,
        campaign_id: str,
        phase_key: str,
        *,
        form: str | None = None,
        due_on: date | None = None,
        states: Collection[ObligationState] | None = None,
    ) -> list[Obligation]:
        """By unit code."""

    def due_dates(self, campaign_id: str, phase_key: str, form: str) -> list[date]:
        """Distinct due dates of unsettled obligations that units themselves fill, ascending."""

    def counts(self, campaign_id: str, phase_key: str) -> dict[ObligationState, int]: ...


class Returns(Protocol):
    def receive(
        self,
        campaign_id: str,
        *,
        name: str,
        sha256: str,
        kind: FileKind,
        channel: str,
        received_at: datetime,
        received_on: date,
    ) -> ReturnFile:
        """Enter an arrival. The same campaign, name and content entered before is returned as it is."""

    def pending(self, campaign_id: str, *, received_until: date) -> list[ReturnFile]:
        """Arrivals without a verdict, in order of arrival."""

    def judged(self, campaign_id: str, *, verdicts: Collection[Verdict]) -> list[ReturnFile]:
        """Workbooks with one of those verdicts, in order of arrival."""

    def same_content(self, campaign_id: str, sha256: str, *, before_id: int) -> ReturnFile | None:
        """An earlier arrival with the very same bytes."""

    def get(self, return_id: int) -> ReturnFile: ...

    def findings(self, return_id: int) -> tuple[Finding, ...]: ...

    def judge(
        self, judgements: Sequence[Judgement], notices: Sequence[NewNotice], *, on: date, actor: str
    ) -> None:
        """Apply verdicts, findings, items, obligation moves, answers and their audit in one transaction.

        An obligation already accepted is moved back by nothing but a later acceptance's new figures:
        a newer return that fails leaves the accepted one in force. Items of the newest accepted
        return replace those of an older one of the same obligation.
        """

    def of_obligation(self, obligation_id: int, *, verdict: Verdict) -> ReturnFile | None:
        """The obligation's newest workbook with that verdict."""

    def items(self, return_id: int) -> tuple[SelfCheckItem, ...]: ...

    def scans(self, campaign_id: str, unit_code: str) -> list[ReturnFile]:
        """Stamped scans kept for the unit, newest first."""

    def counts(self, campaign_id: str) -> dict[Verdict, int]: ...


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


class Reports(Protocol):
    def take_snapshot(self, campaign_id: str, report_key: str, phase_key: str, *, on: date) -> Snapshot:
        """Freeze the phase's obligations and accepted items; the same content gives the same snapshot."""

    def snapshot(self, snapshot_id: int) -> Snapshot: ...

    def save_figures(self, snapshot_id: int, figures: Sequence[Figure]) -> None: ...

    def figures(self, snapshot_id: int) -> list[Figure]: ...

    def next_edition_number(self, campaign_id: str, report_key: str, snapshot_id: int) -> int:
        """The number this snapshot's edition has, or would get."""

    def add_edition(
        self, campaign_id: str, report_key: str, snapshot_id: int, *, file_name: str, sha256: str, on: date
    ) -> Edition:
        """The same snapshot and file give the same edition."""

    def edition(self, edition_id: int) -> Edition: ...

    def latest_edition(self, campaign_id: str, report_key: str) -> Edition | None:
        """The one with the highest number; None before the first."""

    def decide(self, edition_id: int, *, approved: bool, by: str, reason: str, at: datetime) -> Edition:
        """Write down a person's decision. A decided edition is not decided again."""

    def mark_sent(self, edition_id: int, *, at: datetime) -> None: ...


class Waivers(Protocol):
    """Rules waived for single units."""

    def grant(self, campaign_id: str, granted: Waiver) -> None:
        """Enter a waiver; the same rule, unit and day again changes nothing."""

    def in_force(self, campaign_id: str, form: str, *, on: date) -> dict[str, tuple[Waiver, ...]]:
        """Unit code → the waivers that hold that day, for the units that have any."""


class Audit(Protocol):
    def verify(self) -> int | None:
        """The first row of the trail whose hash does not fit, or None when it is whole."""


class Ledger(Protocol):
    """The office's own database, a part for each noun."""

    @property
    def roster(self) -> Roster: ...
    @property
    def obligations(self) -> Obligations: ...
    @property
    def returns(self) -> Returns: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def waivers(self) -> Waivers: ...
    @property
    def audit(self) -> Audit: ...

    def close(self) -> None: ...


class Inbox(Protocol):
    """A folder or object store in which returns arrive, one part per campaign."""

    def files(self, campaign_id: str, *, received_until: datetime) -> Iterator[InboxFile]:
        """What lies there and arrived by then, oldest first, read one by one."""

    def take(self, file: InboxFile) -> None:
        """Move it out of the way; it is in the archive by now."""


class Archive(Protocol):
    """Original files by their SHA-256, never changed."""

    def put(self, content: bytes) -> str: ...

    def get(self, sha256: str) -> bytes: ...


class Workbooks(Protocol):
    def prefilled(
        self,
        form: Form,
        campaign: Campaign,
        phase: Phase,
        unit: Unit,
        rows: Mapping[str, Sequence[Mapping[str, Value]]] | None = None,
    ) -> bytes:
        """The form's workbook with this unit's identity and token. Same arguments, same bytes.

        ``rows`` are filled in beforehand: sheet key → rows of values by field, amounts in 元; a card has one.
        """

    def read(self, content: bytes, forms: Mapping[str, Form]) -> Reading:
        """Read whatever was sent. Never raises for a bad file: what is wrong is among the findings."""

    def is_genuine(self, identity: Identity) -> bool:
        """Whether the token was issued by us for exactly this campaign, phase, form, version and unit."""

    def annotated(self, content: bytes, form: Form, findings: Sequence[Finding], *, unit_name: str) -> bytes:
        """The sender's own workbook, bad cells marked, with a first sheet listing every finding."""

    def file_kind(self, content: bytes) -> FileKind:
        """By content, never by name."""

    def unpack(self, name: str, content: bytes) -> list[tuple[str, bytes]]:
        """The files in a zip, named ``x.zip/inner.xlsx``; of anything else, itself."""


class Quality(Protocol):
    def judge(
        self, form: Form, readings: Mapping[int, Reading], contexts: Mapping[int, CheckContext]
    ) -> dict[int, list[Finding]]:
        """Findings per return id, all returns validated in one batch per sheet."""


class Letters(Protocol):
    def render(self, kind: NoticeKind, letter: Letter) -> Rendered: ...


class MailSession(Protocol):
    def send(self, message: Message) -> Handed:
        """Hand over one message. Raise TryAgain, GiveUp or InDoubt (include.domain.errors)."""


class MailServer(Protocol):
    @property
    def mode(self) -> SendMode: ...

    def session(self) -> AbstractContextManager[MailSession]:
        """One connection for many messages. Raise TryAgain when it cannot be had."""


class StatisticsWorkbooks(Protocol):
    def build(
        self,
        campaign: Campaign,
        report: UpwardReport,
        *,
        edition: int,
        snapshot: Snapshot,
        figures: Sequence[Figure],
        checks: Sequence[CrossCheck],
    ) -> bytes:
        """The statistics workbook. Same arguments, same bytes."""


class Gateways(Protocol):
    """Everything a step may touch; put together in assembly, or of fakes in tests."""

    @property
    def ledger(self) -> Ledger: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def archive(self) -> Archive: ...
    @property
    def workbooks(self) -> Workbooks: ...
    @property
    def quality(self) -> Quality: ...
    @property
    def letters(self) -> Letters: ...
    @property
    def mail_server(self) -> MailServer: ...
    @property
    def statistics(self) -> StatisticsWorkbooks: ...
    @property
    def forms(self) -> Mapping[str, Form]: ...
    @property
    def calendar(self) -> WorkdayCalendar: ...
    @property
    def office(self) -> Office: ...
    @property
    def mail_domain(self) -> str: ...

    def now(self) -> datetime: ...
