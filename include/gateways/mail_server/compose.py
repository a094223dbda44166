"""A message becomes the bytes that go over the wire; yagmail writes them."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections.abc import Sequence
from email.errors import MessageError
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import Compat32
from pathlib import PurePath
from typing import Any

from yagmail.message import prepare_message

from include.domain.errors import GiveUp, Refusal
from include.domain.notices import Message, MessageAttachment

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


def compose(message: Message, from_address: str, from_name: str) -> bytes:
    """The mail as it goes over the wire. Raise GiveUp when it cannot be written as one."""
    try:
        mail = prepare_message(
            user=from_address,
            useralias=from_name,
            addresses={"To": message.to, "recipients": [message.to]},
            subject=message.subject,
            contents=None,
            attachments=[_named(attachment) for attachment in message.attachments],
            headers={**AUTOMATIC, **_thread(message), **message.headers},
            encoding="utf-8",
            prettify_html=False,
            message_id=message.message_id,
        )
        body, *files = mail.get_payload()
        # yagmail gives the HTML source as the plain text and turns its line ends into <br>; ours stand as they are.
        words = [MIMEText("", "plain", "utf-8"), MIMEText("", "html", "utf-8")]
        body.set_payload(words)
        mark = hashlib.sha256(message.message_id.encode()).hexdigest()[:24]
        _set_boundaries(mail, body, mark)
        for part, attachment in zip(files, message.attachments, strict=True):
            _label(part, attachment.name)
        for number, part in enumerate([*words, *files]):
            part.set_payload(_place(mark, number))
        contents = [
            message.text.encode(),
            message.html.encode(),
            *(each.content for each in message.attachments),
        ]
        return _filled_in(mail.as_bytes(policy=_Wire()), mark, contents)
    except (ValueError, MessageError) as fault:
        raise GiveUp(f"邮件无法生成，请检查主题、地址和附件名称：{fault}") from fault


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


def _named(attachment: MessageAttachment) -> io.BytesIO:
    stream = io.BytesIO()
    stream.name = attachment.name
    return stream


def _label(part: MIMEMultipart, name: str) -> None:
    """Type and name of an attachment, a Chinese name as RFC 2231 has it."""
    del part["Content-Type"]
    del part["Content-Disposition"]
    kind = CONTENT_TYPES.get(PurePath(name).suffix.lower(), "application/octet-stream")
    part.add_header("Content-Type", kind, name=name)
    part.add_header("Content-Disposition", "attachment", filename=name)


def _set_boundaries(mail: MIMEMultipart, body: MIMEMultipart, mark: str) -> None:
    """For a boundary not set, Python makes a random one and compiles a pattern for it: a third of composing.

    All parts are base64, which has no underscore, so no line of theirs can be a boundary.
    """
    mail.set_boundary(f"=_mail_{mark}")
    body.set_boundary(f"=_body_{mark}")


def _place(mark: str, number: int) -> str:
    return f"=_part_{mark}_{number}"


def _filled_in(text: bytes, mark: str, contents: Sequence[bytes]) -> bytes:
    """The contents of the parts come in last: the generator would write each of their lines one by one."""
    for number, content in enumerate(contents):
        packed = base64.b64encode(content)
        lines = b"\r\n".join(packed[start : start + WIDTH] for start in range(0, len(packed), WIDTH))
        text = text.replace(_place(mark, number).encode("ascii"), lines, 1)
    return text
