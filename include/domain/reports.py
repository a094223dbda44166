"""Indicators (指标), snapshots (快照) and editions: the same number everywhere, and explicable a year later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

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


class EditionState(StrEnum):
    DRAFTED = "drafted"  # 已编制,待审
    APPROVED = "approved"
    REJECTED = "rejected"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class Edition:
    """One compiled edition of a report; its workbook is in the archive."""

    id: int
    campaign_id: str
    report_key: str
    occasion: str
    number: int
    snapshot_id: int
    state: EditionState
    file_name: str
    sha256: str
    compiled_on: date
