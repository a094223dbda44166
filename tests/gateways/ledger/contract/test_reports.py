"""What any ledger promises about snapshots, figures and editions."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from include.domain.model import UnitKind
from include.domain.obligations import IllegalMove, ObligationState
from include.domain.occasions import Period
from include.domain.reports import EditionState, Figure, Snapshot
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


def test_editions_are_numbered_by_snapshot(ledger: Ledger) -> None:
    units = make_units(1)
    first = take(ledger)
    assert ledger.editions.next_number(CAMPAIGN, REPORT, first.id, occasion="once") == 1
    assert ledger.editions.latest(CAMPAIGN, REPORT, occasion="once") is None
    edition = ledger.editions.add(
        CAMPAIGN, REPORT, first.id, occasion="once", file_name="第1版.xlsx", sha256="a" * 64, on=NEXT_MONDAY
    )
    assert (edition.number, edition.state) == (1, EditionState.DRAFTED)
    assert (edition.file_name, edition.sha256) == ("第1版.xlsx", "a" * 64)
    assert (edition.snapshot_id, edition.compiled_on) == (first.id, NEXT_MONDAY)
    assert ledger.editions.next_number(CAMPAIGN, REPORT, first.id, occasion="once") == 1
    assert ledger.editions.latest(CAMPAIGN, REPORT, occasion="once") == edition
    assert ledger.editions.latest(CAMPAIGN, "other_report", occasion="once") is None
    open_obligations(ledger, units)
    second = take(ledger)
    assert ledger.editions.next_number(CAMPAIGN, REPORT, second.id, occasion="once") == 2
    assert ledger.editions.next_number(CAMPAIGN, "other_report", second.id, occasion="once") == 1


def test_the_same_snapshot_and_file_are_the_same_edition(ledger: Ledger) -> None:
    snapshot = take(ledger)
    facts = {"occasion": "once", "file_name": "第1版.xlsx", "sha256": "a" * 64}
    first = ledger.editions.add(CAMPAIGN, REPORT, snapshot.id, on=NEXT_MONDAY, **facts)
    again = ledger.editions.add(CAMPAIGN, REPORT, snapshot.id, on=TUESDAY, **facts)
    assert first == again == ledger.editions.get(first.id)


@pytest.mark.parametrize(
    ("approved", "state"), [(True, EditionState.APPROVED), (False, EditionState.REJECTED)]
)
def test_a_decided_edition_is_not_decided_otherwise(
    ledger: Ledger, approved: bool, state: EditionState
) -> None:
    edition = ledger.editions.add(
        CAMPAIGN,
        REPORT,
        take(ledger).id,
        occasion="once",
        file_name="第1版.xlsx",
        sha256="a" * 64,
        on=NEXT_MONDAY,
    )
    decided = ledger.editions.decide(
        edition.id, approved=approved, by="office_director", reason="同意", at=NINE
    )
    assert decided.state is state
    with pytest.raises(IllegalMove):
        ledger.editions.decide(edition.id, approved=not approved, by="group_head", reason="", at=NINE)
    assert ledger.editions.get(edition.id).state is state


def test_only_an_approved_edition_can_be_sent(ledger: Ledger) -> None:
    edition = ledger.editions.add(
        CAMPAIGN,
        REPORT,
        take(ledger).id,
        occasion="once",
        file_name="第1版.xlsx",
        sha256="a" * 64,
        on=NEXT_MONDAY,
    )
    with pytest.raises(IllegalMove):
        ledger.editions.mark_sent(edition.id, at=NINE)
    assert ledger.editions.get(edition.id).state is EditionState.DRAFTED
    ledger.editions.decide(edition.id, approved=True, by="office_director", reason="", at=NINE)
    ledger.editions.mark_sent(edition.id, at=NINE)
    assert ledger.editions.get(edition.id).state is EditionState.SENT
