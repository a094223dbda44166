"""One message read: who wrote it, what it answers, what it carries. Nothing is fetched, opened or believed."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses, parseaddr
from html import unescape
from html.parser import HTMLParser

from tnefparse import TNEF

from include.domain import inbound
from include.domain.inbound import Attached, DeliveryStatus, LeftOut, Mail, Unreadable
from include.gateways.incoming_mail.words import Lenient, decoded, file_name, header_text
from include.gateways.workbooks.archives import safe_name

DEEPEST = 8
MOST_PARTS = 300
MOST_TEXT = 200_000
"""Letters of a body that are looked at; notices quoted a hundred times make longer ones."""

DECORATION = 30 * 1024
"""Bytes up to which a picture shown inside the text is a signature's logo and not a page of a scan."""

_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_WINMAIL = re.compile(r"winmail.*\.dat", re.IGNORECASE)
_NOT_FILES = {
    "application/pkcs7-signature": "电子签名",
    "application/x-pkcs7-signature": "电子签名",
    "application/pgp-signature": "电子签名",
    "text/calendar": "日程",
    "text/vcard": "名片",
    "text/x-vcard": "名片",
    "message/delivery-status": "投递状态报告",
    "message/disposition-notification": "阅读状态报告",
    "message/external-body": "外部文件的链接",
}
_EXTENSIONS = (
    (b"%PDF", ".pdf"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"\x89PNG", ".png"),
    (b"\xd0\xcf\x11\xe0", ".xls"),
    (b"Rar!", ".rar"),
)
_RETURNED_ORIGINAL = "退信所附的原邮件"


class MailReader:
    """Reads any message (RFC 5322, 2045–2047, 2231), also those written against the rules."""

    def read(self, raw: bytes) -> Mail:
        """Raise Unreadable for what is no message, or one built to do harm."""
        if not raw.strip():
            raise Unreadable("邮件是空的（0字节）")
        try:
            message = message_from_bytes(raw, policy=Lenient())
            if not message.keys():
                raise Unreadable("邮件没有邮件头，无法确认是一封邮件")
            return _mail(message)
        except Unreadable:
            raise
        except RecursionError as fault:
            raise Unreadable("邮件的层次过多，未予解析") from fault
        except Exception as fault:  # whatever a stranger can make the parser raise stops this message alone
            raise Unreadable(f"邮件格式已损坏，无法解析（{type(fault).__name__}）") from fault


@dataclass
class _Parts:
    """What was found while walking through a message."""

    texts: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    files: list[tuple[str, bytes, str | None]] = field(default_factory=list)
    pictures: list[tuple[str, bytes, str, str | None]] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    carried_ids: list[str] = field(default_factory=list)
    forwarded_from: list[str] = field(default_factory=list)
    statuses: list[DeliveryStatus] = field(default_factory=list)
    count: int = 0


def _mail(message: Message) -> Mail:
    parts = _Parts()
    report_type = str(message.get_param("report-type") or "").lower() if _is_report(message) else ""
    _walk(message, parts, depth=0, within=None, in_report=_is_report(message))
    html = "\n".join(parts.html)
    text = ("\n".join(parts.texts) or _plain(html))[:MOST_TEXT]
    headers = {name.lower(): header_text(value) for name, value in reversed(message.items())}
    return Mail(
        message_id=_first_id(message.get("Message-ID", "")),
        sender=_address(headers.get("from", "") or headers.get("sender", "")),
        subject=headers.get("subject", ""),
        text=text,
        html=html[:MOST_TEXT],
        headers=headers,
        references=_references(message),
        carried_ids=tuple(dict.fromkeys(parts.carried_ids)),
        forwarded_from=tuple(dict.fromkeys([*parts.forwarded_from, *inbound.forwarded_from(text)])),
        report_type=report_type,
        statuses=tuple(parts.statuses),
        attachments=tuple(_attachments(parts, html)),
        left_out=tuple(parts.left_out),
    )


def _is_report(message: Message) -> bool:
    return message.get_content_type() == "multipart/report"


def _references(message: Message) -> tuple[str, ...]:
    answered = _MESSAGE_ID.findall(message.get("In-Reply-To", ""))
    thread = _MESSAGE_ID.findall(message.get("References", ""))
    return tuple(dict.fromkeys([*answered, *reversed(thread)]))


def _walk(part: Message, parts: _Parts, *, depth: int, within: str | None, in_report: bool) -> None:
    parts.count += 1
    if depth > DEEPEST or parts.count > MOST_PARTS:
        raise Unreadable(f"邮件的层次超过{DEEPEST}层或超过{MOST_PARTS}个部分，未予解析")
    kind = part.get_content_type()
    if kind == "message/delivery-status":
        if within is None:  # a person who forwards a bounce is no machine
            parts.statuses.extend(_statuses(part))
    elif kind in ("message/rfc822", "message/global"):
        _forwarded(part, parts, depth=depth, in_report=in_report)
    elif in_report and kind == "text/rfc822-headers":
        _original(message_from_bytes(_content(part), policy=Lenient()), parts)
    elif part.is_multipart():
        for child in _inner(part):
            _walk(child, parts, depth=depth + 1, within=within, in_report=in_report)
    else:
        _leaf(part, kind, parts, within=within, in_report=in_report)


def _forwarded(part: Message, parts: _Parts, *, depth: int, in_report: bool) -> None:
    """A message within: of a bounce our own, otherwise one passed on with its files."""
    for message in _inner(part) or [part]:
        if not message.keys() or message is part:  # packed in base64, against RFC 2046 §5.2.1
            message = message_from_bytes(_unpacked(message, part), policy=Lenient())
        _original(message, parts)
        if in_report:
            parts.left_out.append(LeftOut(header_text(message.get("Subject", "")), _RETURNED_ORIGINAL))
            continue
        sender = _address(header_text(message.get("From", "")))
        if sender:
            parts.forwarded_from.append(sender)
        within = _first_id(message.get("Message-ID", "")) or "<>"
        _walk(message, parts, depth=depth + 1, within=within, in_report=_is_report(message))


