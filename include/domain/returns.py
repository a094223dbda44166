"""What came in (报送件), what was wrong with it, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from include.domain.model import Severity

Value = str | Decimal | int | date | bool | None
"""A cell after reading: text, money in 元, a count, a day, 是/否, or nothing."""


HANDED_IN = "desk:"
"""How the channel of a file begins that somebody of the office handed in; the user's name follows."""

UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart")
"""What browsers and file transfers call a file until it is whole."""


class FileKind(StrEnum):
    WORKBOOK = "workbook"
    SCAN = "scan"  # 盖章扫描件:pdf / jpg / png,按内容判断
    OTHER = "other"


class Verdict(StrEnum):
    ACCEPTED = "accepted"  # 校验通过
    ACCEPTED_WITH_WARNINGS = "accepted_with_warnings"
    RETURNED = "returned"  # 退回重报
    PARTIAL = "partial"  # 表格通过,缺盖章扫描件
    UNCLAIMED = "unclaimed"  # 单位不明,待办公室认领
    DUPLICATE = "duplicate"  # 与先前收到的文件完全相同
    KEPT = "kept"  # 附件(扫描件)已留存,随主表处理

    @property
    def zh(self) -> str:
        return {
            Verdict.ACCEPTED: "校验通过",
            Verdict.ACCEPTED_WITH_WARNINGS: "通过（有提示）",
            Verdict.RETURNED: "退回重报",
            Verdict.PARTIAL: "材料不全",
            Verdict.UNCLAIMED: "待认领",
            Verdict.DUPLICATE: "重复文件",
            Verdict.KEPT: "已留存",
        }[self]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a return (校验问题): where, what was found, and a sentence saying what to write.

    ``sheet`` and ``cell`` are empty for a finding about the file as a whole. ``rule`` is the rule's key.
    """

    rule: str
    message: str
    severity: Severity = Severity.ERROR
    sheet: str = ""
    cell: str = ""
    header: str = ""
    value: str = ""

    def __post_init__(self) -> None:
        if not self.message.strip():
            raise ValueError(f"校验问题 {self.rule} 没有说明文字")

    @property
    def place(self) -> str:
        return f"{self.sheet}!{self.cell}" if self.cell else self.sheet or "整个文件"


SENT_BACK_BY_HAND = "review.sent_back"
"""The rule of the finding in which a person says why an accepted return goes back."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What the hidden sheet of an issued workbook says about itself; ``token`` proves it is ours."""

    campaign_id: str
    phase_key: str
    form: str
    form_version: str
    unit_code: str
    token: str


@dataclass(frozen=True, slots=True)
class Row:
    """One filled row of a sheet. ``cells`` maps field to cell address (``C7``), ``number`` is the Excel row."""

    number: int
    values: Mapping[str, Value]
    raw: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    """Field → why its text could not be read as the field's type (a Chinese clause)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A workbook as read. ``findings`` are about structure; with an error among them content is not judged."""

    identity: Identity | None
    sheets: Mapping[str, Sequence[Row]]
    findings: tuple[Finding, ...] = ()
    corrects: str = ""
    """SHA-256 of the return it puts right, when only 仅错误行 was sent: its rows are not here but for that one."""

    @property
    def is_readable(self) -> bool:
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A file lying in the inbox. ``received_at`` is the arrival as the channel knows it, zone-aware."""

    name: str
    content: bytes
    received_at: datetime
    channel: str
    reference: str
    """What the inbox needs to move it away again (a path, a mail UID)."""


@dataclass(frozen=True, slots=True)
class ReturnFile:
    """One original file as the ledger has it; its bytes are in the archive under ``sha256``."""

    id: int
    campaign_id: str
    name: str
    sha256: str
    kind: FileKind
    channel: str
    received_at: datetime
    received_on: date
    unit_code: str | None = None
    obligation_id: int | None = None
    verdict: Verdict | None = None
    receipt_no: str | None = None
    findings: tuple[Finding, ...] = ()
    message_row_id: int | None = None
    sender: str | None = None
    """Of a return that came by mail; ``hint_unit_code`` and ``is_vouched`` are what the mail itself told
    (``include.domain.inbound.Claim``)."""
    hint_unit_code: str | None = None
    is_vouched: bool | None = None


@dataclass(frozen=True, slots=True)
class SelfCheckItem:
    """One problem a unit found in itself (自查问题明细). Amounts in 元."""

    seq: int
    area: str
    violation_type: str
    description: str
    visits: int
    occurrences: int
    violation_amt: Decimal
    fund_amt: Decimal
    refunded_amt: Decimal
    rectify_status: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a run decided about one file; the ledger applies it in one transaction with its audit.

    A judgement with an ``obligation_id`` moves the obligation: accepted, returned or partial by its
    verdict; ``UNCLAIMED``, ``DUPLICATE`` and ``KEPT`` move nothing.
    """

    return_id: int
    verdict: Verdict
    unit_code: str | None = None
    obligation_id: int | None = None
    findings: tuple[Finding, ...] = ()
    items: tuple[SelfCheckItem, ...] = ()
    is_zero: bool = False
    days_late: int = 0
    receipt_no: str | None = None


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What a return is judged against, besides its form: the campaign's window, the unit, the day."""

    unit_code: str
    unit_name: str
    campaign_start: date
    window_start: date | None
    window_end: date | None
    on: date


def receipt_number(campaign_id: str, received_on: date, return_id: int) -> str:
    """The number on the receipt (回执编号), unique because the return's id is."""
    return f"HZ-{campaign_id.upper().replace('_', '')}-{received_on:%Y%m%d}-{return_id:06d}"
