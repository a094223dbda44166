"""The mail as it goes over the wire: parsed again, it is what was written."""

from __future__ import annotations

import mimetypes
from dataclasses import replace
from typing import Any

import pytest

from include.domain.errors import GiveUp
from include.domain.notices import MessageAttachment
from include.gateways.mail_server import compose
from tests.gateways.mail_builders import MESSAGE, XLSX, assert_is_the_message, live, parsed
from tests.gateways.scripted_server import scripted_server


def test_what_arrives_is_what_was_written() -> None:
    with scripted_server() as (port, heard), live(port, from_name="示例旗医疗保障局").session() as session:
        session.send(MESSAGE)
    mail = parsed(heard.texts[0])
    assert str(mail["From"]) == "示例旗医疗保障局 <office@duban.example>"
    assert_is_the_message(mail)
    [rcpt] = [command for command in heard.commands if command.upper().startswith("RCPT")]
    assert rcpt.lower() == "rcpt to:<hospital@unit.example>"
    assert all(len(line) <= 998 for line in heard.texts[0].splitlines())


def test_a_first_message_of_a_thread_answers_nothing() -> None:
    mail = parsed(compose(replace(MESSAGE, in_reply_to=None), "office@duban.example", "办公室"))
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("表.xlsx", XLSX),
        ("表.XLSX", XLSX),
        ("报告.pdf", "application/pdf"),
        ("扫描.png", "image/png"),
        ("无后缀", "application/octet-stream"),
        ("未知.abc", "application/octet-stream"),
        ("说明.txt", "application/octet-stream"),
    ],
)
def test_an_attachment_keeps_type_name_and_bytes_without_system_mime_types(
    name: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_, **__: (None, None))
    message = replace(MESSAGE, attachments=(MessageAttachment(name, b"\x00\r\n.\r\n\xff"),))
    [part] = parsed(compose(message, "office@duban.example", "办公室")).iter_attachments()
    assert part.get_content_type() == kind
    assert part.get_filename() == name
    assert part.get_content_disposition() == "attachment"
    assert part.get_payload(decode=True) == b"\x00\r\n.\r\n\xff"


@pytest.mark.parametrize(
    "change", [{"subject": "a\nBcc: x@y.example"}, {"headers": {"Reply-To": "a\nBcc: b"}}]
)
def test_a_line_break_in_a_header_is_given_up_and_never_sent(change: dict[str, Any]) -> None:
    with scripted_server() as (port, heard), live(port).session() as session:
        with pytest.raises(GiveUp, match="邮件无法生成"):
            session.send(replace(MESSAGE, **change))
        assert heard.count("MAIL") == 0
