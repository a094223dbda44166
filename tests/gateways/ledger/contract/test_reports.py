"""What any ledger promises about snapshots, figures and editions."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from include.domain.model import UnitKind
from include.domain.obligations import IllegalMove, ObligationState
from include.domain.occasions import Period
from include.domain.reports import Edition, EditionFile, EditionState, Event, Figure, FileRole, Snapshot
from include.domain.sign_off import Hand
from include.steps.ports import Ledger
from tests.gateways.ledger.contract.samples import (
    ACTOR,
    CAMPAIGN,
    DUE,
    FORM,
    MONDAY,
    NEXT_MONDAY,
    NINE,
    PHASE,
    accept,
    make_change,
    make_item,
    make_unit,
    make_units,
    open_obligations,
)

REPORT = "summary"
HOUR = timedelta(hours=1)
TUESDAY = NEXT_MONDAY + timedelta(days=1)
PERIOD = Period(MONDAY, DUE)


def take(ledger: Ledger) -> Snapshot:
    return ledger.snapshots.take(CAMPAIGN, REPORT, PHASE, period=PERIOD, on=NEXT_MONDAY)


def test_a_snapshot_shows_every_obligation_and_the_accepted_items(ledger: Ledger) -> None:
    units = [make_unit(1), make_unit(2, level=None, contact_email=None)]
    accepted, _ = open_obligations(ledger, units)
    accept(ledger, accepted, items=(make_item(2), make_item(1, violation_amt=Decimal("0.10"))))
    snapshot = take(ledger)
    first, second = snapshot.units
    assert (first.unit_code, first.form, first.state) == (units[0].code, FORM, ObligationState.ACCEPTED)
    assert (first.unit_name, first.region_code, first.level) == (units[0].name, "530100", "二级")
    assert (first.due_on, first.received_on, first.accepted_on) == (DUE, NEXT_MONDAY, NEXT_MONDAY)
    assert (second.level, second.has_address, first.has_address) == ("", False, True)
    assert second.state is ObligationState.OPEN
    assert [item.violation_amt for item in snapshot.items] == [Decimal("0.10"), Decimal("1234.56")]
    item = snapshot.items[1]
    assert (item.unit_code, item.unit_kind) == (units[0].code, UnitKind.MEDICAL_INSTITUTION)
    assert (item.violation_type, item.visits, item.occurrences) == ("重复收费", 3, 5)
    assert (item.fund_amt, item.refunded_amt) == (Decimal("1000.01"), Decimal("1000.00"))
    assert item.rectify_status == "整改中"


def test_the_same_content_is_the_same_snapshot(ledger: Ledger) -> None:
    open_obligations(ledger, make_units(2))
    first = take(ledger)
    later = ledger.snapshots.take(CAMPAIGN, REPORT, PHASE, period=PERIOD, on=TUESDAY)
    assert later == first
    assert later.taken_on == NEXT_MONDAY


def test_another_state_is_another_snapshot_and_the_old_one_stays_explicable(ledger: Ledger) -> None:
    units = make_units(2)
    first, _ = open_obligations(ledger, units)
    before = take(ledger)
    accept(ledger, first, items=(make_item(),))
    ledger.roster.adjust(CAMPAIGN, [make_change("left", units[1], NEXT_MONDAY)], actor=ACTOR)
    after = take(ledger)
    assert (after.id, after.sha256) != (before.id, before.sha256)
    assert ledger.snapshots.get(before.id) == before
    assert ledger.snapshots.get(after.id) == after
    assert {unit.state for unit in before.units} == {ObligationState.OPEN}


def test_a_leaver_stays_in_the_snapshot_so_that_the_denominator_does_not_move(ledger: Ledger) -> None:
    [unit] = make_units(1)
    open_obligations(ledger, [unit])
    ledger.roster.adjust(CAMPAIGN, [make_change("left", unit, NEXT_MONDAY)], actor=ACTOR)
    [line] = take(ledger).units
    assert (line.unit_code, line.state) == (unit.code, ObligationState.CLOSED)
    assert (line.region_code, line.level) == ("530100", "二级")


def test_an_unknown_snapshot_is_not_found(ledger: Ledger) -> None:
    with pytest.raises(KeyError):
        ledger.snapshots.get(1)


def test_figures_keep_their_digits_and_their_order(ledger: Ledger) -> None:
    snapshot = take(ledger)
    figures = [
        Figure("refunded_amt", "", "", Decimal("12345678901234.50")),
        Figure("coverage", "", "", Decimal("0.9653")),
        Figure("coverage", "unit_kind", "retail_pharmacy", Decimal("1")),
        Figure("expected", "region", "530100", Decimal(144)),
    ]
    ledger.snapshots.save_figures(snapshot.id, figures)
    ledger.snapshots.save_figures(snapshot.id, figures)
    found = ledger.snapshots.figures(snapshot.id)
    assert found == figures
    assert [str(figure.value) for figure in found] == ["12345678901234.50", "0.9653", "1", "144"]


FILES = (
    EditionFile(FileRole.TABLES, "第1版.xlsx", "a" * 64),
    EditionFile(FileRole.DOCUMENT, "第1版.docx", "b" * 64),
)
EVENT = Event("某机构涉嫌骗保（模拟）", "现场检查发现。", "AJ-1")


def add(ledger: Ledger, number: int = 1, **changes: Any) -> Edition:
    facts: dict[str, Any] = {"occasion": "once", "files": FILES, "on": NEXT_MONDAY}
    facts |= {"snapshot_id": take(ledger).id} | changes
    return ledger.editions.add(CAMPAIGN, REPORT, number=number, **facts)


def ask(ledger: Ledger, edition: Edition, hand: Hand, run: str = "run1", at: datetime = NINE) -> None:
    ledger.editions.ask(
        edition.id, hand, post_key=f"post_of_{hand}", run=run, page="https://desk", at=at, until=at + HOUR
    )


def sign(ledger: Ledger, edition: Edition, hand: Hand, *, approved: bool = True, **changes: str) -> Edition:
    said = {"by": f"user_{hand}", "user": f"user_{hand}", "reason": "" if approved else "金额待核"} | changes
    return ledger.editions.sign(edition.id, hand, approved=approved, at=NINE, **said)


def sign_all(ledger: Ledger, edition: Edition) -> None:
    for hand in Hand:
        ask(ledger, edition, hand)
        sign(ledger, edition, hand)


def state(ledger: Ledger, edition: Edition) -> EditionState:
    return ledger.editions.get(edition.id).state


def test_an_edition_comes_back_as_it_was_entered(ledger: Ledger) -> None:
    assert ledger.editions.latest(CAMPAIGN, REPORT, occasion="once") is None
    edition = add(ledger, correction=2, reason="更正", event=EVENT)
    assert edition == ledger.editions.get(edition.id)
    assert edition == ledger.editions.latest(CAMPAIGN, REPORT, occasion="once")
    assert (edition.number, edition.state, edition.compiled_on) == (1, EditionState.DRAFTED, NEXT_MONDAY)
    assert (edition.files, edition.event, edition.correction) == (FILES, EVENT, 2)
    assert edition.file(FileRole.PDF) is None
    assert ledger.editions.latest(CAMPAIGN, "other_report", occasion="once") is None
    with pytest.raises(KeyError):
        ledger.editions.get(edition.id + 1)


def test_the_same_edition_entered_again_changes_nothing(ledger: Ledger) -> None:
    assert add(ledger) == add(ledger, on=TUESDAY)
    assert len(ledger.editions.all(CAMPAIGN)) == 1


@pytest.mark.parametrize(
    "other", [{"files": FILES[:1]}, {"event": EVENT}], ids=["other files", "another matter"]
)
def test_a_number_once_taken_is_never_given_to_other_content(ledger: Ledger, other: dict[str, Any]) -> None:
    add(ledger)
    with pytest.raises(ValueError, match="不得替换"):
        add(ledger, **other)


def test_a_newer_edition_supersedes_what_is_being_signed_for_the_same_occasion(ledger: Ledger) -> None:
    old, elsewhere = add(ledger), add(ledger, occasion="2024Q3")
    new = add(ledger, 2)
    assert [state(ledger, each) for each in (old, elsewhere, new)] == [
        EditionState.SUPERSEDED,
        EditionState.DRAFTED,
        EditionState.DRAFTED,
    ]
    assert [(each.occasion, each.number) for each in ledger.editions.all(CAMPAIGN, REPORT)] == [
        ("once", 1),
        ("once", 2),
        ("2024Q3", 1),
    ]


def test_three_hands_approve_and_no_fewer(ledger: Ledger) -> None:
    edition = add(ledger)
    states = []
    for hand in Hand:
        ask(ledger, edition, hand)
        states.append(sign(ledger, edition, hand).state)
    assert states == [EditionState.DRAFTED, EditionState.DRAFTED, EditionState.APPROVED]
    assert [
        (s.hand, s.post_key, s.by, s.approved, s.until) for s in ledger.editions.signings(edition.id)
    ] == [(hand, f"post_of_{hand}", f"user_{hand}", True, None) for hand in Hand]


@pytest.mark.parametrize("hand", list(Hand))
def test_a_no_of_any_hand_ends_the_edition(ledger: Ledger, hand: Hand) -> None:
    edition = add(ledger)
    for each in (*hand.before, hand):
        ask(ledger, edition, each)
        sign(ledger, edition, each, approved=each is not hand)
    assert state(ledger, edition) is EditionState.REJECTED
    assert ledger.editions.signings(edition.id)[-1].reason == "金额待核"
    for later in Hand:
        with pytest.raises(IllegalMove):
            sign(ledger, edition, later, user="somebody")


@pytest.mark.parametrize(
    ("hand", "said", "refused"),
    [
        (Hand.PREPARED, {"approved": False, "reason": " "}, "退回须写明理由"),
        (Hand.REVIEWED, {"user": "user_prepared"}, "已在经办环节签批本版"),
        (Hand.APPROVED, {}, "尚未经复核签批"),
    ],
)
def test_an_answer_that_cannot_stand_is_not_written_down(
    ledger: Ledger, hand: Hand, said: dict[str, Any], refused: str
) -> None:
    edition = add(ledger)
    if hand is not Hand.PREPARED:
        ask(ledger, edition, Hand.PREPARED)
        sign(ledger, edition, Hand.PREPARED)
    ask(ledger, edition, hand)
    with pytest.raises(IllegalMove, match=refused):
        sign(ledger, edition, hand, **said)
    assert ledger.editions.signings(edition.id)[-1].approved is None


def test_nobody_signs_what_was_not_laid_before_them(ledger: Ledger) -> None:
    with pytest.raises(IllegalMove, match="尚未送经办"):
        sign(ledger, add(ledger), Hand.PREPARED)


def test_a_decision_is_not_taken_back(ledger: Ledger) -> None:
    edition = add(ledger)
    ask(ledger, edition, Hand.PREPARED)
    sign(ledger, edition, Hand.PREPARED)
    sign(ledger, edition, Hand.PREPARED)
    with pytest.raises(IllegalMove, match="不能改作"):
        sign(ledger, edition, Hand.PREPARED, approved=False)
    ask(ledger, edition, Hand.PREPARED, run="run2")
    [signing] = ledger.editions.signings(edition.id)
    assert (signing.run, signing.approved) == ("run1", True), "a hand that has decided is not asked again"


def test_a_hand_waits_in_one_run_until_it_is_released_or_its_time_is_up(ledger: Ledger) -> None:
    edition = add(ledger)
    ask(ledger, edition, Hand.PREPARED)
    [signing] = ledger.editions.signings(edition.id)
    assert signing.is_asked_elsewhere("run2", NINE)
    assert not signing.is_asked_elsewhere("run1", NINE)
    assert not signing.is_asked_elsewhere("run2", NINE + HOUR)
    ledger.editions.release(edition.id, Hand.PREPARED, run="run2")
    assert ledger.editions.signings(edition.id) == [signing], "another run's release says nothing"
    ledger.editions.release(edition.id, Hand.PREPARED, run="run1")
    assert not ledger.editions.signings(edition.id)[0].is_asked_elsewhere("run2", NINE)


MOVES = {
    "superseded": (lambda ledger, edition: add(ledger, 2), EditionState.SUPERSEDED),
    "sent": (
        lambda ledger, edition: (
            sign_all(ledger, edition),
            ledger.editions.mark_sent(edition.id, at=NINE),
        ),
        EditionState.SENT,
    ),
    "received": (
        lambda ledger, edition: (
            sign_all(ledger, edition),
            ledger.editions.mark_sent(edition.id, at=NINE),
            ledger.editions.mark_received(edition.id, on=TUESDAY, note="来电", by="office_staff"),
        ),
        EditionState.RECEIVED,
    ),
}


@pytest.mark.parametrize("name", MOVES)
def test_an_edition_that_has_ended_is_signed_by_nobody(ledger: Ledger, name: str) -> None:
    edition = add(ledger)
    move, ended = MOVES[name]
    move(ledger, edition)
    assert state(ledger, edition) is ended
    with pytest.raises(IllegalMove):
        sign(ledger, edition, Hand.APPROVED, approved=False, user="somebody")
    assert state(ledger, edition) is ended


def test_only_an_approved_edition_goes_up_and_only_one_that_did_is_received(ledger: Ledger) -> None:
    edition = add(ledger)
    with pytest.raises(IllegalMove):
        ledger.editions.mark_sent(edition.id, at=NINE)
    with pytest.raises(IllegalMove):
        ledger.editions.mark_received(edition.id, on=TUESDAY, note="来电", by="office_staff")
    sign_all(ledger, edition)
    for _ in range(2):
        ledger.editions.mark_sent(edition.id, at=NINE)
    assert [ledger.editions.mark_received(edition.id, on=TUESDAY, note="来电", by="x") for _ in range(2)] == [
        True,
        False,
    ]
    ledger.editions.mark_sent(edition.id, at=NINE)
    found = ledger.editions.get(edition.id)
    assert (found.state, found.sent_at, found.received_on) == (EditionState.RECEIVED, NINE, TUESDAY)
    add(ledger, 2, correction=1)
    assert state(ledger, edition) is EditionState.RECEIVED, "a correction leaves what was sent as it is"


def test_a_contradictory_edition_is_kept_and_cannot_be_signed(ledger: Ledger) -> None:
    edition = add(ledger, state=EditionState.CONTRADICTORY)
    ask(ledger, edition, Hand.PREPARED)
    with pytest.raises(IllegalMove, match="勾稽不符"):
        sign(ledger, edition, Hand.PREPARED)


def test_every_step_of_an_edition_is_in_the_trail(ledger: Ledger) -> None:
    edition = add(ledger)
    sign_all(ledger, edition)
    ledger.editions.mark_sent(edition.id, at=NINE)
    ledger.editions.mark_received(edition.id, on=TUESDAY, note="来电", by="office_staff")
    assert ledger.audit.verify() is None
