"""What the office and its posts are told of a phase: milestones in danger, steps ahead, posts to fill, the day's work."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from include.domain.campaign import Campaign, Phase, PhaseKind, Post, PostRole
from include.domain.collecting import calls
from include.domain.ladder import GRACE
from include.domain.letters import OfficeMatter, OfficeTaskLetter
from include.domain.notices import NewNotice, Notice, NoticeKind, notice_key
from include.domain.registers import NUMBER
from include.domain.schedule import PhaseStep
from include.steps import clue_batches, consolidate, milestones, reconcile, write
from include.steps.grade_units import amount, is_done, records
from include.steps.ports import Gateways

log = logging.getLogger(__name__)

SUMMED_FOR = 5
"""Working days in which a late run still sums up what was due."""
REMIND_VACANT = 3
"""Working days before the mobilisation ends on which posts still vacant are told a second time."""


def plan(campaign: Campaign, phase: Phase, *, on: date, dry_run: bool, using: Gateways) -> dict[str, int]:
    """Enter what is to be told that day; return how many mails (封) are new, by kind.

    Steps are told of whatever phase they lie in, so that one is announced while the phase before still runs.
    Nothing is told before the phase may open, nor of one that was over when the notice came out. With
    ``dry_run`` nothing is entered.
    """
    if on < campaign.opens_on(phase) or campaign.was_over_when_issued(phase):
        return {}
    found = [
        *milestones.notices(campaign, phase, on=on, using=using),
        *_steps(campaign, on, using),
        *_vacant(campaign, phase, on, using),
        *_daily(campaign, phase, on, using),
        *_summed_up(campaign, phase, on, using),
        *_major_cases(campaign, phase, on, using),
    ]
    if dry_run:
        for each in found:
            log.info("拟发%s：%s", each.kind.zh, each.key)
        return {f"拟发{kind.zh}": number for kind, number in Counter(each.kind for each in found).items()}
    return {
        kind.zh: new
        for kind in {each.kind: None for each in found}
        if (new := using.ledger.outbox.plan([each for each in found if each.kind is kind]))
    }


def letter(campaign: Campaign, notice: Notice, *, on: date, using: Gateways) -> write.Draft | write.Unneeded:
    """The reminder as of this moment."""
    phase, post, matter, key = _named(campaign, notice)
    files: tuple[write.Made, ...] = ()
    text = OfficeTaskLetter(
        campaign=campaign,
        office=using.office,
        on=on,
        phase=phase,
        post=post,
        matter=matter,
        title=phase.title,
        due_on=notice.due_on or on,
        due_text=phase.due_text,
        working_days_left=using.calendar.between(on, notice.due_on or on),
        text=phase.text,
    )
    if text.matter in (OfficeMatter.STEP_BEGINS, OfficeMatter.STEP_ENDS):
        step = next((each for each in phase.steps if each.key == key), None)
        if step is None:
            return write.Unneeded("通知的分步安排已经调整")
        text = _about_step(text, step)
    elif text.matter is OfficeMatter.VACANT_POSTS:
        vacant = _vacant_posts(campaign, on, using)
        if not vacant:
            return write.Unneeded("岗位人员均已备案")
        text = replace(
            text,
            text=campaign.rules.succession or "",
            lines=tuple((each.title, each.unit) for each in vacant),
        )
    elif text.matter is OfficeMatter.CLUE_BATCH:
        return _about_batch(text, notice, key, using)
    elif text.matter is OfficeMatter.MAJOR_CASE:
        case = next((each for each in _perhaps_major(campaign, using) if _short(each[0]) == key), None)
        if case is None:
            return write.Unneeded("案件台账已经更正，不需提醒")
        text = _about_case(text, case)
    elif text.matter is OfficeMatter.SUMMED_UP:
        found = _consolidated(campaign, phase, key, on, using)
        if found is None:
            return write.Unneeded("期次已经调整，不再汇总")
        name = f"{found.form.title}汇总_{found.call.title}_{on:%Y%m%d}.xlsx"
        files = (write.Made(name, consolidate.workbook(found, using)),)
        text = _about_sums(text, found, name)
    else:
        text = replace(text, lines=_figures(campaign, on, using))
    return write.Draft(write.mailbox(campaign, post, on=on, using=using), text, files)


def _steps(campaign: Campaign, on: date, using: Gateways) -> Iterator[NewNotice]:
    """Each dated step some working days before it begins, and again before it ends; once each.

    After an outage the later of the two is told alone; nothing once the step is over.
    """
    for phase, step in ((each, step) for each in campaign.phases for step in each.steps):
        if campaign.was_over_when_issued(phase):
            continue
        begins = using.calendar.shift(using.calendar.on_or_before(step.start), -step.announce_before)
        ends = using.calendar.shift(using.calendar.on_or_before(step.due), -step.remind_before)
        if ends <= on <= step.due:
            matter, due = OfficeMatter.STEP_ENDS, step.due
        elif begins <= on < ends:
            matter, due = OfficeMatter.STEP_BEGINS, step.due
        else:
            continue
        for post in _told(campaign, step):
            yield _notice(campaign, phase, post, f"{matter.value}.{step.key}", due, on, using)


def _told(campaign: Campaign, step: PhaseStep) -> list[Post]:
    if step.to_posts:
        return [campaign.post(key) for key in step.to_posts]
    return [reconcile.office_post(campaign, PostRole.OFFICE_STAFF, PostRole.OFFICE_DIRECTOR)]


def _named(campaign: Campaign, notice: Notice) -> tuple[Phase, Post, OfficeMatter, str]:
    """Phase, post, matter, and what of that matter it is about."""
    if None in (notice.phase_key, notice.post_key, notice.step_key, notice.due_on):
        raise ValueError("a reminder to the office must name phase, post, matter and due date")
    matter, _, key = str(notice.step_key).partition(".")
    phase, post = campaign.phase(str(notice.phase_key)), campaign.post(str(notice.post_key))
    return phase, post, OfficeMatter(matter), key


def _about_step(text: OfficeTaskLetter, step: PhaseStep) -> OfficeTaskLetter:
    return replace(
        text, title=step.title, due_text=step.due_text, starts_on=step.start, text=step.text or text.text
    )


def _vacant(campaign: Campaign, phase: Phase, on: date, using: Gateways) -> Iterator[NewNotice]:
    """While the campaign is mobilised its posts are to be filled (报办公室备案): told at once, and before it ends."""
    if phase.kind is not PhaseKind.MOBILIZATION or on > phase.due or not _vacant_posts(campaign, on, using):
        return
    again = using.calendar.shift(using.calendar.on_or_before(phase.due), -REMIND_VACANT)
    post = reconcile.office_post(campaign, PostRole.OFFICE_STAFF, PostRole.OFFICE_DIRECTOR)
    time = "again" if on >= again else "first"
    yield _notice(campaign, phase, post, f"{OfficeMatter.VACANT_POSTS.value}.{time}", phase.due, on, using)


def _vacant_posts(campaign: Campaign, on: date, using: Gateways) -> list[Post]:
    return [
        post for post in campaign.posts if using.ledger.roster.holder(campaign.id, post.key, on=on) is None
    ]


def _daily(campaign: Campaign, phase: Phase, on: date, using: Gateways) -> Iterator[NewNotice]:
    """A campaign that is one push asks its posts every working day for what came in and what was checked."""
    if phase.start <= on <= phase.due:
        for key in phase.daily_posts:
            step_key = f"{OfficeMatter.DAILY.value}.{on:%Y%m%d}"
            yield _notice(campaign, phase, campaign.post(key), step_key, phase.due, on, using, until=on)


def _figures(campaign: Campaign, on: date, using: Gateways) -> tuple[tuple[str, str], ...]:
    tips = records(campaign, "tip", using)
    inspections = [each for each in records(campaign, "inspection", using) if is_done(each, on)]
    replied = sum(bool(each.get("reply")) for each in tips)
    checked = sum(bool(each.get("result")) for each in tips)
    return (
        ("登记举报", f"{len(tips)}件"),
        ("已核实", f"{checked}件，尚有{len(tips) - checked}件"),
        ("已回复", f"{replied}件，尚有{len(tips) - replied}件"),
        ("完成巡查稽核", f"{len(inspections)}家次"),
    )


def _summed_up(campaign: Campaign, phase: Phase, on: date, using: Gateways) -> Iterator[NewNotice]:
    """On the first working day after a recurring return was due, its sums, for the report they are wanted for."""
    for owed in consolidate.recurring(phase):
        for call in calls(campaign, phase, owed, using.calendar):
            first = using.calendar.shift(call.due, 1)
            if first <= on <= using.calendar.shift(first, SUMMED_FOR) and using.ledger.obligations.all(
                campaign.id, phase.key, form=owed.form, occasion=call.occasion
            ):
                post = reconcile.office_post(campaign, PostRole.OFFICE_STAFF, PostRole.OFFICE_DIRECTOR)
                step_key = f"{OfficeMatter.SUMMED_UP.value}.{_place(owed.form, call.occasion)}"
                report = using.calendar.shift(call.due, owed.recurring.lead if owed.recurring else 0)
                yield _notice(campaign, phase, post, step_key, report, on, using)


def _place(form: str, occasion: str) -> str:
    """Form and occasion as short as a notice's step may be."""
    return f"{occasion}.{form}"[:36]


