"""Mails as they would be sent on a day, without entering or sending anything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from include.domain.campaign import Campaign, Phase
from include.domain.ladder import Step
from include.domain.notices import Message, Notice, NoticeKind, notice_key
from include.domain.plans import Reason
from include.steps import deliver, plan, write
from include.steps.ports import Gateways


def mails(campaign: Campaign, phase: Phase, *, on: date, using: Gateways) -> Iterator[Message]:
    """The mails of the day's plan, one by one, in order of the units' codes."""
    steps = {step.key: step for step in campaign.ladder}
    forms = [owed.form for owed in phase.returns if owed.filled_by == "unit"]
    for line in plan.preview(campaign, phase, on=on, using=using):
        if line.reason is not Reason.SEND:
            continue
        owed = using.ledger.obligations.owed_by(campaign.id, [line.unit_code], forms)
        for obligation in (each for debts in owed.values() for each in debts):
            if obligation.phase_key != phase.key or obligation.due_on != line.due_on:
                continue
            notice = Notice(
                id=0,
                key=notice_key(using.mail_server.mode, campaign.id, "preview", line.unit_code),
                mode=using.mail_server.mode,
                campaign_id=campaign.id,
                phase_key=phase.key,
                kind=_kind(steps.get(line.step_key or "")),
                planned_on=on,
                step_key=line.step_key,
                obligation_id=obligation.id,
                unit_code=line.unit_code,
                due_on=obligation.due_on,
            )
            draft = write.letter(campaign, notice, on=on, using=using)
            if isinstance(draft, write.Draft):
                yield deliver.compose(campaign, [(notice, draft)], on=on, using=using)


def _kind(step: Step | None) -> NoticeKind:
    if step is None:
        return NoticeKind.LAUNCH
    return NoticeKind.OVERDUE if step.is_overdue else NoticeKind.REMINDER
