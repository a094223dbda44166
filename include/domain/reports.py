"""Indicators (指标), snapshots (快照) and editions: the same number everywhere, and explicable a year later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from include.domain.model import UnitKind
from include.domain.obligations import ObligationState
from include.domain.occasions import Period
from include.domain.snapshot_records import (
    Blacklisting,
    Case,
    Clue,
    Inspection,
    InspectionProblem,
    Rectification,
    Referral,
    RosterUnit,
    Screening,
    Tip,
)


@dataclass(frozen=True, slots=True)
class SnapshotUnit:
    """One obligation as it stood when the snapshot was taken."""

    unit_code: str
    unit_name: str
    unit_kind: UnitKind
    region_code: str
    level: str
    form: str
    state: ObligationState
    due_on: date
    is_zero: bool
    received_on: date | None
    accepted_on: date | None
    days_late: int
    has_address: bool


@dataclass(frozen=True, slots=True)
class SnapshotItem:
    """One accepted self-check problem. Amounts in 元, occurrences in 例次, visits in 人次."""

    unit_code: str
    unit_kind: UnitKind
    violation_type: str
    visits: int
    occurrences: int
    violation_amt: Decimal
    fund_amt: Decimal
    refunded_amt: Decimal
    rectify_status: str


class Scope(StrEnum):
    """Which days a figure counts."""

    CUMULATIVE = "cumulative"  # 累计
    THIS = "this"  # 本期

    @property
    def zh(self) -> str:
        return {Scope.CUMULATIVE: "累计", Scope.THIS: "本期"}[self]


@dataclass(frozen=True, slots=True)
class FigureNote:
    """What a person wrote about one figure of a report: why it fell, or, with ``value``, what to print instead."""

    indicator: str
    dimension: str
    member: str
    scope: Scope
    value: Decimal | None
    note: str
    by: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The frozen input of one compiled report; ``sha256`` is over its canonical content."""

    id: int
    campaign_id: str
    report_key: str
    period: Period
    taken_on: date
    sha256: str
    units: tuple[SnapshotUnit, ...]
    items: tuple[SnapshotItem, ...]
    roster: tuple[RosterUnit, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    problems: tuple[InspectionProblem, ...] = ()
    rectifications: tuple[Rectification, ...] = ()
    clues: tuple[Clue, ...] = ()
    tips: tuple[Tip, ...] = ()
    cases: tuple[Case, ...] = ()
    referrals: tuple[Referral, ...] = ()
    blacklistings: tuple[Blacklisting, ...] = ()
    screenings: tuple[Screening, ...] = ()
    notes: tuple[FigureNote, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: an indicator, for the whole campaign or for one member of a dimension.

    ``value`` is printed everywhere; ``computed`` is what the ledgers gave where a person's note replaced it.
    """

    indicator: str
    dimension: str  # "" 全体, otherwise one of ``include.domain.groups``
    member: str  # "" 全体
    value: Decimal
    scope: Scope = Scope.CUMULATIVE
    computed: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """A 勾稽关系: two numbers that must agree (or stand in order), and whether they do."""

    key: str
    title: str
    left: Decimal
    relation: str  # = ≤ ≥
    right: Decimal
    holds: bool
    indicators: frozenset[str]
    """Those the two numbers are made of."""


RowKind = Literal["words", "count", "money", "day"]


@dataclass(frozen=True, slots=True)
class RowsBehind:
    """Rows of a snapshot that a figure counts (逐条明细): titles of the columns with their kinds, the cells in order.

    ``count`` is how many there are, ``rows`` may be the first of them.
    """

    key: str
    title: str
    columns: tuple[tuple[str, RowKind], ...]
    rows: Sequence[Sequence[Any]]
    count: int

    def first(self, number: int) -> RowsBehind:
        return replace(self, rows=self.rows[:number])


class EditionState(StrEnum):
    DRAFTED = "drafted"  # 已编制,签批中
    CONTRADICTORY = "contradictory"  # 勾稽不符,不送签
    APPROVED = "approved"  # 三道签批均同意,待报送
    REJECTED = "rejected"  # 已退回
    SUPERSEDED = "superseded"  # 已被替代
    SENT = "sent"  # 已报送
    RECEIVED = "received"  # 上级已签收

    @property
    def zh(self) -> str:
        return _STATE_ZH[self]


_STATE_ZH = {
    EditionState.DRAFTED: "签批中",
    EditionState.CONTRADICTORY: "勾稽不符",
    EditionState.APPROVED: "已审核待报送",
    EditionState.REJECTED: "已退回",
    EditionState.SUPERSEDED: "已被替代",
    EditionState.SENT: "已报送",
    EditionState.RECEIVED: "上级已签收",
}

EDITION_MOVES: dict[EditionState, frozenset[EditionState]] = {
    EditionState.DRAFTED: frozenset({EditionState.APPROVED, EditionState.REJECTED, EditionState.SUPERSEDED}),
    EditionState.CONTRADICTORY: frozenset({EditionState.SUPERSEDED}),
    EditionState.APPROVED: frozenset({EditionState.SENT}),
    EditionState.REJECTED: frozenset(),
    EditionState.SUPERSEDED: frozenset(),
    EditionState.SENT: frozenset({EditionState.RECEIVED}),
    EditionState.RECEIVED: frozenset(),
}
"""What was approved goes up before anything newer is compiled: nobody's signature is passed over."""

WENT_UP = frozenset({EditionState.SENT, EditionState.RECEIVED})
REPLACEABLE = frozenset({EditionState.DRAFTED, EditionState.CONTRADICTORY})


class FileRole(StrEnum):
    TABLES = "tables"  # 统计表
    TEMPLATE = "template"  # 上级下发的表样，已填数
    DOCUMENT = "document"  # 书面报告
    PDF = "pdf"  # 书面报告的版式文件


@dataclass(frozen=True, slots=True)
class EditionFile:
    """One file of an edition; its bytes are in the archive."""

    role: FileRole
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Event:
    """What a report made on an event tells, in the office's words; ``number`` is the related case or clue."""

    title: str
    facts: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Edition:
    """One compiled edition of a report.

    ``correction`` is 0 for what is first reported, else the number of the correction (更正版) it is;
    ``reason`` says why an edition was made although the data had not changed, or what is corrected.
    """

    id: int
    campaign_id: str
    report_key: str
    occasion: str
    number: int
    snapshot_id: int
    state: EditionState
    compiled_on: date
    files: tuple[EditionFile, ...] = ()
    correction: int = 0
    reason: str = ""
    event: Event | None = None
    sent_at: datetime | None = None
    received_on: date | None = None
    receipt: str = ""

    @property
    def title(self) -> str:
        """第2版, or 更正版第1号（第3版）."""
        return (
            f"更正版第{self.correction}号（第{self.number}版）" if self.correction else f"第{self.number}版"
        )

    @property
    def went_up(self) -> bool:
        return self.state in WENT_UP

    def file(self, role: FileRole) -> EditionFile | None:
        return next((each for each in self.files if each.role is role), None)
