"""Time limits on both databases: nothing moved twice at once, no rung told twice, states with their days."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest

from include.domain.notices import NewNotice, NoticeKind, NoticeState, SendMode
from include.domain.registers import STATE, RegisterMoved
from include.domain.time_limits import ChangeKind, Entered, History, LimitChange, Rung
from include.gateways.ledger import Ledger
from tests.gateways.ledger.contract.samples import ACTOR, CAMPAIGN, LEASE, NINE
from tests.gateways.ledger.contract.test_registers import change, changes_of, enter, rows
from tests.gateways.workbook_builders import forms

DAY = date(2024, 6, 25)
NUMBER = "XS-150626-20240603-0001"
NOTHING = History()


def make_change(kind: ChangeKind = ChangeKind.PAUSE, **facts: Any) -> LimitChange:
    given = {"register": "clue", "number": NUMBER, "limit": "verify", "starts_on": DAY, "reason": "送鉴定"}
    return LimitChange(kind=kind, approved_by="局长", **(given | facts))  # type: ignore[arg-type]


def move(ledger: Ledger, each: LimitChange, known: History = NOTHING) -> None:
    ledger.time_limits.enter(CAMPAIGN, each, known=known, on=DAY, actor=ACTOR)


def digest(key: str = "live/1", **facts: Any) -> NewNotice:
    given = {"mode": SendMode.LIVE, "campaign_id": CAMPAIGN, "kind": NoticeKind.RECORD_DUE}
    return NewNotice(key=key, planned_on=DAY, post_key="office_staff", **(given | facts))


def rung(number: str = NUMBER, *, step: str = "due_day", key: str = "live/1", due: date = DAY) -> Rung:
    return Rung("clue", number, "verify", due, step, key)


def test_what_moved_a_limit_comes_back_in_order_and_is_audited(ledger: Ledger, ledger_url: str) -> None:
    first, second = make_change(ground="鉴定"), make_change(ChangeKind.RESUME, reason="鉴定完成")
    move(ledger, first)
    move(ledger, second, History((first,)))
    assert ledger.time_limits.histories(CAMPAIGN, forms()["clue"]) == {NUMBER: History((first, second))}
    assert ledger.time_limits.histories(CAMPAIGN, forms()["tip"]) == {}
    assert ledger.time_limits.histories("another", forms()["clue"]) == {}
    kept = [row for row in rows(ledger_url, "audit") if row["entity"] == "time_limit_change"]
    assert [(row["entity_id"], row["actor"], row["reason"]) for row in kept] == [
        (f"{CAMPAIGN}/clue/{NUMBER}", ACTOR, "送鉴定"),
        (f"{CAMPAIGN}/clue/{NUMBER}", ACTOR, "鉴定完成"),
    ]
    assert ledger.audit.verify() is None


def test_of_two_who_move_one_limit_at_once_the_second_is_told(ledger: Ledger) -> None:
    extension = make_change(ChangeKind.EXTEND, days=15)
    refused: list[Exception] = []

    def extend() -> None:
        try:
            move(ledger, extension)
        except RegisterMoved as moved:
            refused.append(moved)

    workers = [threading.Thread(target=extend) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(refused) == 3
    assert ledger.time_limits.histories(CAMPAIGN, forms()["clue"])[NUMBER].changes == (extension,)


def test_every_state_is_kept_with_its_day_and_nothing_else_is(ledger: Ledger) -> None:
    enter(ledger, "clue", changes_of("clue", state="未启动"), on=date(2024, 6, 3))
    enter(ledger, "clue", [change(ledger, "clue", memo="已电话联系")], on=date(2024, 6, 4))
    enter(ledger, "clue", [change(ledger, "clue", **{STATE: "核查中"})], on=date(2024, 6, 5))
    [history] = ledger.time_limits.histories(CAMPAIGN, forms()["clue"]).values()
    assert history.states == (Entered("未启动", date(2024, 6, 3)), Entered("核查中", date(2024, 6, 5)))


def test_a_rung_is_told_once_for_its_due_date_however_often_it_is_planned(ledger: Ledger) -> None:
    assert ledger.time_limits.plan({digest(): [rung()]}) == 1
    assert ledger.time_limits.plan({digest(): [rung()]}) == 0
    assert ledger.time_limits.plan({digest("live/2"): [rung(key="live/2")]}) == 0
    moved = rung(key="live/2", due=date(2024, 7, 1))
    assert ledger.time_limits.plan({digest("live/2"): [moved]}) == 1
    told = ledger.time_limits.rungs(CAMPAIGN, mode=SendMode.LIVE)
    assert told == [rung(), moved]
    assert ledger.time_limits.rungs(CAMPAIGN, mode=SendMode.OFF) == []
    assert ledger.time_limits.rungs(CAMPAIGN, mode=SendMode.LIVE, register="tip") == []


def test_a_rehearsal_uses_up_no_rung(ledger: Ledger) -> None:
    rehearsal = digest("off/1", mode=SendMode.OFF)
    assert ledger.time_limits.plan({rehearsal: [rung(key="off/1")]}) == 1
    assert ledger.time_limits.plan({digest(): [rung()]}) == 1


def test_a_digest_on_its_way_takes_no_more_records(ledger: Ledger) -> None:
    ledger.time_limits.plan({digest(): [rung()]})
    [claimed] = ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=1, now=NINE, lease=LEASE)
    assert claimed.kind is NoticeKind.RECORD_DUE
    assert ledger.time_limits.plan({digest(): [rung("XS-150626-20240603-0002")]}) == 0
    assert [each.number for each in ledger.time_limits.rungs(CAMPAIGN, mode=SendMode.LIVE)] == [NUMBER]
    later = rung("XS-150626-20240603-0002", key="live/2")
    assert ledger.time_limits.plan({digest("live/2"): [later]}) == 1


def test_a_digest_without_records_is_no_mail(ledger: Ledger) -> None:
    assert ledger.time_limits.plan({digest(): []}) == 0
    assert ledger.outbox.rows(CAMPAIGN) == []


@pytest.mark.parametrize("count", [1, 200])
def test_one_digest_tells_of_many_records(ledger: Ledger, count: int) -> None:
    assert ledger.time_limits.plan({digest(): [rung(str(number)) for number in range(count)]}) == count
    [row] = ledger.outbox.rows(CAMPAIGN)
    assert (row.kind, row.state) == (NoticeKind.RECORD_DUE, NoticeState.PLANNED)
