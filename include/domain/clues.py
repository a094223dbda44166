"""Rules for clues (疑点线索): what must be fed back, proposed for 飞行检查, watched more closely, reported, cross-checked.

Each returns proposals with a sentence that says why; a person decides. A clue is a suspicion, not a violation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from include.domain.registers import DUE, NUMBER, STATE, UNIT
from include.domain.time_limits import ISSUED, Values
from include.domain.workdays import WorkdayCalendar

UNVERIFIED = ("未启动", "核查中", "待复核")
REPEATED = 2
"""Clues (条) of one subject in a campaign from which it is watched more closely."""


class Rule(StrEnum):
    FEED_BACK = "feed_back"  # 须向上级逐条反馈
    FLYING = "flying"  # 建议纳入飞行检查
    WATCH = "watch"  # 加密检查频次
    UNVERIFIED = "unverified"  # 逾期未核查,应予报告
    CROSS_CHECK = "cross_check"  # 建议交叉检查

    @property
    def zh(self) -> str:
        return _ZH[self]


_ZH = {
    Rule.FEED_BACK: "应向下发单位反馈",
    Rule.FLYING: "建议纳入飞行检查范围",
    Rule.WATCH: "加密检查频次（检查间隔提高一档）",
    Rule.UNVERIFIED: "逾期未核查，应予报告",
    Rule.CROSS_CHECK: "建议上级组织交叉检查",
}


@dataclass(frozen=True, slots=True)
class Clue:
    """A row of the register as the rules see it. ``due_on`` is None while its time limit is paused."""

    number: str
    source: str
    risk: str
    progress: str
    received_on: date
    due_on: date | None
    subject: str
    """The institution's code, or the insured person's number."""
    upper_number: str = ""
    batch: str = ""
    feedback_on: date | None = None

    @property
    def is_issued(self) -> bool:
        return self.source in ISSUED

    @property
    def is_unverified(self) -> bool:
        return self.progress in UNVERIFIED

    def is_overdue(self, on: date) -> bool:
        return self.is_unverified and self.due_on is not None and self.due_on < on


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a rule says of a clue, or of a subject with its clues."""

    rule: Rule
    subject: str
    numbers: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class BatchCount:
    """How far an issued batch is: clues (条) issued, verified, fed back, overdue."""

    batch: str
    issued: int
    verified: int
    fed_back: int
    overdue: int


def clue(values: Values, *, due_on: date | None) -> Clue:
    """A record of the register. Raise TypeError for one without the day it was received."""
    received, feedback = values.get("received_on"), values.get("feedback_on")
    if not isinstance(received, date):
        raise TypeError("线索没有接收日期")
    return Clue(
        number=_text(values, NUMBER),
        source=_text(values, "source"),
        risk=_text(values, "risk_level"),
        progress=_text(values, STATE),
        received_on=received,
        due_on=due_on,
        subject=_text(values, UNIT) or _text(values, "psn_no"),
        upper_number=_text(values, "upper_clue_no"),
        batch=_text(values, "batch_no"),
        feedback_on=feedback if isinstance(feedback, date) else None,
    )


def issued_due(values: Values) -> date | None:
    """The day written in the register."""
    due_on = values.get(DUE)
    return due_on if isinstance(due_on, date) else None


def proposals(clues: Sequence[Clue], on: date, calendar: WorkdayCalendar) -> list[Proposal]:
    """What all rules say on that day, rule after rule."""
    return [
        *to_feed_back(clues),
        *for_flying_inspection(clues, on, calendar),
        *to_watch(clues),
        *overdue_unverified(clues, on, calendar),
        *for_cross_check(clues),
    ]


def to_feed_back(clues: Iterable[Clue]) -> list[Proposal]:
    """Issued clues that are closed and not yet fed back, one by one."""
    return [
        Proposal(
            Rule.FEED_BACK,
            each.subject,
            (each.number,),
            f"{each.source}的线索{each.upper_number or each.number}已办结，尚未向下发单位反馈，请逐条反馈",
        )
        for each in clues
        if each.is_issued and each.progress == "已办结" and each.feedback_on is None
    ]


def for_flying_inspection(clues: Iterable[Clue], on: date, calendar: WorkdayCalendar) -> list[Proposal]:
    """「对风险等级较高但核查进度缓慢的线索，纳入飞行检查范围」: half the time gone untouched, or overdue."""
    found = []
    for each in clues:
        if each.risk != "高" or not each.is_unverified or each.due_on is None:
            continue
        whole = calendar.between(each.received_on, each.due_on)
        gone = calendar.between(each.received_on, on)
        if each.is_overdue(on):
            why = f"高风险线索，核查期限{each.due_on}，已逾期{-calendar.between(on, each.due_on)}个工作日，目前“{each.progress}”"
        elif each.progress == "未启动" and gone * 2 >= whole:
            why = f"高风险线索，核查期限共{whole}个工作日，已过{gone}个工作日，仍未启动核查"
        else:
            continue
        found.append(Proposal(Rule.FLYING, each.subject, (each.number,), why))
    return found


def to_watch(clues: Iterable[Clue]) -> list[Proposal]:
    """「屡次出现在疑点线索名单中的，加密检查频次」: subjects by number of clues, the most first."""
    by_subject: defaultdict[str, list[str]] = defaultdict(list)
    for each in clues:
        if each.subject:
            by_subject[each.subject].append(each.number)
    repeated = [item for item in by_subject.items() if len(item[1]) >= REPEATED]
    return [
        Proposal(
            Rule.WATCH,
            subject,
            tuple(numbers),
            f"本专项中已{len(numbers)}次出现在疑点线索中，检查间隔提高一档",
        )
        for subject, numbers in sorted(repeated, key=lambda item: (-len(item[1]), item[0]))
    ]


def overdue_unverified(clues: Iterable[Clue], on: date, calendar: WorkdayCalendar) -> list[Proposal]:
    """「坚决杜绝有线索不核查」: an overdue unverified clue is itself reported."""
    return [
        Proposal(
            Rule.UNVERIFIED,
            each.subject,
            (each.number,),
            f"核查期限{each.due_on}，已逾期{-calendar.between(on, each.due_on)}个工作日，目前“{each.progress}”",
        )
        for each in clues
        if each.due_on is not None and each.is_overdue(on)
    ]


def for_cross_check(clues: Iterable[Clue]) -> list[Proposal]:
    """「风险等级较高、性质较为恶劣的重点线索组织开展交叉检查」: high-risk clues nobody has concluded."""
    return [
        Proposal(
            Rule.CROSS_CHECK,
            each.subject,
            (each.number,),
            f"风险等级高，目前“{each.progress}”，可提请上级组织交叉检查；是否性质恶劣由承办人判断",
        )
        for each in clues
        if each.risk == "高" and each.is_unverified
    ]


def batches(clues: Iterable[Clue], on: date) -> list[BatchCount]:
    """How far each issued batch is, in the order of issue."""
    by_batch: defaultdict[str, list[Clue]] = defaultdict(list)
    for each in clues:
        if each.is_issued:
            by_batch[each.batch or "（未注明批次）"].append(each)
    return [
        BatchCount(
            batch=batch,
            issued=len(here),
            verified=sum(not each.is_unverified for each in here),
            fed_back=sum(each.progress == "已反馈" for each in here),
            overdue=sum(each.is_overdue(on) for each in here),
        )
        for batch, here in by_batch.items()
    ]


def _text(values: Values, name: str) -> str:
    return str(values.get(name) or "")
