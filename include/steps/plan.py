"""Decide who is to be written to, and enter it in the outbox. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from include.domain.campaign import Campaign, Owed, Phase
from include.domain.collecting import Call, calls
from include.domain.ladder import GRACE, Step, reached_step, step_day, useful_until
from include.domain.notices import NewNotice, NoticeKind, notice_key
from include.domain.plans import BulkPlan, PlanCounts, PlanLine, Reason
from include.steps import capacity
from include.steps.ports import Gateways

LAUNCH = "launch"
ANNOUNCE = "announce"


def announcements(
    campaign: Campaign, phase: Phase, *, on: date, units: frozenset[str] | None, using: Gateways
) -> PlanCounts:
    """Enter the mobilisation notice for every unit of the roster that can be reached."""
    if campaign.was_over_when_issued(phase):
        lines = preview_announcements(campaign, phase, on=on, units=units, using=using)
        return PlanCounts(entered=0, left_out={Reason.CLOSED: len(lines)})
    bulk = _announcement(campaign, phase, on=on, units=units, using=using)
    capacity.must_suffice(bulk, last=max(phase.due, on), using=using)
    return using.ledger.outbox.plan_units(bulk)


def preview_announcements(
    campaign: Campaign, phase: Phase, *, on: date, units: frozenset[str] | None, using: Gateways
) -> list[PlanLine]:
    """Who would get the mobilisation notice, and who not, and why."""
    if campaign.was_over_when_issued(phase):
        return [
            PlanLine(unit.code, unit.name, phase.due, ANNOUNCE, Reason.CLOSED)
            for unit in using.ledger.roster.units(campaign.id, on=on)
            if units is None or unit.code in units
        ]
    return using.ledger.outbox.preview_units(_announcement(campaign, phase, on=on, units=units, using=using))


def _announcement(
    campaign: Campaign, phase: Phase, *, on: date, units: frozenset[str] | None, using: Gateways
) -> BulkPlan:
    return BulkPlan(
        campaign_id=campaign.id,
        phase_key=phase.key,
        form=None,
        kind=NoticeKind.ANNOUNCEMENT,
        step_key=ANNOUNCE,
        mode=using.mail_server.mode,
        on=on,
        due_on=phase.due,
        units=units,
        approve_above=using.sending.approve_above,
    )


def launch(
    campaign: Campaign, phase: Phase, *, on: date, units: frozenset[str] | None, using: Gateways
) -> PlanCounts:
    """Enter the launch notice, with each unit's own workbook, for every unit that owes a return.

    Raise GiveUp, with the numbers, when the mailbox could not send them before the due date.
    """
    return _total(
        _enter(
            plan,
            min(dues(plan, using), default=on),
            using,
        )
        for plan in launch_plans(campaign, phase, on=on, units=units, using=using)
    )


def reminders(
    campaign: Campaign,
    phase: Phase,
    *,
    on: date,
    units: frozenset[str] | None = None,
    step_key: str | None = None,
    using: Gateways,
) -> PlanCounts:
    """Enter the highest rung reached and not yet sent, for every unit that still owes.

    ``step_key`` names a rung instead, when an admin asks for it; even then no rung is sent twice.
    """
    return _total(
        _enter(plan, _last_day(plan), using)
        for plan in _reminder_plans(campaign, phase, on=on, units=units, step_key=step_key, using=using)
    )


def _enter(bulk: BulkPlan, last: date, using: Gateways) -> PlanCounts:
    capacity.must_suffice(bulk, last=max(last, bulk.on), using=using)
    return using.ledger.outbox.plan_units(bulk)


def _last_day(bulk: BulkPlan) -> date:
    """A reminder is of use until the due date, an overdue notice until the next one."""
    assert bulk.due_on is not None
    assert bulk.useful_until is not None
    return bulk.due_on if bulk.kind is NoticeKind.REMINDER else bulk.useful_until


def escalations(
    campaign: Campaign, phase: Phase, *, on: date, step_key: str | None = None, using: Gateways
) -> int:
    """Enter one digest per post named by the rung reached; return how many (封) are new."""
    entered = using.ledger.outbox.keys(campaign.id, kind=NoticeKind.ESCALATION)

    def key(step: Step, due_on: date, post: str) -> str:
        return notice_key(
            using.mail_server.mode, campaign.id, phase.key, "digest", step.key, due_on.isoformat(), post
        )

    def is_overtaken(step: Step, due_on: date) -> bool:
        """The ladder climbs: a late run for an earlier day adds no lower rung."""
        higher = [each for each in campaign.ladder if each.offset > step.offset]
        return any(key(each, due_on, post) in entered for each in higher for post in each.to_posts)

    notices = [
        NewNotice(
            key=key(step, due_on, post),
            mode=using.mail_server.mode,
            campaign_id=campaign.id,
            kind=NoticeKind.ESCALATION,
            planned_on=on,
            phase_key=phase.key,
            step_key=step.key,
            post_key=post,
            due_on=due_on,
        )
        for due_on in _due_dates(campaign, phase, using)
        if (step := _rung(campaign, due_on, on=on, step_key=step_key, using=using)) is not None
        and (step_key is not None or not is_overtaken(step, due_on))
        for post in step.to_posts
    ]
    return using.ledger.outbox.plan(notices)


def preview(
    campaign: Campaign,
    phase: Phase,
    *,
    on: date,
    units: frozenset[str] | None = None,
    step_key: str | None = None,
    using: Gateways,
) -> list[PlanLine]:
    """Who would be written to that day, and who not, and why: launch first, then the ladder."""
    lines = [
        line
        for plan in launch_plans(campaign, phase, on=on, units=units, using=using)
        for line in using.ledger.outbox.preview_units(plan)
    ]
    to_launch = {(line.unit_code, line.due_on) for line in lines if line.reason is Reason.SEND}
    ladder = [
        line
        for plan in _reminder_plans(campaign, phase, on=on, units=units, step_key=step_key, using=using)
        for line in using.ledger.outbox.preview_units(plan)
        if (line.unit_code, line.due_on) not in to_launch
    ]
    if not ladder:
        return lines
    return [line for line in lines if line.reason is Reason.SEND] + ladder


def launch_plans(
    campaign: Campaign, phase: Phase, *, on: date, units: frozenset[str] | None, using: Gateways
) -> Iterator[BulkPlan]:
    """A launch notice for each time units themselves owe a form in the phase; none before it opens.

    Of what recurs, a time whose ladder is over is left alone: nobody is asked in October for July.
    """
    if on < campaign.opens_on(phase) or campaign.was_over_when_issued(phase):
        return
    for owed in _owed_by_units(phase):
        for call in calls(campaign, phase, owed, using.calendar):
            if call.opens <= on and not _is_long_past(campaign, phase, owed, call, on, using):
                yield BulkPlan(
                    campaign_id=campaign.id,
                    phase_key=phase.key,
                    form=owed.form,
                    occasion=call.occasion,
                    kind=NoticeKind.LAUNCH,
                    step_key=LAUNCH,
                    mode=using.mail_server.mode,
                    on=on,
                    units=units,
                    approve_above=using.sending.approve_above,
                )


def _is_long_past(
    campaign: Campaign, phase: Phase, owed: Owed, call: Call, on: date, using: Gateways
) -> bool:
    if owed.recurring is None:
        return False
    extended = using.ledger.obligations.due_dates(campaign.id, phase.key, owed.form, occasion=call.occasion)
    last_rung = max(0, *(step.offset for step in campaign.ladder))
    return on > using.calendar.shift(max([call.due, *extended]), last_rung + GRACE)


def _reminder_plans(
    campaign: Campaign,
    phase: Phase,
    *,
    on: date,
    units: frozenset[str] | None,
    step_key: str | None,
    using: Gateways,
) -> Iterator[BulkPlan]:
    for plan in launch_plans(campaign, phase, on=on, units=units, using=using):
        for due_on in dues(plan, using):
            step = _rung(campaign, due_on, on=on, step_key=step_key, using=using)
            if step is None or not step.to_unit:
                continue
            kind = NoticeKind.OVERDUE if step.is_overdue else NoticeKind.REMINDER
            until = useful_until(campaign.ladder, step, due=due_on, calendar=using.calendar)
            # A rung asked for by hand after its time is meant, and good for the day it is asked for.
            yield replace(plan, kind=kind, step_key=step.key, due_on=due_on, useful_until=max(until, on))


def _rung(
    campaign: Campaign, due_on: date, *, on: date, step_key: str | None, using: Gateways
) -> Step | None:
    if step_key is None:
        return reached_step(campaign.ladder, due=due_on, on=on, calendar=using.calendar)
    step = campaign.step(step_key)
    # A rung asked for by hand may come early, but an overdue text never before the due date.
    return None if step.is_overdue and on < step_day(step, due_on, using.calendar) else step


def _due_dates(campaign: Campaign, phase: Phase, using: Gateways) -> list[date]:
    """Those of what units still owe."""
    dates = {
        due_on
        for owed in _owed_by_units(phase)
        for call in calls(campaign, phase, owed, using.calendar)
        for due_on in using.ledger.obligations.due_dates(
            campaign.id, phase.key, owed.form, occasion=call.occasion
        )
    }
    return sorted(dates)


def dues(bulk: BulkPlan, using: Gateways) -> list[date]:
    """The due dates of those who have not settled what the plan is about."""
    return using.ledger.obligations.due_dates(
        bulk.campaign_id, bulk.phase_key, str(bulk.form), occasion=bulk.occasion
    )


def _owed_by_units(phase: Phase) -> tuple[Owed, ...]:
    return tuple(owed for owed in phase.returns if owed.filled_by == "unit")


def _total(counts: Iterator[PlanCounts]) -> PlanCounts:
    entered, waiting, left_out = 0, 0, dict[Reason, int]()
    for part in counts:
        entered += part.entered
        waiting += part.waiting
        for reason, number in part.left_out.items():
            left_out[reason] = left_out.get(reason, 0) + number
    return PlanCounts(entered=entered, left_out=left_out, waiting=waiting)
