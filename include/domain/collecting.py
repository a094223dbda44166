"""When a return from below is owed (报送期次): once with its phase, or before each occasion of a report upward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from include.domain.campaign import Campaign, Owed, Phase
from include.domain.ladder import GRACE
from include.domain.obligations import Missing, Obligation
from include.domain.occasions import ONCE, Period, occasions
from include.domain.workdays import WorkdayCalendar


@dataclass(frozen=True, slots=True)
class Call:
    """One time a return is owed. ``opens`` is the first day it is asked for; ``period`` what it counts, if any."""

    occasion: str
    title: str
    due: date
    due_text: str
    opens: date
    period: Period | None = None


def calls(campaign: Campaign, phase: Phase, owed: Owed, calendar: WorkdayCalendar) -> tuple[Call, ...]:
    """All times the return is owed, in order of their due dates.

    A recurring one is due so many working days before its report, and is never asked for before its period
    begins. Raise UnknownYear when a date lies in a year without an arrangement.
    """
    if owed.recurring is None:
        due = calendar.roll(phase.due, campaign.rules.roll)
        return (Call(ONCE, "", due, phase.due_text, campaign.opens_on(phase)),)
    report = campaign.report(owed.recurring.report)
    found = []
    for occasion in occasions(campaign, report, calendar):
        due = calendar.shift(calendar.on_or_before(occasion.due), -owed.recurring.lead)
        opens = calendar.shift(due, -owed.recurring.open_before)
        found.append(
            Call(
                occasion.key,
                occasion.title,
                due,
                f"上报“{report.title}”（{occasion.title}）截止前{owed.recurring.lead}个工作日",
                max(opens, occasion.period.start, campaign.opens_on(phase)),
                occasion.period,
            )
        )
    return tuple(found)


def call_of(
    campaign: Campaign, phase: Phase, obligation: Obligation | Missing, calendar: WorkdayCalendar
) -> Call | None:
    """The time an obligation is about; None when the notice's facts no longer know it."""
    for owed in phase.returns:
        if owed.form == obligation.form:
            for call in calls(campaign, phase, owed, calendar):
                if call.occasion == obligation.occasion:
                    return call
    return None


def asked(
    campaign: Campaign, phase: Phase, owed: Owed, *, on: date, calendar: WorkdayCalendar
) -> tuple[Call, ...]:
    """The calls that are to be opened on that day.

    What is owed once is opened with its phase, whatever the day. Of what recurs, a call is opened from its first
    day until its ladder is over: whoever begins late is not asked for what is long past.
    """
    if owed.recurring is None:
        return calls(campaign, phase, owed, calendar)
    last_rung = max(0, *(step.offset for step in campaign.ladder))
    issued = campaign.notice.issued_on
    return tuple(
        call
        for call in calls(campaign, phase, owed, calendar)
        if call.opens <= on <= calendar.shift(call.due, last_rung + GRACE)
        and (issued is None or issued <= call.due)
    )


def last_due(campaign: Campaign, phase: Phase, calendar: WorkdayCalendar) -> date:
    """The last due date of what units themselves owe in the phase; the phase's own where they owe nothing later."""
    dues = [
        call.due
        for owed in phase.returns
        if owed.filled_by == "unit" and owed.recurring is not None
        for call in calls(campaign, phase, owed, calendar)
    ]
    return max([phase.due, *dues])


def answered(debts: Sequence[Obligation], period_end: date | None, ends: dict[str, date]) -> Obligation:
    """Which of the debts for one form a return answers; ``debts`` in the order of due dates, at least one.

    ``ends`` is the last day of each occasion's period. What is owed once is answered by its latest due date.
    Of what recurs, the period the return itself names decides: the first that had not ended before; a return
    that names none answers what is still open, the oldest first.
    """
    recurring = [each for each in debts if each.occasion in ends]
    if not recurring:
        return debts[-1]
    if period_end is not None:
        return next((each for each in recurring if period_end <= ends[each.occasion]), recurring[-1])
    return next((each for each in recurring if not each.is_settled), recurring[-1])
