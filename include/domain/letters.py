"""What a mail has to say, before it is put into words. Templates see these and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from include.domain.campaign import Campaign, Phase, Post, UpwardReport
from include.domain.ladder import Step
from include.domain.milestones import Projection
from include.domain.reports import Event
from include.domain.returns import SENT_BACK_BY_HAND, Finding
from include.domain.units import Unit


@dataclass(frozen=True, slots=True)
class Office:
    """The sending office: whom to answer to and whom to call, by post and never by name.

    ``mailbox`` is the shared mailbox returns are sent to.
    """

    name: str
    mailbox: str
    phone: str = ""
    post: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due date as of the day of writing. ``working_days_left`` is negative once overdue.

    ``moved_from`` is the date it stood at before it was last changed.
    """

    due_on: date
    due_text: str
    working_days_left: int
    moved_from: date | None = None


@dataclass(frozen=True, slots=True)
class UnitLetter:
    """To a reporting unit: announcement, launch, reminder, overdue."""

    campaign: Campaign
    office: Office
    on: date
    unit: Unit
    phase: Phase
    units: tuple[Unit, ...] = ()
    """All units of the contact that an announcement speaks to, when they are several."""
    form_title: str = ""
    deadline: Deadline | None = None
    scan_required: bool = False
    has_scan: bool = False
    state: str = ""  # 待报 / 已退回待重报 / 材料不全
    errors: tuple[Finding, ...] = ()
    """What was wrong with the return that was sent back last; empty unless one was."""
    step: Step | None = None
    attachments: tuple[str, ...] = ()
    again: str = ""
    """The notice's words for a return owed again and again; empty for one owed with its phase."""


@dataclass(frozen=True, slots=True)
class ReturnLetter:
    """To a reporting unit about what it sent in: receipt, returned, incomplete."""

    campaign: Campaign
    office: Office
    on: date
    unit: Unit
    phase: Phase
    form_title: str
    deadline: Deadline
    file_name: str
    sha256: str
    received_at: datetime
    scan_required: bool = False
    has_scan: bool = False
    receipt_no: str = ""
    is_zero: bool = False
    days_late: int = 0
    errors: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    attachments: tuple[str, ...] = ()

    @property
    def is_review(self) -> bool:
        """Whether it had been accepted, and a person sends it back."""
        return any(each.rule == SENT_BACK_BY_HAND for each in self.errors)


@dataclass(frozen=True, slots=True)
class UnusableLetter:
    """To a reporting unit whose mail held nothing that can be taken in: a link, or no attachment at all."""

    campaign: Campaign
    office: Office
    on: date
    unit: Unit
    phase: Phase
    subject: str
    received_at: datetime
    advice: str
    deadline: Deadline | None = None
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwingLine:
    """One unit in the digest of its contact: the same facts as in a mail of its own.

    ``workbook`` is the name of its own workbook among the attachments.
    """

    unit_code: str
    unit_name: str
    form_title: str
    deadline: Deadline
    state: str
    scan_required: bool = False
    has_scan: bool = False
    errors: int = 0
    workbook: str = ""


@dataclass(frozen=True, slots=True)
class DigestLetter:
    """To the one contact of several units: which of them owe what by when. It has at least one line.

    ``launch`` when the phase only starts; ``full_list`` is the attachment that lists all units when the
    mail itself cannot.
    """

    campaign: Campaign
    office: Office
    on: date
    phase: Phase
    lines: tuple[OwingLine, ...]
    launch: bool = False
    step: Step | None = None
    full_list: str = ""
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OverdueLine:
    """One overdue unit in the summary for a post. ``calls`` (次) were made, ``last_call`` says what came of the last."""

    unit_code: str
    unit_name: str
    kind: str
    state: str
    due_on: date
    days_overdue: int
    notices_sent: int
    phone: str
    calls: int = 0
    last_call: str = ""


@dataclass(frozen=True, slots=True)
class EscalationLetter:
    """To an office post: who is overdue. Names facts, not moods."""

    campaign: Campaign
    office: Office
    on: date
    phase: Phase
    post: Post
    step: Step
    form_title: str
    due_on: date
    expected: int
    accepted: int
    lines: tuple[OverdueLine, ...]
    unreachable: int


