"""The demo's mail server: whatever comes is in the folder, readable, and nothing escapes from it."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from include.domain.errors import GiveUp
from include.domain.notices import Message, MessageAttachment
from include.rehearsal.mail_server import serve
from tests.gateways.mail_builders import MESSAGE, WORKBOOK, assert_is_the_message, free_port, live, parsed


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    controller = serve(tmp_path, free_port())
    yield controller.port
    controller.stop()


def _send(port: int, *messages: Message) -> None:
    with live(port, login=None, password=None).session() as session:
        for message in messages:
            session.send(message)


def test_a_mail_is_kept_as_it_came_with_a_page_and_its_attachments(port: int, tmp_path: Path) -> None:
    _send(port, MESSAGE)
    folder = tmp_path / "hospital@unit.example"
    [mail] = folder.glob("*.eml")
    assert mail.name.startswith("1_【医保自查】")
    assert_is_the_message(parsed(mail.read_bytes()))
    page = mail.with_suffix(".html").read_text(encoding="utf-8")
    assert MESSAGE.subject in page
    assert WORKBOOK.name in page
    assert (folder / "1_附件" / WORKBOOK.name).read_bytes() == WORKBOOK.content


def test_the_index_lists_every_mail_newest_first(port: int, tmp_path: Path) -> None:
    assert "还没有收到邮件" in (tmp_path / "index.html").read_text(encoding="utf-8")
    _send(port, *(replace(MESSAGE, subject=f"第{n}封", to=f"u{n}@unit.example") for n in (1, 2, 3)))
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert index.index("第3封") < index.index("第2封") < index.index("第1封")
    assert "共3封" in index


def test_a_restart_forgets_nothing_and_overwrites_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        controller = serve(tmp_path, free_port())
        _send(controller.port, MESSAGE)
        controller.stop()
    assert sorted(file.name[:2] for file in tmp_path.glob("*/*.eml")) == ["1_", "2_"]
    assert "共2封" in (tmp_path / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("to", ["full@unit.example", "unknown@unit.example", "Unknown@unit.example"])
def test_the_two_bouncing_addresses_are_refused_for_good(port: int, tmp_path: Path, to: str) -> None:
    with pytest.raises(GiveUp, match="550"):
        _send(port, replace(MESSAGE, to=to))
    assert list(tmp_path.glob("*/*.eml")) == []


@pytest.mark.parametrize("name", ["../../escaped.xlsx", "/etc/escaped.xlsx", "..", "a\\..\\b.xlsx"])
def test_the_name_of_an_attachment_cannot_leave_the_folder(port: int, tmp_path: Path, name: str) -> None:
    _send(port, replace(MESSAGE, attachments=(MessageAttachment(name, b"x"), MessageAttachment(name, b"y"))))
    kept = list((tmp_path / "hospital@unit.example" / "1_附件").iterdir())
    assert sorted(file.read_bytes() for file in kept) == [b"x", b"y"]
    assert not list(tmp_path.parent.glob("escaped*"))


def test_the_address_of_a_recipient_cannot_leave_the_folder(port: int, tmp_path: Path) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("a@b.example", ["../../x@unit.example"], "Subject: <b>hi</b>\r\n\r\nbody\r\n")
    [mail] = tmp_path.glob("*/*.eml")
    assert mail.resolve().is_relative_to(tmp_path.resolve())
    assert "&lt;b&gt;hi" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_the_markup_of_a_mail_stays_in_its_frame(port: int, tmp_path: Path) -> None:
    _send(port, replace(MESSAGE, html='<script>alert(1)</script>"><script>alert(2)</script>', attachments=()))
    page = next(tmp_path.glob("*/*.html")).read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "<iframe sandbox='allow-same-origin' srcdoc=" in page


def test_no_half_written_file_is_left(port: int, tmp_path: Path) -> None:
    _send(port, MESSAGE)
    assert not list(tmp_path.rglob("*.part"))
