"""Take over what lies in the mailbox: keep every message, understand it, enter the files it carries.

The order makes a crash harmless: the raw message into the archive, its row into the ledger, its files into
the ledger, the row settled, and only then the message moved. Whatever was done is found done when the run
is repeated, by this worker or another.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from include.domain import bounces, inbound
from include.domain.bounces import Bounce
from include.domain.campaign import TIMEZONE, Campaign
from include.domain.errors import TryAgain
from include.domain.inbound import (
    FROM_MACHINES,
    Answered,
    Arrival,
    Claim,
    Evidence,
    InboundMessage,
    Mail,
    MessageKind,
    MessageState,
    Unreadable,
)
from include.domain.notices import NewNotice, NoticeKind, notice_key
from include.domain.obligations import IllegalMove
from include.domain.returns import FileKind
from include.steps import owner
from include.steps.collect import end_of
from include.steps.ports import Gateways, Mailbox, MailboxSession

log = logging.getLogger(__name__)

SHANGHAI = ZoneInfo(TIMEZONE)
LONGEST_CHANNEL = 64


@dataclass(frozen=True, slots=True)
class SentFile:
    """One file of a message, of a zip each file in it: for which campaign, and whose by the mail's account."""

    name: str
    content: bytes = field(repr=False)
    kind: FileKind
    campaign: Campaign
    claim: Claim


@dataclass(frozen=True, slots=True)
class Understood:
    """What the intake makes of a message. ``answer`` is a sentence for its sender, when one is owed."""

    mail: Mail
    kind: MessageKind
    state: MessageState
    campaign: Campaign | None = None
    unit_code: str | None = None
    notice: Answered | None = None
    files: tuple[SentFile, ...] = ()
    bounce: Bounce | None = None
    reason: str = ""
    answer: str = ""


def mail(
    campaigns: Sequence[Campaign], mailbox: Mailbox, *, on: date, using: Gateways
) -> dict[MessageKind, int]:
    """Take over what arrived by the end of the day; return how many messages (封) of which kind.

    A message nobody can read goes to the failed folder and stops nothing else; so does no other fault: the
    message stays in the inbox. Raise TryAgain at the end when there were such, or when the mailbox cannot be
    reached.
    """
    kinds: Counter[MessageKind] = Counter()
    faults = 0
    with mailbox.session() as session:
        for arrival in session.arrivals(received_until=end_of(on)):
            try:
                kinds[_take(campaigns, arrival, session, using)] += 1
            except (TryAgain, OSError):
                raise
            except Exception:
                log.exception("message UID %s could not be taken over", arrival.uid)
                faults += 1
    if faults:
        raise TryAgain(f"{faults}封来信未能办理，仍在收件箱中，将重试；原因见日志")
    return dict(kinds)


def _take(
    campaigns: Sequence[Campaign], arrival: Arrival, session: MailboxSession, using: Gateways
) -> MessageKind:
    entered = using.ledger.inbound.enter(arrival, sha256=using.archive.put(arrival.content))
    kind = entered.kind or MessageKind.UNREADABLE
    if entered.state is MessageState.RECEIVED:
        kind = _settle(campaigns, arrival, entered, using)
    if kind is MessageKind.UNREADABLE:
        session.set_aside(arrival)
    else:
        session.file_away(arrival)
    return kind


def _settle(
    campaigns: Sequence[Campaign], arrival: Arrival, entered: InboundMessage, using: Gateways
) -> MessageKind:
    on = _day(arrival.received_at)
    try:
        found = understand(
            campaigns,
            using.mail_reader.read(arrival.content),
            mailbox=arrival.mailbox,
            at=arrival.received_at,
            using=using,
        )
    except Unreadable as why:
        using.ledger.inbound.settle(
            entered.id, kind=MessageKind.UNREADABLE, state=MessageState.FAILED, reason=str(why), on=on
        )
        return MessageKind.UNREADABLE
    _answer(found, entered, on, using)
    _sign_for_report(found, on, using)
    notes = [note for file in found.files if (note := _enter(file, arrival, entered, using))]
    using.ledger.inbound.settle(
        entered.id,
        kind=found.kind,
        state=MessageState.WAITING if notes else found.state,
        reason="；".join([found.reason, *notes] if found.reason else notes),
        on=on,
        message_id=found.mail.message_id,
        sender=found.mail.sender,
        subject=found.mail.subject,
        campaign_id=found.campaign.id if found.campaign else None,
        unit_code=found.unit_code,
        notice_id=found.notice.notice_id if found.notice else None,
        bounce=found.bounce,
    )
    return found.kind


