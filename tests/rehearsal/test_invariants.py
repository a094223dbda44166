"""What does not hold is said: each rule is broken once in a small ledger, and named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from include.domain.notices import NewNotice, NoticeKind, NoticeState, SendMode
from include.domain.occasions import Occasion, Period
from include.rehearsal import invariants, rosters
from include.rehearsal.desk import Desk
from include.rehearsal.place import Place, opened
from include.rehearsal.rosters import Roster
from include.rehearsal.runs import Reported
from include.settings import Settings
from tests.rehearsal.conftest import CAMPAIGNS

CAMPAIGN = CAMPAIGNS["wushen_2024"]
DAY = date(2024, 5, 6)
ROSTER = rosters.synthetic(CAMPAIGN, 8, seed=1)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with opened(tmp_path / "home", on=DAY, seed=1, deployed=Settings()) as place:
        place.using.ledger.roster.freeze(
            CAMPAIGN.id,
            list(ROSTER.units),
            list(ROSTER.holders),
            on=DAY,
            actor="test",
            source_sha256="0" * 64,
        )
        yield place


def said(place: Place, *, roster: Roster = ROSTER, desk: Desk | None = None) -> list[str]:
    desk = desk or Desk(CAMPAIGN, place.using)
    return list(invariants.broken(CAMPAIGN, roster, desk, mails=place.mails, on=DAY, using=place.using))


def sent(place: Place, to: str, message_id: str = "<1@rehearsal.example>") -> None:
    """A notice the ledger says was taken over by the server."""
    outbox, now = place.using.ledger.outbox, place.clock()
    outbox.plan(
        [
            NewNotice(
                key=f"live/{message_id}",
                mode=SendMode.LIVE,
                campaign_id=CAMPAIGN.id,
                kind=NoticeKind.ESCALATION,
                planned_on=DAY,
                phase_key="self_check",
                post_key="office_director",
            )
        ]
    )
    [notice] = outbox.claim(CAMPAIGN.id, mode=SendMode.LIVE, limit=1, now=now, lease=now - now)
    outbox.record_mail([notice.id], NoticeState.ACCEPTED, at=now, to=to, message_id=message_id, detail="test")


def delivered(place: Place, message_id: str, *, copies: int = 1) -> None:
    folder = place.mails / "somebody@bureau.example"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(copies):
        (folder / f"{number}_x.eml").write_bytes(f"Message-ID: {message_id}\r\n\r\n".encode())


def test_nothing_is_wrong_with_an_empty_ledger(place: Place) -> None:
    assert said(place) == []


def test_a_mail_to_a_known_post_that_arrived_once_is_right(place: Place) -> None:
    sent(place, ROSTER.holders[0].email)
    delivered(place, "<1@rehearsal.example>")
    assert said(place) == []


def test_a_notice_left_over_is_said(place: Place) -> None:
    place.using.ledger.outbox.plan(
        [
            NewNotice(
                key="live/x",
                mode=SendMode.LIVE,
                campaign_id=CAMPAIGN.id,
                kind=NoticeKind.ESCALATION,
                planned_on=DAY,
                phase_key="self_check",
                post_key="office_director",
            )
        ]
    )
    assert said(place) == ["有1份通知到最后一天仍是“待发送”"]


def test_a_mail_that_came_twice_is_said(place: Place) -> None:
    sent(place, ROSTER.holders[0].email)
    delivered(place, "<1@rehearsal.example>", copies=2)
    assert said(place) == ["重复发出的邮件1封"]


def test_a_mail_that_never_came_is_said(place: Place) -> None:
    sent(place, ROSTER.holders[0].email)
    assert said(place) == ["台账记为已发而收件箱中没有的邮件1封"]


def test_a_mail_nobody_recorded_is_said(place: Place) -> None:
    delivered(place, "<2@rehearsal.example>")
    assert said(place) == ["收件箱中有而台账没有记录的邮件1封"]


def test_a_mail_to_a_stranger_is_said(place: Place) -> None:
    sent(place, "stranger@elsewhere.example")
    delivered(place, "<1@rehearsal.example>")
    assert said(place) == ["逾期情况汇总发给了名册以外的地址“stranger@elsewhere.example”"]


def test_what_staff_wrote_and_did_not_enter_is_said(place: Place) -> None:
    desk = Desk(CAMPAIGN, place.using)
    desk.write(
        "rectification",
        "rectifications",
        "ZG-1",
        rect_no="ZG-1",
        payable=Decimal("10.01"),
        paid=Decimal("10.00"),
    )
    assert said(place, desk=desk) == [
        "《整改及退费台账》登记0条，应为1条",
        "退费应退合计0元，逐条登记为10.01元",
        "退费已退合计0元，逐条登记为10.00元",
    ]


def test_a_report_after_its_day_is_said() -> None:
    report = CAMPAIGN.report("self_check_statistics")
    occasion = Occasion("once", report.title, Period(DAY, DAY), DAY)
    each = Reported(report, occasion, is_sent=True, sentence="")
    assert list(invariants.late([(DAY, each)])) == []
    later = replace(occasion, due=date(2024, 5, 5))
    [sentence] = invariants.late([(DAY, replace(each, occasion=later))])
    assert "2024-05-06报送，晚于时限2024-05-05" in sentence
