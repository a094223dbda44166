"""What any ledger promises about obligations."""

from __future__ import annotations

from datetime import date

import pytest

from include.domain.model import UnitKind
from include.domain.obligations import ObligationState
from include.steps.ports import Ledger
from tests.gateways.ledger.contract.samples import (
    CAMPAIGN,
    DUE,
    FORM,
    MONDAY,
    PHASE,
    accept,
    freeze,
    make_owed,
    make_unit,
    make_units,
    open_obligations,
)

LATER = date(2026, 5, 29)


def test_opening_enters_one_per_unit_that_owes_and_nothing_the_second_time(ledger: Ledger) -> None:
    freeze(ledger, [*make_units(3), make_unit(4, kind=UnitKind.RETAIL_PHARMACY)])
    assert ledger.obligations.open(CAMPAIGN, PHASE, make_owed(), due_on=DUE, on=MONDAY) == 3
    assert ledger.obligations.open(CAMPAIGN, PHASE, make_owed(), due_on=DUE, on=MONDAY) == 0
    assert ledger.obligations.counts(CAMPAIGN, PHASE) == {ObligationState.OPEN: 3}


def test_opening_again_does_not_move_a_due_date(ledger: Ledger) -> None:
    open_obligations(ledger, make_units(1))
    ledger.obligations.open(CAMPAIGN, PHASE, make_owed(), due_on=LATER, on=MONDAY)
    assert ledger.obligations.due_dates(CAMPAIGN, PHASE, FORM) == [DUE]


def test_an_obligation_says_what_is_owed_by_whom_until_when(ledger: Ledger) -> None:
    owed = make_owed(stamped_scan=True, filled_by="office")
    [obligation] = open_obligations(ledger, [make_unit(7, name="示例医院")], owed)
    assert obligation == ledger.obligations.get(obligation.id)
    assert (obligation.campaign_id, obligation.phase_key, obligation.form) == (CAMPAIGN, PHASE, FORM)
    assert (obligation.unit_code, obligation.unit_name) == ("H00000000007", "示例医院")
    assert obligation.unit_kind is UnitKind.MEDICAL_INSTITUTION
    assert obligation.state is ObligationState.OPEN
    assert obligation.due_on == DUE
    assert obligation.scan_required is True
    assert obligation.filled_by == "office"
    assert (obligation.is_zero, obligation.days_late) == (False, 0)
    assert (obligation.received_on, obligation.accepted_on) == (None, None)


def test_an_unknown_obligation_is_not_found(ledger: Ledger) -> None:
    with pytest.raises(KeyError):
        ledger.obligations.get(1)


def test_a_phase_over_before_the_notice_is_entered_closed_and_owes_nothing(ledger: Ledger) -> None:
    freeze(ledger, make_units(2))
    ledger.obligations.open(CAMPAIGN, PHASE, make_owed(), due_on=DUE, on=MONDAY, closed=True)
    assert ledger.obligations.counts(CAMPAIGN, PHASE) == {ObligationState.CLOSED: 2}
    assert ledger.obligations.due_dates(CAMPAIGN, PHASE, FORM) == []


def test_of_several_phases_the_latest_due_date_is_the_one_answered(ledger: Ledger) -> None:
    [first] = open_obligations(ledger, make_units(1))
    ledger.obligations.open(CAMPAIGN, "look_back", make_owed(), due_on=LATER, on=MONDAY)
    found = ledger.obligations.of_unit(CAMPAIGN, first.unit_code, FORM)
    assert found is not None
    assert found.phase_key == "look_back"
    assert ledger.obligations.of_unit(CAMPAIGN, first.unit_code, "other_form") is None
    assert ledger.obligations.of_unit("other_2026", first.unit_code, FORM) is None


def test_obligations_are_listed_by_unit_code_and_only_those_asked_for(ledger: Ledger) -> None:
    units = make_units(3)
    first, second, third = open_obligations(ledger, units[::-1])
    ledger.obligations.open(CAMPAIGN, PHASE, make_owed("second_form"), due_on=LATER, on=MONDAY)
    accept(ledger, second)
    assert [each.unit_code for each in (first, second, third)] == [unit.code for unit in units]
    found = ledger.obligations.all(
        CAMPAIGN, PHASE, form=FORM, due_on=DUE, states={ObligationState.OPEN, ObligationState.RETURNED}
    )
    assert found == [first, third]
    assert len(ledger.obligations.all(CAMPAIGN, PHASE)) == 6
    assert len(ledger.obligations.all(CAMPAIGN, PHASE, due_on=LATER)) == 3
    assert ledger.obligations.all(CAMPAIGN, PHASE, states=[]) == []
    assert ledger.obligations.all(CAMPAIGN, "conclusion") == []


