"""Credit grade of an institution (信用等级): a versioned scorecard, explained line by line.

Only what the ledgers hold takes points away. What they do not hold is named and never guessed. A grade decides
how often an institution is inspected; it is no penalty, is not sent to the institution and is not published.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

FULL = 100


class Grade(StrEnum):
    A = "A"
    B = "B"
    C = "C"
    D = "D"


@dataclass(frozen=True, slots=True)
class Rule:
    """Points (分) taken away per unit of what is counted, and at most."""

    each: int
    most: int

    def points(self, number: int) -> int:
        return min(self.each * number, self.most)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """All weights in one place: whoever changes one gives the card a new version."""

    version: str
    missing_return: int
    days_late: Rule
    sent_back: Rule
    flags: Rule
    problems: Rule
    suspected_fraud: int
    refund_overdue: int
    cases: Rule
    from_points: tuple[tuple[int, Grade], ...]
    interval_days: tuple[tuple[Grade, int], ...]

    def grade(self, points: int) -> Grade:
        return next(grade for least, grade in self.from_points if points >= least)

    def interval(self, grade: Grade | None) -> int:
        """Days (日) after which an institution of that grade is inspected again; ungraded ones as B."""
        return dict(self.interval_days)[grade or Grade.B]


SCORECARD = Scorecard(
    version="2026.1",
    missing_return=20,
    days_late=Rule(each=1, most=10),
    sent_back=Rule(each=2, most=10),
    flags=Rule(each=2, most=15),
    problems=Rule(each=3, most=20),
    suspected_fraud=20,
    refund_overdue=10,
    cases=Rule(each=15, most=30),
    from_points=((90, Grade.A), (75, Grade.B), (60, Grade.C), (0, Grade.D)),
    interval_days=((Grade.A, 360), (Grade.B, 180), (Grade.C, 90), (Grade.D, 30)),
)


@dataclass(frozen=True, slots=True)
class SelfCheckRecord:
    """How a self-check return came in: ``sent_back`` (次), ``days_late`` (日), ``flag_weight`` of its red flags."""

    is_missing: bool = False
    is_accepted: bool = False
    days_late: int = 0
    sent_back: int = 0
    flag_weight: int = 0

    @property
    def is_thorough(self) -> bool:
        """Accepted in time, without a sign of carelessness."""
        return self.is_accepted and self.days_late == 0 and self.flag_weight == 0

    @property
    def is_perfunctory(self) -> bool:
        """敷衍了事 as far as figures show it: nothing came, or what came has red flags."""
        return self.is_missing or self.flag_weight > 0


@dataclass(frozen=True, slots=True)
class CreditFacts:
    """What the ledgers hold about a unit. None where they hold nothing to judge by.

    ``inspections`` (次) are completed ones, ``problems`` (个) what they found; refunds in 元.
    """

    unit_code: str
    unit_name: str
    self_check: SelfCheckRecord | None = None
    inspections: int = 0
    problems: int = 0
    suspected_fraud: int = 0
    rectifications: int = 0
    overdue_refund: Decimal = Decimal(0)
    cases: int = 0
    blacklisted: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Points for one reason, in a sentence with its figures."""

    points: int
    why: str

    def __str__(self) -> str:
        return f"{self.points:+d}分：{self.why}"


@dataclass(frozen=True, slots=True)
class Grading:
    """A unit's grade and why; ``grade`` is None when there is too little to judge by."""

    unit_code: str
    unit_name: str
    grade: Grade | None
    points: int
    lines: tuple[Line, ...]
    missing: tuple[str, ...]
    version: str


def graded(facts: CreditFacts, card: Scorecard = SCORECARD) -> Grading:
    """The grade: full points less what the lines take away; a banned institution is D whatever its points."""
    lines = tuple(line for line in _deductions(facts, card) if line.points)
    points = max(0, FULL + sum(line.points for line in lines))
    grade: Grade | None = card.grade(points)
    if facts.blacklisted:
        lines = (*lines, Line(0, f"{facts.blacklisted}，直接评为D级"))
        grade = Grade.D
    elif facts.self_check is None and not facts.inspections and not facts.cases:
        grade = None
    return Grading(
        facts.unit_code, facts.unit_name, grade, points, lines, tuple(_missing(facts)), card.version
    )


def _deductions(facts: CreditFacts, card: Scorecard) -> Iterator[Line]:
    if (own := facts.self_check) is not None:
        if own.is_missing:
            yield Line(-card.missing_return, "自查表已过截止日，尚未报送")
        yield Line(-card.days_late.points(own.days_late), f"自查表逾期{own.days_late}日报送")
        yield Line(-card.sent_back.points(own.sent_back), f"自查表被退回重报{own.sent_back}次")
        yield Line(-card.flags.points(own.flag_weight), f"自查质量红旗权重合计{own.flag_weight}")
    if facts.inspections:
        # Whole problems per inspection, rounded down: in doubt for the institution.
        each = facts.problems // facts.inspections
        why = f"完成检查{facts.inspections}次，发现问题{facts.problems}个，平均每次{each}个（去尾）"
        yield Line(-card.problems.points(each), why)
    if facts.suspected_fraud:
        yield Line(-card.suspected_fraud, f"检查结论为“涉嫌骗保”{facts.suspected_fraud}次")
    if facts.overdue_refund > 0:
        yield Line(-card.refund_overdue, f"超过整改期限仍有{facts.overdue_refund:,.2f}元未退回医保基金")
    yield Line(-card.cases.points(facts.cases), f"已作出处理决定的案件{facts.cases}件")


def _missing(facts: CreditFacts) -> Iterator[str]:
    if facts.self_check is None:
        yield "没有应报的自查表，自查及时性和质量未计"
    elif not facts.self_check.is_accepted and not facts.self_check.is_missing:
        yield "自查表尚未校验通过，自查质量未计"
    if not facts.inspections:
        yield "没有已完成的现场检查，检查发现问题未计"
    if not facts.rectifications:
        yield "整改及退费台账中没有记录，退费情况未计"
    yield "医保医师信用、满意度评价等台账以外的指标系统没有数据，未计"
