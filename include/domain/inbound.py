"""What a message is that lies in the office's mailbox, and which unit it speaks for (RFC 5322, 3464, 3834, 8098).

The rules are pure: a message as read goes in, a decision comes out. A machine's message (a bounce, a delay,
an automatic reply, a read receipt, our own mail come back) is never a return and never answered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class MessageKind(StrEnum):
    RETURN = "return"  # 带附件的报送邮件
    CLOUD_LINK = "cloud_link"  # 只有网盘或超大附件链接
    QUESTION = "question"  # 没有附件的来信
    EMPTY = "empty"  # 没有正文也没有附件
    BOUNCE = "bounce"  # 退信
    DELAY = "delay"  # 延迟投递通知，还在投递
    AUTO_REPLY = "auto_reply"  # 自动回复
    READ_RECEIPT = "read_receipt"  # 阅读回执
    OWN = "own"  # 本系统发出的邮件又回到邮箱
    UNREADABLE = "unreadable"  # 无法解析

    @property
    def zh(self) -> str:
        return _KIND_ZH[self]


_KIND_ZH = {
    MessageKind.RETURN: "报送邮件",
    MessageKind.CLOUD_LINK: "网盘或超大附件链接",
    MessageKind.QUESTION: "来信（无附件）",
    MessageKind.EMPTY: "空邮件",
    MessageKind.BOUNCE: "退信",
    MessageKind.DELAY: "延迟投递通知",
    MessageKind.AUTO_REPLY: "自动回复",
    MessageKind.READ_RECEIPT: "阅读回执",
    MessageKind.OWN: "本系统发出的邮件",
    MessageKind.UNREADABLE: "无法解析的邮件",
}

FROM_MACHINES = frozenset(
    {
        MessageKind.BOUNCE,
        MessageKind.DELAY,
        MessageKind.AUTO_REPLY,
        MessageKind.READ_RECEIPT,
        MessageKind.OWN,
    }
)
"""Never treated as a return, never answered: with that, no two machines can keep writing to each other."""


class MessageState(StrEnum):
    RECEIVED = "received"  # 已登记，尚未办理
    HANDLED = "handled"  # 已办理
    WAITING = "waiting"  # 待办公室处理
    FAILED = "failed"  # 无法解析，原件已留存

    @property
    def zh(self) -> str:
        return {
            MessageState.RECEIVED: "已登记",
            MessageState.HANDLED: "已办理",
            MessageState.WAITING: "待办公室处理",
            MessageState.FAILED: "无法解析",
        }[self]


class Unreadable(ValueError):
    """A message nobody can be told the contents of; its bytes are in the archive all the same."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message on the mail server. ``received_at`` is the server's own time (RFC 3501 INTERNALDATE)."""

    mailbox: str
    uidvalidity: int
    uid: int
    received_at: datetime
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file carried by a message, under a name safe to use and unique in the message.

    ``within`` is the Message-ID of the forwarded message the file came in, if it came in one.
    """

    name: str
    content: bytes = field(repr=False)
    within: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part that is no return: a signature picture, a calendar entry, the returned original of a bounce."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """What a delivery status notification says about one recipient (RFC 3464 §2.3)."""

    recipient: str
    action: str
    status: str
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """A message as read. ``sender`` and all addresses are small letters; Message-IDs keep their brackets.

    ``references`` are In-Reply-To and References, nearest first; ``carried_ids`` the Message-IDs of messages
    inside this one. ``text`` is the body as plain text, also of a body that came as HTML alone.
    """

    message_id: str | None
    sender: str
    subject: str
    text: str
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    carried_ids: tuple[str, ...] = ()
    forwarded_from: tuple[str, ...] = ()
    report_type: str = ""
    statuses: tuple[DeliveryStatus, ...] = ()
    attachments: tuple[Attached, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True, slots=True)
class Answered:
    """The notice of ours that a message answers."""

    notice_id: int
    campaign_id: str
    unit_code: str | None
    recipient: str | None
    edition_id: int | None = None
    """The report edition that went up with it."""


NOTICE_HEADER = "X-Duban-Notice"
"""Carries our Message-ID a second time: some providers write a Message-ID of their own over ours."""

_BOUNCE_SENDER = re.compile(r"^(mailer[-_.]?daemon|postmaster|mail[-_.]?delivery|mdaemon|bounce)[^@]*@", re.I)
_BOUNCE_SUBJECT = re.compile(
    r"退信|退回的邮件|邮件(被)?退回|投递失败|发送失败|未送达|无法(投递|传递|送达)|未能(投递|送达)"
    r"|undeliver(able|ed)|delivery (status notification|failure|has failed)|mail delivery (failed|system)"
    r"|returned (mail|to sender)|failure notice|mail system error|systems bounce|could not be delivered",
    re.I,
)
_DELAY_SUBJECT = re.compile(
    r"延迟(投递|送达|发送)|投递延迟|投递(已)?延误|暂时(无法|未能)(投递|送达)|delayed|still being retried"
    r"|\bdelay\b",
    re.I,
)
_AUTO_SUBJECT = re.compile(
    r"^\s*[\[【(（]?\s*(自动(回复|答复|回覆|应答)|假期自动|外出自动|休假自动|auto(matic|-|\s)?\s?(reply|response|answer)|out of( the)? office)",
    re.I,
)
_RECEIPT_SUBJECT = re.compile(r"^\s*(已读|已阅读|阅读回执|已读回执|read[:：]|read receipt|未读[:：])", re.I)
_AUTO_HEADERS = ("x-autoreply", "x-auto-reply", "x-autorespond", "x-autoresponder", "x-mail-autoreply")
_CLOUD = re.compile(
    r"(?:wx\.|m\.)?mail\.qq\.com/\S{0,40}ftn|ftn\.qq\.com|mail\.(?:163|126)\.com/large-attachment|dashi\.163\.com"
    r"|u\.163\.com|fs\.163\.com|mail\.sina\S{0,60}(?:netdisk|vdisk)|(?:qiye\.)?aliyun\.com/\S{0,60}(?:netdisk|disk)"
    r"|pan\.baidu\.com|weiyun\.com|(?:alipan|aliyundrive)\.com/s|cowtransfer\.com|wenshushu\.cn|lanzou\w*\.com"
    r"|(?:从|来自)\S{0,12}(?:超大附件|云附件)|超大附件\s*[（(]|云附件\s*[（(]|进入下载页面|文件中转站",
    re.I,
)
_QUOTE = re.compile(
    r"^\s*(>|-{2,}\s*(原始邮件|原邮件|转发的?邮件|回复的?邮件|转发邮件信息|original message|forwarded message)"
    r"|(发件人|from)\s*[:：]|on .{5,80} wrote:|在.{5,60}写道[:：]|\d{4}年\d{1,2}月\d{1,2}日.{0,60}写道[:：])",
    re.I | re.M,
)
_ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_FORWARDED_BY = re.compile(rf"^\s*[>|]*\s*(?:发件人|from)\s*[:：]\D{{0,80}}?({_ADDRESS})", re.I | re.M)


def kind_of(mail: Mail, *, mailbox: str, mail_domain: str) -> MessageKind:
    """What the message is. ``mailbox`` is the address it lies in, ``mail_domain`` that of our Message-IDs."""
    if is_ours(mail.message_id, mail_domain) or (mail.sender == mailbox and mail.header(NOTICE_HEADER)):
        return MessageKind.OWN
    if mail.statuses or mail.report_type == "delivery-status":
        return _reported(mail)
    if mail.report_type == "disposition-notification":
        return MessageKind.READ_RECEIPT
    if _BOUNCE_SENDER.match(mail.sender) or (
        _BOUNCE_SUBJECT.search(mail.subject) and _has_no_author(mail, mail_domain)
    ):
        return _reported(mail)
    if _is_automatic(mail):
        return MessageKind.AUTO_REPLY
    files = files_of(mail, mail_domain)
    if files:
        return MessageKind.RETURN
    if _RECEIPT_SUBJECT.match(mail.subject):
        return MessageKind.READ_RECEIPT
    if _CLOUD.search(mail.text) or _CLOUD.search(mail.html):
        return MessageKind.CLOUD_LINK
    return MessageKind.QUESTION if own_words(mail.text) else MessageKind.EMPTY


def files_of(mail: Mail, mail_domain: str) -> tuple[Attached, ...]:
    """The files the sender sent, without those of our own mails that came along when forwarding."""
    return tuple(file for file in mail.attachments if not is_ours(file.within, mail_domain))


def is_ours(message_id: str | None, mail_domain: str) -> bool:
    """Whether a Message-ID has the shape of ours (``include.domain.notices.message_id``)."""
    return bool(message_id and re.fullmatch(rf"<[0-9a-f]{{32}}@{re.escape(mail_domain)}>", message_id))


def answered_ids(mail: Mail, mail_domain: str) -> tuple[str, ...]:
    """Message-IDs of ours that the message names, the surest first; none for a message out of the blue."""
    own_header = mail.header(NOTICE_HEADER)
    written = re.findall(rf"[0-9a-f]{{32}}@{re.escape(mail_domain)}", f"{mail.text}\n{mail.html}")
    named = [*mail.references, *mail.carried_ids, own_header, *(f"<{each}>" for each in written)]
    return tuple(dict.fromkeys(each for each in named if is_ours(each, mail_domain)))


def own_words(text: str) -> str:
    """What the sender wrote, without the quoted message below it."""
    quote = _QUOTE.search(text)
    return (text[: quote.start()] if quote else text).strip("\u200b\ufeff\xa0\u3000 \t\r\n")


def forwarded_from(text: str) -> tuple[str, ...]:
    """Addresses in the 发件人 lines of messages quoted in the body."""
    return tuple(dict.fromkeys(found.lower() for found in _FORWARDED_BY.findall(text)))


def _reported(mail: Mail) -> MessageKind:
    """A bounce, or news that delivery is still being tried or has succeeded."""
    actions = {status.action for status in mail.statuses}
    if actions & {"failed"}:
        return MessageKind.BOUNCE
    if "delayed" in actions:
        return MessageKind.DELAY
    if actions & {"delivered", "relayed", "expanded"}:
        return MessageKind.READ_RECEIPT
    return MessageKind.DELAY if _DELAY_SUBJECT.search(mail.subject) else MessageKind.BOUNCE


def _has_no_author(mail: Mail, mail_domain: str) -> bool:
    """Whether nobody stands behind it: a person who forwards a bounce writes with an address and files."""
    return (
        not mail.sender
        or mail.header("return-path").strip() == "<>"
        or _says_automatic(mail)
        or (
            not files_of(mail, mail_domain)
            and not re.match(r"\s*(re|回复|答复|fw|fwd|转发)\s*[:：]", mail.subject, re.I)
        )
    )


def _says_automatic(mail: Mail) -> bool:
    submitted = mail.header("auto-submitted").partition(";")[0].strip().lower()
    return submitted not in ("", "no")


def _is_automatic(mail: Mail) -> bool:
    """RFC 3834 §5, the older marks, and the subjects of providers that set none.

    A copying machine that mails its scans says ``auto-generated`` too: with files it is a return.
    """
    submitted = mail.header("auto-submitted").partition(";")[0].strip().lower()
    if submitted == "auto-replied" or any(mail.header(name) for name in _AUTO_HEADERS):
        return True
    precedence = mail.header("precedence").strip().lower()
    if precedence in ("auto_reply", "auto-reply"):
        return True
    if mail.attachments:
        return False
    is_bulk = precedence in ("bulk", "junk", "list") or bool(mail.header("list-id"))
    return _says_automatic(mail) or is_bulk or bool(_AUTO_SUBJECT.match(mail.subject))


class ClaimBy(StrEnum):
    """What a file's unit was told by, the surest first."""

    TOKEN = "token"  # noqa: S105 - the word, not a secret
    FILE_NAME = "file_name"
    SAME_MESSAGE = "same_message"
    SUBJECT = "subject"
    ANSWERED = "answered"
    SENDER = "sender"
    FORWARDED = "forwarded"
    NOTHING = "nothing"

    @property
    def zh(self) -> str:
        return _CLAIM_ZH[self]