def test_due_dates_are_those_still_to_be_met_by_units_themselves(ledger: Ledger) -> None:
    only, *_ = open_obligations(ledger, make_units(1))
    ledger.obligations.open(
        CAMPAIGN, PHASE, make_owed("site_visit", filled_by="office"), due_on=LATER, on=MONDAY
    )
    assert ledger.obligations.due_dates(CAMPAIGN, PHASE, FORM) == [DUE]
    assert ledger.obligations.due_dates(CAMPAIGN, PHASE, "site_visit") == []
    accept(ledger, only)
    assert ledger.obligations.due_dates(CAMPAIGN, PHASE, FORM) == []


JUNE, JULY = date(2026, 6, 3), date(2026, 7, 3)


def recurring(ledger: Ledger) -> None:
    freeze(ledger, make_units(2))
    for occasion, due in (("202605", JUNE), ("202606", JULY)):
        ledger.obligations.open(CAMPAIGN, PHASE, make_owed(), due_on=due, on=MONDAY, occasion=occasion)


def test_each_occasion_is_owed_for_itself_and_opened_once(ledger: Ledger) -> None:
    recurring(ledger)
    again = ledger.obligations.open(CAMPAIGN, PHASE, make_owed(), due_on=JULY, on=MONDAY, occasion="202606")
    assert again == 0
    assert ledger.obligations.open(CAMPAIGN, PHASE, make_owed(), due_on=DUE, on=MONDAY) == 2
    assert ledger.obligations.counts(CAMPAIGN, PHASE) == {ObligationState.OPEN: 6}
    assert ledger.obligations.due_dates(CAMPAIGN, PHASE, FORM) == [DUE]
    assert ledger.obligations.due_dates(CAMPAIGN, PHASE, FORM, occasion="202605") == [JUNE]
    assert ledger.obligations.due_dates(CAMPAIGN, PHASE, FORM, occasion="202607") == []


def test_all_a_unit_owes_for_a_form_is_in_the_order_of_due_dates(ledger: Ledger) -> None:
    recurring(ledger)
    [unit, _] = make_units(2)
    owed = ledger.obligations.owed_by(CAMPAIGN, [unit.code], [FORM])[unit.code, FORM]
    assert [(each.occasion, each.due_on) for each in owed] == [("202605", JUNE), ("202606", JULY)]
    found = ledger.obligations.of_unit(CAMPAIGN, unit.code, FORM)
    assert found is not None
    assert found.occasion == "202606"
    assert [each.unit_code for each in ledger.obligations.all(CAMPAIGN, PHASE, occasion="202605")] == [
        each.code for each in make_units(2)
    ]


def test_what_is_owed_once_has_no_occasion_of_its_own(ledger: Ledger) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    assert obligation.occasion == "once"


def test_missing_is_what_units_still_owe_of_a_due_date_and_by_which_telephone_to_ask(ledger: Ledger) -> None:
    units = [make_unit(2, contact_phone="0477-1234567"), make_unit(1), make_unit(3), make_unit(4)]
    for obligation in open_obligations(ledger, units):
        if obligation.unit_code == units[2].code:
            accept(ledger, obligation)
        if obligation.unit_code == units[3].code:
            ledger.obligations.extend(
                obligation.id, due_on=LATER, reason="系统切换", approved_by="a", on=MONDAY
            )
    for_the_office = make_owed(filled_by="office").model_copy(update={"form": "inspection"})
    ledger.obligations.open(CAMPAIGN, PHASE, for_the_office, due_on=DUE, on=MONDAY)
    missing = ledger.obligations.missing(CAMPAIGN, PHASE, due_on=DUE, on=DUE)
    assert [(each.unit_code, each.phone, each.state, each.reminders) for each in missing] == [
        (units[1].code, units[1].contact_phone, ObligationState.OPEN, 0),
        (units[0].code, "0477-1234567", ObligationState.OPEN, 0),
    ]
    before = ledger.obligations.missing(CAMPAIGN, PHASE, due_on=DUE, on=date(2020, 1, 1))
    assert [each.phone for each in before] == [None, None], "nobody was on the roster yet"