@dataclass(frozen=True, slots=True)
class Unreached:
    """A unit that a step did not reach, why, the telephone it can be called at, and what came of the last call."""

    unit_code: str
    unit_name: str
    reason: str
    phone: str = ""
    last_call: str = ""


@dataclass(frozen=True, slots=True)
class NotNotifiedLetter:
    """To the office after a step: whom it did not reach. Counts are units (家).

    ``not_needed`` names a reason and how many units it holds for. The three parts make up ``expected``;
    a ``difference`` other than 0 is said in the mail.
    """

    campaign: Campaign
    office: Office
    on: date
    phase: Phase
    post: Post
    step_title: str
    expected: int
    sent: int
    not_needed: tuple[tuple[str, int], ...]
    lines: tuple[Unreached, ...]
    attachments: tuple[str, ...] = ()

    @property
    def spared(self) -> int:
        return sum(count for _, count in self.not_needed)

    @property
    def difference(self) -> int:
        return self.expected - self.sent - self.spared - len(self.lines)


@dataclass(frozen=True, slots=True)
class DoubtfulMail:
    """A mail of which nobody knows whether it arrived."""

    recipient: str
    kind: str
    handed_at: datetime | None
    detail: str


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """The mailbox's allowance: mails (封) allowed and sent on the day, and still waiting.

    ``finished_on`` is the day the waiting ones will have left; ``late`` of them leave after the due date.
    """

    allowed: int
    used: int
    waiting: int
    finished_on: date
    late: int = 0


@dataclass(frozen=True, slots=True)
class SuspendedAddress:
    """A mailbox nothing is sent to any more, because mail to it came back."""

    unit_code: str
    unit_name: str
    address: str
    since: date
    detail: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryAlarmLetter:
    """To the office: sending did not go as planned. Counts are mails (封)."""

    campaign: Campaign
    office: Office
    on: date
    phase: Phase
    post: Post
    step_title: str
    planned: int
    sent: int
    skipped: int
    failed: int
    in_doubt: tuple[DoubtfulMail, ...] = ()
    quota: QuotaUse | None = None
    suspended: tuple[SuspendedAddress, ...] = ()

    @property
    def difference(self) -> int:
        return self.planned - self.sent - self.skipped - self.failed


@dataclass(frozen=True, slots=True)
class SampleMail:
    """One of the mails that wait for approval, as it would look."""

    recipient: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class ApprovalRequestLetter:
    """To the approving post: a bulk send waits. ``count`` is mails (封); ``link`` the page to decide on.

    ``decide_by`` is when the request lapses and nothing is sent.
    """

    campaign: Campaign
    office: Office
    on: date
    phase: Phase
    post: Post
    step_title: str
    count: int
    decide_by: datetime
    samples: tuple[SampleMail, ...]
    lines: tuple[Unreached, ...]
    link: str = ""
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One figure as printed: 应报单位 / 144 / 家."""

    title: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One figure that changed, as printed: 违规金额（元） / 100.00 / 120.00 / +20.00."""

    title: str
    last: str
    now: str
    change: str


@dataclass(frozen=True, slots=True)
class ReportLetter:
    """To the bureau above: the compiled tables and documents, or what happened.

    ``occasion_title`` and ``due_on`` are of the time it is owed; ``correction`` is the number of a correction
    (0: first reported), which ``reason`` explains and ``changes`` shows against what was sent before.
    """

    campaign: Campaign
    office: Office
    on: date
    report: UpwardReport
    edition: int
    figures: tuple[FigureLine, ...]
    attachments: tuple[str, ...]
    occasion_title: str = ""
    due_on: date | None = None
    correction: int = 0
    reason: str = ""
    changes: tuple[ChangeLine, ...] = ()
    event: Event | None = None


class SignOffPurpose(StrEnum):
    """Why a post is written to about an edition."""

    ASK = "ask"  # 请签批
    REMIND = "remind"  # 再次提请
    RETURNED = "returned"  # 已退回,请修改
    REPLACED = "replaced"  # 所签版本已被替代
    CONTRADICTORY = "contradictory"  # 勾稽不符,未送签


