"""The outbox as the pages read it, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from include.domain.mail_list import MailsAsked, SentFile, SentMail
from include.domain.notices import Message, MessageAttachment, NoticeKind, NoticeState
from include.gateways.ledger import Ledger
from tests.gateways.ledger.contract.samples import (
    CAMPAIGN,
    LEASE,
    MONDAY,
    NEXT_MONDAY,
    NINE,
    claim_one,
    freeze,
    make_notice,
    make_unit,
)

ELSEWHERE = ("150626",)
HERE = ("5301",)
ASKED = MailsAsked(CAMPAIGN, NEXT_MONDAY)
MAIL = Message(
    message_id="<one@duban.example>",
    to="h1@hospital.example",
    subject="请于4月30日前报送—示例医院1",
    text="纯文本",
    html="<p>正文</p>",
    attachments=(MessageAttachment("自查表.xlsx", b"bytes"),),
    in_reply_to="<zero@duban.example>",
    headers={"Reply-To": "office@bureau.example"},
)


@pytest.fixture
def outbox(ledger: Ledger) -> Ledger:
    """1 accepted, 2 (of another county) skipped, 3 planned a week later; 4 is to a post."""
    units = [make_unit(1), make_unit(2, region_code="150626", name="边界100%医院"), make_unit(3)]
    freeze(ledger, units)
    ledger.outbox.plan(
        [
            make_notice("a", unit_code=units[0].code),
            make_notice("b", unit_code=units[1].code, kind=NoticeKind.LAUNCH),
            make_notice("c", unit_code=units[2].code, planned_on=NEXT_MONDAY),
            make_notice("d", post_key="office_director", kind=NoticeKind.ESCALATION),
        ]
    )
    record(ledger, NoticeState.ACCEPTED, to=MAIL.to, message_id=MAIL.message_id, detail="250 Ok", mail=MAIL)
    record(ledger, NoticeState.SKIPPED, detail="无需发送")
    return ledger


def record(ledger: Ledger, state: NoticeState, **said: Any) -> None:
    ledger.outbox.record_mail([claim_one(ledger)], state, at=NINE, **said)


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({}, [4, 3, 2, 1]),
        ({"campaign_id": "another"}, []),
        ({"kind": NoticeKind.LAUNCH}, [2]),
        ({"state": NoticeState.PLANNED}, [4, 3]),
        ({"state": NoticeState.BOUNCED}, []),
        ({"day": MONDAY}, [4, 2, 1]),
        ({"unit": "h00000000003"}, [3]),
        ({"unit": "0%"}, [2]),
        ({"unit": "示例医院"}, [3, 1]),
        ({"unit": "' OR 1=1 --"}, []),
        ({"regions": HERE}, [3, 1]),
        ({"regions": ELSEWHERE}, [2]),
        ({"regions": ("99",)}, []),
        ({"regions": ELSEWHERE, "state": NoticeState.PLANNED}, []),
        ({"regions": HERE, "on": MONDAY - timedelta(days=1)}, []),
    ],
)
def test_the_list_has_what_is_asked_for_the_newest_first(
    outbox: Ledger, asked: dict[str, Any], numbers: list[int]
) -> None:
    question = replace(ASKED, **asked)
    assert [row.id for row in outbox.mail_list.page(question, limit=9, offset=0)] == numbers
    assert outbox.mail_list.count(question) == len(numbers)


def test_the_list_comes_one_page_at_a_time(outbox: Ledger) -> None:
    pages = [outbox.mail_list.page(ASKED, limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [[row.id for row in page] for page in pages] == [[4, 3, 2], [1], []]


def test_a_row_says_to_whom_and_what_became_of_it(outbox: Ledger) -> None:
    row = outbox.mail_list.get(CAMPAIGN, 1, on=NEXT_MONDAY)
    assert row is not None
    assert (row.unit_name, row.state, row.recipient) == ("示例医院1", NoticeState.ACCEPTED, MAIL.to)
    assert (row.at, row.detail, row.attempts) == (NINE, "250 Ok", 1)
    to_post = outbox.mail_list.get(CAMPAIGN, 4, on=NEXT_MONDAY)
    assert to_post is not None
    assert (to_post.unit_name, to_post.post_key, to_post.at) == (None, "office_director", None)


@pytest.mark.parametrize(
    ("campaign", "number", "regions"),
    [
        (CAMPAIGN, 99, ()),
        ("another", 1, ()),
        (CAMPAIGN, 1, ELSEWHERE),
        (CAMPAIGN, 2, HERE),
        (CAMPAIGN, 4, HERE),
    ],
)
def test_nobody_gets_a_mail_that_is_not_theirs(
    outbox: Ledger, campaign: str, number: int, regions: tuple[str, ...]
) -> None:
    assert outbox.mail_list.get(campaign, number, on=NEXT_MONDAY, regions=regions) is None


def test_the_states_are_counted_for_those_who_may_see_them(outbox: Ledger) -> None:
    states = outbox.mail_list.states
    assert states(CAMPAIGN, on=NEXT_MONDAY) == {
        NoticeState.ACCEPTED: 1,
        NoticeState.SKIPPED: 1,
        NoticeState.PLANNED: 2,
    }
    assert states(CAMPAIGN, on=NEXT_MONDAY, regions=ELSEWHERE) == {NoticeState.SKIPPED: 1}


def test_every_attempt_is_told_in_order(ledger: Ledger) -> None:
    ledger.outbox.plan([make_notice()])
    number = claim_one(ledger)
    ledger.outbox.release(number, at=NINE, not_before=NINE, detail="421 稍后再试")
    ledger.outbox.record_mail([claim_one(ledger)], NoticeState.REFUSED, at=NINE + LEASE, detail="550 拒收")
    told = [(each.number, each.state, each.detail) for each in ledger.mail_list.attempts(number)]
    assert told == [(1, NoticeState.PLANNED, "421 稍后再试"), (2, NoticeState.REFUSED, "550 拒收")]
    assert ledger.mail_list.attempts(number + 1) == []


def test_the_words_of_a_mail_are_kept_as_they_were_handed_over(outbox: Ledger) -> None:
    assert outbox.mail_list.as_sent(MAIL.message_id, NINE) == SentMail(
        to=MAIL.to,
        subject=MAIL.subject,
        text=MAIL.text,
        html=MAIL.html,
        headers={
            "Message-ID": MAIL.message_id,
            "In-Reply-To": "<zero@duban.example>",
            "Reply-To": "office@bureau.example",
        },
        files=(
            SentFile("自查表.xlsx", 5, "277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9"),
        ),
    )
    assert outbox.mail_list.as_sent(MAIL.message_id, NINE + LEASE) is None
    assert outbox.mail_list.as_sent("<two@duban.example>", NINE) is None


def test_nothing_is_kept_of_a_mail_that_could_not_be_recorded(outbox: Ledger) -> None:
    with pytest.raises(KeyError):
        outbox.outbox.record_mail([99], NoticeState.ACCEPTED, at=NINE + LEASE, mail=MAIL)
    assert outbox.mail_list.as_sent(MAIL.message_id, NINE + LEASE) is None


def test_the_next_mail_is_claimed_and_this_one_is_kept(ledger: Ledger) -> None:
    ledger.outbox.plan([make_notice("a"), make_notice("b")])
    first = claim_one(ledger)
    ledger.outbox.record_and_claim(
        CAMPAIGN,
        [first],
        NoticeState.ACCEPTED,
        mode=make_notice().mode,
        lease=LEASE,
        at=NINE,
        message_id=MAIL.message_id,
        mail=MAIL,
    )
    sent = ledger.mail_list.as_sent(MAIL.message_id, NINE)
    assert sent is not None
    assert sent.subject == MAIL.subject


def test_a_mail_to_several_counties_is_known_for_one(ledger: Ledger) -> None:
    units = [make_unit(1), make_unit(2, region_code="150626")]
    freeze(ledger, units)
    ledger.outbox.plan([make_notice(each.code, unit_code=each.code) for each in units])
    both = [claim_one(ledger), claim_one(ledger)]
    ledger.outbox.record_mail(both, NoticeState.ACCEPTED, at=NINE, message_id=MAIL.message_id, mail=MAIL)
    concerns = ledger.mail_list.concerns_others
    assert concerns(MAIL.message_id, on=NEXT_MONDAY, regions=HERE)
    assert concerns(MAIL.message_id, on=NEXT_MONDAY, regions=ELSEWHERE)
    assert not concerns(MAIL.message_id, on=NEXT_MONDAY, regions=(*HERE, *ELSEWHERE))
    assert not concerns(MAIL.message_id, on=NEXT_MONDAY, regions=())
    assert not concerns("<two@duban.example>", on=NEXT_MONDAY, regions=HERE)
