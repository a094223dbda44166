"""What any ledger promises about surveys: the newest is kept whole, and its counts leave nothing out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from include.domain.calls import CallResult, PhoneCall
from include.domain.groups import TOTAL
from include.domain.ladder import Window
from include.domain.model import UnitKind
from include.domain.notices import NoticeKind, NoticeState, SendMode
from include.domain.obligations import ObligationState
from include.domain.survey import (
    BY_TELEPHONE,
    Amount,
    Cell,
    ClueDay,
    Day,
    PassedOver,
    Progress,
    Reminded,
    Survey,
)
from include.steps.ports import Ledger
from tests.gateways.ledger.contract.samples import (
    CAMPAIGN,
    DUE,
    FORM,
    MONDAY,
    NEXT_MONDAY,
    NINE,
    PHASE,
    accept,
    claim_one,
    make_change,
    make_notice,
    make_owed,
    make_unit,
    open_obligations,
    receive,
)

OPEN, ACCEPTED = ObligationState.OPEN, ObligationState.ACCEPTED
HOSPITAL = UnitKind.MEDICAL_INSTITUTION
LATER = DUE + timedelta(days=1)
HERE, THERE = "530100", "530102"


def make_survey(**parts: object) -> Survey:
    return Survey(CAMPAIGN, NEXT_MONDAY, NINE, **parts)  # type: ignore[arg-type]


def cells(ledger: Ledger, on: date = NEXT_MONDAY) -> list[Cell]:
    return ledger.surveys.cells(CAMPAIGN, mode=SendMode.LIVE, on=on)


def test_there_is_none_before_the_first(ledger: Ledger) -> None:
    assert ledger.surveys.newest(CAMPAIGN) is None
    assert ledger.surveys.taken_at(CAMPAIGN) is None


def test_the_newest_comes_back_as_it_was(ledger: Ledger) -> None:
    first = make_survey()
    second = replace(
        first,
        taken_at=NINE + timedelta(hours=1),
        cells=(Cell(HERE, HOSPITAL, "二级", PHASE, FORM, OPEN, 3, 1, 0, 0, 2),),
        days=(Day(HERE, PHASE, FORM, DUE, 3, 0, 0),),
        reminders=(Reminded(HERE, PHASE, "due_day", 2, 1),),
        passed_over=(PassedOver(HERE, PHASE, "overdue_1", 1),),
        amounts=(Amount(HERE, "found_amt", TOTAL, "", Decimal("12345678.90")),),
        progress=(
            Progress(HERE, PHASE, "return_rate", None, 3),
            Progress(HERE, PHASE, "return_rate", DUE, 1),
        ),
        clues=(ClueDay(HERE, DUE, 1, 1, 0),),
    )
    ledger.surveys.keep(first)
    ledger.surveys.keep(second)
    assert ledger.surveys.newest(CAMPAIGN) == second
    assert ledger.surveys.taken_at(CAMPAIGN) == second.taken_at
    assert ledger.surveys.newest("another_2026") is None


def test_cells_count_every_return_once_where_its_unit_stands(ledger: Ledger) -> None:
    units = [
        make_unit(1),
        make_unit(2, level="三级甲等"),
        make_unit(3, level=None, region_code=THERE),
        make_unit(4),
    ]
    first, *_ = open_obligations(ledger, units)
    accept(ledger, first, is_zero=True, days_late=2)
    ledger.roster.adjust(CAMPAIGN, [make_change("left", units[3], NEXT_MONDAY)], actor="office")
    assert cells(ledger, LATER) == [
        Cell(HERE, HOSPITAL, "三级", PHASE, FORM, OPEN, 1, 1, 0, 0, 0),
        Cell(HERE, HOSPITAL, "二级", PHASE, FORM, ACCEPTED, 1, 0, 1, 1, 0),
        Cell(HERE, HOSPITAL, "二级", PHASE, FORM, ObligationState.CLOSED, 1, 0, 0, 0, 0),
        Cell(THERE, HOSPITAL, "一级及以下", PHASE, FORM, OPEN, 1, 1, 0, 0, 0),
    ]
    assert sum(cell.overdue for cell in cells(ledger, DUE)) == 0, "on the due day nobody is late"


def test_a_unit_counts_where_it_lay_that_day(ledger: Ledger) -> None:
    open_obligations(ledger, [make_unit(1)])
    moved = make_unit(1, region_code=THERE)
    ledger.roster.adjust(CAMPAIGN, [make_change("changed", moved, NEXT_MONDAY)], actor="office")
    before = NEXT_MONDAY - timedelta(days=1)
    assert [cell.region for cell in cells(ledger, before)] == [HERE]
    assert [cell.region for cell in cells(ledger)] == [THERE]
    assert [day.region for day in ledger.surveys.days(CAMPAIGN, on=NEXT_MONDAY)] == [THERE]


def test_what_the_office_fills_in_is_not_owed_by_units(ledger: Ledger) -> None:
    open_obligations(ledger, [make_unit(1)], make_owed(filled_by="office"))
    assert cells(ledger) == []
    assert ledger.surveys.days(CAMPAIGN, on=NEXT_MONDAY) == []


def test_days_tell_what_fell_due_came_in_and_was_accepted(ledger: Ledger) -> None:
    first, _ = open_obligations(ledger, [make_unit(1), make_unit(2)])
    accept(ledger, first)
    assert ledger.surveys.days(CAMPAIGN, on=NEXT_MONDAY) == [
        Day(HERE, PHASE, FORM, NEXT_MONDAY, 0, 1, 1),
        Day(HERE, PHASE, FORM, DUE, 2, 0, 0),
    ]


def test_a_reminder_is_answered_by_a_return_soon_after_it(ledger: Ledger) -> None:
    owed = open_obligations(ledger, [make_unit(number) for number in range(1, 5)])
    for number, obligation in enumerate(owed):
        ledger.outbox.plan(
            [
                make_notice(
                    f"reminder{number}",
                    kind=NoticeKind.REMINDER,
                    step_key="due_day",
                    obligation_id=obligation.id,
                    unit_code=obligation.unit_code,
                    phase_key=PHASE,
                )
            ]
        )
        # The fourth is refused by the server: nobody was reminded.
        state = NoticeState.REFUSED if number == 3 else NoticeState.ACCEPTED
        ledger.outbox.record_mail(
            [claim_one(ledger)], state, at=NINE, to="a@hospital.example", message_id="<m>"
        )
    accept(ledger, owed[0], on=MONDAY)
    accept(ledger, owed[1])
    receive(ledger, "somebody.xlsx")

    def reminders(last: date) -> list[Reminded]:
        return ledger.surveys.reminders(CAMPAIGN, mode=SendMode.LIVE, on=NEXT_MONDAY, until=lambda day: last)

    assert reminders(NEXT_MONDAY) == [Reminded(HERE, PHASE, "due_day", 3, 2)]
    assert reminders(NEXT_MONDAY - timedelta(days=1)) == [Reminded(HERE, PHASE, "due_day", 3, 0)]
    assert sum(cell.reminded for cell in cells(ledger)) == 3
    rehearsed = ledger.surveys.cells(CAMPAIGN, mode=SendMode.OFF, on=NEXT_MONDAY)
    assert sum(cell.reminded for cell in rehearsed) == 0, "a rehearsal reminds nobody"


def test_a_call_that_told_the_unit_is_a_reminder_of_what_it_then_owed(ledger: Ledger) -> None:
    units = [make_unit(number) for number in range(1, 5)]
    owed = open_obligations(ledger, units)
    accept(ledger, owed[0], on=MONDAY)
    accept(ledger, owed[1], on=NEXT_MONDAY)
    # Who was not reached, and who had settled everything before, was reminded of nothing.
    results = (CallResult.TOLD, CallResult.PROMISED, CallResult.REFUSED, CallResult.NO_ANSWER)
    day = NEXT_MONDAY - timedelta(days=3)
    calls = [PhoneCall(unit.code, day, result, "办公室") for unit, result in zip(units, results, strict=True)]
    ledger.calls.enter("another_2026", calls, on=day, actor="office", reason="电话催办")
    ledger.calls.enter(CAMPAIGN, calls, on=day, actor="office", reason="电话催办")

    def called(*, began: date = MONDAY, last: date = NEXT_MONDAY, on: date = NEXT_MONDAY) -> list[Reminded]:
        return ledger.surveys.calls(CAMPAIGN, on=on, until=lambda _: last, began={PHASE: began})

    assert called() == [Reminded(HERE, PHASE, BY_TELEPHONE, 2, 1)]
    assert called(last=day) == [Reminded(HERE, PHASE, BY_TELEPHONE, 2, 0)]
    assert called(began=NEXT_MONDAY) == called(on=MONDAY) == []


RUNG = Window("overdue_1", DUE, DUE + timedelta(days=1), DUE + timedelta(days=2))


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ([], 0),
        ([("launch", "launch", 0)], 0),
        ([("launch", "launch", -1)], 1),
        ([("launch", "launch", -1), ("reminder", "due_day", -1)], 1),
        ([("launch", "launch", -1), ("overdue", "overdue_1", 1)], 0),
        ([("launch", "launch", -1), ("overdue", "overdue_3", 1)], 0),
        ([("launch", "launch", -1), ("overdue", "overdue_3", 2)], 1),
        ([("launch", "launch", -1), ("overdue", "overdue_1", -1)], 0),
        ([("launch", "launch", -1), ("announcement", "overdue_1", 1)], 1),
    ],
    ids=[
        "never asked",
        "asked on the very day of the rung",
        "asked before, then nothing",
        "only the rung before",
        "the rung itself",
        "a higher one in its days",
        "a higher one after its days",
        "the rung itself, early and by hand",
        "another kind of mail",
    ],
)
def test_a_rung_passes_over_what_was_asked_for_and_not_reminded_of_in_its_days(
    ledger: Ledger, written: list[tuple[str, str, int]], number: int
) -> None:
    """``written``: kind, rung, and the day counted from the first of the rung's."""
    [owed] = open_obligations(ledger, [make_unit(1)])
    for kind, step, days in written:
        facts = {"kind": NoticeKind(kind), "step_key": step, "due_on": DUE, "obligation_id": owed.id}
        day = RUNG.begins_on + timedelta(days=days)
        notice = make_notice(
            f"{kind}{step}", planned_on=day, unit_code=owed.unit_code, phase_key=PHASE, **facts
        )
        ledger.outbox.plan([notice])
    found = passed_over(ledger)
    assert found == ([PassedOver(HERE, PHASE, "overdue_1", number)] if number else [])