def _answer(found: Understood, entered: InboundMessage, on: date, using: Gateways) -> None:
    """A mail without a usable file is answered once, to the unit it is from; a stranger waits for staff."""
    if not found.answer or found.campaign is None or found.unit_code is None:
        return
    mode = using.mail_server.mode
    notice = NewNotice(
        key=notice_key(mode, found.campaign.id, NoticeKind.UNUSABLE.value, str(entered.id)),
        mode=mode,
        campaign_id=found.campaign.id,
        kind=NoticeKind.UNUSABLE,
        planned_on=on,
        unit_code=found.unit_code,
        message_row_id=entered.id,
    )
    using.ledger.outbox.plan([notice])


def _sign_for_report(found: Understood, on: date, using: Gateways) -> None:
    """A person's answer from where a report went up to is its receipt (上级签收); the mail itself waits for staff."""
    notice = found.notice
    if notice is None or notice.edition_id is None or found.kind in FROM_MACHINES:
        return
    if found.mail.sender != (notice.recipient or "").lower():
        return
    try:
        note = f"上级回复邮件“{found.mail.subject}”"
        using.ledger.editions.mark_received(notice.edition_id, on=on, note=note, by="上级回复邮件")
    except IllegalMove:
        log.exception("a report edition was answered that is not noted as sent")


def _enter(file: SentFile, arrival: Arrival, entered: InboundMessage, using: Gateways) -> str:
    """Enter one file; return what staff must know: the very same file was sent by somebody else before."""
    received = using.ledger.returns.receive(
        file.campaign.id,
        name=file.name,
        sha256=using.archive.put(file.content),
        kind=file.kind,
        channel=f"mail:{arrival.mailbox}"[:LONGEST_CHANNEL],
        received_at=arrival.received_at,
        received_on=_day(arrival.received_at),
        message_row_id=entered.id,
        claim=file.claim,
    )
    if received.message_row_id == entered.id or received.sender == file.claim.sender:
        return ""
    return f"附件“{file.name}”与先前从别处收到的文件名称和内容完全相同，未重复登记，请核对是否发错"


def understand(
    campaigns: Sequence[Campaign], mail: Mail, *, mailbox: str, at: datetime, using: Gateways
) -> Understood:
    """What a message is, which notice it answers, whose its files are. Enters nothing."""
    kind = inbound.kind_of(mail, mailbox=mailbox, mail_domain=using.mail_domain)
    notice = using.ledger.inbound.answered(inbound.answered_ids(mail, using.mail_domain))
    if kind in FROM_MACHINES:
        return _of_a_machine(campaigns, mail, kind, notice, mailbox=mailbox, at=at, using=using)
    return _of_a_person(campaigns, mail, kind, notice, at=at, using=using)


def _of_a_machine(
    campaigns: Sequence[Campaign],
    mail: Mail,
    kind: MessageKind,
    notice: Answered | None,
    *,
    mailbox: str,
    at: datetime,
    using: Gateways,
) -> Understood:
    bounce = None
    if kind is MessageKind.BOUNCE:
        sent_to = notice.recipient if notice else None
        bounce = bounces.bounce_of(mail, sent_to=sent_to, mailbox=mailbox)
    if notice is None and kind is not MessageKind.OWN:
        about = bounce.address if bounce else mail.sender
        notice = using.ledger.inbound.last_sent_to(about, before=at) if about else None
    campaign = next((each for each in campaigns if notice and each.id == notice.campaign_id), None)
    state, reason = MessageState.HANDLED, ""
    if kind is MessageKind.AUTO_REPLY and mail.attachments:
        state, reason = MessageState.WAITING, "自动回复带有附件，附件未作为报送件登记，请办公室查看"
    if kind is MessageKind.BOUNCE and notice is None:
        state, reason = MessageState.WAITING, "退信没有写明退的是哪一封邮件，未停用任何地址，请办公室查看"
    return Understood(
        mail,
        kind,
        state,
        campaign=campaign,
        unit_code=notice.unit_code if notice else None,
        notice=notice,
        bounce=bounce,
        reason=reason,
    )


Token = tuple[str, str]
"""Campaign id and unit code out of a workbook that is genuinely ours."""

Units = Mapping[str, frozenset[str]]
"""Campaign id → unit codes."""


@dataclass(frozen=True, slots=True)
class _Clues:
    """What a message as a whole tells about where it belongs."""

    mail: Mail
    notice: Answered | None
    tokens: Sequence[Token | None]
    contacts: Units
    forwarded: Units


