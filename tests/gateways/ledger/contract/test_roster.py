"""What any ledger promises about the roster."""

from __future__ import annotations

from datetime import date

import pytest

from include.domain.model import UnitKind
from include.domain.obligations import ObligationState
from include.domain.units import NotOnRoster, RosterFrozen
from include.steps.ports import Ledger
from tests.gateways.ledger.contract.samples import (
    ACTOR,
    CAMPAIGN,
    DUE,
    MONDAY,
    NEXT_MONDAY,
    PHASE,
    accept,
    freeze,
    make_change,
    make_holder,
    make_owed,
    make_unit,
    make_units,
    open_obligations,
)

SUNDAY = date(2026, 3, 8)


def codes(ledger: Ledger, on: date) -> list[str]:
    return [unit.code for unit in ledger.roster.units(CAMPAIGN, on=on)]


def test_has_no_day_before_it_is_frozen(ledger: Ledger) -> None:
    assert ledger.roster.frozen_on(CAMPAIGN) is None
    freeze(ledger, make_units(1))
    assert ledger.roster.frozen_on(CAMPAIGN) == MONDAY
    assert ledger.roster.frozen_on("other_2026") is None


def test_units_come_back_as_they_were_given_by_code(ledger: Ledger) -> None:
    bare = make_unit(2, level=None, contact_email=None)
    full = make_unit(
        1,
        kind=UnitKind.RETAIL_PHARMACY,
        uscc="91530100MA00000000",
        ownership="民营",
        handling_unit="示例经办中心",
        agreement_status="中止",
        contact_post="医保负责岗",
        contact_phone="0871-00000000",
    )
    freeze(ledger, [bare, full])
    assert ledger.roster.units(CAMPAIGN, on=MONDAY) == [full, bare]
    assert ledger.roster.unit(CAMPAIGN, full.code) == full
    assert ledger.roster.unit(CAMPAIGN, "H99999999999") is None


def test_the_same_file_again_changes_nothing(ledger: Ledger) -> None:
    freeze(ledger, make_units(2))
    freeze(ledger, make_units(2))
    assert len(codes(ledger, MONDAY)) == 2


def test_another_file_is_refused_and_changes_nothing(ledger: Ledger) -> None:
    freeze(ledger, make_units(2))
    with pytest.raises(RosterFrozen, match="名册已于2026年3月2日冻结"):
        ledger.roster.freeze(CAMPAIGN, make_units(3), [], on=NEXT_MONDAY, actor=ACTOR, source_sha256="b" * 64)
    assert len(codes(ledger, NEXT_MONDAY)) == 2
    assert ledger.roster.frozen_on(CAMPAIGN) == MONDAY


def test_a_joiner_is_in_force_from_its_day_and_not_before(ledger: Ledger) -> None:
    freeze(ledger, make_units(1))
    joiner = make_unit(2)
    assert ledger.roster.adjust(CAMPAIGN, [make_change("joined", joiner, NEXT_MONDAY)], actor=ACTOR) == 1
    assert joiner.code not in codes(ledger, SUNDAY)
    assert joiner.code in codes(ledger, NEXT_MONDAY)


def test_a_leaver_is_in_force_until_the_day_before_and_still_known(ledger: Ledger) -> None:
    leaver = make_unit(1)
    freeze(ledger, [leaver])
    ledger.roster.adjust(CAMPAIGN, [make_change("left", leaver, NEXT_MONDAY)], actor=ACTOR)
    assert codes(ledger, SUNDAY) == [leaver.code]
    assert codes(ledger, NEXT_MONDAY) == []
    assert ledger.roster.unit(CAMPAIGN, leaver.code) == leaver


def test_a_change_holds_from_its_day_and_the_day_before_stays_as_it_was(ledger: Ledger) -> None:
    before = make_unit(1)
    after = make_unit(1, name="示例医院（新名）", contact_email="new@hospital.example")
    freeze(ledger, [before])
    ledger.roster.adjust(CAMPAIGN, [make_change("changed", after, NEXT_MONDAY)], actor=ACTOR)
    assert ledger.roster.units(CAMPAIGN, on=SUNDAY) == [before]
    assert ledger.roster.units(CAMPAIGN, on=NEXT_MONDAY) == [after]
    assert ledger.roster.unit(CAMPAIGN, before.code) == after


