"""Did everybody hear of it? After a step: planned against sent, and who was not notified, for the office."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from include.domain.calls import last_said
from include.domain.campaign import Campaign, Phase, Post, PostRole
from include.domain.letters import DoubtfulMail, SuspendedAddress, Unreached
from include.domain.notices import NewNotice, Notice, NoticeKind, NoticeState, notice_key
from include.domain.plans import Coverage, Dispatch, Standing, standing
from include.steps import calls, write, write_staff
from include.steps.ports import Gateways

SENT = frozenset({NoticeState.ACCEPTED, NoticeState.RENDERED})
WAITING = frozenset({NoticeState.PLANNED, NoticeState.SENDING})
FAILED = (
    frozenset({NoticeState.REFUSED, NoticeState.HELD, NoticeState.BOUNCED, NoticeState.IN_DOUBT}) | WAITING
)
LOOK_BACK = timedelta(days=14)
ANSWERS = frozenset({NoticeKind.RECEIPT, NoticeKind.RETURNED, NoticeKind.INCOMPLETE})


@dataclass(frozen=True, slots=True)
class Account:
    """A batch after sending: its notices (份) by outcome, its units (家) by where they stand."""

    batch: Dispatch
    states: Counter[NoticeState]
    lines: tuple[tuple[Coverage, Standing, str], ...]

    @property
    def sent(self) -> int:
        return sum(self.states[state] for state in SENT)

    @property
    def skipped(self) -> int:
        return self.states[NoticeState.SKIPPED]

    @property
    def failed(self) -> int:
        return sum(self.states[state] for state in FAILED)

    @property
    def is_whole(self) -> bool:
        """Every notice entered is accounted for, and none is left over."""
        return self.batch.entered == self.sent + self.skipped + self.failed

    @property
    def has_left(self) -> bool:
        return not any(self.states[state] for state in WAITING)

    @property
    def needs_alarm(self) -> bool:
        return not self.is_whole or bool(self.states[NoticeState.IN_DOUBT])

    def units(self, where: Standing) -> list[tuple[Coverage, str]]:
        return [(line, why) for line, place, why in self.lines if place is where]


def batches(campaign: Campaign, *, on: date, using: Gateways) -> dict[str, int]:
    """Account for the batches that have been sent and tell the office; return counts (份, 家) over all of them.

    Each batch has one list of those not notified, and one alarm when its sum is out by one or a notice is
    in doubt. A batch on its way is accounted for when it has left, or the next day as it then stands; one
    nobody has approved yet, once it is decided. Answers in doubt raise an alarm of their own.
    """
    totals: Counter[str] = Counter()
    notices = _about_answers(campaign, on, using)
    for batch in using.ledger.outbox.dispatches(campaign.id):
        if not _is_due(batch, on, using):
            continue
        found = account(batch, using)
        if not found.has_left and batch.planned_on == on:
            continue
        totals.update(
            {
                "列入发送": batch.entered,
                "已发出": found.sent,
                "未发": found.skipped,
                "未成功": found.failed,
                "未能通知的单位": len(found.units(Standing.UNREACHED)),
            }
        )
        kinds = [NoticeKind.NOT_NOTIFIED] + ([NoticeKind.DELIVERY_ALARM] if found.needs_alarm else [])
        notices += [_to_office(campaign, batch, kind, on, using) for kind in kinds]
    using.ledger.outbox.plan(notices)
    return dict(totals)


def _is_due(batch: Dispatch, on: date, using: Gateways) -> bool:
    is_recent = on - LOOK_BACK <= batch.planned_on <= on
    is_decided = not batch.is_waiting and batch.approved is not False
    return is_recent and is_decided and batch.mode is using.mail_server.mode


def account(batch: Dispatch, using: Gateways) -> Account:
    """What became of a batch, by notices and by units."""
    return Account(
        batch=batch,
        states=using.ledger.outbox.states(batch.id),
        lines=tuple((line, *standing(line)) for line in using.ledger.outbox.coverage(batch.id)),
    )


def not_notified(campaign: Campaign, notice: Notice, *, on: date, using: Gateways) -> write.Draft:
    """The list of those a step did not reach, as of this moment."""
    found, phase, post = _facts(campaign, notice, using)
    spared = Counter(why for _, why in found.units(Standing.SPARED))
    unreached = _unreached(campaign, found, on, using)
    codes = [each.unit_code for each in unreached]
    is_callable = 0 < len(codes) <= calls.MOST_UNITS
    to_call = (
        (write.Made(calls.WORKBOOK_NAME, calls.workbook(campaign, codes, on=on, using=using)),)
        if is_callable
        else ()
    )
    return write_staff.not_notified(
        campaign,
        phase,
        post,
        step_title=step_title(campaign, found.batch),
        expected=len(found.lines),
        sent=len(found.units(Standing.SENT)),
        not_needed=spared,
        unreached=unreached,
        to_call=to_call,
        on=on,
        using=using,
    )


def alarm(campaign: Campaign, notice: Notice, *, on: date, using: Gateways) -> write.Draft | write.Unneeded:
    """That the sum is out, or nobody knows of some whether they left."""
    if notice.about_id is None:
        return _answers_in_doubt(campaign, notice, on, using)
    found, phase, post = _facts(campaign, notice, using)
    if not found.needs_alarm:
        return write.Unneeded("已核对一致，无需告警")
    return write_staff.delivery_alarm(
        campaign,
        phase,
        post,
        step_title=step_title(campaign, found.batch),
        planned=found.batch.entered,
        sent=found.sent,
        skipped=found.skipped,
        failed=found.failed,
        in_doubt=_doubtful(campaign, using),
        suspended=_suspended(campaign, on, using),
        on=on,
        using=using,
    )


def _answers_in_doubt(
    campaign: Campaign, notice: Notice, on: date, using: Gateways
) -> write.Draft | write.Unneeded:
    doubts = _doubtful(campaign, using)
    if not doubts or notice.phase_key is None or notice.post_key is None:
        return write.Unneeded("结果不明的邮件都已核实，无需告警")
    return write_staff.delivery_alarm(
        campaign,
        campaign.phase(notice.phase_key),
        campaign.post(notice.post_key),
        step_title="报送答复",
        planned=len(doubts),
        sent=0,
        skipped=0,
        failed=len(doubts),
        in_doubt=doubts,
        suspended=_suspended(campaign, on, using),
        on=on,
        using=using,
    )


def step_title(campaign: Campaign, batch: Dispatch) -> str:
    """The rung in the campaign's own words; the kind of mail where there is no rung."""
    titles = {step.key: step.title for step in campaign.ladder}
    return titles.get(batch.step_key or "", batch.kind.zh)