def _of_a_person(
    campaigns: Sequence[Campaign],
    mail: Mail,
    kind: MessageKind,
    notice: Answered | None,
    *,
    at: datetime,
    using: Gateways,
) -> Understood:
    files = [
        each
        for file in inbound.files_of(mail, using.mail_domain)
        for each in using.workbooks.unpack(file.name, file.content)
    ]
    clues = _Clues(
        mail,
        notice,
        tokens=[_token(content, using) for _, content in files],
        contacts=using.ledger.inbound.units_of_contact([mail.sender], on=_day(at)),
        forwarded=using.ledger.inbound.units_of_contact(mail.forwarded_from, on=_day(at)),
    )
    campaign = _campaign(campaigns, clues, using)
    sent = tuple(
        SentFile(
            name, content, using.workbooks.file_kind(content), own, _claim(own, name, token, clues, using)
        )
        for (name, content), token in zip(files, clues.tokens, strict=True)
        if (own := _of_token(campaigns, token) or campaign or _newest(campaigns)) is not None
    )
    whole = _claim(campaign, "", None, clues, using) if campaign else None
    units = {file.claim.unit_code for file in sent} or {whole.unit_code if whole else None}
    state, reason, answer = _outcome(kind, sent, whole)
    return Understood(
        mail,
        kind,
        state,
        campaign=campaign,
        unit_code=next(iter(units)) if len(units) == 1 else None,
        notice=notice,
        files=sent,
        reason=reason,
        answer=answer,
    )


def _token(content: bytes, using: Gateways) -> Token | None:
    if using.workbooks.file_kind(content) is not FileKind.WORKBOOK:
        return None
    identity = using.workbooks.read(content, using.forms).identity
    if identity is None or not using.workbooks.is_genuine(identity):
        return None
    return identity.campaign_id, identity.unit_code


def _of_token(campaigns: Sequence[Campaign], token: Token | None) -> Campaign | None:
    return next((each for each in campaigns if token and each.id == token[0]), None)


def _newest(campaigns: Sequence[Campaign]) -> Campaign | None:
    return max(campaigns, key=lambda each: each.starts_on, default=None)


def _campaign(campaigns: Sequence[Campaign], clues: _Clues, using: Gateways) -> Campaign | None:
    """Which campaign a message is about: by token, by the notice it answers, by the codes it names, by its
    sender; of several the newest. None when nothing tells and there is more than one.
    """
    mail, notice = clues.mail, clues.notice
    codes = owner.codes_in(" ".join([mail.subject, *(file.name for file in mail.attachments)]))
    by_token = {token[0] for token in clues.tokens if token}
    for fits in (
        [each for each in campaigns if each.id in by_token],
        [each for each in campaigns if notice and each.id == notice.campaign_id],
        [each for each in campaigns if codes and using.ledger.roster.known(each.id, codes)],
        [each for each in campaigns if each.id in clues.contacts],
    ):
        if fits:
            return _newest(fits)
    return campaigns[0] if len(campaigns) == 1 else None


def _claim(campaign: Campaign, name: str, token: Token | None, clues: _Clues, using: Gateways) -> Claim:
    """Whose one file is, or with no name and token the message itself."""
    named = owner.unit_in_name(campaign, name, using)
    codes = owner.codes_in(clues.mail.subject)
    answered = clues.notice if clues.notice and clues.notice.campaign_id == campaign.id else None
    return inbound.claim(
        clues.mail.sender,
        Evidence(
            token=token[1] if token and token[0] == campaign.id else None,
            in_file_name=named.code if named else None,
            tokens_beside=frozenset(each[1] for each in clues.tokens if each and each[0] == campaign.id),
            in_subject=frozenset(using.ledger.roster.known(campaign.id, codes) if codes else ()),
            answered=answered.unit_code if answered else None,
            sender_units=clues.contacts.get(campaign.id, frozenset()),
            forwarded_units=clues.forwarded.get(campaign.id, frozenset()),
        ),
    )


def _outcome(
    kind: MessageKind, files: Sequence[SentFile], whole: Claim | None
) -> tuple[MessageState, str, str]:
    """State, what staff are told, what the sender is told."""
    if kind is MessageKind.RETURN and not files:
        return MessageState.WAITING, "没有正在进行的专项行动可以登记这些附件，请办公室查看", ""
    if kind is MessageKind.RETURN:
        return MessageState.HANDLED, "", ""
    is_known = whole is not None and whole.unit_code is not None and whole.is_vouched
    if kind is MessageKind.CLOUD_LINK:
        answer = inbound.SEND_AS_ATTACHMENT if is_known else ""
        return MessageState.WAITING, inbound.SEND_AS_ATTACHMENT, answer
    if kind is MessageKind.EMPTY and not is_known:
        return MessageState.HANDLED, "没有正文也没有附件，发件人不是登记的联系邮箱，按垃圾邮件留存", ""
    if kind is MessageKind.EMPTY:
        return MessageState.WAITING, inbound.ATTACHMENT_FORGOTTEN, inbound.ATTACHMENT_FORGOTTEN
    return MessageState.WAITING, "来信没有附件，请办公室阅读并答复", ""


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()
