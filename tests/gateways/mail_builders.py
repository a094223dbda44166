"""One message, an account, and what a mail that arrives must look like; synthetic throughout."""

from __future__ import annotations

import socket
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from include.domain.notices import Message, MessageAttachment, SendMode
from include.gateways.mail_server import SmtpAccount, SmtpMailServer

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PASSWORD = "k3-Geheim"
WORKBOOK = MessageAttachment("H15062600001_示例旗人民医院_自查自纠情况表.xlsx", bytes(range(256)) * 40)
SCAN = MessageAttachment("盖章扫描件 第1页.jpg", b"\xff\xd8\xff" + b"." * 500)

MESSAGE = Message(
    message_id="<0123456789abcdef@office.example>",
    to="hospital@unit.example",
    subject="【医保自查】2024年医保基金专项整治—示例旗人民医院—自查报告报送提醒（剩余3个工作日）",
    text="示例旗人民医院：\n\n　　请按时报送。\n.\n..以点开头的行\n",
    html="<!DOCTYPE html>\n<html><body><table>\n<tr><td>请按时报送&amp;</td></tr>\n</table></body></html>\n",
    attachments=(WORKBOOK, SCAN),
    in_reply_to="<launch@office.example>",
    headers={"Reply-To": "ybj@office.example"},
)


def account(port: int, **changes: Any) -> SmtpAccount:
    facts: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "from_address": "office@duban.example",
        "login": "office",
        "password": PASSWORD,
        "security": "none",
        "timeout": 5.0,
    }
    return SmtpAccount(**(facts | changes))


def live(port: int, **changes: Any) -> SmtpMailServer:
    return SmtpMailServer(account(port, **changes), mode=SendMode.LIVE)


def parsed(content: bytes) -> EmailMessage:
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def assert_is_the_message(mail: EmailMessage) -> None:
    assert mail["Subject"] == MESSAGE.subject
    assert mail["To"] == MESSAGE.to
    assert mail.get_all("Message-ID") == [MESSAGE.message_id]
    assert mail["In-Reply-To"] == mail["References"] == MESSAGE.in_reply_to
    assert mail["Reply-To"] == "ybj@office.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Date"] is not None
    for subtype, words in (("plain", MESSAGE.text), ("html", MESSAGE.html)):
        part = mail.get_body((subtype,))
        assert part is not None
        assert part.get_content().replace("\r\n", "\n") == words
    assert [(part.get_filename(), part.get_payload(decode=True)) for part in mail.iter_attachments()] == [
        (attachment.name, attachment.content) for attachment in MESSAGE.attachments
    ]
    assert [part.get_content_type() for part in mail.iter_attachments()] == [XLSX, "image/jpeg"]
