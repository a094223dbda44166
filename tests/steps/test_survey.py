"""One survey per campaign: what it says is what the indicators and the statistics workbook say."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from include.domain.groups import OUTSIDE
from include.domain.indicators import INDICATORS, compute
from include.domain.milestones import Standing
from include.domain.model import UnitKind
from include.domain.notices import NoticeKind
from include.domain.occasions import Period
from include.domain.reports import Scope
from include.domain.survey import Survey
from include.gateways.statistics_workbooks import StatisticsWorkbooks
from include.steps import check, collect, deliver, milestones, plan, survey
from tests import factories
from tests.steps.conftest import LAUNCH_DAY, Desk

DAY = date(2024, 6, 5)
"""Three working days after the self-check was due."""


def drop(desk: Desk, *numbers: int) -> None:
    """Zero returns of those units, a hospital's without the scan it needs."""
    for number in numbers:
        unit = desk.units[number - 1]
        content = f"xlsx:{unit.code}".encode()
        desk.workbooks.readings[content] = factories.make_reading(unit)
        name = f"{unit.code}_{unit.name}_自查自纠情况表.xlsx"
        desk.inbox.drop(desk.campaign.id, name, content, factories.at("2024-05-28", "08:00"))
        scan = f"%PDF {unit.code}".encode()
        name = f"{unit.code}_{unit.name}_自查报告_盖章.pdf"
        desk.inbox.drop(desk.campaign.id, name, scan, factories.at("2024-05-28", "08:01"))
    collect.returns(desk.campaign, on=date(2024, 5, 28), using=desk.using)
    check.returns(desk.campaign, on=date(2024, 5, 28), using=desk.using)


def taken(desk: Desk, on: date = DAY, *, regions: tuple[str, ...] = ()) -> Survey:
    survey.take(desk.campaign, on=on, using=desk.using)
    found = survey.read(desk.campaign, regions=regions, using=desk.using)
    assert found is not None
    return found


def test_there_is_nothing_to_read_before_the_first(desk: Desk) -> None:
    assert survey.read(desk.campaign, using=desk.using) is None


def test_every_figure_is_the_indicator_of_a_snapshot_of_that_day(desk: Desk) -> None:
    drop(desk, 1, 2, 7)
    found = taken(desk)
    period = Period(desk.campaign.starts_on, DAY)
    snapshot = desk.using.ledger.snapshots.take(
        desk.campaign.id, "self_check_statistics", "self_check", period=period, on=DAY
    )
    figures = {
        each.indicator: each.value
        for each in compute(snapshot)
        if not each.dimension and each.scope is Scope.CUMULATIVE
    }
    assert {each.key: found.figure(each.key) for each in INDICATORS} == figures
    assert figures["units_expected"] == 7
    assert figures["units_accepted"] > 0


def test_every_figure_is_the_one_in_the_statistics_workbook(desk: Desk) -> None:
    drop(desk, 1, 2, 7)
    found = taken(desk)
    report = desk.campaign.report("self_check_statistics")
    period = Period(desk.campaign.starts_on, DAY)
    snapshot = desk.using.ledger.snapshots.take(
        desk.campaign.id, report.key, "self_check", period=period, on=DAY
    )
    content = StatisticsWorkbooks().build(
        desk.campaign, report, edition=1, snapshot=snapshot, figures=compute(snapshot), checks=()
    )
    book = load_workbook(io.BytesIO(content))
    printed = [
        [cell for cell in row if cell is not None]
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        if "合计" in row
    ]
    numbers = {number for row in printed for number in row if isinstance(number, int | float | Decimal)}
    for key in ("units_expected", "units_accepted", "zero_returns", "units_overdue"):
        assert int(found.figure(key)) in numbers, (key, printed)


def test_the_cube_counts_what_the_indicators_count(desk: Desk) -> None:
    drop(desk, 1, 2, 7)
    found = taken(desk)
    tally = found.tally(form="self_check")
    assert tally.owed == found.figure("units_expected")
    assert tally.accepted == found.figure("units_accepted")
    assert tally.overdue == found.figure("units_overdue")
    assert tally.zero == found.figure("zero_returns")
    by_kind = found.tallies(lambda cell: cell.kind)
    for kind in (UnitKind.RETAIL_PHARMACY, UnitKind.MEDICAL_INSTITUTION):
        assert by_kind[kind].owed == found.figure("units_expected", "unit_kind", kind.value)


