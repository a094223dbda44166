"""On which working days a phase or a report is worked on, and when nothing of a campaign can move any more."""

from __future__ import annotations

from datetime import date

from include.domain.campaign import Campaign, Phase, UpwardReport
from include.domain.ladder import GRACE
from include.domain.workdays import WorkdayCalendar


def of_phase(campaign: Campaign, phase: Phase, calendar: WorkdayCalendar) -> list[date]:
    """From the phase's first day to its due date; one that chases units, to the end of the chase."""
    return list(calendar.working_days(phase.start, _last(campaign, phase, calendar)))


def of_report(due: date, report: UpwardReport, calendar: WorkdayCalendar) -> list[date]:
    """From the first day of compilation to the day the report is due."""
    first = calendar.shift(calendar.on_or_before(due), -report.compile_before)
    return list(calendar.working_days(first, due))


def end_of_chase(campaign: Campaign, phase: Phase, calendar: WorkdayCalendar) -> date:
    """A few working days after the ladder's last rung, so that an outage can still be made up for."""
    last_rung = max(0, *(step.offset for step in campaign.ladder))
    return calendar.shift(phase.due, last_rung + GRACE)


def last_day(campaign: Campaign, calendar: WorkdayCalendar) -> date:
    """The last day on which anything of the campaign may still come in or go out."""
    ends = [end_of_chase(campaign, phase, calendar) for phase in campaign.phases]
    ends += [report.due for report in campaign.reports if report.due is not None]
    return calendar.shift(max(ends), GRACE)


def _last(campaign: Campaign, phase: Phase, calendar: WorkdayCalendar) -> date:
    asks_units = any(owed.filled_by == "unit" for owed in phase.returns)
    return end_of_chase(campaign, phase, calendar) if asks_units else phase.due
