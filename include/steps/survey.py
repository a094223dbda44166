"""Count once what the pages of a campaign show, and read it back."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from include.domain.campaign import Campaign, Milestone, Phase
from include.domain.groups import LEVEL, OUTSIDE, REGION, TOTAL, UNIT_KIND
from include.domain.indicators import compute_within
from include.domain.ladder import Window, windows
from include.domain.milestones import Projection, projection
from include.domain.occasions import Period
from include.domain.reports import Snapshot
from include.domain.survey import ANSWERED_WITHIN, Amount, ClueDay, Day, Progress, Survey
from include.domain.workdays import UnknownYear
from include.steps.milestones import MEASURES
from include.steps.ports import Gateways

log = logging.getLogger(__name__)

RETURNS = "return_rate"
_KEPT = frozenset({TOTAL, UNIT_KIND, LEVEL})


def take(campaign: Campaign, *, on: date, using: Gateways) -> dict[str, int]:
    """Survey the campaign and keep it in place of the one before; return what it counted (份, 家, 条)."""
    surveys, mode = using.ledger.surveys, using.mail_server.mode
    began = {phase.key: phase.start for phase in campaign.phases}

    def until(day: date) -> date:
        return using.calendar.shift(day, ANSWERED_WITHIN)

    with using.ledger.at_one_moment():
        period = Period(min(campaign.starts_on, on), on)
        days = surveys.days(campaign.id, on=on)
        snapshot = using.ledger.snapshots.look(campaign.id, campaign.phase_on(on).key, period=period, on=on)
        taken = Survey(
            campaign_id=campaign.id,
            on=on,
            taken_at=using.now(),
            trail=surveys.trail(),
            cells=tuple(surveys.cells(campaign.id, mode=mode, on=on)),
            days=tuple(days),
            reminders=(
                *surveys.reminders(campaign.id, mode=mode, on=on, until=until),
                *surveys.calls(campaign.id, on=on, until=until, began=began),
            ),
            passed_over=tuple(
                surveys.passed_over(campaign.id, _windows(campaign, days, on, using), mode=mode, on=on)
            ),
            amounts=tuple(_amounts(snapshot)),
            progress=tuple(_progress(campaign, snapshot, on, using)),
            clues=tuple(_clues(snapshot, on)),
        )
    surveys.keep(taken)
    return _said(taken)


def refresh(campaign: Campaign, *, on: date, using: Gateways) -> dict[str, int]:
    """``take``, unless nothing has been entered in the ledger since the day's last one, which then still holds."""
    surveys = using.ledger.surveys
    newest = surveys.newest(campaign.id)
    if newest is None or newest.on != on or newest.trail != surveys.trail():
        return take(campaign, on=on, using=using)
    surveys.keep(replace(newest, taken_at=using.now()))
    return _said(newest)


def _said(taken: Survey) -> dict[str, int]:
    return {
        "应报（份）": taken.tally().owed,
        "应检查（家）": int(taken.figure("units_to_inspect")),
        "接收线索（条）": int(taken.figure("clues_received")),
    }


def read(campaign: Campaign, *, regions: tuple[str, ...] = (), using: Gateways) -> Survey | None:
    """The newest survey, as far as it lies in those divisions; None before the first."""
    newest = using.ledger.surveys.newest(campaign.id)
    return newest and newest.restricted(regions)


def milestones(campaign: Campaign, survey: Survey, using: Gateways) -> list[Projection]:
    """Every milestone that can be measured, by due date, carried on from the day of the survey.

    One whose dates lie in a year without a holiday arrangement is left out.
    """
    measured = [each for each in campaign.milestones if each.indicator in MEASURES]
    found = (
        _carried_on(campaign, each, survey, using) for each in sorted(measured, key=lambda each: each.due)
    )
    return [each for each in found if each is not None]


