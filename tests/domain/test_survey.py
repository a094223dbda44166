"""A survey adds up, shows a county nothing of the others, and says what the indicators say."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from include.domain.groups import LEVEL, OUTSIDE, REGION, TOTAL, UNIT_KIND
from include.domain.indicators import BY_KEY, compute, compute_within
from include.domain.milestones import Counted
from include.domain.model import UnitKind
from include.domain.obligations import ObligationState
from include.domain.reports import Scope, Snapshot
from include.domain.survey import (
    STALE_AFTER,
    Amount,
    Cell,
    ClueDay,
    Day,
    PassedOver,
    Point,
    Progress,
    Reminded,
    Survey,
    Tally,
    sum_of,
)
from tests import factories
from tests.domain.test_indicator_properties import snapshots

HERE, THERE = "150626", "150622"
MAY = date(2024, 5, 1)
TAKEN_AT = factories.at("2024-05-24")
HOSPITAL, PHARMACY = UnitKind.MEDICAL_INSTITUTION, UnitKind.RETAIL_PHARMACY


def make_cell(state: str = "open", number: int = 1, **changed: Any) -> Cell:
    """Hospitals' self-checks of which ``number`` stand so, none of them late, overdue, zero or reminded."""
    facts = {"region": HERE, "kind": HOSPITAL, "level": "二级", "phase": "self_check", "form": "self_check"}
    counts = {"overdue": 0, "late": 0, "zero": 0, "reminded": 0}
    return Cell(**(facts | {"state": ObligationState(state), "number": number} | counts | changed))


def make_survey(**parts: Any) -> Survey:
    return Survey("sample_2024", date(2024, 5, 24), TAKEN_AT, **parts)


@given(snapshots())
@settings(max_examples=60, deadline=None)
def test_the_regions_of_a_survey_make_up_every_indicator(snapshot: Snapshot) -> None:
    amounts = [
        Amount(region, indicator, *place, value)
        for region, numbers in compute_within(snapshot, REGION).items()
        for (indicator, place), value in numbers.items()
    ]
    survey = make_survey(amounts=tuple(amounts))
    for figure in compute(snapshot):
        place = figure.dimension, figure.member
        if figure.scope is not Scope.CUMULATIVE:
            continue
        if figure.dimension in (TOTAL, UNIT_KIND, LEVEL):
            assert survey.figure(figure.indicator, *place) == figure.value, figure
        elif figure.dimension == REGION:
            assert survey.figure(figure.indicator, region=figure.member) == figure.value, figure


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ((), Tally()),
        ((make_cell("closed", 9, overdue=9),), Tally()),
        ((make_cell("open", 4, overdue=3, reminded=2),), Tally(owed=4, overdue=3, reminded=2)),
        # Received and not judged yet: the unit has done what it can.
        ((make_cell("received", 2, overdue=2),), Tally(owed=2, received=2)),
        ((make_cell("returned", 2, overdue=1),), Tally(owed=2, received=2, overdue=1)),
        ((make_cell("waived", 3),), Tally(owed=3, waived=3)),
        (
            (make_cell("accepted", 5, late=1, zero=2), make_cell("reviewed", 1), make_cell("open", 2)),
            Tally(owed=8, received=6, accepted=6, late=1, zero=2),
        ),
    ],
)
def test_what_counts_as_owed_in_and_overdue(cells: tuple[Cell, ...], expected: Tally) -> None:
    assert make_survey(cells=cells).tally() == expected


def test_a_tally_of_parts_is_divided_without_loss() -> None:
    survey = make_survey(
        cells=(make_cell("open", 4), make_cell("accepted", 6, kind=PHARMACY), make_cell(phase="summary"))
    )
    parts = survey.tallies(lambda cell: cell.kind, phase="self_check")
    assert {kind: part.owed for kind, part in parts.items()} == {HOSPITAL: 4, PHARMACY: 6}
    assert parts[PHARMACY].share == 100
    assert sum_of(parts.values()) == survey.tally(phase="self_check")
    assert sum_of(()) == Tally()
    assert survey.tally(phase="self_check").share == 60
    assert survey.tally(phase="nothing").share == 0


