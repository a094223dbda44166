"""Follow the registers' records one by one to their time limits: list, chase, pause, resume, extend.

Nothing here changes a record: a person closes one row at a time in the register itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from include.domain import clues as clue_rules
from include.domain.campaign import Campaign, Post, PostRole
from include.domain.errors import GiveUp
from include.domain.forms import Form
from include.domain.ladder import Step, reached_step
from include.domain.letters import RecordDueLetter, RecordLine
from include.domain.notices import NewNotice, Notice, NoticeKind, notice_key
from include.domain.registers import STATE, Record, parts
from include.domain.time_limits import (
    ESCALATION,
    FOLLOWED,
    LADDER,
    ChangeKind,
    History,
    Limit,
    LimitChange,
    Rung,
    due,
    is_final,
    refusal,
    running,
)
from include.domain.workdays import UnknownYear
from include.steps import named, reconcile, write
from include.steps.ports import Gateways

NOTHING = History()
HANDLED_BY: dict[str, tuple[PostRole, ...]] = {
    "tip": (PostRole.HOTLINE_OFFICER, PostRole.OFFICE_STAFF, PostRole.OFFICE_DIRECTOR),
    "rectification": (PostRole.HANDLING_UNIT, PostRole.OFFICE_STAFF, PostRole.OFFICE_DIRECTOR),
}
OTHERWISE = (PostRole.OFFICE_STAFF, PostRole.OFFICE_DIRECTOR)


@dataclass(frozen=True, slots=True)
class Followed:
    """An open record (条) on a day. ``due_on`` is None when nothing says by when, or the limit is paused.

    ``working_days_left`` is negative once overdue; ``rung`` is the highest reached; ``note`` says what stands
    in the way of a date.
    """

    register: str
    title: str
    number: str
    state: str
    post: Post
    limit: Limit | None = None
    due_on: date | None = None
    working_days_left: int | None = None
    rung: str = ""
    paused_since: date | None = None
    extended: int = 0
    note: str = ""


def standing(campaign: Campaign, *, on: date, using: Gateways) -> list[Followed]:
    """Every open record of the followed registers; what is due first comes first, what is due on no day last."""
    found = [
        each
        for key in FOLLOWED
        if key in using.forms
        for each in _open_records(campaign, using.forms[key], on, using)
    ]
    return sorted(found, key=lambda each: (each.due_on is None, each.due_on or on))


def records(campaign: Campaign, *, on: date, using: Gateways) -> dict[str, int]:
    """Enter one digest per post and register with every record that reached a rung not told yet.

    Return how many rungs (条次) are new by register. Of a record that reached several only the highest is
    told, and none is ever told twice for one due date, whatever the number of runs.
    """
    mode = using.mail_server.mode
    told = _told(using.ledger.time_limits.rungs(campaign.id, mode=mode))
    entered: dict[str, int] = {}
    by_register: defaultdict[str, list[Followed]] = defaultdict(list)
    for each in standing(campaign, on=on, using=using):
        if each.due_on is not None and not each.note:
            by_register[each.register].append(each)
    for register, followed in by_register.items():
        digests: defaultdict[NewNotice, list[Rung]] = defaultdict(list)
        for each in followed:
            for ladder in (LADDER, ESCALATION):
                step = _next_rung(each, ladder, told, on, using)
                if step is not None:
                    digest = _digest(campaign, register, _recipient(campaign, each, step), on, using)
                    digests[digest].append(_rung(each, step, digest.key))
        if new := using.ledger.time_limits.plan(digests):
            entered[register] = new
    return entered


def letter(campaign: Campaign, notice: Notice, *, on: date, using: Gateways) -> write.Draft | write.Unneeded:
    """The digest as of this moment: without what was closed, paused or extended, or told in a later one, since."""
    told = using.ledger.time_limits.rungs(campaign.id, mode=notice.mode)
    newest = {_audience(each): each for each in told}
    here = [each for each in newest.values() if each.notice_key == notice.key]
    if not here:
        return write.Unneeded("所列事项已在后续的催办中，不再发送")
    form = using.forms[here[0].register]
    still = {
        (each.number, each.limit.key, each.due_on): each
        for each in _open_records(campaign, form, on, using)
        if each.limit is not None
    }
    told_here = {(rung.number, rung.limit, rung.due_on) for rung in here}
    due_now = [each for key, each in still.items() if key in told_here]
    if not due_now:
        return write.Unneeded("所列事项均已办理，或期限已经调整")
    if notice.post_key is None:
        raise ValueError("a digest of records must name a post")
    post = campaign.post(notice.post_key)
    text = RecordDueLetter(
        campaign=campaign,
        office=using.office,
        on=on,
        post=post,
        register_title=form.title,
        lines=tuple(_line(each) for each in sorted(due_now, key=lambda each: (each.due_on, each.number))),
        is_escalation=all(rung.rung in {step.key for step in ESCALATION} for rung in here),
    )
    return write.Draft(write.mailbox(campaign, post, on=on, using=using), text)


def change(
    campaign: Campaign,
    register: str,
    number: str,
    kind: ChangeKind,
    *,
    reason: str,
    approved_by: str,
    starts_on: date | None = None,
    days: int | None = None,
    ground: str = "",
    signed_by: str = "",
    dry_run: bool = False,
    on: date,
    using: Gateways,
) -> Followed:
    """Pause, resume or extend the limit that runs on one record; return how it stands, or would stand, then.

    ``signed_by`` is the user who enters it. ``days`` without a number are those the rule allows. Raise GiveUp, with the rule, for what may not be,
    RegisterMoved when somebody changed the same limit at this moment.
    """
    form = _followed_form(register, using)
    record = _record(campaign, form, number, using)
    history = using.ledger.time_limits.histories(campaign.id, form).get(record.number, NOTHING)
    limit = running(register, record.values)
    asked = LimitChange(
        register=register,
        number=record.number,
        limit=limit.key if limit else "",
        kind=kind,
        starts_on=starts_on or on,
        reason=reason.strip(),
        approved_by=named.post(campaign, approved_by) if approved_by.strip() else "",
        days=_days(limit, history, days) if kind is ChangeKind.EXTEND else 0,
        ground=ground.strip() if kind is ChangeKind.PAUSE else "",
    )
    if limit is not None and limit.is_agreed and asked in history.changes:
        # Nothing else would tell a task that runs once more from a second extension.
        return _followed(campaign, form, record, history, on, using)
    sentence = refusal(register, record.values, history, asked, on=on)
    if sentence:
        raise GiveUp(sentence)
    if not dry_run:
        actor = named.signed(asked.approved_by, signed_by)
        using.ledger.time_limits.enter(campaign.id, asked, known=history, on=on, actor=actor)
    after = History((*history.changes, asked), history.states)
    return _followed(campaign, form, record, after, on, using)


def one(campaign: Campaign, register: str, number: str, *, on: date, using: Gateways) -> Followed:
    """How one record stands. Raise GiveUp for a register that is not followed, or a number it does not have."""
    form = _followed_form(register, using)
    record = _record(campaign, form, number, using)
    history = using.ledger.time_limits.histories(campaign.id, form).get(record.number, NOTHING)
    return _followed(campaign, form, record, history, on, using)


def clues(campaign: Campaign, *, using: Gateways) -> list[clue_rules.Clue]:
    """The clues of the campaign with their due dates as they now stand, in the order of entry."""
    form = using.forms["clue"]
    found = using.ledger.registers.records(campaign.id, form)[parts(form)[0].table]
    histories = using.ledger.time_limits.histories(campaign.id, form)
    dated = []
    for record in found.values():
        running_due = due("clue", record.values, histories.get(record.number, NOTHING), using.calendar)
        until = running_due.due_on if running_due else clue_rules.issued_due(record.values)
        dated.append(clue_rules.clue(record.values, due_on=until))
    return dated


def _open_records(campaign: Campaign, form: Form, on: date, using: Gateways) -> Iterator[Followed]:
    found = using.ledger.registers.records(campaign.id, form)[parts(form)[0].table]
    histories = using.ledger.time_limits.histories(campaign.id, form)
    for record in found.values():
        if not is_final(form.key, record.values):
            yield _followed(campaign, form, record, histories.get(record.number, NOTHING), on, using)


def _followed(
    campaign: Campaign, form: Form, record: Record, history: History, on: date, using: Gateways
) -> Followed:
    """How a record stands; a date that cannot be worked out is said and stops no other record."""
    state = str(record.values.get(STATE) or record.values.get("status") or "办理中")
    bare = Followed(form.key, form.title, record.number, state, _handler(campaign, form.key, record))
    try:
        found = due(form.key, record.values, history, using.calendar)
        if found is None:
            return replace(bare, note="目前没有法定或约定的期限")
        known = replace(bare, limit=found.limit, due_on=found.due_on, extended=found.extended)
        if found.due_on is None:
            since = found.paused_since
            return replace(known, paused_since=since, note=f"期限自{since}起暂停计算")
        if found.due_on > using.calendar.last_known:
            return replace(known, note="期限在尚未公布放假安排的年份，临近时再提醒")
        reached = reached_step((*LADDER, *ESCALATION), due=found.due_on, on=on, calendar=using.calendar)
        left = using.calendar.between(on, found.due_on)
        return replace(known, working_days_left=left, rung=reached.title if reached else "")
    except UnknownYear as unknown:
        return replace(bare, note=str(unknown))


def _handler(campaign: Campaign, register: str, record: Record) -> Post:
    """The handling agency's own post when the record is assigned to it, else the post for the register."""
    own = campaign.handling_post(str(record.values.get("unit") or ""))
    if own is not None:
        return own
    return reconcile.office_post(campaign, *HANDLED_BY.get(register, OTHERWISE))


