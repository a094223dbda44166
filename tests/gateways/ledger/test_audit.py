"""Every change is written down in the same transaction, and the chain shows when it was tampered with."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from include.domain.notices import NoticeState
from include.domain.obligations import IllegalMove
from include.domain.returns import Verdict
from include.gateways.ledger import Ledger
from include.gateways.ledger.database import connect
from include.gateways.ledger.tables import audit
from tests.gateways.ledger.contract.samples import (
    CAMPAIGN,
    NEXT_MONDAY,
    NINE,
    claim_one,
    judge,
    judgement,
    make_notice,
    make_plan,
    make_units,
    open_obligations,
    receive,
)


def rows(url: str, entity: str | None = None) -> list[Any]:
    engine = connect(url)
    with engine.connect() as connection:
        found = connection.execute(select(audit).order_by(audit.c.id)).all()
    engine.dispose()
    return [row for row in found if entity is None or row.entity == entity]


def change(url: str, statement: Any) -> None:
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(statement)
    engine.dispose()


def test_a_verdict_is_written_down_move_by_move(ledger: Ledger, ledger_url: str) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    judge(ledger, [judgement(receive(ledger), obligation, Verdict.RETURNED)])
    moves = [
        (json.loads(row.old)["state"], json.loads(row.new)["state"], row.actor, row.day)
        for row in rows(ledger_url, "obligation")
        if row.entity_id == str(obligation.id) and row.old != "null"
    ]
    assert moves == [
        ("open", "received", "check_returns", NEXT_MONDAY),
        ("received", "returned", "check_returns", NEXT_MONDAY),
    ]


@pytest.mark.parametrize("count", [3, 30])
def test_a_bulk_change_is_one_row_that_describes_the_set(ledger: Ledger, ledger_url: str, count: int) -> None:
    open_obligations(ledger, make_units(count))
    ledger.outbox.plan_units(make_plan())
    [opened] = rows(ledger_url, "obligation")
    [planned] = rows(ledger_url, "notice")
    assert json.loads(opened.new)["count"] == count
    described = json.loads(planned.new)
    assert (described["count"], described["step_key"], described["mode"]) == (count, "launch", "live")


def test_doing_nothing_writes_nothing(ledger: Ledger, ledger_url: str) -> None:
    open_obligations(ledger, make_units(2))
    ledger.outbox.plan_units(make_plan())
    before = len(rows(ledger_url))
    open_obligations(ledger, make_units(2))
    ledger.outbox.plan_units(make_plan())
    ledger.outbox.expire_leases(now=NINE)
    assert len(rows(ledger_url)) == before


def test_a_change_that_fails_is_neither_made_nor_written_down(ledger: Ledger, ledger_url: str) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    good = judgement(receive(ledger), obligation)
    unknown = replace(good, return_id=good.return_id + 1)
    before = len(rows(ledger_url))
    with pytest.raises(KeyError):
        judge(ledger, [good, unknown], [make_notice()])
    assert ledger.returns.get(good.return_id).verdict is None
    assert ledger.obligations.get(obligation.id) == obligation
    assert ledger.outbox.rows(CAMPAIGN) == []
    assert len(rows(ledger_url)) == before


def test_a_whole_chain_verifies(ledger: Ledger) -> None:
    assert ledger.audit.verify() is None
    busy(ledger)
    assert ledger.audit.verify() is None


@pytest.mark.parametrize("column", ["old", "new", "actor", "reason", "entity_id", "hash"])
def test_an_altered_row_is_named(ledger: Ledger, ledger_url: str, column: str) -> None:
    busy(ledger)
    victim = rows(ledger_url)[2].id
    change(ledger_url, update(audit).where(audit.c.id == victim).values({column: "0" * 64}))
    assert ledger.audit.verify() == victim


def test_a_missing_row_is_noticed_at_the_next_one(ledger: Ledger, ledger_url: str) -> None:
    busy(ledger)
    _, gone, following, *_ = rows(ledger_url)
    change(ledger_url, delete(audit).where(audit.c.id == gone.id))
    assert ledger.audit.verify() == following.id


def test_an_illegal_move_leaves_no_trace(ledger: Ledger, ledger_url: str) -> None:
    ledger.outbox.plan([make_notice()])
    notice_id = claim_one(ledger)
    ledger.outbox.record_mail([notice_id], NoticeState.ACCEPTED, at=NINE)
    before = len(rows(ledger_url))
    with pytest.raises(IllegalMove):
        ledger.outbox.record_mail([notice_id], NoticeState.REFUSED, at=NINE)
    assert len(rows(ledger_url)) == before


def busy(ledger: Ledger) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    judge(ledger, [judgement(receive(ledger), obligation)])
    ledger.outbox.plan([make_notice()])
    ledger.outbox.record_mail([claim_one(ledger)], NoticeState.ACCEPTED, at=NINE, detail="250 Ok 已接收")