def test_nothing_of_another_county_is_left() -> None:
    parts: dict[str, tuple[Any, ...]] = {"cells": (), "amounts": ()}
    for region in (HERE, THERE, OUTSIDE):
        parts["cells"] += (make_cell(region=region),)
        parts["amounts"] += (Amount(region, "found_amt", TOTAL, "", Decimal(7)),)
        for name, record in {
            "days": Day(region, "self_check", "self_check", MAY, 1, 1, 1),
            "reminders": Reminded(region, "self_check", "due_day", 2, 1),
            "passed_over": PassedOver(region, "self_check", "due_day", 4),
            "progress": Progress(region, "self_check", "return_rate", None, 1),
            "clues": ClueDay(region, MAY, 1, 0, 0),
        }.items():
            parts[name] = (*parts.get(name, ()), record)
    survey = make_survey(**parts)
    own = survey.restricted((HERE,))
    listed = [field.name for field in fields(Survey) if isinstance(getattr(survey, field.name), tuple)]
    assert sorted(parts) == sorted(listed), "a new part must be restricted too"
    for name in listed:
        assert {each.region for each in getattr(own, name)} == {HERE}, name
    assert (own.figure("found_amt"), survey.figure("found_amt")) == (7, 21)
    assert survey.restricted(()) is survey
    assert survey.restricted(("1506",)).regions == (THERE, HERE)
    assert survey.regions == (THERE, HERE, OUTSIDE)


def test_days_are_cumulated_in_order() -> None:
    after = MAY + timedelta(days=2)
    survey = make_survey(
        days=(
            Day(THERE, "self_check", "self_check", after, 3, 0, 1),
            Day(HERE, "self_check", "self_check", MAY, 0, 2, 1),
            Day(HERE, "self_check", "agency_self_check", after, 1, 1, 0),
            Day(HERE, "summary", "written_report", MAY, 9, 9, 9),
        )
    )
    assert survey.burn_up("self_check") == [Point(MAY, 0, 2, 1), Point(after, 4, 3, 2)]
    assert survey.burn_up("self_check", "agency_self_check") == [Point(after, 1, 1, 0)]


def test_progress_is_what_a_projection_asks_for() -> None:
    survey = make_survey(
        progress=(
            Progress(HERE, "inspection", "inspection_coverage", None, 10),
            Progress(THERE, "inspection", "inspection_coverage", None, 5),
            Progress(HERE, "inspection", "inspection_coverage", MAY, 2),
            Progress(HERE, "self_check", "return_rate", None, 99),
        )
    )
    assert survey.counted("inspection", "inspection_coverage", "家") == Counted(15, [MAY, MAY], "家")


def test_answers_and_clues_are_added_up() -> None:
    survey = make_survey(
        reminders=(
            Reminded(HERE, "self_check", "due_day", 2, 1),
            Reminded(THERE, "self_check", "due_day", 3, 0),
        ),
        passed_over=(
            PassedOver(HERE, "self_check", "overdue_1", 2),
            PassedOver(THERE, "self_check", "overdue_1", 1),
        ),
        clues=(ClueDay(HERE, MAY, 2, 1, 0), ClueDay(THERE, MAY + timedelta(days=1), 1, 0, 1)),
    )
    assert survey.passed_over_by(phase="self_check") == {"overdue_1": 3}
    assert survey.passed_over_by(phase="summary") == {}
    assert survey.answers() == {"due_day": (5, 1)}
    assert survey.answers(phase="summary") == {}
    assert survey.clue_days() == [(MAY, 2, 1, 0), (MAY + timedelta(days=1), 3, 1, 1)]


@pytest.mark.parametrize(
    ("age", "is_stale"),
    [(timedelta(0), False), (STALE_AFTER, False), (STALE_AFTER + timedelta(seconds=1), True)],
)
def test_a_survey_grows_stale(age: timedelta, is_stale: bool) -> None:
    assert make_survey().is_stale(TAKEN_AT + age) is is_stale


def test_an_unknown_figure_is_no_zero() -> None:
    with pytest.raises(KeyError):
        make_survey().figure("units_forgotten")
    assert make_survey().figure("return_rate") == 0
    assert "return_rate" in BY_KEY
    assert isinstance(make_survey().taken_at, datetime)