def _original(message: Message, parts: _Parts) -> None:
    named = (message.get("Message-ID", ""), message.get(inbound.NOTICE_HEADER, ""))
    parts.carried_ids.extend(found for value in named for found in _MESSAGE_ID.findall(value))


def _leaf(part: Message, kind: str, parts: _Parts, *, within: str | None, in_report: bool) -> None:
    name = file_name(part)
    if kind in _NOT_FILES:
        parts.left_out.append(LeftOut(name or kind, _NOT_FILES[kind]))
        return
    content = _content(part)
    is_attached = part.get_content_disposition() == "attachment" or bool(name)
    if not is_attached and kind in ("text/plain", "text/html"):
        words = decoded(content, part.get_content_charset())
        (parts.html if kind == "text/html" else parts.texts).append(words)
    elif in_report:
        parts.left_out.append(LeftOut(name or kind, _RETURNED_ORIGINAL))
    elif kind in ("application/ms-tnef", "application/vnd.ms-tnef") or _WINMAIL.fullmatch(name):
        _winmail(name or "winmail.dat", content, parts, within)
    elif not content.strip() and not name:
        return
    elif kind.startswith("image/") and part.get("Content-ID"):
        parts.pictures.append((name, content, part.get("Content-ID", "").strip().strip("<>"), within))
    else:
        parts.files.append((name, content, within))


def _winmail(name: str, content: bytes, parts: _Parts, within: str | None) -> None:
    """The files in Outlook's winmail.dat (MS-OXTNEF); one that cannot be opened is kept as it is."""
    try:
        packed = TNEF(content).attachments
        files = [(_text(each.long_filename()), bytes(each.data), within) for each in packed if each.data]
    except Exception:  # a damaged one fails in many ways; its sender is told by the check of the file
        files = []
    if files:
        parts.files.extend(files)
        parts.left_out.append(LeftOut(name, f"Outlook的打包文件，其中{len(files)}个文件已取出"))
    else:
        parts.files.append((name, content, within))


def _text(name: str | bytes) -> str:
    return (decoded(name, None) if isinstance(name, bytes) else name).strip("\0 ")


def _attachments(parts: _Parts, html: str) -> Iterator[Attached]:
    """Named and numbered in the order they stand in; a logo in the text is no attachment."""
    files = list(parts.files)
    for name, content, cid, within in parts.pictures:
        if len(content) <= DECORATION and f"cid:{cid}" in unescape(html):
            parts.left_out.append(LeftOut(name or cid, "正文中的小图片（如签名图标）"))
        else:
            files.append((name, content, within))
    taken: set[str] = set()
    for number, (name, content, within) in enumerate(files, start=1):
        yield Attached(_unique(_safe(name, content, number), taken), content, within)


def _safe(name: str, content: bytes, number: int) -> str:
    last = re.split(r"[\\/]", name)[-1]
    return safe_name(last) if last.strip(" .") else f"未命名附件{number}{_extension(content)}"


def _extension(content: bytes) -> str:
    if content.startswith(b"PK"):
        return ".xlsx" if b"xl/" in content else ".zip"
    return next((extension for magic, extension in _EXTENSIONS if content.startswith(magic)), ".dat")


def _unique(name: str, taken: set[str]) -> str:
    stem, dot, extension = name.rpartition(".")
    candidate, number = name, 1
    while candidate.lower() in taken:
        number += 1
        candidate = f"{stem}（{number}）.{extension}" if dot else f"{name}（{number}）"
    taken.add(candidate.lower())
    return candidate


def _statuses(part: Message) -> Iterator[DeliveryStatus]:
    """One per recipient; the first group of fields is about the message as a whole (RFC 3464 §2.1)."""
    for block in _inner(part):
        recipient = block.get("Final-Recipient") or block.get("Original-Recipient") or ""
        action = header_text(block.get("Action", "")).lower()
        if recipient or action:
            yield DeliveryStatus(
                recipient=_address(header_text(recipient).rpartition(";")[2]),
                action=action,
                status=(re.findall(r"\d\.\d+\.\d+", block.get("Status", "")) or [""])[0],
                diagnostic=header_text(block.get("Diagnostic-Code", "")).rpartition("smtp;")[2].strip(),
            )


def _inner(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _unpacked(message: Message, part: Message) -> bytes:
    """A message within that was packed as its outer part says (base64), which the parser does not expect."""
    content = _content(message)
    if part.get("Content-Transfer-Encoding", "").strip().lower() == "base64":
        return base64.b64decode(re.sub(rb"[^A-Za-z0-9+/=]", b"", content))
    return content


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _first_id(value: str) -> str | None:
    found = _MESSAGE_ID.search(value)
    return found.group() if found else None


def _address(value: str) -> str:
    """The address of a From line, in small letters; of a line that breaks the rules, whatever looks like one."""
    found = parseaddr(value)[1] or next((address for _, address in getaddresses([value]) if address), "")
    if "@" not in found or " " in found:
        loose = re.search(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(\.[\w-]+)+", value, re.ASCII)
        found = loose.group() if loose else ""
    return found.lower()


class _Words(HTMLParser):
    """The words of a page, a line for each block."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in ("script", "style")
        if tag in ("br", "p", "div", "tr", "li"):
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if self._hidden <= 0:
            self.found.append(data)


def _plain(html: str) -> str:
    words = _Words()
    words.feed(html[:MOST_TEXT])
    return "".join(words.found).replace("\xa0", " ").strip()
