"""Act on what was decided: send what is planned, once, and write down what became of it."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import date, timedelta

from include.domain.campaign import Campaign
from include.domain.errors import GiveUp, InDoubt, TryAgain
from include.domain.notices import Handed, Message, MessageAttachment, Notice, NoticeState, message_id
from include.steps import write
from include.steps.ports import Gateways, MailSession

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=4)


def notices(campaign: Campaign, *, on: date, using: Gateways) -> dict[NoticeState, int]:
    """Send what is planned and still wanted; return how many (封) ended in which state.

    Notices are claimed one at a time, so a worker that dies leaves one in doubt and no more. One
    that fails never stops the rest. Raise TryAgain at the end when some were put back, so that the
    task is retried; what was taken over by then is never sent again.
    """
    outcomes: Counter[NoticeState] = Counter()
    doubtful = using.ledger.outbox.expire_leases(now=using.now())
    if doubtful:
        log.warning("%s notices are in doubt: a worker died while sending them", doubtful)
    notice = _claim(campaign, using)
    if notice is None:
        return outcomes
    try:
        with using.mail_server.session() as session:
            while notice is not None:
                outcomes[_send(campaign, notice, session, on=on, using=using)] += 1
                notice = _claim(campaign, using)
    except TryAgain as trouble:
        # Only opening the connection gets here: nothing was handed over.
        if notice is not None:
            _put_back(notice, str(trouble), using)
        raise
    if outcomes[NoticeState.PLANNED]:
        raise TryAgain(f"{outcomes[NoticeState.PLANNED]}封邮件暂未发出，稍后重试；原因见发件记录")
    return outcomes


def _claim(campaign: Campaign, using: Gateways) -> Notice | None:
    claimed = using.ledger.outbox.claim(campaign.id, limit=1, now=using.now(), lease=LEASE)
    return claimed[0] if claimed else None


def _send(
    campaign: Campaign, notice: Notice, session: MailSession, *, on: date, using: Gateways
) -> NoticeState:
    """Whatever happens before the hand-over puts the notice back or settles it; after it, only a record."""
    try:
        draft = write.letter(campaign, notice, on=on, using=using)
        if isinstance(draft, write.Unneeded):
            return _settle(notice, NoticeState.SKIPPED, draft.why, using)
        message = compose(notice, draft, using)
        handed = session.send(message)
    except InDoubt as doubt:
        return _settle(notice, NoticeState.IN_DOUBT, str(doubt), using)
    except GiveUp as refusal:
        return _settle(notice, NoticeState.REFUSED, str(refusal), using)
    except TryAgain as trouble:
        return _put_back(notice, str(trouble), using)
    except Exception as fault:
        # A faulty text or a missing archive file concerns this notice alone.
        log.exception("notice %s could not be written", notice.id)
        return _put_back(notice, f"生成邮件时出错：{fault}", using)
    return _record(notice, message, handed, using)


def compose(notice: Notice, draft: write.Draft, using: Gateways) -> Message:
    for attachment in draft.attachments:
        if attachment.unit_code is not None and attachment.unit_code != notice.unit_code:
            raise GiveUp(f"附件“{attachment.name}”不属于收件单位，已停止发送")
    words = using.letters.render(notice.kind, draft.letter)
    return Message(
        message_id=message_id(notice.key, using.mail_domain),
        to=draft.to,
        subject=words.subject,
        text=words.text,
        html=words.html,
        attachments=tuple(
            MessageAttachment(attachment.name, using.archive.get(attachment.sha256))
            for attachment in draft.attachments
        ),
        in_reply_to=message_id(notice.thread_key, using.mail_domain) if notice.thread_key else None,
        headers={"Reply-To": using.office.mailbox},
    )


def _record(notice: Notice, message: Message, handed: Handed, using: Gateways) -> NoticeState:
    using.ledger.outbox.record(
        notice.id,
        handed.state,
        at=using.now(),
        to=message.to,
        message_id=message.message_id,
        detail=handed.detail,
    )
    return handed.state


def _settle(notice: Notice, state: NoticeState, why: str, using: Gateways) -> NoticeState:
    using.ledger.outbox.record(notice.id, state, at=using.now(), detail=why)
    return state


def _put_back(notice: Notice, why: str, using: Gateways) -> NoticeState:
    now = using.now()
    pause = min(FIRST_PAUSE * 2 ** max(0, notice.attempts - 1), LONGEST_PAUSE)
    using.ledger.outbox.release(notice.id, at=now, not_before=now + pause, detail=why)
    return NoticeState.PLANNED
