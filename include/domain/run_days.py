"""On which working days a phase or a report is worked on, and when nothing of a campaign can move any more."""

from __future__ import annotations

from datetime import date

from include.domain.campaign import Campaign, Phase, UpwardReport
from include.domain.collecting import last_due
from include.domain.ladder import GRACE
from include.domain.occasions import compile_window, occasions
from include.domain.workdays import WorkdayCalendar


def of_phase(campaign: Campaign, phase: Phase, calendar: WorkdayCalendar) -> list[date]:
    """From the phase's first day to its due date; one that chases units, to the end of the chase."""
    last = end_of_chase(campaign, phase, calendar) if phase.asks_units else phase.due
    return list(calendar.working_days(phase.start, last))


def of_report(campaign: Campaign, report: UpwardReport, calendar: WorkdayCalendar) -> list[date]:
    """The days of compilation of all its occasions; none for a report made on an event."""
    windows = (compile_window(each, report, calendar) for each in occasions(campaign, report, calendar))
    return sorted({day for window in windows for day in calendar.working_days(*window)})


def end_of_chase(campaign: Campaign, phase: Phase, calendar: WorkdayCalendar) -> date:
    """A few working days after the ladder's last rung, so that an outage can still be made up for."""
    last_rung = max(0, *(step.offset for step in campaign.ladder))
    return calendar.shift(last_due(campaign, phase, calendar), last_rung + GRACE)


def last_day(campaign: Campaign, calendar: WorkdayCalendar) -> date:
    """The last day on which anything of the campaign may still come in or go out."""
    ends = [end_of_chase(campaign, phase, calendar) for phase in campaign.phases]
    ends += [each.due for report in campaign.reports for each in occasions(campaign, report, calendar)]
    return calendar.shift(max(ends), GRACE)