def passed_over(ledger: Ledger, *windows: Window, mode: SendMode = SendMode.LIVE) -> list[PassedOver]:
    return ledger.surveys.passed_over(CAMPAIGN, windows or [RUNG], mode=mode, on=LATER)


def test_a_rung_passes_over_nobody_who_need_not_be_reminded(ledger: Ledger) -> None:
    units = [make_unit(number) for number in range(1, 5)]
    owed = open_obligations(ledger, units)
    for each in owed:
        launch = make_notice(
            f"launch{each.id}", kind=NoticeKind.LAUNCH, step_key="launch", planned_on=MONDAY,
            obligation_id=each.id, unit_code=each.unit_code, phase_key=PHASE, due_on=DUE,
        )  # fmt: skip
        ledger.outbox.plan([launch])
    assert [each.number for each in passed_over(ledger)] == [4]
    assert passed_over(ledger, RUNG._replace(due_on=LATER)) == [], "due on another day"
    assert passed_over(ledger, mode=SendMode.OFF) == [], "asked in another mode"
    assert ledger.surveys.passed_over(CAMPAIGN, [], mode=SendMode.LIVE, on=LATER) == []
    accept(ledger, owed[0])
    ledger.roster.adjust(CAMPAIGN, [make_change("left", units[1], NEXT_MONDAY)], actor="office")
    assert [each.number for each in passed_over(ledger)] == [2]