def _recipient(campaign: Campaign, each: Followed, step: Step) -> Post:
    if step.to_unit:
        return each.post
    return reconcile.office_post(campaign, *(PostRole(role) for role in step.to_posts))


_Key = tuple[str, str, str, date]


def _told(rungs: Sequence[Rung]) -> dict[_Key, set[str]]:
    told: defaultdict[_Key, set[str]] = defaultdict(set)
    for each in rungs:
        told[each.register, each.number, each.limit, each.due_on].add(each.rung)
    return told


def _next_rung(
    each: Followed, ladder: Sequence[Step], told: dict[_Key, set[str]], on: date, using: Gateways
) -> Step | None:
    """The highest rung reached, unless it or a higher one was told: a late run for an earlier day adds none."""
    if each.limit is None or each.due_on is None:
        return None
    reached = reached_step(ladder, due=each.due_on, on=on, calendar=using.calendar)
    if reached is None:
        return None
    known = told.get((each.register, each.number, each.limit.key, each.due_on), set())
    is_told = any(step.key in known for step in ladder if step.offset >= reached.offset)
    return None if is_told else reached


def _digest(campaign: Campaign, register: str, post: Post, on: date, using: Gateways) -> NewNotice:
    mode = using.mail_server.mode
    key = notice_key(mode, campaign.id, NoticeKind.RECORD_DUE.value, register, post.key, on.isoformat())
    return NewNotice(
        key=key,
        mode=mode,
        campaign_id=campaign.id,
        kind=NoticeKind.RECORD_DUE,
        planned_on=on,
        post_key=post.key,
    )


