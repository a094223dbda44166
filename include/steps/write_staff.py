"""Letters to the office itself: whom a step did not reach, what went wrong in sending, what waits for approval.

The counts and rows come from the caller, who has just read them from the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from include.domain.campaign import Campaign, Phase, Post
from include.domain.letters import (
    ApprovalRequestLetter,
    DeliveryAlarmLetter,
    DoubtfulMail,
    NotNotifiedLetter,
    QuotaUse,
    SampleMail,
    SuspendedAddress,
    Unreached,
)
from include.steps.ports import Gateways
from include.steps.write import Draft, Made, mailbox

SAMPLES = 3


def not_notified(
    campaign: Campaign,
    phase: Phase,
    post: Post,
    *,
    step_title: str,
    expected: int,
    sent: int,
    not_needed: Mapping[str, int],
    unreached: Sequence[Unreached],
    to_call: tuple[Made, ...] = (),
    on: date,
    using: Gateways,
) -> Draft:
    """Whom the step did not reach, to the post. Counts are units (家); ``not_needed`` by reason.

    ``to_call`` is the list on which the office writes down what came of its calls.

    Sums that do not come to ``expected`` are not refused: the mail says so.
    """
    letter = NotNotifiedLetter(
        campaign=campaign,
        office=using.office,
        on=on,
        phase=phase,
        post=post,
        step_title=step_title,
        expected=expected,
        sent=sent,
        not_needed=tuple(not_needed.items()),
        lines=tuple(unreached),
        attachments=tuple(each.name for each in to_call),
    )
    return Draft(mailbox(campaign, post, on=on, using=using), letter, to_call)


def delivery_alarm(
    campaign: Campaign,
    phase: Phase,
    post: Post,
    *,
    step_title: str,
    planned: int,
    sent: int,
    skipped: int,
    failed: int,
    in_doubt: Sequence[DoubtfulMail] = (),
    quota: QuotaUse | None = None,
    suspended: Sequence[SuspendedAddress] = (),
    on: date,
    using: Gateways,
) -> Draft:
    """That sending did not go as planned, to the post. Counts are mails (封)."""
    letter = DeliveryAlarmLetter(
        campaign=campaign,
        office=using.office,
        on=on,
        phase=phase,
        post=post,
        step_title=step_title,
        planned=planned,
        sent=sent,
        skipped=skipped,
        failed=failed,
        in_doubt=tuple(in_doubt),
        quota=quota,
        suspended=tuple(suspended),
    )
    return Draft(mailbox(campaign, post, on=on, using=using), letter)


def approval_request(
    campaign: Campaign,
    phase: Phase,
    post: Post,
    *,
    step_title: str,
    count: int,
    decide_by: datetime,
    samples: Sequence[SampleMail],
    unreached: Sequence[Unreached],
    link: str = "",
    due_on: date | None = None,
    on: date,
    using: Gateways,
) -> Draft:
    """That ``count`` mails (封) wait for the post's approval, with the first three of the samples."""
    letter = ApprovalRequestLetter(
        campaign=campaign,
        office=using.office,
        on=on,
        phase=phase,
        post=post,
        step_title=step_title,
        count=count,
        decide_by=decide_by,
        samples=tuple(samples[:SAMPLES]),
        lines=tuple(unreached),
        link=link,
        due_on=due_on,
    )
    return Draft(mailbox(campaign, post, on=on, using=using), letter)
