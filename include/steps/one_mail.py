"""One mail of the outbox: what became of it, its words as they were sent, and what it would say now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from include.domain.campaign import Campaign
from include.domain.errors import GiveUp, NotFound
from include.domain.mail_list import Attempt, MailRow, SentMail
from include.domain.notices import Message
from include.steps import deliver, write
from include.steps.ports import Gateways

NOT_THEIRS = "没有编号为{number}的邮件，或您的账号不能查看它。"
NOT_KEPT = "档案中没有这份附件，按目前台账重新生成的与发送时的也不一致；请向收件单位索取。"


@dataclass(frozen=True, slots=True)
class OneMail:
    """``sent`` is None while nothing was handed over, for mails from before their words were kept, and where the
    mail also told of units the visitor may not see (``is_shared``).
    """

    row: MailRow
    attempts: tuple[Attempt, ...]
    sent: SentMail | None
    is_shared: bool = False


def find(campaign: Campaign, number: int, *, on: date, regions: tuple[str, ...], using: Gateways) -> OneMail:
    """Raise NotFound, in the same words whether it is not there or not of these regions."""
    mails = using.ledger.mail_list
    row = mails.get(campaign.id, number, on=on, regions=regions)
    if row is None:
        raise NotFound(NOT_THEIRS.format(number=number))
    attempts = tuple(mails.attempts(row.id))
    handed = next((each for each in reversed(attempts) if each.message_id), None)
    if handed is None or handed.message_id is None:
        return OneMail(row, attempts, None)
    if mails.concerns_others(handed.message_id, on=on, regions=regions):
        return OneMail(row, attempts, None, is_shared=True)
    return OneMail(row, attempts, mails.as_sent(handed.message_id, handed.at))


def now(campaign: Campaign, mail: OneMail, *, on: date, using: Gateways) -> SentMail:
    """What the mail would say by the facts of this moment. Raise GiveUp with the reason why it would not be sent."""
    return SentMail.of(_message(campaign, mail, on=on, using=using))


def attachment(campaign: Campaign, mail: OneMail, place: int, *, using: Gateways) -> tuple[str, bytes]:
    """Name and bytes of an attachment as it was sent, out of the archive or made anew alike. Raise NotFound."""
    if mail.sent is None or not 0 <= place < len(mail.sent.files):
        raise NotFound(f"这封邮件没有第{place + 1}份附件。")
    file = mail.sent.files[place]
    try:
        return file.name, using.archive.get(file.sha256)
    except (FileNotFoundError, ValueError):
        pass
    on = next(each.at.date() for each in reversed(mail.attempts) if each.message_id)
    try:
        message = _message(campaign, mail, on=on, using=using)
    except GiveUp as why:
        raise NotFound(NOT_KEPT) from why
    anew = dict(zip(SentMail.of(message).files, message.attachments, strict=True))
    if file not in anew:
        raise NotFound(NOT_KEPT)
    return file.name, anew[file].content


def _message(campaign: Campaign, mail: OneMail, *, on: date, using: Gateways) -> Message:
    notice = using.ledger.mail_list.notice(mail.row.id)
    writer = deliver.WRITERS.get(notice.kind, write.letter)
    try:
        draft = writer(campaign, notice, on=max(on, notice.planned_on), using=using)
        if isinstance(draft, write.Unneeded):
            raise GiveUp(draft.why)
        return deliver.compose(campaign, [(notice, draft)], on=max(on, notice.planned_on), using=using)
    except (ValueError, LookupError, FileNotFoundError) as fault:
        # As in sending: what cannot be written concerns this mail alone.
        raise GiveUp(f"生成邮件时出错：{fault}") from fault