def _consolidated(
    campaign: Campaign, phase: Phase, place: str, on: date, using: Gateways
) -> consolidate.Table | None:
    for owed in consolidate.recurring(phase):
        for call in calls(campaign, phase, owed, using.calendar):
            if _place(owed.form, call.occasion) == place:
                return consolidate.table(campaign, phase, owed.form, call.occasion, on=on, using=using)
    return None


def _about_sums(text: OfficeTaskLetter, found: consolidate.Table, name: str) -> OfficeTaskLetter:
    missing = tuple((each.unit_name, each.state.zh) for each in found.missing)
    return replace(
        text,
        title=f"{found.form.title}（{found.call.title}）",
        due_text=found.call.due_text,
        text=found.sentence
        + (f"与台账不一致{len(found.differences)}处，见附件。" if found.differences else ""),
        lines=missing,
        attachments=(name,),
    )


def _major_cases(campaign: Campaign, phase: Phase, on: date, using: Gateways) -> Iterator[NewNotice]:
    """Where the notice wants major cases reported at once: each case that may be one, once, the day it is seen."""
    if not any(report.event == OfficeMatter.MAJOR_CASE.value for report in campaign.reports):
        return
    post = reconcile.office_post(campaign, PostRole.OFFICE_DIRECTOR, PostRole.OFFICE_STAFF)
    mode = using.mail_server.mode
    for number, _ in _perhaps_major(campaign, using):
        yield NewNotice(
            # Of the campaign, not of a phase: whichever phase sees it first tells it, and no other again.
            key=notice_key(mode, campaign.id, OfficeMatter.MAJOR_CASE.value, number),
            mode=mode,
            campaign_id=campaign.id,
            kind=NoticeKind.OFFICE_TASK,
            planned_on=on,
            phase_key=phase.key,
            step_key=f"{OfficeMatter.MAJOR_CASE.value}.{_short(number)}",
            post_key=post.key,
            due_on=on,
            useful_until=using.calendar.shift(on, GRACE),
        )


