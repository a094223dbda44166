from __future__ import annotations

from datetime import date

import pytest

from include.domain.waivers import Waiver
from include.gateways.ledger import Ledger
from tests.gateways.ledger.contract.samples import CAMPAIGN, FORM

GRANTED = date(2024, 5, 20)


def make_waiver(**facts: object) -> Waiver:
    given = {
        "unit_code": "H15062600001",
        "form": FORM,
        "rule": "uscc_missing",
        "reason": "村卫生室没有统一社会信用代码",
        "approved_by": "office_director",
        "granted_on": GRANTED,
        "expires_on": date(2024, 6, 30),
    }
    return Waiver(**(given | facts))


@pytest.mark.parametrize(
    ("on", "holds"),
    [
        (date(2024, 5, 19), False),
        (GRANTED, True),
        (date(2024, 6, 30), True),
        (date(2024, 7, 1), False),
    ],
)
def test_a_waiver_holds_from_its_grant_to_its_last_day(ledger: Ledger, on: date, holds: bool) -> None:
    ledger.waivers.grant(CAMPAIGN, make_waiver())
    expected = {"H15062600001": (make_waiver(),)} if holds else {}
    assert ledger.waivers.in_force(CAMPAIGN, FORM, on=on) == expected


def test_a_waiver_holds_for_its_campaign_and_form_only(ledger: Ledger) -> None:
    ledger.waivers.grant(CAMPAIGN, make_waiver())
    assert ledger.waivers.in_force("another", FORM, on=GRANTED) == {}
    assert ledger.waivers.in_force(CAMPAIGN, "roster", on=GRANTED) == {}


def test_granting_twice_is_granting_once_and_leaves_one_trace(ledger: Ledger) -> None:
    ledger.waivers.grant(CAMPAIGN, make_waiver())
    ledger.waivers.grant(CAMPAIGN, make_waiver())
    assert len(ledger.waivers.in_force(CAMPAIGN, FORM, on=GRANTED)["H15062600001"]) == 1
    assert ledger.audit.verify() is None
