"""What the law has against a row stands in its cell, stops nothing else, and is never entered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from include.domain.errors import GiveUp
from include.domain.registers import office_form
from include.domain.returns import Reading, Row
from include.gateways.ledger import Ledger
from include.gateways.workbooks import Workbooks
from include.steps import case_review, refund_account, registers, roster
from include.steps.registers import Reviewed
from tests import factories
from tests.fakes import FakeWorkbooks
from tests.gateways.workbook_builders import KEY, address, examples, forms
from tests.steps.conftest import Desk

DAY = date(2024, 12, 31)


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A desk whose workbooks are real."""
    desk.using = replace(desk.using, workbooks=Workbooks(KEY))
    return desk


def looked_at(office: Desk, key: str, *changes: Mapping[str, Any]) -> Reviewed:
    form = forms()[key]
    rows = {
        sheet.key: [
            {
                **examples(key).sheets[sheet.key][0].values,
                **{field: value for field, value in each.items() if sheet.has(field)},
            }
            for each in changes
        ]
        for sheet in form.filled_sheets
    }
    content = office.using.workbooks.register(office_form(form), rows)
    return registers.review(office.campaign, key, "台账.xlsx", content, on=DAY, using=office.using)


def entered(office: Desk, key: str, *changes: Mapping[str, Any]) -> None:
    reviewed = looked_at(office, key, *changes)
    assert reviewed.errors == ()
    registers.enter(office.campaign, reviewed, on=DAY, actor="test", using=office.using)


def test_a_decision_before_its_legal_review_is_refused_at_its_cell_and_the_other_row_is_not(
    office: Desk,
) -> None:
    reviewed = looked_at(office, "case", {}, {"case_no": "AJ-2", "legal_on": None})
    (fault,) = reviewed.errors
    sheet = forms()["case"].sheet("cases")
    assert (fault.rule, fault.cell) == ("register.legal_review_first", address(sheet, "decided_on", 1))
    assert "行政处罚法第五十八条" in fault.message
    with pytest.raises(GiveUp, match="有1处须改正"):
        registers.enter(office.campaign, reviewed, on=DAY, actor="test", using=office.using)


def test_a_fine_outside_its_article_is_refused_with_the_allowed_range(office: Desk) -> None:
    (fault,) = looked_at(office, "case", {"fine_amt": Decimal(20000), "told_fine_amt": Decimal(20000)}).errors
    assert fault.rule == "register.fine_range"
    assert "6000.00元至12000.00元" in fault.message


def test_a_crime_is_not_handed_over_without_all_its_materials(office: Desk) -> None:
    (fault,) = looked_at(office, "referral", {"materials": "移送书"}).errors
    assert (fault.rule, "案件调查报告、涉案物品清单" in fault.message) == (
        "register.referral_materials",
        True,
    )


@pytest.mark.parametrize(
    ("number", "is_refused"),
    [
        ("990000190001010016", False),
        ("990000190001010017", True),
        ("990000190002300016", True),  # no such day
        ("E12345678", False),  # a passport
    ],
)
def test_an_identity_number_must_check_out_and_is_never_repeated(
    office: Desk, tmp_path: Path, number: str, is_refused: bool
) -> None:
    key = Fernet.generate_key().decode()
    office.using = replace(
        office.using, ledger=Ledger(f"sqlite:///{tmp_path / 'ledger.db'}", tipster_key=key)
    )
    reviewed = looked_at(office, "tip", {"tipster_cert": number})
    found = [each for each in reviewed.errors if each.rule == "register.identity_card"]
    office.using.ledger.close()
    assert bool(found) is is_refused
    assert not any(number in str(each) for each in found)


def test_open_cases_say_their_step_what_follows_and_what_is_missing(office: Desk) -> None:
    entered(
        office,
        "case",
        {},
        {
            "case_no": "AJ-2",
            "status": "调查",
            "decided_on": None,
            "served_on": None,
            "closed_on": None,
            "recoup_paid": Decimal(0),
            "fine_amt": Decimal(0),
        },
    )
    (found,) = case_review.open_ones(office.campaign, on=DAY, using=office.using)
    assert (found.number, found.step, found.next_step, found.due_on) == (
        "AJ-2",
        "调查",
        "调查终结",
        date(2024, 9, 18),
    )
    assert found.days_left == -104


