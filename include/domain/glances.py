"""What the office sees at a glance: what is still owed and by when, how the mails stand, one unit in the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from include.domain.model import UnitKind
from include.domain.notices import NoticeKind, NoticeState
from include.domain.obligations import ObligationState


@dataclass(frozen=True, slots=True)
class Owing:
    """Units (家) that have not settled one form of one phase and occasion, all due on one day.

    ``by_office`` where the office fills the form in itself; ``returned`` of the units were told to mend theirs.
    """

    campaign_id: str
    phase_key: str
    form: str
    occasion: str
    by_office: bool
    due_on: date
    units: int
    returned: int


@dataclass(frozen=True, slots=True)
class MailTrouble:
    """Notices (份) of a campaign a person must look after.

    ``in_doubt``: nobody knows whether they left; ``stuck``: claimed and never finished, or planned more than
    a working day ago and still here; ``refused`` and ``bounced`` in the last days.
    """

    campaign_id: str
    in_doubt: int = 0
    stuck: int = 0
    refused: int = 0
    bounced: int = 0


@dataclass(frozen=True, slots=True)
class Unhandled:
    """What came in and waits for a person: files (份) nobody could be found for, messages (封)."""

    campaign_id: str
    files: int = 0
    messages: int = 0


@dataclass(frozen=True, slots=True)
class Contacts:
    """Units (家) of a campaign that owe: without a usable mailbox, to be called, and of those to be called the ones
    with whom this day or an earlier one was agreed.
    """

    campaign_id: str
    unreachable: int = 0
    to_call: int = 0
    agreed: int = 0


class Show(StrEnum):
    """Which units of the roster a list shows."""

    ALL = "all"
    OWING = "owing"
    OVERDUE = "overdue"
    SETTLED = "settled"
    UNREACHABLE = "unreachable"
    TO_CALL = "to_call"
    AGREED = "agreed"
    LEFT = "left"

    @property
    def zh(self) -> str:
        return {
            "all": "全部在册",
            "owing": "有未办结的报送",
            "overdue": "有逾期未报",
            "settled": "报送全部办结",
            "unreachable": "未办结且无可用邮箱",
            "to_call": "电话待联系",
            "agreed": "约定联系日已到",
            "left": "已退出",
        }[self.value]


@dataclass(frozen=True, slots=True)
class UnitsAsked:
    """A list of units as asked for; ``regions`` are beginnings of division codes, empty for all.

    ``text`` is part of a code or a name; ``phase``, ``form`` and ``due_on`` narrow what counts as owed; a call made
    before ``told_since`` tells the unit no more.
    """

    campaign_id: str
    on: date
    regions: tuple[str, ...] = ()
    text: str = ""
    kind: UnitKind | None = None
    region: str = ""
    show: Show = Show.ALL
    phase: str = ""
    form: str = ""
    due_on: date | None = None
    told_since: date | None = None


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit with what it owes (件): in all, settled, overdue; ``next_due`` is the earliest unsettled."""

    code: str
    name: str
    kind: UnitKind
    region_code: str
    level: str | None
    has_address: bool
    owed: int = 0
    settled: int = 0
    overdue: int = 0
    next_due: date | None = None


@dataclass(frozen=True, slots=True)
class MailLine:
    """One notice to a unit as it stands; ``at`` is the last try."""

    id: int
    kind: NoticeKind
    state: NoticeState
    planned_on: date
    step_key: str | None
    due_on: date | None
    recipient: str | None
    detail: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class RosterMove:
    """A unit that joined, left or changed after the roster was frozen."""

    kind: str
    effective_on: date
    reason: str

    @property
    def zh(self) -> str:
        return {"joined": "新增入册", "left": "退出名册", "changed": "信息变更"}[self.kind]


@dataclass(frozen=True, slots=True)
class OwedAsked:
    """A list of obligations as asked for; what is empty narrows nothing. ``regions`` as in ``UnitsAsked``."""

    campaign_id: str
    on: date
    regions: tuple[str, ...] = ()
    phase: str = ""
    form: str = ""
    kind: UnitKind | None = None
    state: ObligationState | None = None
    region: str = ""


@dataclass(frozen=True, slots=True)
class OwedLine:
    """One obligation with where its unit lies that day; ``region_code`` is empty for one that has left."""

    id: int
    phase_key: str
    form: str
    occasion: str
    unit_code: str
    unit_name: str
    unit_kind: UnitKind
    region_code: str
    filled_by: str
    state: ObligationState
    due_on: date
    received_on: date | None
    accepted_on: date | None
    days_late: int
    is_zero: bool