def test_the_same_adjustment_again_is_not_new(ledger: Ledger) -> None:
    freeze(ledger, make_units(1))
    changes = [
        make_change("joined", make_unit(2), NEXT_MONDAY),
        make_change("left", make_unit(1), NEXT_MONDAY),
    ]
    assert ledger.roster.adjust(CAMPAIGN, changes, actor=ACTOR) == 2
    assert ledger.roster.adjust(CAMPAIGN, changes, actor=ACTOR) == 0
    assert codes(ledger, NEXT_MONDAY) == [make_unit(2).code]


@pytest.mark.parametrize("kind", ["left", "changed"])
def test_a_unit_never_on_the_roster_can_neither_leave_nor_change(ledger: Ledger, kind: str) -> None:
    freeze(ledger, make_units(1))
    with pytest.raises(NotOnRoster, match="H00000000009"):
        ledger.roster.adjust(CAMPAIGN, [make_change(kind, make_unit(9), NEXT_MONDAY)], actor=ACTOR)


def test_leaving_closes_what_is_open_and_not_what_was_accepted(ledger: Ledger) -> None:
    leaver, finished, stayer = make_units(3)
    first, second, third = open_obligations(ledger, [leaver, finished, stayer])
    accept(ledger, second)
    changes = [make_change("left", unit, NEXT_MONDAY) for unit in (leaver, finished)]
    ledger.roster.adjust(CAMPAIGN, changes, actor=ACTOR)
    assert ledger.obligations.get(first.id).state is ObligationState.CLOSED
    assert ledger.obligations.get(second.id).state is ObligationState.ACCEPTED
    assert ledger.obligations.get(third.id).state is ObligationState.OPEN


def test_a_joiner_owes_from_the_next_opening_and_not_before_its_day(ledger: Ledger) -> None:
    open_obligations(ledger, make_units(1))
    ledger.roster.adjust(CAMPAIGN, [make_change("joined", make_unit(2), NEXT_MONDAY)], actor=ACTOR)
    assert ledger.obligations.open(CAMPAIGN, PHASE, make_owed(), due_on=DUE, on=SUNDAY) == 0
    assert ledger.obligations.open(CAMPAIGN, PHASE, make_owed(), due_on=DUE, on=NEXT_MONDAY) == 1


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 3, 1), None),
        (MONDAY, "first@bureau.example"),
        (SUNDAY, "first@bureau.example"),
        (NEXT_MONDAY, "second@bureau.example"),
        (date(2027, 1, 1), "second@bureau.example"),
    ],
)
def test_mail_to_a_post_goes_to_its_holder_of_that_day(
    ledger: Ledger, on: date, expected: str | None
) -> None:
    first = make_holder(email="first@bureau.example", holds_until=SUNDAY)
    second = make_holder(email="second@bureau.example", holds_from=NEXT_MONDAY, phone="0871-00000001")
    freeze(ledger, make_units(1), holders=[first, second])
    holder = ledger.roster.holder(CAMPAIGN, "office_director", on=on)
    assert (holder.email if holder else None) == expected
    assert ledger.roster.holder(CAMPAIGN, "dept_liaison", on=on) is None


def test_a_post_given_to_another_ends_the_day_before_and_what_was_to_begin_later_never_does(
    ledger: Ledger,
) -> None:
    later = make_holder(email="later@bureau.example", holds_from=date(2026, 4, 1))
    freeze(ledger, make_units(1), holders=[make_holder(email="first@bureau.example"), later])
    new = make_holder(email="new@bureau.example", holds_from=NEXT_MONDAY)
    for _ in range(2):
        ledger.roster.appoint(CAMPAIGN, new, on=MONDAY, actor=ACTOR, reason="换岗")

    def address(on: date) -> str | None:
        holder = ledger.roster.holder(CAMPAIGN, "office_director", on=on)
        return holder.email if holder else None

    assert address(SUNDAY) == "first@bureau.example"
    assert address(NEXT_MONDAY) == "new@bureau.example"
    assert address(date(2026, 5, 1)) == "new@bureau.example"
    assert ledger.audit.verify() is None
