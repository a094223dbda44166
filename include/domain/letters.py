"""What a mail has to say, before it is put into words. Templates see these and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from include.domain.campaign import Campaign, Phase, Post, UpwardReport
from include.domain.ladder import Step
from include.domain.returns import Finding
from include.domain.units import Unit


@dataclass(frozen=True, slots=True)
class Office:
    """The sending office: whom to answer to. ``mailbox`` is the shared mailbox returns are sent to."""

    name: str
    mailbox: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due date as of the day of writing. ``working_days_left`` is negative once overdue."""

    due_on: date
    due_text: str
    working_days_left: int


@dataclass(frozen=True, slots=True)
class UnitLetter:
    """To a reporting unit: announcement, launch, reminder, overdue."""

    campaign: Campaign
    office: Office
    on: date
    unit: Unit
    phase: Phase
    form_title: str = ""
    deadline: Deadline | None = None
    scan_required: bool = False
    state: str = ""  # 待报 / 已退回待重报 / 材料不全
    open_findings: int = 0
    step: Step | None = None
    attachments: tuple[str, ...] = ()


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
    receipt_no: str = ""
    is_zero: bool = False
    days_late: int = 0
    errors: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OverdueLine:
    """One overdue unit in a digest."""

    unit_code: str
    unit_name: str
    kind: str
    state: str
    due_on: date
    days_overdue: int
    notices_sent: int
    phone: str


@dataclass(frozen=True, slots=True)
class DigestLetter:
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
class FigureLine:
    """One figure as printed: 应报单位 / 144 / 家."""

    title: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class ReportLetter:
    """To the bureau above: the compiled tables."""

    campaign: Campaign
    office: Office
    on: date
    report: UpwardReport
    edition: int
    figures: tuple[FigureLine, ...]
    attachments: tuple[str, ...]


Letter = UnitLetter | ReturnLetter | DigestLetter | ReportLetter
