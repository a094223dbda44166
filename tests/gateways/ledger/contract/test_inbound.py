"""What any ledger promises about messages received and addresses suspended."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from include.domain.bounces import Bounce
from include.domain.inbound import Arrival, Claim, ClaimBy, InboundMessage, MessageKind, MessageState
from include.domain.returns import FileKind
from include.steps.ports import Ledger
from tests.gateways.ledger.contract.samples import (
    CAMPAIGN,
    MONDAY,
    NEXT_MONDAY,
    NINE,
    freeze,
    make_change,
    make_unit,
)

ARRIVAL = Arrival("office@bureau.example", 2**32 - 1, 2**32 - 2, NINE, b"raw")
ADDRESS = "a@unit.example"
HARD = Bounce(ADDRESS, "5.1.1", is_permanent=True, words="550 unknown")


def enter(ledger: Ledger, number: int = 1) -> InboundMessage:
    return ledger.inbound.enter(ARRIVAL, sha256=f"{number:064d}")


def settle(ledger: Ledger, message: InboundMessage, **facts: object) -> bool:
    given: dict[str, object] = {
        "kind": MessageKind.QUESTION,
        "state": MessageState.WAITING,
        "reason": "请答复",
        "on": NEXT_MONDAY,
    }
    return ledger.inbound.settle(message.id, **(given | facts))  # type: ignore[arg-type]


def bounce(ledger: Ledger, number: int, *, notice_id: int | None = 1, found: Bounce = HARD) -> bool:
    message = enter(ledger, number)
    return settle(
        ledger,
        message,
        kind=MessageKind.BOUNCE,
        state=MessageState.HANDLED,
        notice_id=notice_id,
        bounce=found,
    )


def test_a_message_is_entered_once_whatever_its_number(ledger: Ledger) -> None:
    first = enter(ledger)
    assert first.state is MessageState.RECEIVED
    assert (first.uidvalidity, first.uid, first.received_at) == (2**32 - 1, 2**32 - 2, NINE)
    again = ledger.inbound.enter(
        replace(ARRIVAL, uid=7, received_at=NINE + timedelta(hours=1)), sha256=first.sha256
    )
    assert again == first
    other = ledger.inbound.enter(replace(ARRIVAL, mailbox="other@bureau.example"), sha256=first.sha256)
    assert other.id != first.id


def test_two_workers_enter_one_message_once(ledger: Ledger) -> None:
    with ThreadPoolExecutor(8) as workers:
        ids = {message.id for message in workers.map(lambda _: enter(ledger), range(16))}
    assert len(ids) == 1


def test_what_is_settled_stays_as_it_is(ledger: Ledger) -> None:
    message = enter(ledger)
    assert settle(ledger, message, campaign_id=CAMPAIGN, sender=ADDRESS, subject="问题", message_id="<1@x>")
    assert not settle(ledger, message, kind=MessageKind.RETURN, state=MessageState.HANDLED)
    [kept] = ledger.inbound.messages(campaign_id=CAMPAIGN)
    assert (kept.kind, kept.state, kept.subject) == (MessageKind.QUESTION, MessageState.WAITING, "问题")
    with pytest.raises(KeyError):
        settle(ledger, replace(message, id=99))


def test_waiting_messages_are_listed_until_a_person_has_dealt_with_them(ledger: Ledger) -> None:
    messages = [enter(ledger, number) for number in range(3)]
    for message, state in zip(messages, (MessageState.WAITING, MessageState.HANDLED), strict=False):
        settle(ledger, message, state=state)
    waiting = ledger.inbound.messages(states=[MessageState.WAITING])
    assert [each.id for each in waiting] == [messages[0].id]
    for message in messages:
        ledger.inbound.close(message.id, by="director", reason="已电话答复", on=NEXT_MONDAY)
    assert ledger.inbound.messages(states=[MessageState.WAITING]) == []
    assert ledger.inbound.messages(states=[MessageState.RECEIVED])[0].id == messages[2].id, (
        "not yet understood"
    )
    assert ledger.audit.verify() is None


@pytest.mark.parametrize(
    ("notice_id", "found"),
    [
        (None, HARD),
        (1, replace(HARD, is_permanent=False)),
        (1, replace(HARD, address=None)),
    ],
    ids=["not of ours", "passing", "no address"],
)
def test_only_a_permanent_bounce_of_ours_suspends(
    ledger: Ledger, notice_id: int | None, found: Bounce
) -> None:
    assert bounce(ledger, 1, notice_id=notice_id, found=found)
    assert ledger.inbound.suspended() == {}


def test_an_address_is_suspended_once_and_resumed_by_a_person(ledger: Ledger) -> None:
    bounce(ledger, 1, found=replace(HARD, address=ADDRESS.upper()))
    bounce(ledger, 2)
    [only] = ledger.inbound.suspended().values()
    assert (only.address, only.suspended_since, only.message_row_id) == (ADDRESS, NINE, 1)
    assert "550 unknown" in only.reason
    ledger.inbound.resume(ADDRESS, by="director", reason="已核实", at=NINE)
    assert ledger.inbound.suspended() == {}
    assert not ledger.inbound.suspend(ADDRESS, reason="again", at=NINE, message_row_id=1), "old news"
    bounce(ledger, 3)
    assert ledger.inbound.suspended()[ADDRESS].message_row_id == 3
    with pytest.raises(KeyError):
        ledger.inbound.resume("b@unit.example", by="director", reason="", at=NINE)
    assert ledger.audit.verify() is None


def test_a_person_may_suspend_an_address(ledger: Ledger) -> None:
    assert ledger.inbound.suspend("B@unit.example", reason="来电要求", at=NINE)
    assert not ledger.inbound.suspend("b@unit.example", reason="再次", at=NINE)
    assert ledger.inbound.suspended()["b@unit.example"].reason == "来电要求"


def test_a_contact_is_known_by_any_of_its_addresses_while_the_unit_is_in_force(ledger: Ledger) -> None:
    one = make_unit(1, contact_email="Shop@Unit.example")
    two = make_unit(2, contact_email="shop@unit.example")
    three = make_unit(3, contact_email=None, backup_email="spare@unit.example")
    freeze(ledger, [one, two, three])
    ledger.roster.adjust(CAMPAIGN, [make_change("left", two, NEXT_MONDAY)], actor="test")
    inbound = ledger.inbound
    assert inbound.units_of_contact(["SHOP@unit.example"], on=MONDAY) == {CAMPAIGN: {one.code, two.code}}
    assert inbound.units_of_contact(["shop@unit.example"], on=NEXT_MONDAY) == {CAMPAIGN: {one.code}}
    assert inbound.units_of_contact(["spare@unit.example"], on=MONDAY) == {CAMPAIGN: {three.code}}
    assert inbound.units_of_contact(["", "x@unit.example"], on=MONDAY) == {}
    assert inbound.units_of_contact([], on=MONDAY) == {}


def test_a_return_remembers_the_mail_it_came_in(ledger: Ledger) -> None:
    message = enter(ledger)
    told = Claim(ADDRESS, "P15062600001", ClaimBy.SUBJECT, is_vouched=False)
    file = ledger.returns.receive(
        CAMPAIGN,
        name="a.xlsx",
        sha256="1" * 64,
        kind=FileKind.WORKBOOK,
        channel="mail:office@bureau.example",
        received_at=NINE,
        received_on=NEXT_MONDAY,
        message_row_id=message.id,
        claim=told,
    )
    assert (file.message_row_id, file.sender, file.hint_unit_code, file.is_vouched) == (
        message.id,
        ADDRESS,
        "P15062600001",
        False,
    )
    assert file.unit_code is None, "a hint is no finding"