def _perhaps_major(campaign: Campaign, using: Gateways) -> list[tuple[str, str]]:
    """Number and grounds of each case that may be major; whether it is, a person decides: no rule draws the line."""
    found = []
    for case in records(campaign, "case", using):
        grounds = [
            words
            for words, holds in (
                ("经集体讨论", case.get("meeting_on")),
                ("涉及骗取医保基金", amount(case.get("fraud_amt"))),
                ("已移送其他机关", case.get("referral_no")),
            )
            if holds
        ]
        if grounds:
            found.append((str(case[NUMBER]), "，".join(grounds)))
    return found


def _short(number: str) -> str:
    """A case's number as short as a notice's step may be."""
    return number[:36]


def _about_batch(
    text: OfficeTaskLetter, notice: Notice, key: str, using: Gateways
) -> write.Draft | write.Unneeded:
    said = clue_batches.about(text, key, notice.attachments, using=using)
    if said is None:
        return write.Unneeded("所列线索均已办结，或已并入后来的批次")
    to = write.mailbox(text.campaign, text.post, on=text.on, using=using)
    return write.Draft(to, said, notice.attachments)


def _about_case(text: OfficeTaskLetter, case: tuple[str, str]) -> OfficeTaskLetter:
    report = next(each for each in text.campaign.reports if each.event == OfficeMatter.MAJOR_CASE.value)
    return replace(
        text, title=report.title, due_text=report.due_text, text=report.text or report.due_text, lines=(case,)
    )


def _notice(
    campaign: Campaign,
    phase: Phase,
    post: Post,
    step_key: str,
    due: date,
    on: date,
    using: Gateways,
    *,
    until: date | None = None,
) -> NewNotice:
    mode = using.mail_server.mode
    return NewNotice(
        key=notice_key(mode, campaign.id, phase.key, NoticeKind.OFFICE_TASK.value, step_key, post.key),
        mode=mode,
        campaign_id=campaign.id,
        kind=NoticeKind.OFFICE_TASK,
        planned_on=on,
        phase_key=phase.key,
        step_key=step_key,
        post_key=post.key,
        due_on=due,
        useful_until=until or due,
    )