def office_post(campaign: Campaign, *roles: PostRole) -> Post:
    """The first post with one of the roles, in the order given; a campaign always has some post."""
    return campaign.first_post(*roles) or campaign.posts[0]


def _facts(campaign: Campaign, notice: Notice, using: Gateways) -> tuple[Account, Phase, Post]:
    if notice.about_id is None or notice.phase_key is None or notice.post_key is None:
        raise ValueError("a mail about a batch must name batch, phase and post")
    batch = using.ledger.outbox.dispatch(notice.about_id)
    return account(batch, using), campaign.phase(notice.phase_key), campaign.post(notice.post_key)


def _about_answers(campaign: Campaign, on: date, using: Gateways) -> list[NewNotice]:
    """One alarm a day while answers to returns, which belong to no batch, are in doubt."""
    phase = campaign.phases[0]
    doubts = [row for row in using.ledger.outbox.in_doubt(campaign.id) if row.kind in ANSWERS]
    if not doubts:
        return []
    post = office_post(campaign, PostRole.OFFICE_STAFF, PostRole.OFFICE_DIRECTOR)
    mode = using.mail_server.mode
    return [
        NewNotice(
            key=notice_key(mode, campaign.id, "answers_in_doubt", str(max(row.id for row in doubts))),
            mode=mode,
            campaign_id=campaign.id,
            kind=NoticeKind.DELIVERY_ALARM,
            planned_on=on,
            phase_key=phase.key,
            post_key=post.key,
        )
    ]


def _to_office(campaign: Campaign, batch: Dispatch, kind: NoticeKind, on: date, using: Gateways) -> NewNotice:
    post = office_post(campaign, PostRole.OFFICE_STAFF, PostRole.OFFICE_DIRECTOR)
    return NewNotice(
        key=notice_key(batch.mode, campaign.id, kind.value, str(batch.id)),
        mode=batch.mode,
        campaign_id=campaign.id,
        kind=kind,
        planned_on=on,
        phase_key=batch.phase_key,
        step_key=batch.step_key,
        post_key=post.key,
        about_id=batch.id,
    )


def _unreached(campaign: Campaign, found: Account, on: date, using: Gateways) -> list[Unreached]:
    lines = found.units(Standing.UNREACHED)
    called = using.ledger.calls.of_units(campaign.id, {line.unit_code for line, _ in lines}, on=on)
    return [
        Unreached(
            line.unit_code,
            line.unit_name,
            why,
            line.phone or "",
            last_said(called.get(line.unit_code, ())),
        )
        for line, why in lines
    ]


def _doubtful(campaign: Campaign, using: Gateways) -> list[DoubtfulMail]:
    return [
        DoubtfulMail(row.unit_code or row.post_key or "", row.kind.zh, None, row.detail)
        for row in using.ledger.outbox.in_doubt(campaign.id)
    ]


def _suspended(campaign: Campaign, on: date, using: Gateways) -> list[SuspendedAddress]:
    suspended = using.ledger.inbound.suspended()
    return [
        SuspendedAddress(
            unit.code,
            unit.name,
            address,
            found.suspended_since.date(),
            found.reason,
            unit.contact_phone or "",
        )
        for unit in using.ledger.roster.units(campaign.id, on=on)
        for address in (unit.contact_email, unit.backup_email)
        if address and (found := suspended.get(address.lower())) is not None
    ]


WRITERS: dict[NoticeKind, Callable[..., write.Draft | write.Unneeded]] = {
    NoticeKind.NOT_NOTIFIED: not_notified,
    NoticeKind.DELIVERY_ALARM: alarm,
}
