"""What any ledger promises when a notice moves a date for everybody."""

from __future__ import annotations

from datetime import timedelta

from include.domain.amendments import Asked, Difference, Standing
from include.domain.obligations import ObligationState
from include.steps.ports import Ledger
from tests.gateways.ledger.contract.samples import (
    CAMPAIGN,
    DUE,
    FORM,
    MONDAY,
    NEXT_MONDAY,
    PHASE,
    accept,
    make_units,
    open_obligations,
)

ASKED = Asked(PHASE, FORM, "once")
LATER = DUE + timedelta(days=14)
ORDER = {"on": NEXT_MONDAY, "actor": "办公室主任", "reason": "依补充通知"}


def moved(units: int) -> Difference:
    return Difference(ASKED, "自查自纠《自查表》", DUE, LATER, units)


def test_all_move_at_once_and_the_late_are_late_by_the_new_date(ledger: Ledger) -> None:
    first, *_ = open_obligations(ledger, make_units(3))
    accept(ledger, first, items=())
    assert ledger.amendments.standing(CAMPAIGN) == [Standing(ASKED, DUE, units=3, open=2, extended=0)]
    assert ledger.amendments.received_days(CAMPAIGN, moved(3)) == [NEXT_MONDAY]
    assert ledger.amendments.move(CAMPAIGN, moved(3), late={NEXT_MONDAY: 4}, **ORDER) == 3
    assert ledger.amendments.standing(CAMPAIGN) == [Standing(ASKED, LATER, units=3, open=2, extended=0)]
    owed = ledger.obligations.all(CAMPAIGN, PHASE)
    assert sorted(each.days_late for each in owed) == [0, 0, 4]
    assert ledger.amendments.move(CAMPAIGN, moved(3), late={}, **ORDER) == 0, "a second time moves nothing"
    assert ledger.audit.verify() is None


def test_what_is_dropped_is_closed_and_what_was_accepted_stays(ledger: Ledger) -> None:
    first, *_ = open_obligations(ledger, make_units(3))
    accept(ledger, first, items=())
    gone = Difference(ASKED, "自查自纠《自查表》", DUE, None, 2)
    assert ledger.amendments.drop(CAMPAIGN, gone, **ORDER) == 2
    assert ledger.obligations.counts(CAMPAIGN, PHASE) == {
        ObligationState.ACCEPTED: 1,
        ObligationState.CLOSED: 2,
    }
    assert ledger.amendments.drop(CAMPAIGN, gone, **ORDER) == 0


def test_another_campaign_and_another_date_are_not_touched(ledger: Ledger) -> None:
    first, second = open_obligations(ledger, make_units(2))
    ledger.obligations.extend(
        first.id, due_on=LATER + timedelta(days=7), reason="停电", approved_by="办公室主任", on=MONDAY
    )
    assert ledger.amendments.move("another_2024", moved(2), late={}, **ORDER) == 0
    assert ledger.amendments.move(CAMPAIGN, moved(1), late={}, **ORDER) == 1
    assert ledger.obligations.get(first.id).due_on == LATER + timedelta(days=7)
    assert ledger.obligations.get(second.id).due_on == LATER
