"""A waiver turns a finding into information; it never hides it, and never reaches another unit or day."""

from __future__ import annotations

from datetime import date

import pytest

from include.domain.model import Severity
from include.domain.returns import Finding
from include.domain.waivers import Waiver, applied, why_not_waivable
from include.gateways.form_files import load_forms

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


def test_a_rule_over_several_fields_is_waived_at_each_and_no_other_rule_of_like_name() -> None:
    found = [Finding(rule, "…") for rule in ("zero_amounts.fund_amt", "zero_amounts_total", "zero_amounts")]
    judged = applied(found, [make_waiver(rule="zero_amounts")], on=DAY)
    assert [each.severity for each in judged] == [Severity.INFO, Severity.ERROR, Severity.INFO]


def test_a_revoked_waiver_ends_the_day_before_and_says_by_whom_and_why() -> None:
    ended = make_waiver().ended(DAY, by="办公室主任", reason="已补齐明细")
    assert ended is not None
    assert (ended.holds(date(2024, 5, 27)), ended.holds(DAY)) == (True, False)
    assert ended.reason.endswith("（2024年5月28日由办公室主任撤销：已补齐明细）")


@pytest.mark.parametrize("on", [date(2024, 5, 19), date(2024, 5, 20)])
def test_a_waiver_revoked_before_it_held_a_whole_day_is_gone(on: date) -> None:
    assert make_waiver().ended(on, by="办公室主任", reason="误办") is None


@pytest.mark.parametrize(("on", "reason", "said"), [(date(2024, 7, 1), "…", "到期"), (DAY, " ", "理由")])
def test_what_has_run_out_or_lacks_a_reason_is_not_revoked(on: date, reason: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make_waiver().ended(on, by="办公室主任", reason=reason)


@pytest.mark.parametrize(
    ("rule", "waivable"),
    [
        ("lines_add_up", True),
        ("zero_amounts.fund_amt", True),
        ("measure.required", True),
        ("violation_type.choice", False),
        ("violation_type.required", False),
        ("violation_amt.readable", False),
    ],
)
def test_what_could_not_be_counted_is_waived_for_nobody(rule: str, waivable: bool) -> None:
    assert (why_not_waivable(load_forms()["self_check"], rule) == "") is waivable