USCC = "12990000400000000P"


@pytest.mark.parametrize(
    ("changes", "cell"),
    [
        ({"code": "P15062600901", "uscc": USCC}, "D3"),  # a new code and name, the same legal person
        ({"code": "P15062600003", "uscc": None}, "A3"),
        ({"code": "P15062600901", "uscc": None}, None),
        ({"code": "P15062600901", "legal_rep": "样某", "legal_rep_cert": "990000********0016"}, "L3"),
        ({"code": "P15062600901", "legal_rep": "样某", "legal_rep_cert": "990000********0017"}, None),
        ({"code": "P15062600003", "uscc": USCC, "agreement_status": "解除"}, None),  # its exit is let in
    ],
)
def test_a_banned_party_stays_outside_the_roster(
    office: Desk, changes: dict[str, Any], cell: str | None
) -> None:
    entered(office, "blacklist", {})
    facts = {"name": "改名药店", "kind": "定点零售药店", "region_code": "150626", "agreement_status": "有效"}
    row = Row(number=3, values=facts | changes, cells={"code": "A3", "uscc": "D3", "legal_rep": "L3"})
    other = Row(number=4, values=facts | {"code": "P15062600902"}, cells={"code": "A4", "uscc": "D4"})
    for campaign in (office.campaign, factories.campaign("quanzhou_2024")):  # a ban outlives its campaign
        workbooks = FakeWorkbooks()
        workbooks.readings[b"roster"] = Reading(None, {"units": [row, other]})
        using = replace(office.using, workbooks=workbooks)
        reviewed = roster.review(campaign, b"roster", on=DAY, using=using)
        assert [(each.rule, each.cell) for each in reviewed.errors] == (
            [("roster.banned", cell)] if cell else []
        )
        assert len(reviewed.units) == (1 if cell else 2)
        assert all(
            "条例第四十条" in each.message and "2027-08-09" in each.message for each in reviewed.errors
        )
        assert not any("0016" in str(each) for each in reviewed.errors), "whose it is, is said nowhere"
        later = roster.review(campaign, b"roster", on=date(2027, 8, 10), using=using)
        assert later.errors == ()


def test_refunds_reconcile_over_both_registers(office: Desk) -> None:
    entered(office, "case", {})
    entered(office, "rectification", {"case_no": None}, {"rect_no": "ZG-2", "case_no": examples("case").sheets["cases"][0].values["case_no"], "payable": Decimal(6000), "paid": Decimal(6000)})  # fmt: skip
    found = refund_account.account(office.campaign, using=office.using)
    assert found.total.payable == Decimal("15800.00")
    assert found.total.outstanding == 0
    assert found.by_source.keys() == {("案件",), ("自查",)}
    assert found.disagreements == []


def test_money_that_came_back_does_not_go_away_unremarked(office: Desk) -> None:
    part = {"status": "整改中", "closed_on": None, "checked_on": None, "check_result": None, "checker": None}
    entered(office, "rectification", part | {"paid": Decimal(5000)})
    more = looked_at(office, "rectification", part | {"paid": Decimal(5001)})
    less = looked_at(office, "rectification", part | {"paid": Decimal(4999)})
    assert [each.rule for each in more.files[0].findings] == ["register.roster"]
    assert "register.paid_falls" in [each.rule for each in less.files[0].findings]
    assert less.errors == ()


def test_officers_need_valid_certificates_once_they_are_registered(office: Desk) -> None:
    assert looked_at(office, "inspection", {}).errors == ()
    entered(office, "officer", {}, {"cert_no": "SL0002", "valid_until": date(2024, 7, 14)})
    (fault,) = looked_at(office, "inspection", {}).errors
    sheet = forms()["inspection"].sheet("inspections")
    assert (fault.rule, fault.cell) == ("register.officers_valid", address(sheet, "officers", 0))
    assert "SL0002的证件有效期为2021-01-01至2024-07-14" in fault.message
    assert looked_at(office, "case", {"filed_on": date(2024, 6, 20)}).errors == ()
    (fault,) = looked_at(office, "case", {"recused": "SL0001"}).errors
    assert "SL0001已回避" in fault.message
