"""What a snapshot freezes of the roster and of each register: only what figures and the lists behind them need.

Codes are the ledger's, other choices the words of the form; amounts are 元. A tip has nothing of who gave it, and
no record has free text that may name a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from include.domain.model import UnitKind

SUSPECTED_CRIME = "CRIME"


@dataclass(frozen=True, slots=True)
class RosterUnit:
    """One unit of the frozen roster (名册): the denominator of coverage, and where a record's unit belongs."""

    code: str
    name: str
    kind: UnitKind
    region_code: str
    level: str
    ownership: str  # 公立 / 民营, "" where the roster does not say
    branch: str  # 管辖经办机构, "" where the roster does not say


@dataclass(frozen=True, slots=True)
class Inspection:
    """One inspection that is finished (检查状态“完成”)."""

    number: str
    unit_code: str
    unit_name: str
    kind: str  # 检查类型
    end_on: date
    problem_count: int
    violation_amt: Decimal
    fund_amt: Decimal
    conclusion: str


@dataclass(frozen=True, slots=True)
class InspectionProblem:
    """One problem an inspection found."""

    inspection: str
    number: str
    violation_type: str
    occurrences: int
    violation_amt: Decimal
    fund_amt: Decimal


@dataclass(frozen=True, slots=True)
class Rectification:
    """One line of the rectification and refund register (整改及退费台账)."""

    number: str
    source: str
    unit_code: str
    unit_name: str
    state: str
    issued_on: date | None
    due_on: date | None
    payable: Decimal
    paid: Decimal
    paid_on: date | None
    closed_on: date | None
    case_no: str


@dataclass(frozen=True, slots=True)
class Clue:
    """One clue (疑点线索). ``checked_on`` is the day its check was concluded, review still to come."""

    number: str
    source: str
    batch: str
    subject: str  # 涉及对象类型
    unit_code: str
    unit_name: str
    risk: str
    state: str
    received_on: date
    due_on: date | None
    checked_on: date | None
    closed_on: date | None
    result: str
    suspect_amt: Decimal
    confirmed_amt: Decimal
    model: str = ""  # the rule that found it, "" unless found by own screening


@dataclass(frozen=True, slots=True)
class Screening:
    """What one rule found in one run of screening: hits (条), those known before included."""

    on: date
    scope: str
    model: str
    hits: int


@dataclass(frozen=True, slots=True)
class Tip:
    """One tip (举报), without its text and without anything about who gave it."""

    number: str
    received_on: date
    subject: str
    unit_code: str
    state: str
    accepted: bool
    result: str
    decided_on: date | None
    replied_on: date | None
    is_replied: bool
    reward_amt: Decimal
    reward_on: date | None


@dataclass(frozen=True, slots=True)
class Case:
    """One case (案件). A person is known by the number of the case alone."""

    number: str
    source: str
    party: str  # 当事人类型
    unit_code: str
    unit_name: str  # "" for a person
    conduct: str
    state: str
    nature: str
    filed_on: date
    decided_on: date | None
    terminated_on: date | None
    suspended_on: date | None
    published_on: date | None
    closed_on: date | None
    dispositions: tuple[str, ...]
    violation_amt: Decimal
    recoup_due: Decimal
    recoup_paid: Decimal
    recoup_on: date | None
    damages_amt: Decimal
    fine_amt: Decimal

    @property
    def is_major(self) -> bool:
        """重大案件: a suspected crime, or handed to the police. The notices draw no other line."""
        return self.nature == SUSPECTED_CRIME or "REFER_POLICE" in self.dispositions


@dataclass(frozen=True, slots=True)
class Referral:
    """One case or clue handed to another department, or handed over by one (移送)."""

    number: str
    direction: str
    from_org: str
    to_org: str
    case_no: str
    amount: Decimal
    sent_on: date
    decision: str
    decided_on: date | None
    returned_on: date | None


@dataclass(frozen=True, slots=True)
class Blacklisting:
    """One entry of the blacklist (黑名单). ``unit_code`` is empty for a person."""

    subject: str
    unit_code: str
    basis_doc_no: str
    listed_on: date
    removed_on: date | None
