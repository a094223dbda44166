"""Calls are kept once, in order, on record; whom to call is found from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from include.domain.calls import CallResult, PhoneCall
from include.domain.glances import Show, UnitsAsked
from include.gateways.ledger import Ledger
from include.gateways.ledger.tables import audit
from tests.gateways.ledger.contract.samples import (
    ACTOR,
    CAMPAIGN,
    MONDAY,
    NEXT_MONDAY,
    PHASE,
    accept,
    make_unit,
    open_obligations,
)

MAILED, PHONED, OTHER = make_unit(1), make_unit(2, contact_email=None), make_unit(3, contact_email=None)
TOLD = PhoneCall(
    PHONED.code,
    MONDAY,
    CallResult.TOLD,
    "办公室",
    called_at="09:30",
    spoken_to="医保办",
    number="0999-0000002",
)


@pytest.fixture
def owing(ledger: Ledger) -> Ledger:
    open_obligations(ledger, [MAILED, PHONED, OTHER])
    return ledger


def enter(ledger: Ledger, *calls: PhoneCall) -> int:
    return ledger.calls.enter(CAMPAIGN, calls, on=NEXT_MONDAY, actor=ACTOR, reason="电话催办")


def shown(ledger: Ledger, show: Show, *, on: date = NEXT_MONDAY, since: date = MONDAY) -> list[str]:
    asked = UnitsAsked(CAMPAIGN, on, show=show, told_since=since)
    lines = ledger.glances.units(asked, limit=9, offset=0)
    assert ledger.glances.count_units(asked) == len(lines)
    counted = ledger.glances.contacts(CAMPAIGN, on=on, told_since=since)
    assert {Show.TO_CALL: counted.to_call, Show.AGREED: counted.agreed}[show] == len(lines)
    return [each.code for each in lines]


def test_calls_come_back_in_the_order_of_their_times_and_only_their_unit_s(ledger: Ledger) -> None:
    later, earlier = (
        replace(TOLD, called_at="16:00"),
        replace(TOLD, called_at="", result=CallResult.NO_ANSWER),
    )
    assert enter(ledger, later, TOLD, earlier, replace(TOLD, unit_code=OTHER.code)) == 4
    assert ledger.calls.of_unit(CAMPAIGN, PHONED.code) == [earlier, TOLD, later]
    assert ledger.calls.of_unit("another", PHONED.code) == []
    found = ledger.calls.of_units(CAMPAIGN, [PHONED.code, MAILED.code], on=MONDAY)
    assert found == {PHONED.code: [earlier, TOLD, later]}
    assert ledger.calls.of_units(CAMPAIGN, [PHONED.code], on=MONDAY - timedelta(days=1)) == {}


def test_the_same_call_again_changes_nothing_and_leaves_one_trace(ledger: Ledger) -> None:
    assert (enter(ledger, TOLD), enter(ledger, TOLD)) == (1, 0)
    assert ledger.calls.of_unit(CAMPAIGN, PHONED.code) == [TOLD]
    assert ledger.audit.verify() is None
    with ledger._database.reading() as connection:
        [entry] = connection.execute(select(audit).where(audit.c.entity == "phone_call")).all()
    assert (entry.actor, entry.reason) == (ACTOR, "电话催办")
    assert "0999" not in entry.new, "the trail is kept longer than a number may be"


def test_another_call_at_the_same_time_is_refused_and_nothing_of_its_list_is_entered(ledger: Ledger) -> None:
    enter(ledger, TOLD)
    with pytest.raises(ValueError, match="内容与此不同"):
        enter(ledger, replace(TOLD, unit_code=OTHER.code), replace(TOLD, result=CallResult.NO_ANSWER))
    assert ledger.calls.of_unit(CAMPAIGN, OTHER.code) == []
    assert ledger.calls.of_unit(CAMPAIGN, PHONED.code) == [TOLD]


def test_who_has_no_address_is_to_be_called_until_told_and_again_after_some_days(owing: Ledger) -> None:
    assert shown(owing, Show.TO_CALL) == [PHONED.code, OTHER.code]
    enter(owing, replace(TOLD, result=CallResult.NO_ANSWER))
    assert shown(owing, Show.TO_CALL) == [PHONED.code, OTHER.code]
    enter(owing, replace(TOLD, called_at="10:00"))
    assert shown(owing, Show.TO_CALL) == [OTHER.code]
    assert shown(owing, Show.TO_CALL, since=MONDAY + timedelta(days=1)) == [PHONED.code, OTHER.code]
    assert shown(owing, Show.TO_CALL, on=MONDAY) == [OTHER.code]


def test_a_day_agreed_on_is_waited_for_and_then_due_until_the_next_call(owing: Ledger) -> None:
    agreed = NEXT_MONDAY + timedelta(days=1)
    back = replace(TOLD, result=CallResult.CALL_BACK, next_on=agreed)
    enter(owing, back, replace(back, unit_code=MAILED.code, result=CallResult.PROMISED))
    assert shown(owing, Show.TO_CALL) == [OTHER.code]
    assert shown(owing, Show.AGREED) == []
    assert shown(owing, Show.AGREED, on=agreed) == [MAILED.code, PHONED.code]
    assert shown(owing, Show.TO_CALL, on=agreed) == [MAILED.code, PHONED.code, OTHER.code]
    enter(owing, replace(TOLD, unit_code=MAILED.code, called_on=agreed))
    assert shown(owing, Show.AGREED, on=agreed) == [PHONED.code]


def test_who_owes_nothing_any_more_is_not_called(owing: Ledger) -> None:
    enter(owing, replace(TOLD, result=CallResult.CALL_BACK, next_on=MONDAY))
    for each in owing.obligations.all(CAMPAIGN, PHASE):
        accept(owing, each)
    assert shown(owing, Show.TO_CALL) == shown(owing, Show.AGREED) == []