_CLAIM_ZH = {
    ClaimBy.TOKEN: "专用表内的单位标识",
    ClaimBy.FILE_NAME: "文件名中的机构编码",
    ClaimBy.SAME_MESSAGE: "同一封邮件中的专用表",
    ClaimBy.SUBJECT: "邮件主题中的机构编码",
    ClaimBy.ANSWERED: "所回复的通知",
    ClaimBy.SENDER: "发件邮箱",
    ClaimBy.FORWARDED: "所转发邮件的发件人",
    ClaimBy.NOTHING: "无法确定",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a unit, as unit codes on the roster. ``sender_units`` have the sender as contact."""

    token: str | None = None
    in_file_name: str | None = None
    tokens_beside: frozenset[str] = frozenset()
    in_subject: frozenset[str] = frozenset()
    answered: str | None = None
    sender_units: frozenset[str] = frozenset()
    forwarded_units: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Claim:
    """Which unit a file is from. Not vouched for, it is a suggestion to staff and nothing more."""

    sender: str
    unit_code: str | None
    by: ClaimBy
    is_vouched: bool


def claim(sender: str, evidence: Evidence) -> Claim:
    """The unit the surest evidence names. A genuine token vouches for it, or a sender who is its contact.

    A file name that contradicts the token names the unit, as in ``include.steps.owner``; the token then
    vouches for nothing.
    """
    named, token = evidence.in_file_name, evidence.token
    is_contradicted = named is not None and token is not None and named != token
    if token is not None and not is_contradicted:
        return Claim(sender, token, ClaimBy.TOKEN, is_vouched=True)
    sure = frozenset() if is_contradicted else evidence.tokens_beside
    in_order = (
        (ClaimBy.FILE_NAME, _as_set(named)),
        (ClaimBy.SAME_MESSAGE, evidence.tokens_beside),
        (ClaimBy.SUBJECT, evidence.in_subject),
        (ClaimBy.ANSWERED, _as_set(evidence.answered)),
        (ClaimBy.SENDER, evidence.sender_units),
        (ClaimBy.FORWARDED, evidence.forwarded_units),
    )
    for by, units in in_order:
        if len(units) == 1:
            [code] = units
            return Claim(sender, code, by, is_vouched=code in sure or code in evidence.sender_units)
    return Claim(sender, None, ClaimBy.NOTHING, is_vouched=False)


def _as_set(code: str | None) -> frozenset[str]:
    return frozenset() if code is None else frozenset({code})


SEND_AS_ATTACHMENT = (
    "邮件里只有网盘或“超大附件”的下载链接，没有附件，系统收不到其中的文件；"
    "请把Excel专用表和盖章扫描件作为普通附件添加到邮件中（单个文件不超过20MB，可压缩为ZIP）重新发送"
)
ATTACHMENT_FORGOTTEN = "邮件没有正文也没有附件，可能漏加附件；请添加附件后重新发送"


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A message as the ledger has it; its bytes are in the archive under ``sha256``."""

    id: int
    mailbox: str
    sha256: str
    uidvalidity: int
    uid: int
    received_at: datetime
    state: MessageState
    kind: MessageKind | None = None
    message_id: str | None = None
    sender: str = ""
    subject: str = ""
    campaign_id: str | None = None
    unit_code: str | None = None
    notice_id: int | None = None
    reason: str = ""
    bounced_address: str | None = None
    bounce_status: str | None = None
    bounce_is_permanent: bool | None = None


@dataclass(frozen=True, slots=True)
class Suspension:
    """Why an address is not written to, since when, and the bounce it came from."""

    address: str
    suspended_since: datetime
    reason: str
    message_row_id: int | None