@dataclass(frozen=True, slots=True)
class SignOffLetter:
    """To a post that signs a report, or drafts it.

    ``hand`` is 经办, 复核 or 审核 (of a return: who returned it); ``link`` the page to sign on, ``decide_by``
    when it lapses and nothing goes up. ``instead_of`` names the vacant post the reader stands in for;
    ``changes_against`` what the changes are measured against. ``contradictions`` are failed 勾稽关系.
    """

    campaign: Campaign
    office: Office
    on: date
    post: Post
    upward: UpwardReport
    purpose: SignOffPurpose
    hand: str
    edition: str
    occasion_title: str
    due_on: date | None
    days_overdue: int = 0
    figures: tuple[FigureLine, ...] = ()
    changes: tuple[ChangeLine, ...] = ()
    more_changes: int = 0
    changes_against: str = ""
    contradictions: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    event: Event | None = None
    decide_by: datetime | None = None
    link: str = ""
    instead_of: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One record (条) of a register by its number alone: what is due on it by when, by which rule.

    ``working_days_left`` is negative once overdue.
    """

    number: str
    what: str
    due_on: date
    working_days_left: int
    state: str
    source: str


@dataclass(frozen=True, slots=True)
class RecordDueLetter:
    """To the post that handles them, or to the director: records of one register whose limits end."""

    campaign: Campaign
    office: Office
    on: date
    post: Post
    register_title: str
    lines: tuple[RecordLine, ...]
    is_escalation: bool = False

    @property
    def overdue(self) -> int:
        return sum(line.due_on < self.on for line in self.lines)


@dataclass(frozen=True, slots=True)
class MilestoneLetter:
    """To the office: a milestone that will be missed at the pace so far. ``branches`` and ``teams`` count the open.

    ``is_last`` when no further warning comes before the due date.
    """

    campaign: Campaign
    office: Office
    on: date
    phase: Phase
    post: Post
    projection: Projection
    branches: tuple[tuple[str, int], ...] = ()
    teams: tuple[tuple[str, int], ...] = ()
    is_last: bool = False
    attachments: tuple[str, ...] = ()


class OfficeMatter(StrEnum):
    """What the office or one of its posts is reminded of."""

    STEP_BEGINS = "step_begins"  # 分步安排将开始
    STEP_ENDS = "step_ends"  # 分步安排将截止
    VACANT_POSTS = "vacant_posts"  # 岗位人员待备案
    DAILY = "daily"  # 每日登记核查
    SUMMED_UP = "summed_up"  # 下级单位所报数据已汇总
    MAJOR_CASE = "major_case"  # 可能属于重大案件,即报
    CLUE_BATCH = "clue_batch"  # 筛查疑点线索批次,交承办单位核查


@dataclass(frozen=True, slots=True)
class OfficeTaskLetter:
    """To a post of the office: what it has to do by when. ``due_text`` are the notice's own words.

    ``lines`` are what it is about, one a line: vacant posts, figures of the day.
    """

    campaign: Campaign
    office: Office
    on: date
    phase: Phase
    post: Post
    matter: OfficeMatter
    title: str
    due_on: date
    due_text: str
    working_days_left: int
    starts_on: date | None = None
    text: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    attachments: tuple[str, ...] = ()


StaffLetter = (
    EscalationLetter
    | NotNotifiedLetter
    | DeliveryAlarmLetter
    | ApprovalRequestLetter
    | RecordDueLetter
    | SignOffLetter
    | MilestoneLetter
    | OfficeTaskLetter
)
Letter = UnitLetter | ReturnLetter | UnusableLetter | DigestLetter | StaffLetter | ReportLetter


@dataclass(frozen=True, slots=True)
class DueDate:
    """An obligation's due date for a contact's calendar. ``key`` names the obligation for ever.

    ``revision`` grows with every later date; ``remind_on`` is None when there is no day left for it.
    """

    key: str
    title: str
    unit_name: str
    due_on: date
    remind_on: date | None
    text: str
    office: Office
    written_on: date
    revision: int = 0
