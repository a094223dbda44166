"""Publication: two posts approve, the decision is served, and nobody's name or number goes out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from include.domain.publication import typical

CASE: dict[str, Any] = {
    "number": "AJ-1",
    "party_type": "定点零售药店",
    "party_name": "示例旗第二药店",
    "violation_types": "串换药品",
    "facts": "为患者样例某（990000190001010016）串换药品",
    "state": "结案",
    "dispositions": "追回医保基金；公开曝光",
    "decided_on": date(2024, 8, 5),
    "legal_basis": "条例第三十八条第（四）项",
    "fine_amt": Decimal(9000),
    "recoup_due": Decimal(6000),
    "publish_approvers": "分管局长、法制审核岗",
}


@pytest.mark.parametrize(
    ("changes", "hindrance"),
    [
        ({}, ""),
        ({"publish_approvers": "分管局长、分管局长"}, "还差1个不同岗位审批"),
        ({"publish_approvers": None}, "还差2个不同岗位审批"),
        ({"decided_on": None, "state": "调查"}, "尚未作出处理决定并送达"),
        ({"state": "决定"}, "尚未作出处理决定并送达"),
    ],
)
def test_what_may_be_published(changes: dict[str, Any], hindrance: str) -> None:
    (found,) = typical([CASE | changes])
    assert found.hindrance.startswith(hindrance)
    assert bool(found.hindrance) is bool(hindrance)


def test_a_case_not_meant_for_exposure_is_not_offered() -> None:
    assert typical([CASE | {"dispositions": "追回医保基金"}]) == []


def test_a_person_is_a_surname_and_the_facts_of_the_file_stay_in_it() -> None:
    person = {"party_type": "参保人员", "party_name": "样例某某", "party_cert": "990000********0016"}
    (found,) = typical([CASE | person])
    assert found.party == "样某"
    said = repr(found)
    for secret in ("样例", "9900001900", "0016"):
        assert secret not in said
