"""Did everybody hear of it? After a step: planned against sent, and who was not notified, for the office."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from include.domain.campaign import Campaign, Phase, Post, PostRole
from include.domain.letters import DoubtfulMail, SuspendedAddress, Unreached
from include.domain.notices import NewNotice, Notice, NoticeKind, NoticeState, notice_key
from include.domain.plans import Coverage, Dispatch, Standing, standing
from include.steps import write, write_staff
from include.steps.ports import Gateways

SENT = frozenset({NoticeState.ACCEPTED, NoticeState.RENDERED})
WAITING = frozenset({NoticeState.PLANNED, NoticeState.SENDING})
FAILED = (
    frozenset({NoticeState.REFUSED, NoticeState.HELD, NoticeState.BOUNCED, NoticeState.IN_DOUBT}) | WAITING
)


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
    def needs_alarm(self) -> bool:
        return not self.is_whole or bool(self.states[NoticeState.IN_DOUBT])

    def units(self, where: Standing) -> list[tuple[Coverage, str]]:
        return [(line, why) for line, place, why in self.lines if place is where]


def batches(campaign: Campaign, phase: Phase, *, on: date, using: Gateways) -> dict[str, int]:
    """Account for the batches of that day and tell the office; return counts (份, 家) over all of them.

    Each batch has one list of those not notified, and one alarm when its sum is out by one or a notice is
    in doubt. A batch nobody has approved yet is accounted for once it is decided.
    """
    totals: Counter[str] = Counter()
    notices: list[NewNotice] = []
    for batch in using.ledger.outbox.dispatches(campaign.id):
        if batch.phase_key != phase.key or batch.planned_on != on or batch.mode is not using.mail_server.mode:
            continue
        if batch.is_waiting or batch.approved is False:
            continue
        found = account(batch, using)
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
        notices += [_to_office(campaign, phase, batch, kind, on, using) for kind in kinds]
    using.ledger.outbox.plan(notices)
    return dict(totals)


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
    return write_staff.not_notified(
        campaign,
        phase,
        post,
        step_title=step_title(campaign, found.batch),
        expected=len(found.lines),
        sent=len(found.units(Standing.SENT)),
        not_needed=spared,
        unreached=_unreached(found),
        on=on,
        using=using,
    )


def alarm(campaign: Campaign, notice: Notice, *, on: date, using: Gateways) -> write.Draft | write.Unneeded:
    """That the sum is out, or nobody knows of some whether they left."""
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


def step_title(campaign: Campaign, batch: Dispatch) -> str:
    """The rung in the campaign's own words; the kind of mail where there is no rung."""
    titles = {step.key: step.title for step in campaign.ladder}
    return titles.get(batch.step_key or "", batch.kind.zh)


def office_post(campaign: Campaign, *roles: PostRole) -> Post:
    """The first post with one of the roles, in the order given; a campaign always has some post."""
    ranked = [post for role in roles for post in campaign.posts if post.role is role]
    return (ranked or list(campaign.posts))[0]


def _facts(campaign: Campaign, notice: Notice, using: Gateways) -> tuple[Account, Phase, Post]:
    if notice.about_id is None or notice.phase_key is None or notice.post_key is None:
        raise ValueError("a mail about a batch must name batch, phase and post")
    batch = using.ledger.outbox.dispatch(notice.about_id)
    return account(batch, using), campaign.phase(notice.phase_key), campaign.post(notice.post_key)


def _to_office(
    campaign: Campaign, phase: Phase, batch: Dispatch, kind: NoticeKind, on: date, using: Gateways
) -> NewNotice:
    post = office_post(campaign, PostRole.OFFICE_STAFF, PostRole.OFFICE_DIRECTOR)
    return NewNotice(
        key=notice_key(batch.mode, campaign.id, phase.key, kind.value, str(batch.id)),
        mode=batch.mode,
        campaign_id=campaign.id,
        kind=kind,
        planned_on=on,
        phase_key=phase.key,
        step_key=batch.step_key,
        post_key=post.key,
        about_id=batch.id,
    )


def _unreached(found: Account) -> list[Unreached]:
    return [
        Unreached(line.unit_code, line.unit_name, why, line.phone or "")
        for line, why in found.units(Standing.UNREACHED)
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
