"""What is still to be sent, day by day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from include.domain.campaign import Campaign, Phase
from include.domain.ladder import step_day
from include.domain.notices import NoticeKind
from include.domain.plans import BulkPlan, Reason
from include.steps import plan
from include.steps.ports import Gateways


@dataclass(frozen=True, slots=True)
class Planned:
    """So many notices (份) of one rung on one day, if nobody reports before."""

    day: date
    title: str
    kind: NoticeKind
    count: int


def mails(
    campaign: Campaign,
    phase: Phase,
    *,
    on: date,
    using: Gateways,
    units: frozenset[str] | None = None,
) -> list[Planned]:
    """Every future notice of a phase by day: the launch if it is still to come, then rung after rung.

    Of these ``units`` alone when any are given. An upper bound: each return accepted in the meantime takes its reminders out.
    """
    return sorted(_launches(campaign, phase, on, using, units), key=_day) + sorted(
        _rungs(campaign, phase, on, using, units), key=_day
    )


def _launches(
    campaign: Campaign, phase: Phase, on: date, using: Gateways, units: frozenset[str] | None
) -> Iterator[Planned]:
    opening = max(on, campaign.opens_on(phase))
    for bulk in plan.launch_plans(campaign, phase, on=opening, units=units, using=using):
        count = using.ledger.outbox.count_units(bulk).get(Reason.SEND, 0)
        if count:
            yield Planned(opening, bulk.kind.zh, bulk.kind, count)


def _rungs(
    campaign: Campaign, phase: Phase, on: date, using: Gateways, units: frozenset[str] | None
) -> Iterator[Planned]:
    opening = max(on, campaign.opens_on(phase))
    for bulk in plan.launch_plans(campaign, phase, on=opening, units=units, using=using):
        for due_on in plan.dues(bulk, using):
            yield from _of_due(campaign, bulk, due_on, on, using)


def _of_due(campaign: Campaign, bulk: BulkPlan, due_on: date, on: date, using: Gateways) -> Iterator[Planned]:
    """Of the day itself some may be entered already; every later rung goes to the same units, counted once."""
    later: int | None = None
    for step in campaign.ladder:
        day = step_day(step, due_on, using.calendar)
        if day < on or not step.to_unit:
            continue
        kind = NoticeKind.OVERDUE if step.is_overdue else NoticeKind.REMINDER
        count = later
        if count is None:
            rung = replace(bulk, on=day, kind=kind, step_key=step.key, due_on=due_on)
            count = using.ledger.outbox.count_units(rung).get(Reason.SEND, 0)
            later = count if day > on else None
        if count:
            yield Planned(day, step.title, kind, count)


def _day(planned: Planned) -> tuple[date, str]:
    return planned.day, planned.title
