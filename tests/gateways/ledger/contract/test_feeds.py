"""Pulls of data feeds, on either database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from include.domain.feeds import Pull, PullState
from include.gateways.ledger import Ledger
from tests.gateways.ledger.contract.samples import CAMPAIGN, NINE

GOOD = Pull("clues", NINE, PullState.ENTERED, 12, NINE - timedelta(hours=2), 3, "")
BAD = replace(
    GOOD, at=NINE + timedelta(days=1), state=PullState.REFUSED, loaded_at=None, changed=0, detail="过时"
)


def test_the_latest_pull_of_each_feed_is_known_and_the_latest_good_one(ledger: Ledger) -> None:
    roster = replace(GOOD, feed="roster")
    for pull in (GOOD, roster, BAD):
        ledger.feeds.record(CAMPAIGN, pull)
    assert ledger.feeds.last(CAMPAIGN) == {"clues": BAD, "roster": roster}
    assert ledger.feeds.last(CAMPAIGN, entered=True) == {"clues": GOOD, "roster": roster}
    assert ledger.feeds.last("another") == {}


def test_a_stop_of_one_unit_stops_no_claim_and_is_found_by_its_scope(ledger: Ledger) -> None:
    from include.domain.plans import unit_scope

    scope = unit_scope("c" * 48, "P15062600001")
    ledger.outbox.stop(scope, by="admin", reason="核实", at=NINE)
    assert ledger.outbox.stops("c" * 48) == []
    assert [stop.scope for stop in ledger.outbox.stops(scope)] == [scope]
    assert ledger.outbox.resume(scope, by="admin", reason="好了", at=NINE)
