"""A waiver turns a finding into information; it never hides it, and never reaches another unit or day."""

from __future__ import annotations

from datetime import date

import pytest

from include.domain.model import Severity
from include.domain.returns import Finding
from include.domain.waivers import Waiver, applied

DAY = date(2024, 5, 28)


def make_waiver(**facts: object) -> Waiver:
    given = {
        "unit_code": "H15062600001",
        "form": "self_check",
        "rule": "lines_add_up",
        "reason": "结算系统迁移，历史明细无法对应",
        "approved_by": "办公室主任",
        "granted_on": date(2024, 5, 20),
        "expires_on": date(2024, 6, 30),
    }
    return Waiver(**(given | facts))


FINDINGS = (Finding("lines_add_up", "两表不符"), Finding("refund_within_fund", "退回大于应退"))


def test_only_the_waived_rule_becomes_information_and_says_who_waived_it() -> None:
    waived, other = applied(FINDINGS, [make_waiver()], on=DAY)
    assert (waived.severity, other.severity) == (Severity.INFO, Severity.ERROR)
    assert "办公室主任批准豁免至2024年6月30日" in waived.message
    assert waived.message.startswith("两表不符")


@pytest.mark.parametrize("on", [date(2024, 5, 19), date(2024, 7, 1)])
def test_outside_its_days_a_waiver_does_nothing(on: date) -> None:
    assert applied(FINDINGS, [make_waiver()], on=on) == FINDINGS


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"reason": " "}, "理由"),
        ({"approved_by": ""}, "批准岗位"),
        ({"expires_on": date(2024, 5, 19)}, "早于批准日"),
    ],
)
def test_a_waiver_without_reason_approver_or_end_is_refused(facts: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make_waiver(**facts)
