"""The mail as it goes over the wire: parsed again, it is what was written."""

from __future__ import annotations

import mimetypes
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32
from email.utils import collapse_rfc2231_value
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.domain.errors import GiveUp, Refusal
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


MEGABYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("max_mb", "announced", "size", "passes"),
    [
        (None, "SIZE 50000000", 3 * MEGABYTE, True),
        (3.0, "SIZE 50000000", 3 * MEGABYTE, False),  # encoded it is a third larger
        (3.0, "SIZE 50000000", 2 * MEGABYTE, True),
        (50.0, "SIZE 1000000", MEGABYTE, False),
        (None, "SIZE 1000000", MEGABYTE, False),
        (None, "SIZE 0", MEGABYTE, True),
        (None, "SIZE", MEGABYTE, True),
        (None, "8BITMIME", MEGABYTE, True),
    ],
)
def test_a_mail_too_large_for_mailbox_or_server_is_given_up_before_the_server_hears_of_it(
    max_mb: float | None, announced: str, size: int, passes: bool
) -> None:
    message = replace(MESSAGE, attachments=(MessageAttachment("盖章扫描件.pdf", b"x" * size),))
    with (
        scripted_server(EHLO=f"250-mail.example\r\n250-{announced}\r\n250 AUTH PLAIN") as (port, heard),
        live(port, max_mb=max_mb).session() as session,
    ):
        if passes:
            session.send(message)
        else:
            with pytest.raises(GiveUp, match=r"邮件共\d\.\d MB.*盖章扫描件\.pdf") as raised:
                session.send(message)
            assert raised.value.refusal is Refusal.TOO_LARGE
        assert heard.count("MAIL") == len(heard.texts) == passes


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    subject=st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=120),
    text=st.text(max_size=400),
    names=st.lists(st.text("表格ab _-（）1。", min_size=1, max_size=60).map(str.strip), max_size=3),
    content=st.binary(max_size=600),
    reply=st.booleans(),
)
def test_any_message_parsed_again_is_what_was_written(
    subject: str, text: str, names: list[str], content: bytes, reply: bool
) -> None:
    message = replace(
        MESSAGE,
        subject=subject,
        text=text,
        html=f"<p>{text}</p>",
        attachments=tuple(MessageAttachment(f"{name}.xlsx", content) for name in names),
        in_reply_to=MESSAGE.in_reply_to if reply else None,
    )
    written = compose(message, "office@duban.example", "督办")
    mail = message_from_bytes(written, policy=compat32)
    assert str(make_header(decode_header(mail["Subject"]))).split() == subject.split()
    assert (mail["In-Reply-To"] is not None) is reply
    body, *files = mail.get_payload()
    assert [part.get_payload(decode=True).decode() for part in body.get_payload()] == [text, f"<p>{text}</p>"]
    assert [
        (collapse_rfc2231_value(part.get_filename()), part.get_payload(decode=True)) for part in files
    ] == [(f"{name}.xlsx", content) for name in names]
    assert compose(message, "office@duban.example", "督办").split(b"Date:")[0] == written.split(b"Date:")[0]
    assert all(len(line) <= 998 for line in written.split(b"\r\n"))


def test_a_line_of_the_text_that_looks_like_a_boundary_is_none() -> None:
    first = compose(MESSAGE, "office@duban.example", "督办")
    boundary = parsed(first).get_boundary()
    message = replace(MESSAGE, text=f"--{boundary}--\n", html=f"<p>\n--{boundary}\n</p>")
    mail = parsed(compose(message, "office@duban.example", "督办"))
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content() == f"--{boundary}--\n"
    assert len(list(mail.iter_attachments())) == 2
