"""Bulk sending that waits for a person: what it is, three samples, who cannot be reached; then the decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from include.domain.campaign import Campaign, Phase, PostRole
from include.domain.letters import SampleMail, Unreached
from include.domain.notices import NewNotice, Notice, NoticeKind, notice_key
from include.domain.plans import Dispatch, Standing
from include.steps import reconcile, write, write_staff
from include.steps.ports import Gateways

SAMPLES = 3
SHOWN = 30


def waiting(campaign: Campaign, phase: Phase, *, on: date, using: Gateways) -> list[Dispatch]:
    """The batches of the phase, in this send mode, planned until that day, that nobody has decided yet."""
    return [
        batch
        for batch in using.ledger.outbox.dispatches(campaign.id, waiting=True)
        if batch.phase_key == phase.key and batch.planned_on <= on and batch.mode is using.mail_server.mode
    ]


def request(campaign: Campaign, phase: Phase, *, on: date, using: Gateways) -> str:
    """Ask the director by mail about each batch that waits; return the page to decide on, empty for none."""
    batches = waiting(campaign, phase, on=on, using=using)
    post = reconcile.office_post(campaign, PostRole.OFFICE_DIRECTOR, PostRole.OFFICE_STAFF)
    using.ledger.outbox.plan(
        [
            NewNotice(
                key=notice_key(batch.mode, campaign.id, phase.key, "approval", str(batch.id)),
                mode=batch.mode,
                campaign_id=campaign.id,
                kind=NoticeKind.APPROVAL_REQUEST,
                planned_on=on,
                phase_key=phase.key,
                step_key=batch.step_key,
                post_key=post.key,
                about_id=batch.id,
            )
            for batch in batches
        ]
    )
    return "\n\n---\n\n".join(page(campaign, batch, on=on, using=using) for batch in batches)


def decide(
    campaign: Campaign, phase: Phase, *, on: date, approved: bool, by: str, reason: str, using: Gateways
) -> int:
    """A person's word on the batches laid before them that day; return how many notices (份) it concerned.

    What was planned on a later day, or for another phase, they have not seen.
    """
    return sum(
        batch.entered
        for batch in waiting(campaign, phase, on=on, using=using)
        if using.ledger.outbox.decide(batch.id, approved=approved, by=by, reason=reason, at=using.now())
    )


def page(campaign: Campaign, batch: Dispatch, *, on: date, using: Gateways) -> str:
    """What a batch is, in Markdown for the approval page."""
    unreached = _unreached(batch, using)
    lines = [
        f"**{reconcile.step_title(campaign, batch)}**：拟发送 **{batch.entered}** 份通知"
        + (f"，截止日 {batch.due_on}" if batch.due_on else ""),
        "",
        f"无法通知的单位 {len(unreached)} 家" + ("：" if unreached else "。"),
        *(f"- {each.unit_code} {each.unit_name}：{each.reason} {each.phone}" for each in unreached[:SHOWN]),
    ]
    if len(unreached) > SHOWN:
        lines.append(f"- ……其余 {len(unreached) - SHOWN} 家见审批邮件")
    for number, sample in enumerate(_samples(campaign, batch, on, using), start=1):
        lines += ["", f"样件{number}：{sample.subject}", "", "```", sample.text, "```"]
    return "\n".join(lines)


def letter(campaign: Campaign, notice: Notice, *, on: date, using: Gateways) -> write.Draft | write.Unneeded:
    """The request by mail, as of this moment."""
    if notice.about_id is None or notice.phase_key is None or notice.post_key is None:
        raise ValueError("a mail about a batch must name batch, phase and post")
    batch = using.ledger.outbox.dispatch(notice.about_id)
    if not batch.is_waiting:
        return write.Unneeded("这批通知已有审批意见")
    return write_staff.approval_request(
        campaign,
        campaign.phase(notice.phase_key),
        campaign.post(notice.post_key),
        step_title=reconcile.step_title(campaign, batch),
        count=batch.entered,
        decide_by=using.now() + timedelta(hours=using.sending.approval_hours),
        samples=_samples(campaign, batch, on, using),
        unreached=_unreached(batch, using),
        link=using.sending.approvals_page,
        due_on=batch.due_on,
        on=on,
        using=using,
    )


def _samples(campaign: Campaign, batch: Dispatch, on: date, using: Gateways) -> Sequence[SampleMail]:
    samples = []
    for notice in using.ledger.outbox.samples(batch.id, limit=SAMPLES):
        draft = write.letter(campaign, notice, on=on, using=using)
        if isinstance(draft, write.Draft):
            words = using.letters.render(notice.kind, draft.letter)
            samples.append(SampleMail(draft.to, words.subject, words.text))
    return samples


def _unreached(batch: Dispatch, using: Gateways) -> list[Unreached]:
    found = reconcile.account(batch, using)
    return [
        Unreached(line.unit_code, line.unit_name, why, line.phone or "")
        for line, why in found.units(Standing.UNREACHED)
        if not line.has_address
    ]
