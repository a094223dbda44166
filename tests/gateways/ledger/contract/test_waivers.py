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


BY = {"by": "办公室主任", "reason": "已取得代码"}


def test_a_revoked_waiver_holds_no_longer_from_that_day_and_stays_on_the_list(ledger: Ledger) -> None:
    ledger.waivers.grant(CAMPAIGN, make_waiver())
    ledger.waivers.revoke(CAMPAIGN, make_waiver(), on=date(2024, 6, 3), **BY)
    assert list(ledger.waivers.in_force(CAMPAIGN, FORM, on=date(2024, 6, 2))) == ["H15062600001"]
    assert ledger.waivers.in_force(CAMPAIGN, FORM, on=date(2024, 6, 3)) == {}
    [kept] = ledger.waivers.all(CAMPAIGN)
    assert kept.expires_on == date(2024, 6, 2)
    assert "已取得代码" in kept.reason
    assert ledger.audit.verify() is None


def test_revoked_on_the_day_it_was_granted_it_can_be_granted_again_that_day(ledger: Ledger) -> None:
    ledger.waivers.grant(CAMPAIGN, make_waiver(rule="wrong"))
    ledger.waivers.revoke(CAMPAIGN, make_waiver(rule="wrong"), on=GRANTED, **BY)
    assert ledger.waivers.all(CAMPAIGN) == []
    ledger.waivers.grant(CAMPAIGN, make_waiver(rule="wrong"))
    assert ledger.waivers.all(CAMPAIGN) == [make_waiver(rule="wrong")]


def test_one_revoked_leaves_the_others(ledger: Ledger) -> None:
    other = make_waiver(unit_code="H15062600002")
    for waiver in (make_waiver(), other):
        ledger.waivers.grant(CAMPAIGN, waiver)
    ledger.waivers.revoke(CAMPAIGN, make_waiver(), on=date(2024, 6, 3), **BY)
    assert ledger.waivers.in_force(CAMPAIGN, FORM, on=date(2024, 6, 3)) == {"H15062600002": (other,)}


def test_what_was_never_granted_cannot_be_revoked(ledger: Ledger) -> None:
    with pytest.raises(KeyError):
        ledger.waivers.revoke("another", make_waiver(), on=date(2024, 6, 3), **BY)
