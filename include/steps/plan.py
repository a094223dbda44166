"""Decide who is to be written to, and enter it in the outbox. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from include.domain.campaign import Campaign, Owed, Phase
from include.domain.ladder import Step, reached_step, step_day
from include.domain.notices import NewNotice, NoticeKind, notice_key
from include.domain.obligations import SETTLED, ObligationState
from include.domain.plans import BulkPlan, PlanCounts, PlanLine, Reason
from include.steps.ports import Gateways

LAUNCH = "launch"
ANNOUNCE = "announce"
UNSETTLED = frozenset(ObligationState) - SETTLED


def announcements(
    campaign: Campaign, phase: Phase, *, on: date, units: frozenset[str] | None, using: Gateways
) -> PlanCounts:
    """Enter the mobilisation notice for every unit of the roster that can be reached."""
    lines = preview_announcements(campaign, phase, on=on, units=units, using=using)
    notices = [
        NewNotice(
            key=_announcement_key(campaign, phase, line.unit_code, using),
            mode=using.mail_server.mode,
            campaign_id=campaign.id,
            kind=NoticeKind.ANNOUNCEMENT,
            planned_on=on,
            phase_key=phase.key,
            step_key=ANNOUNCE,
            unit_code=line.unit_code,
            due_on=line.due_on,
        )
        for line in lines
        if line.reason is Reason.SEND
    ]
    return PlanCounts(entered=using.ledger.outbox.plan(notices), left_out=_left_out(lines))


def preview_announcements(
    campaign: Campaign, phase: Phase, *, on: date, units: frozenset[str] | None, using: Gateways
) -> list[PlanLine]:
    """Who would get the mobilisation notice, and who not, and why."""
    over = campaign.was_over_when_issued(phase)
    planned = using.ledger.outbox.keys(campaign.id, kind=NoticeKind.ANNOUNCEMENT)

    def reason(code: str, email: str | None) -> Reason:
        if over:
            return Reason.CLOSED
        if email is None:
            return Reason.NO_ADDRESS
        if _announcement_key(campaign, phase, code, using) in planned:
            return Reason.ALREADY_SENT
        return Reason.SEND

    return [
        PlanLine(unit.code, unit.name, phase.due, ANNOUNCE, reason(unit.code, unit.contact_email))
        for unit in using.ledger.roster.units(campaign.id, on=on)
        if units is None or unit.code in units
    ]


def launch(
    campaign: Campaign, phase: Phase, *, on: date, units: frozenset[str] | None, using: Gateways
) -> PlanCounts:
    """Enter the launch notice, with each unit's own workbook, for every unit that owes a return."""
    return _total(
        using.ledger.outbox.plan_units(plan)
        for plan in _launch_plans(campaign, phase, on=on, units=units, using=using)
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
        using.ledger.outbox.plan_units(plan)
        for plan in _reminder_plans(campaign, phase, on=on, units=units, step_key=step_key, using=using)
    )


def escalations(
    campaign: Campaign, phase: Phase, *, on: date, step_key: str | None = None, using: Gateways
) -> int:
    """Enter one digest per post named by the rung reached; return how many (封) are new."""
    notices = [
        NewNotice(
            key=notice_key(
                using.mail_server.mode, campaign.id, phase.key, "digest", step.key, due_on.isoformat(), post
            ),
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
        for post in step.to_posts
        if using.ledger.obligations.all(campaign.id, phase.key, due_on=due_on, states=UNSETTLED)
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
        for plan in _launch_plans(campaign, phase, on=on, units=units, using=using)
        for line in using.ledger.outbox.preview_units(plan)
    ]
    to_launch = {line.unit_code for line in lines if line.reason is Reason.SEND}
    ladder = [
        line
        for plan in _reminder_plans(campaign, phase, on=on, units=units, step_key=step_key, using=using)
        for line in using.ledger.outbox.preview_units(plan)
        if line.unit_code not in to_launch
    ]
    if not ladder:
        return lines
    return [line for line in lines if line.reason is Reason.SEND] + ladder


def _launch_plans(
    campaign: Campaign, phase: Phase, *, on: date, units: frozenset[str] | None, using: Gateways
) -> Iterator[BulkPlan]:
    if on < campaign.opens_on(phase) or campaign.was_over_when_issued(phase):
        return
    for owed in _owed_by_units(phase):
        yield BulkPlan(
            campaign_id=campaign.id,
            phase_key=phase.key,
            form=owed.form,
            kind=NoticeKind.LAUNCH,
            step_key=LAUNCH,
            mode=using.mail_server.mode,
            on=on,
            units=units,
        )


def _reminder_plans(
    campaign: Campaign,
    phase: Phase,
    *,
    on: date,
    units: frozenset[str] | None,
    step_key: str | None,
    using: Gateways,
) -> Iterator[BulkPlan]:
    for plan in _launch_plans(campaign, phase, on=on, units=units, using=using):
        for due_on in using.ledger.obligations.due_dates(campaign.id, phase.key, plan.form):
            step = _rung(campaign, due_on, on=on, step_key=step_key, using=using)
            if step is None or not step.to_unit:
                continue
            kind = NoticeKind.OVERDUE if step.is_overdue else NoticeKind.REMINDER
            yield replace(plan, kind=kind, step_key=step.key, due_on=due_on)


def _rung(
    campaign: Campaign, due_on: date, *, on: date, step_key: str | None, using: Gateways
) -> Step | None:
    if step_key is None:
        return reached_step(campaign.ladder, due=due_on, on=on, calendar=using.calendar)
    step = campaign.step(step_key)
    # A rung asked for by hand may come early, but an overdue text never before the due date.
    return None if step.is_overdue and on < step_day(step, due_on, using.calendar) else step


def _due_dates(campaign: Campaign, phase: Phase, using: Gateways) -> list[date]:
    dates = {
        due_on
        for owed in _owed_by_units(phase)
        for due_on in using.ledger.obligations.due_dates(campaign.id, phase.key, owed.form)
    }
    return sorted(dates)


def _owed_by_units(phase: Phase) -> tuple[Owed, ...]:
    return tuple(owed for owed in phase.returns if owed.filled_by == "unit")


def _announcement_key(campaign: Campaign, phase: Phase, unit_code: str, using: Gateways) -> str:
    return notice_key(using.mail_server.mode, campaign.id, phase.key, ANNOUNCE, unit_code)


def _left_out(lines: list[PlanLine]) -> dict[Reason, int]:
    counts: dict[Reason, int] = {}
    for line in lines:
        if line.reason is not Reason.SEND:
            counts[line.reason] = counts.get(line.reason, 0) + 1
    return counts


def _total(counts: Iterator[PlanCounts]) -> PlanCounts:
    entered, left_out = 0, dict[Reason, int]()
    for part in counts:
        entered += part.entered
        for reason, number in part.left_out.items():
            left_out[reason] = left_out.get(reason, 0) + number
    return PlanCounts(entered=entered, left_out=left_out)