def _rung(each: Followed, step: Step, key: str) -> Rung:
    if each.limit is None or each.due_on is None:
        raise ValueError("only a record with a due date is on a rung")
    return Rung(each.register, each.number, each.limit.key, each.due_on, step.key, key)


def _audience(rung: Rung) -> tuple[str, str, bool]:
    """Of the digests to one audience only the newest speaks of a record."""
    return rung.register, rung.number, rung.rung in {step.key for step in ESCALATION}


def _line(each: Followed) -> RecordLine:
    if each.limit is None or each.due_on is None or each.working_days_left is None:
        raise ValueError("only a record with a due date is chased")
    return RecordLine(
        number=f"第{each.number}号" if each.number.isdigit() else each.number,
        what=each.limit.what,
        due_on=each.due_on,
        working_days_left=each.working_days_left,
        state=each.state,
        source=each.limit.source,
    )


def _days(limit: Limit | None, history: History, days: int | None) -> int:
    """What was asked for, else what the next extension allows; 0 where nothing does."""
    if days is not None or limit is None or limit.is_agreed:
        return days or 0
    given = sum(each.kind is ChangeKind.EXTEND and each.limit == limit.key for each in history.changes)
    return limit.extensions[given].days if given < len(limit.extensions) else 0


def _followed_form(register: str, using: Gateways) -> Form:
    if register not in FOLLOWED:
        listed = "、".join(f"{key}（{using.forms[key].title}）" for key in FOLLOWED if key in using.forms)
        raise GiveUp(f"没有逐条督办的台账“{register}”；可选：{listed}")
    return using.forms[register]


def _record(campaign: Campaign, form: Form, number: str, using: Gateways) -> Record:
    found = using.ledger.registers.records(campaign.id, form)[parts(form)[0].table]
    if number not in found:
        raise GiveUp(f"《{form.title}》中没有编号“{number}”，请核对编号")
    return found[number]
