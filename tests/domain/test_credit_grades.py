"""The scorecard: every point explained, a ban is D, nothing guessed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from include.domain.credit_grades import SCORECARD, CreditFacts, Grade, SelfCheckRecord, graded

GOOD = SelfCheckRecord(is_accepted=True)


def facts(**changes: Any) -> CreditFacts:
    return CreditFacts("P15062600001", "示例药店", **({"self_check": GOOD} | changes))


@pytest.mark.parametrize(
    ("changes", "points", "grade", "said"),
    [
        ({}, 100, Grade.A, ""),
        ({"self_check": SelfCheckRecord(is_missing=True)}, 80, Grade.B, "尚未报送"),
        ({"self_check": SelfCheckRecord(is_accepted=True, days_late=3, sent_back=2)}, 93, Grade.A, "退回重报2次"),
        ({"self_check": SelfCheckRecord(is_accepted=True, days_late=99)}, 90, Grade.A, "逾期99日"),
        ({"self_check": SelfCheckRecord(is_accepted=True, flag_weight=5)}, 90, Grade.A, "权重合计5"),
        ({"inspections": 2, "problems": 5}, 94, Grade.A, "平均每次2个"),
        ({"inspections": 1, "problems": 50}, 80, Grade.B, "发现问题50个"),
        ({"inspections": 1, "suspected_fraud": 1, "cases": 1}, 65, Grade.C, "涉嫌骗保"),
        ({"rectifications": 1, "overdue_refund": Decimal("1200.5")}, 90, Grade.A, "1,200.50元"),
        ({"cases": 9, "inspections": 1, "suspected_fraud": 2}, 50, Grade.D, "案件9件"),
        ({"blacklisted": "已列入“黑名单”"}, 100, Grade.D, "直接评为D级"),
    ],
)  # fmt: skip
def test_points_go_only_for_what_is_in_the_ledgers(
    changes: dict[str, Any], points: int, grade: Grade, said: str
) -> None:
    found = graded(facts(**changes))
    assert (found.points, found.grade, found.version) == (points, grade, SCORECARD.version)
    assert 100 + sum(line.points for line in found.lines) == points
    assert any(said in line.why for line in found.lines) or not said


def test_with_nothing_to_judge_by_there_is_no_grade_and_the_gaps_are_named() -> None:
    found = graded(facts(self_check=None))
    assert found.grade is None
    assert {"没有应报的自查表，自查及时性和质量未计", "没有已完成的现场检查，检查发现问题未计"} < set(
        found.missing
    )
    assert SCORECARD.interval(None) == SCORECARD.interval(Grade.B)


def test_a_better_grade_is_inspected_less_often() -> None:
    days = [SCORECARD.interval(grade) for grade in Grade]
    assert days == sorted(set(days), reverse=True)