def test_milestones_read_from_a_survey_are_those_followed_every_day(desk: Desk) -> None:
    found = taken(desk)
    read = survey.milestones(desk.campaign, found, desk.using)
    followed = [
        each
        for phase in desk.campaign.phases
        for each in milestones.standing(desk.campaign, phase, on=DAY, using=desk.using)
    ]
    assert read == sorted(followed, key=lambda each: each.milestone.due)
    assert read


def test_a_county_gets_milestones_of_its_own(desk: Desk) -> None:
    elsewhere = taken(desk, regions=("150622",))
    standings = {each.standing for each in survey.milestones(desk.campaign, elsewhere, desk.using)}
    assert standings == {Standing.NOTHING_TO_COUNT}
    assert (elsewhere.tally().owed, elsewhere.figure("units_expected"), elsewhere.regions) == (0, 0, ())
    assert taken(desk, regions=("150626",)).tally().owed == 7


def test_reminders_count_once_they_have_left(desk: Desk) -> None:
    due = date(2024, 5, 31)
    desk.clock[0] = factories.at(due.isoformat())
    plan.reminders(desk.campaign, desk.phase, on=due, using=desk.using)
    assert taken(desk, due).answers() == {}, "planned is not sent"
    deliver.notices(desk.campaign, on=due, using=desk.using)
    sent = desk.notices(NoticeKind.REMINDER)
    found = taken(desk, due)
    assert [each for each, _ in found.answers().values()] == [len(sent)]
    assert found.tally().reminded == len(sent) > 0


def test_a_rung_missed_in_an_outage_is_listed_with_those_it_passed_over(desk: Desk) -> None:
    """The office's machine stands still from the last working day before the due day until three after it."""

    def run(day: date) -> None:
        desk.clock[0] = factories.at(day.isoformat())
        plan.launch(desk.campaign, desk.phase, on=day, units=None, using=desk.using)
        plan.reminders(desk.campaign, desk.phase, on=day, using=desk.using)
        deliver.notices(desk.campaign, on=day, using=desk.using)

    for day in (LAUNCH_DAY, date(2024, 5, 17), date(2024, 5, 24), date(2024, 5, 28), date(2024, 6, 5)):
        run(day)
    found = taken(desk, date(2024, 6, 7))
    reached = [unit for unit in desk.units if unit.contact_email]
    unreachable = len(desk.units) - len(reached)
    assert unreachable == 1
    assert {step: number for step, (number, _) in found.answers().items()} == {
        step: len(reached) for step in ("t_minus_10", "t_minus_5", "t_minus_3", "overdue_3")
    }
    assert found.passed_over_by(phase="self_check") == {
        step: len(reached) for step in ("t_minus_1", "due_day", "overdue_1")
    }


def test_a_newer_survey_replaces_the_older(desk: Desk) -> None:
    before = taken(desk, LAUNCH_DAY)
    desk.clock[0] += timedelta(hours=1)
    drop(desk, 1)
    after = taken(desk)
    assert after.taken_at == before.taken_at + timedelta(hours=1)
    assert (before.on, after.on) == (LAUNCH_DAY, DAY)
    assert after.tally().accepted == before.tally().accepted + 1


def test_nothing_is_counted_again_while_nothing_has_changed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(desk, 1)
    before = taken(desk)
    counted: list[date] = []

    def take(*_: object, on: date, **__: object) -> dict[str, int]:
        counted.append(on)
        return {}

    desk.clock[0] += timedelta(hours=1)
    with monkeypatch.context() as patched:
        patched.setattr(survey, "take", take)
        said = survey.refresh(desk.campaign, on=DAY, using=desk.using)
        assert counted == []
        survey.refresh(desk.campaign, on=DAY + timedelta(days=1), using=desk.using)
        drop(desk, 2)
        survey.refresh(desk.campaign, on=DAY, using=desk.using)
        assert counted == [DAY + timedelta(days=1), DAY]
    assert said == {"应报（份）": 7, "应检查（家）": 7, "接收线索（条）": 0}
    after = survey.read(desk.campaign, using=desk.using)
    assert after == replace(before, taken_at=before.taken_at + timedelta(hours=1))


def test_the_first_refresh_counts(desk: Desk) -> None:
    assert survey.refresh(desk.campaign, on=DAY, using=desk.using)["应报（份）"] == 7
    assert survey.read(desk.campaign, using=desk.using) is not None


def test_a_campaign_without_a_roster_is_surveyed_too(bare: Desk) -> None:
    found = taken(bare)
    assert found.tally().owed == 0
    assert OUTSIDE not in found.regions


@pytest.mark.parametrize("on", [date(2024, 1, 5), date(2026, 1, 5)])
def test_any_day_can_be_surveyed(desk: Desk, on: date) -> None:
    assert taken(desk, on).on == on