def all_returns(campaign: Campaign, phase: Phase, survey: Survey, using: Gateways) -> Projection | None:
    """The returns of a phase carried on as if the notice had asked for all of them by its last day, which it has.

    None where units owe nothing, or the calendar does not reach that far.
    """
    if not phase.asks_units:
        return None
    everything = Milestone(
        key="all_returns",
        phase=phase.key,
        title="全部报送",
        indicator=RETURNS,
        target=Decimal(1),
        due=phase.due,
        due_text=phase.due_text,
    )
    return _carried_on(campaign, everything, survey, using)


def _carried_on(
    campaign: Campaign, milestone: Milestone, survey: Survey, using: Gateways
) -> Projection | None:
    unit = MEASURES[milestone.indicator].unit
    counted = survey.counted(milestone.phase, milestone.indicator, unit)
    start = campaign.phase(milestone.phase).start
    try:
        return projection(milestone, counted, start=start, on=survey.on, calendar=using.calendar)
    except UnknownYear as unknown:
        log.info("进度节点“%s”不作推算：%s", milestone.title, unknown)
        return None


def _windows(campaign: Campaign, days: Sequence[Day], on: date, using: Gateways) -> list[Window]:
    """Of everything that fell due, the rungs that can be sent no more on that day."""
    found: list[Window] = []
    for due in sorted({each.day for each in days if each.due}):
        try:
            found += windows(campaign.ladder, due=due, calendar=using.calendar)
        except UnknownYear as unknown:
            log.info("%s到期的催报档次不作统计：%s", due, unknown)
    return [each for each in found if each.ends_on < on]


def _amounts(snapshot: Snapshot) -> Iterator[Amount]:
    for region, numbers in sorted(compute_within(snapshot, REGION).items()):
        for (indicator, (dimension, member)), value in numbers.items():
            if dimension in _KEPT:
                yield Amount(region, indicator, dimension, member, value)


def _progress(campaign: Campaign, snapshot: Snapshot, on: date, using: Gateways) -> Iterator[Progress]:
    region_of = _regions(snapshot)
    for phase, indicator in _measured(campaign):
        things = MEASURES[indicator].things(campaign, phase, on, using)
        regions = [region_of.get(code, OUTSIDE) for code, _ in things]
        for region, total in sorted(Counter(regions).items()):
            yield Progress(region, phase.key, indicator, None, total)
        done = Counter(
            (region, day)
            for region, (_, day) in zip(regions, things, strict=True)
            if day is not None and day <= on
        )
        for (region, day), count in sorted(done.items()):
            yield Progress(region, phase.key, indicator, day, count)


def _measured(campaign: Campaign) -> list[tuple[Phase, str]]:
    """What is followed in which phase: what milestones name, and the returns of each phase that asks units."""
    wanted = [(each.phase, each.indicator) for each in campaign.milestones if each.indicator in MEASURES]
    wanted += [(phase.key, RETURNS) for phase in campaign.phases if phase.asks_units]
    return [(campaign.phase(phase), indicator) for phase, indicator in dict.fromkeys(wanted)]


def _regions(snapshot: Snapshot) -> Mapping[str, str]:
    """Where a unit lies, as its figures count: by the frozen roster, else by what it owes."""
    owing = {each.unit_code: each.region_code for each in snapshot.units}
    return owing | {each.code: each.region_code for each in snapshot.roster}


def _clues(snapshot: Snapshot, on: date) -> Iterator[ClueDay]:
    region_of = _regions(snapshot)
    counts: dict[tuple[str, date], list[int]] = {}
    for clue in snapshot.clues:
        region = region_of.get(clue.unit_code, OUTSIDE)
        for place, day in enumerate((clue.received_on, clue.checked_on, clue.closed_on)):
            if day is not None and day <= on:
                counts.setdefault((region, day), [0, 0, 0])[place] += 1
    for (region, day), numbers in sorted(counts.items()):
        yield ClueDay(region, day, *numbers)
