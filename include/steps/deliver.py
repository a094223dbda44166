"""Act on what was decided: send what is planned, once, and write down what became of it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from include.domain.campaign import TIMEZONE, Campaign
from include.domain.errors import GiveUp, InDoubt, Refusal, TryAgain
from include.domain.inbound import NOTICE_HEADER
from include.domain.notices import (
    Handed,
    Message,
    MessageAttachment,
    Notice,
    NoticeKind,
    NoticeState,
    message_id,
)
from include.domain.plans import EVERYTHING
from include.steps import approve, reconcile, write
from include.steps.ports import Gateways, MailSession

log = logging.getLogger(__name__)

SHANGHAI = ZoneInfo(TIMEZONE)
LEASE = timedelta(minutes=10)
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=4)
LOOK_AGAIN = 2.0
"""Seconds a worker waits for the quota before it looks again whether sending was stopped."""
MARK_EVERY = 20
POLICY_LIMIT = 3
"""So many mails refused as unwanted in one run, and the mailbox is about to be blocked: stop and ask."""
SYSTEM = "督办系统"
WRITERS = {**reconcile.WRITERS, NoticeKind.APPROVAL_REQUEST: approve.letter}
"""Mails to the office about its own sending; all others are written by ``write``."""


@dataclass
class Run:
    """One run of sending: what it may do, and what came of it so far. Shared by its workers."""

    campaign: Campaign
    on: date
    using: Gateways
    outcomes: Counter[NoticeState] = field(default_factory=Counter)
    put_back: int = 0
    unwanted: int = 0
    fault: TryAgain | None = None

    @property
    def is_over(self) -> bool:
        return self.fault is not None


def notices(campaign: Campaign, *, on: date, using: Gateways) -> dict[NoticeState, int]:
    """Send what is planned and still wanted; return how many notices (份) ended in which state.

    A mail is claimed when it is its turn, so a worker that dies leaves one mail in doubt and no more.
    One that fails never stops the rest. Raise TryAgain at the end when some were put back, so that the
    task is retried; what was taken over by then is never sent again. Nothing is sent while sending is
    stopped or the hour is quiet, and what is planned then stays planned.
    """
    doubtful = using.ledger.outbox.expire_leases(now=using.now())
    if doubtful:
        log.warning("%s notices are in doubt: a worker died while sending them", doubtful)
    lock_if_restored(using)
    run = Run(campaign, on, using)
    if (reason := why_not_now(campaign, using)) is not None:
        log.warning("%s", reason)
        return run.outcomes
    due = using.ledger.outbox.due(campaign.id, now=using.now())
    workers = min(using.mail_server.quota.connections, due)
    if workers == 1:
        _work(run)
    elif workers > 1:
        with ThreadPoolExecutor(workers, thread_name_prefix="sender") as pool:
            for worker in [pool.submit(_work, run) for _ in range(workers)]:
                worker.result()
    using.watermark.write(using.ledger.outbox.attempts_made())
    if run.fault is not None:
        raise run.fault
    if run.put_back:
        raise TryAgain(f"{run.put_back}份通知暂未发出，稍后重试；原因见发件记录")
    return run.outcomes


def why_not_now(campaign: Campaign, using: Gateways) -> str | None:
    """Why nothing of the campaign may leave at this moment, in a sentence for staff; None when it may."""
    for stop in using.ledger.outbox.stops(campaign.id):
        whose = "全部专项行动" if stop.scope == EVERYTHING else "本专项行动"
        return f"{whose}已停止发送（{stop.by}：{stop.reason}），待发的通知保留，恢复后继续"
    local = using.now().astimezone(SHANGHAI)
    if not _is_open(local, using):
        return "现在是静默时段，不发送邮件；待发的通知保留，到发送时段继续"
    return None


def lock_if_restored(using: Gateways) -> None:
    """Stop all sending when the ledger remembers less than was already sent: it came from an old backup.

    The mark lies outside the ledger. It is read first: attempts made since only make the ledger longer.
    """
    mark = using.watermark.read()
    made = using.ledger.outbox.attempts_made()
    if made < mark:
        using.ledger.outbox.stop(
            EVERYTHING,
            by=SYSTEM,
            reason=f"台账只有{made}次发送记录，而此前已有{mark}次，台账可能是从备份恢复的；"
            "请核对备份之后发出的邮件，确认后恢复发送",
            at=using.now(),
        )


def _is_open(local: datetime, using: Gateways) -> bool:
    quiet = using.sending.quiet_hours
    if quiet is None:
        return True
    window = quiet.window(local.date(), using.calendar)
    return window is not None and window[0] <= local.time() < window[1]


def _work(run: Run) -> None:
    """One worker: one connection, one mail after the other, until nothing is due any more."""
    try:
        with run.using.mail_server.session(sent_today=_sent_today(run.using)) as session:
            while (group := _claim(run, session)) is not None:
                _send(run, group, session)
    except TryAgain as trouble:
        # Nothing was claimed: no connection, or the day's allowance is used up, which waits for tomorrow.
        if trouble.refusal is Refusal.DAY_SPENT:
            log.warning("%s", trouble)
        else:
            run.fault = trouble


def _claim(run: Run, session: MailSession) -> list[Notice] | None:
    """The notices of the next mail, once the quota lets it leave; None when there is none."""
    while not run.is_over and why_not_now(run.campaign, run.using) is None:
        if session.ready(at_most=LOOK_AGAIN):
            now = run.using.now()
            claimed = run.using.ledger.outbox.claim(run.campaign.id, limit=1, now=now, lease=LEASE)
            return claimed or None
    return None


def _send(run: Run, group: Sequence[Notice], session: MailSession) -> None:
    """Whatever happens before the hand-over puts the notices back or settles them; after it, only a record."""
    mail = _one_mail(run, group)
    if not mail:
        return
    notices = [notice for notice, _ in mail]
    try:
        message = compose(run.campaign, mail, on=run.on, using=run.using)
        handed = session.send(message)
    except InDoubt as doubt:
        _settle(run, notices, NoticeState.IN_DOUBT, str(doubt))
    except GiveUp as refusal:
        _refused(run, mail, refusal)
    except TryAgain as trouble:
        _put_back(run, notices, str(trouble))
        if trouble.refusal.concerns_mailbox:
            run.fault = trouble
    except Exception as fault:
        # A faulty text or a missing archive file concerns this mail alone.
        log.exception("notices %s could not be written", [notice.id for notice in notices])
        _put_back(run, notices, f"生成邮件时出错：{fault}")
    else:
        for notice in notices:
            _record(run, notice, message, handed)


def _one_mail(run: Run, group: Sequence[Notice]) -> list[tuple[Notice, write.Draft]]:
    """The notices of a group that are still wanted and still go to one address, each with its letter."""
    mail: list[tuple[Notice, write.Draft]] = []
    for notice in group:
        if (draft := _draft(run, notice)) is None:
            continue
        if mail and draft.to.lower() != mail[0][1].to.lower():
            now = run.using.now()
            why = "联系人已变更，单独发送"
            run.using.ledger.outbox.release(notice.id, at=now, not_before=now, detail=why, alone=True)
        else:
            mail.append((notice, draft))
    return mail


def _draft(run: Run, notice: Notice) -> write.Draft | None:
    """The letter by the facts of this moment; None, and the notice settled or put back, when there is none."""
    if notice.useful_until is not None and run.on > notice.useful_until:
        _settle(run, [notice], NoticeState.SKIPPED, "已过本次通知的有效日期，由后续档次办理")
        return None
    try:
        draft = WRITERS.get(notice.kind, write.letter)(run.campaign, notice, on=run.on, using=run.using)
    except Exception as fault:
        log.exception("notice %s could not be written", notice.id)
        _put_back(run, [notice], f"生成邮件时出错：{fault}")
        return None
    if isinstance(draft, write.Unneeded):
        _settle(run, [notice], NoticeState.SKIPPED, draft.why)
        return None
    return draft


def compose(
    campaign: Campaign, mail: Sequence[tuple[Notice, write.Draft]], *, on: date, using: Gateways
) -> Message:
    """One message to one address: a letter, or a digest of the letters of several units."""
    first = mail[0][0]
    kind, draft = first.kind, mail[0][1]
    if len(mail) > 1:
        kind, draft = write.digest(campaign, mail, on=on, using=using)
    units = {notice.unit_code for notice, _ in mail}
    for attachment in draft.attachments:
        if attachment.unit_code is not None and attachment.unit_code not in units:
            raise GiveUp(f"附件“{attachment.name}”不属于收件单位，已停止发送")
    words = using.letters.render(kind, draft.letter)
    number = message_id(first.key, using.mail_domain)
    return Message(
        message_id=number,
        to=draft.to,
        subject=words.subject,
        text=words.text,
        html=words.html,
        attachments=tuple(
            MessageAttachment(attachment.name, using.archive.get(attachment.sha256))
            for attachment in draft.attachments
        ),
        in_reply_to=message_id(first.thread_key, using.mail_domain) if first.thread_key else None,
        headers={"Reply-To": using.office.mailbox, NOTICE_HEADER: number},
    )


def _record(run: Run, notice: Notice, message: Message, handed: Handed) -> None:
    run.using.ledger.outbox.record(
        notice.id,
        handed.state,
        at=run.using.now(),
        to=message.to,
        message_id=message.message_id,
        detail=handed.detail,
    )
    run.outcomes[handed.state] += 1
    if run.outcomes.total() % MARK_EVERY == 0:
        run.using.watermark.write(run.using.ledger.outbox.attempts_made())


def _refused(run: Run, mail: Sequence[tuple[Notice, write.Draft]], refusal: GiveUp) -> None:
    """For good. An address that does not exist is never tried again, but the unit's second one is, at once."""
    notices = [notice for notice, _ in mail]
    if refusal.refusal is Refusal.ADDRESS_UNKNOWN and mail:
        now = run.using.now()
        run.using.ledger.inbound.suspend(mail[0][1].to, reason=str(refusal), at=now)
        tried = mail[0][1].to.lower()
        for notice in notices:
            other = write.address(run.campaign, notice, run.using) if notice.unit_code else None
            if other is not None and other.lower() != tried:
                run.using.ledger.outbox.release(notice.id, at=now, not_before=now, detail=str(refusal))
            else:
                _settle(run, [notice], NoticeState.REFUSED, str(refusal))
        return
    _settle(run, notices, NoticeState.REFUSED, str(refusal))
    if refusal.refusal is Refusal.POLICY:
        run.unwanted += 1
        if run.unwanted == POLICY_LIMIT:
            reason = f"连续{POLICY_LIMIT}封邮件被当作垃圾邮件拒收（{refusal}）；请联系邮箱服务商后恢复发送"
            run.using.ledger.outbox.stop(EVERYTHING, by=SYSTEM, reason=reason, at=run.using.now())


def _settle(run: Run, notices: Sequence[Notice], state: NoticeState, why: str) -> None:
    for notice in notices:
        run.using.ledger.outbox.record(notice.id, state, at=run.using.now(), detail=why)
        run.outcomes[state] += 1


def _put_back(run: Run, notices: Sequence[Notice], why: str) -> None:
    now = run.using.now()
    for notice in notices:
        pause = min(FIRST_PAUSE * 2 ** max(0, notice.attempts - 1), LONGEST_PAUSE)
        run.using.ledger.outbox.release(notice.id, at=now, not_before=now + pause, detail=why)
        run.put_back += 1


def _sent_today(using: Gateways) -> int:
    now = using.now()
    midnight = datetime.combine(now.astimezone(SHANGHAI).date(), time.min, SHANGHAI)
    return using.ledger.outbox.sent_between(midnight, now + LEASE)
