"""A message becomes the bytes that go over the wire; yagmail writes them."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections.abc import Iterable
from email.errors import MessageError
from email.message import Message as EmailMessage
from email.mime.text import MIMEText
from email.policy import Compat32
from email.utils import formatdate
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from yagmail.message import prepare_message

from include.domain.errors import GiveUp, Refusal
from include.domain.notices import Message

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
"""One plain ASCII address (RFC 5321 §4.1.2, without quoted local parts); never a list of them."""

CONTENT_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xls": "application/vnd.ms-excel",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".zip": "application/zip",
    ".csv": "text/csv; charset=utf-8",
    ".ics": "text/calendar; method=PUBLISH; charset=utf-8",
}
"""Stated here because a slim server image has no mime.types, and yagmail would then write ``None/None``."""

UNFOLDED, WIDTH = 78, 76
"""Columns of a header field (RFC 5322 §2.1.1) and of base64 (RFC 2045 §6.8)."""

_LINE = re.compile(rb".{1,%d}" % WIDTH)
_LABELS = ("Content-Type", "Content-Disposition")
_PLACE = hashlib.sha256(b"what differs from mail to mail").hexdigest()[:24]
_AT = _PLACE.encode()

AUTOMATIC = {
    # RFC 3834 §5, and Exchange's own header: no auto-reply may answer these mails, so no loop can start.
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "All",
}


class _Wire(Compat32):
    """Lines end in CRLF. A short ASCII field is written as it is: taking it apart to fold it yields the same."""

    linesep = "\r\n"

    def fold_binary(self, name: str, value: Any) -> bytes:
        if (
            isinstance(value, str)
            and value.isascii()
            and value.isprintable()
            and len(f"{name}: {value}") <= UNFOLDED
        ):
            return f"{name}: {value}\r\n".encode("ascii")
        return super().fold_binary(name, value)


_WIRE = _Wire()


def compose(message: Message, from_address: str, from_name: str) -> bytes:
    """The mail as it goes over the wire. Raise GiveUp when it cannot be written as one."""
    fields = {
        **AUTOMATIC,
        **_thread(message),
        **message.headers,
        "Date": formatdate(),
        "Subject": message.subject,
        "To": message.to,
        "Message-ID": message.message_id,
    }
    try:
        filled = {name.encode(): _WIRE.fold_binary(name, value) for name, value in fields.items()}
        for number, attachment in enumerate(message.attachments):
            for name, value in _labels(attachment.name):
                filled[f"{name}{number}".encode()] = _WIRE.fold_binary(name, value)
    except (ValueError, MessageError) as fault:
        raise GiveUp(f"邮件无法生成，请检查主题、地址和附件名称：{fault}") from fault
    filled[b"mark"] = hashlib.sha256(message.message_id.encode()).hexdigest()[: len(_PLACE)].encode()
    contents = [message.text.encode(), message.html.encode(), *(each.content for each in message.attachments)]
    for number, content in enumerate(contents):
        filled[f"part{number}".encode()] = b"\r\n".join(_LINE.findall(base64.b64encode(content)))
    pieces = _skeleton(from_address, from_name, tuple(fields), len(message.attachments))
    return b"".join(filled[piece] if order % 2 else piece for order, piece in enumerate(pieces))


@lru_cache(maxsize=64)
def _skeleton(from_address: str, from_name: str, fields: tuple[str, ...], files: int) -> tuple[bytes, ...]:
    """A mail as yagmail writes it, cut at what differs from mail to mail: text, a place's name, text, …

    Everything else is alike in thousands of mails, and writing a mail costs more than sending it.
    """
    mail = prepare_message(
        user=from_address,
        useralias=from_name,
        addresses={"To": _PLACE, "recipients": [_PLACE]},
        subject=_PLACE,
        contents=None,
        attachments=[_nameless() for _ in range(files)],
        headers={name: _PLACE for name in fields if name not in ("Subject", "To", "Message-ID")},
        encoding="utf-8",
        prettify_html=False,
        message_id=_PLACE,
    )
    body, *attached = mail.get_payload()
    # yagmail gives the HTML source as the plain text and turns its line ends into <br>; ours stand as they are.
    words = [MIMEText("", "plain", "utf-8"), MIMEText("", "html", "utf-8")]
    body.set_payload(words)
    # For a boundary not set, Python would make a random one. All parts are base64, which has no underscore, so no
    # line of theirs can be a boundary.
    mail.set_boundary(f"=_mail_{_PLACE}")
    body.set_boundary(f"=_body_{_PLACE}")
    for number, part in enumerate(attached):
        for name in _LABELS:
            del part[name]
            part[name] = f"{_PLACE}{number}/{_PLACE}"
    for number, part in enumerate([*words, *attached]):
        part.set_payload(f"{_PLACE}{number}")
    text = mail.as_bytes(policy=_WIRE)
    text = re.sub(rb"^([\w-]+): %b(?:(\d+)/%b)?\r\n" % (_AT, _AT), rb"\0\1\2\0", text, flags=re.MULTILINE)
    text = re.sub(rb"^%b(\d+)" % _AT, rb"\0part\1\0", text, flags=re.MULTILINE)
    return tuple(text.replace(_AT, b"\0mark\0").split(b"\0"))


def check_address(address: str) -> None:
    """Raise GiveUp for anything but one plain address."""
    if not ADDRESS.fullmatch(address):
        raise GiveUp(
            "收件地址不是一个可用的邮箱地址，请在名册中更正（只写一个地址，不含空格和中文字符）",
            refusal=Refusal.ADDRESS_UNKNOWN,
        )


def check_size(message: Message, size: int, largest: int | None) -> None:
    """Raise GiveUp for a mail (bytes on the wire, attachments encoded) that the mail server would refuse."""
    if largest is not None and size > largest:
        names = "、".join(attachment.name for attachment in message.attachments)
        raise GiveUp(
            f"邮件共{_mb(size)}（附件编码后约增大三分之一），超过邮箱允许的{_mb(largest)}，未发送。"
            + (f"请压缩、拆分附件或改用其他方式送达：{names}" if names else "请缩短正文"),
            refusal=Refusal.TOO_LARGE,
        )


def _mb(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB"


def _thread(message: Message) -> dict[str, str]:
    if message.in_reply_to is None:
        return {}
    return {"In-Reply-To": message.in_reply_to, "References": message.in_reply_to}


def _nameless() -> io.BytesIO:
    stream = io.BytesIO()
    stream.name = "attachment"
    return stream


def _labels(name: str) -> Iterable[tuple[str, str]]:
    """Type and name of an attachment, a Chinese name as RFC 2231 has it."""
    part = EmailMessage()
    kind = CONTENT_TYPES.get(PurePath(name).suffix.lower(), "application/octet-stream")
    part.add_header("Content-Type", kind, name=name)
    part.add_header("Content-Disposition", "attachment", filename=name)
    return part.items()
