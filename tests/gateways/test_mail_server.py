"""Handing over mail: what each behaviour of a server means, and that nothing is ever delivered twice."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from include.domain.errors import GiveUp, InDoubt, Refusal, TryAgain
from include.domain.notices import NoticeState, SendMode
from include.gateways.mail_server import FolderMailServer, SmtpMailServer
from include.gateways.mail_server import session as session_module
from tests.gateways.mail_builders import (
    MESSAGE,
    PASSWORD,
    account,
    assert_is_the_message,
    free_port,
    live,
    parsed,
)
from tests.gateways.scripted_server import DROP, SILENCE, scripted_server

TRY, GIVE, DOUBT = TryAgain, GiveUp, InDoubt
GBK = "554 HL:ITC 垃圾邮件被拒绝".encode("gbk").decode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    ("replies", "outcome", "refusal", "says"),
    [
        ({"MAIL": "451 4.3.0 try later"}, TRY, Refusal.TEMPORARY, "451"),
        ({"MAIL": "550 5.7.1 sender rejected"}, TRY, Refusal.POLICY, "550"),
        ({"MAIL": "530 5.7.0 authentication required"}, TRY, Refusal.ACCOUNT, "530"),
        ({"MAIL": "552 5.3.4 message too big"}, GIVE, Refusal.TOO_LARGE, "552"),
        ({"RCPT": "450 4.2.1 mailbox busy"}, TRY, Refusal.TEMPORARY, "450"),
        ({"RCPT": "450 4.7.1 greylisted, policy"}, TRY, Refusal.TEMPORARY, "450"),
        ({"RCPT": "452 4.2.2 mailbox full"}, TRY, Refusal.MAILBOX_FULL, "452"),
        ({"RCPT": "552 5.2.2 over quota"}, GIVE, Refusal.MAILBOX_FULL, "552"),
        ({"RCPT": "550 5.1.1 user unknown"}, GIVE, Refusal.ADDRESS_UNKNOWN, "user unknown"),
        ({"RCPT": "550 Connection frequency limited"}, TRY, Refusal.TOO_FREQUENT, "frequency limited"),
        ({"RCPT": "421 4.7.0 closing"}, TRY, Refusal.TEMPORARY, "421"),
        ({"DATA": "451 4.3.0 no space"}, TRY, Refusal.TEMPORARY, "451"),
        ({"DATA": "454 4.7.0 not now"}, TRY, Refusal.TEMPORARY, "454"),
        ({"DATA": "554 5.5.1 no valid recipients"}, GIVE, Refusal.PERMANENT, "554"),
        ({"TEXT": "451 4.7.1 greylisted"}, TRY, Refusal.TEMPORARY, "451"),
        ({"TEXT": "421 4.3.2 shutting down"}, TRY, Refusal.TEMPORARY, "421"),
        ({"TEXT": "452 4.3.1 insufficient system storage"}, TRY, Refusal.TEMPORARY, "452"),
        ({"TEXT": "550 5.7.1 rejected"}, GIVE, Refusal.POLICY, "550"),
        ({"TEXT": "552 5.3.4 too large"}, GIVE, Refusal.TOO_LARGE, "552"),
        ({"TEXT": "554 5.7.1 DT:SPM"}, GIVE, Refusal.POLICY, "DT:SPM"),
        ({"TEXT": GBK}, GIVE, Refusal.POLICY, "554 HL:ITC 垃圾邮件被拒绝"),
        ({"TEXT": "550 \udcff\udcfe"}, GIVE, Refusal.PERMANENT, "550"),
        ({"MAIL": DROP}, TRY, Refusal.UNREACHABLE, "尚未交付"),
        ({"RCPT": DROP}, TRY, Refusal.UNREACHABLE, "尚未交付"),
        ({"DATA": DROP}, TRY, Refusal.UNREACHABLE, "尚未交付"),
        ({"TEXT": DROP}, DOUBT, Refusal.UNREACHABLE, "不能确定是否送达"),
        ({"MAIL": SILENCE}, TRY, Refusal.UNREACHABLE, "尚未交付"),
        ({"RCPT": SILENCE}, TRY, Refusal.UNREACHABLE, "尚未交付"),
        ({"DATA": SILENCE}, TRY, Refusal.UNREACHABLE, "尚未交付"),
        ({"TEXT": SILENCE}, DOUBT, Refusal.UNREACHABLE, "不能确定是否送达"),
        ({"TEXT": "ok, whatever"}, DOUBT, Refusal.UNREACHABLE, "无法识别"),
        ({"TEXT": "250 " + "a" * 9000}, DOUBT, Refusal.UNREACHABLE, "不能确定是否送达"),
    ],
    ids=lambda value: (
        next(f"{verb} {words[:40]!a}" for verb, words in value.items()) if isinstance(value, dict) else ""
    ),
)
def test_a_failure_is_what_the_conversation_says_and_is_never_tried_twice(
    replies: dict[str, str], outcome: type[TryAgain | GiveUp | InDoubt], refusal: Refusal, says: str
) -> None:
    with scripted_server(**replies) as (port, heard):
        with live(port, timeout=0.4).session() as session, pytest.raises(outcome, match=says) as raised:
            session.send(MESSAGE)
        assert type(raised.value) is outcome
        assert raised.value.refusal is refusal
        assert MESSAGE.to not in str(raised.value)
        assert PASSWORD not in str(raised.value)
        assert heard.count("MAIL") == 1
        assert len(heard.texts) == ("TEXT" in replies)


def test_success_carries_the_words_of_the_server() -> None:
    with scripted_server() as (port, heard), live(port).session() as session:
        handed = session.send(MESSAGE)
    assert handed.state is NoticeState.ACCEPTED
    assert handed.detail == "250 2.0.0 OK queued as 4F2A"
    assert len(heard.texts) == 1
    assert heard.commands[-1].upper() == "QUIT"


def test_a_session_is_one_connection_and_one_login_for_many_messages() -> None:
    with scripted_server() as (port, heard), live(port).session() as session:
        for number in range(20):
            session.send(replace(MESSAGE, message_id=f"<{number}@office.example>"))
    assert (heard.connections, heard.count("AUTH"), len(heard.texts)) == (1, 1, 20)


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "TEXT"])
def test_after_a_refusal_the_next_message_goes_over_the_same_connection(stage: str) -> None:
    with scripted_server(**{stage: ["450 4.2.1 busy"]}) as (port, heard), live(port).session() as session:
        with pytest.raises(TryAgain):
            session.send(MESSAGE)
        session.send(replace(MESSAGE, message_id="<next@office.example>"))
    assert heard.connections == 1
    assert heard.count("RSET") == 1
    assert b"<next@office.example>" in heard.texts[-1]


@pytest.mark.parametrize("loss", [DROP, "421 4.7.0 too many messages"])
@pytest.mark.parametrize("stage", ["RCPT", "TEXT"])
def test_after_a_lost_connection_the_next_message_goes_out_and_the_lost_one_does_not(
    stage: str, loss: str
) -> None:
    with scripted_server(**{stage: [loss]}) as (port, heard), live(port).session() as session:
        with pytest.raises((TryAgain, InDoubt)):
            session.send(MESSAGE)
        session.send(replace(MESSAGE, message_id="<next@office.example>"))
    assert heard.connections == 2
    first = [text for text in heard.texts if MESSAGE.message_id.encode() in text]
    assert len(first) == (stage == "TEXT")
    assert b"<next@office.example>" in heard.texts[-1]


def test_a_login_refused_in_mid_session_is_not_tried_again_for_every_message() -> None:
    with (
        scripted_server(MAIL=[DROP], AUTH=["235 ok", "535 5.7.8 denied"]) as (port, heard),
        live(port).session() as session,
    ):
        for _ in range(5):
            with pytest.raises(TryAgain):
                session.send(MESSAGE)
    assert heard.count("AUTH") == 2
    assert heard.texts == []


@pytest.mark.parametrize(
    ("replies", "says"),
    [
        ({"CONNECT": "421 4.3.2 too many connections"}, "421"),
        ({"CONNECT": "554 5.7.1 go away"}, "554"),
        ({"CONNECT": DROP}, "closed"),
        ({"CONNECT": SILENCE}, "timed out"),
        ({"AUTH": "535 5.7.8 authentication failed"}, "账号或密码未通过验证"),
        ({"AUTH": "454 4.7.0 temporary failure"}, "暂时不能验证账号"),
        ({"AUTH": DROP}, "closed"),
    ],
    ids=str,
)
def test_a_connection_that_cannot_be_had_is_a_passing_fault_that_names_it(
    replies: dict[str, str], says: str
) -> None:
    with scripted_server(**replies) as (port, heard):
        with pytest.raises(TryAgain, match=says) as raised, live(port, timeout=0.4).session():
            pytest.fail("no session without a connection")
        assert heard.texts == []
    assert f"127.0.0.1:{port}" in str(raised.value)
    assert "duban_smtp" in str(raised.value)
    assert PASSWORD not in str(raised.value)


def test_nobody_listening_is_a_passing_fault() -> None:
    with pytest.raises(TryAgain, match="无法连接邮件服务器"), live(free_port()).session():
        pytest.fail("no session without a server")


def test_a_server_that_accepts_and_never_speaks_is_left_after_the_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = live(silent.getsockname()[1], timeout=0.3)
        with pytest.raises(TryAgain, match="timed out") as raised, server.session():
            pytest.fail("no session with a server that says nothing")
    assert raised.value.refusal is Refusal.UNREACHABLE


def test_a_password_the_protocol_cannot_carry_is_not_shown() -> None:
    with (
        scripted_server() as (port, _),
        pytest.raises(TryAgain) as raised,
        live(port, password="密码123").session(),
    ):
        pytest.fail("no session without a login")
    assert "密码123" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert "密码123" not in repr(account(1, password="密码123"))


def test_a_relay_without_login_is_not_asked_for_one() -> None:
    with scripted_server() as (port, heard), live(port, login=None, password=None).session() as session:
        session.send(MESSAGE)
    assert heard.count("AUTH") == 0
    assert len(heard.texts) == 1


@pytest.mark.parametrize(
    "address",
    [
        "a@unit.example,b@unit.example",
        "a@unit.example;b@unit.example",
        "a@unit.example b@unit.example",
        "王五 <a@unit.example>",
        "a@unit.example ",
        "a@中国.example",
        "医院@unit.example",
        "a@unit",
        "unit.example",
        "a@unit.example\r\nRCPT TO:<b@unit.example>",
        "",
    ],
)
@pytest.mark.parametrize("mode", [SendMode.LIVE, SendMode.OFF])
def test_anything_but_one_plain_address_is_given_up_before_the_server_hears_of_it(
    address: str, mode: SendMode, tmp_path: Path
) -> None:
    with scripted_server() as (port, heard):
        server = FolderMailServer(tmp_path) if mode is SendMode.OFF else live(port)
        with server.session() as session, pytest.raises(GiveUp, match="收件地址"):
            session.send(replace(MESSAGE, to=address))
        assert heard.count("MAIL") == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("allowed", "to", "passes"),
    [
        (("hospital@unit.example",), "Hospital@Unit.example", True),
        (("unit.example",), "hospital@unit.example", True),
        (("@unit.example",), "hospital@unit.example", True),
        (("unit.example",), "hospital@sub.unit.example", False),
        (("unit.example",), "hospital@notunit.example", False),
        (("unit.example",), "unit.example@stranger.example", False),
        (("other@unit.example",), "hospital@unit.example", False),
    ],
)
def test_team_mode_never_hands_a_stranger_s_mail_to_the_server(
    allowed: tuple[str, ...], to: str, passes: bool
) -> None:
    with scripted_server() as (port, heard):
        server = SmtpMailServer(account(port), mode=SendMode.TEAM, allow_list=allowed)
        with server.session() as session:
            handed = session.send(replace(MESSAGE, to=to))
        assert handed.state is (NoticeState.ACCEPTED if passes else NoticeState.HELD)
        assert heard.count("RCPT") == passes
        assert len(heard.texts) == passes
    assert passes or "允许名单" in handed.detail


@pytest.mark.parametrize("allowed", [(), ("",), ("  ", "@")])
def test_team_mode_without_a_list_is_no_mail_server_at_all(allowed: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="DUBAN_TEAM_ADDRESSES"):
        SmtpMailServer(account(25), mode=SendMode.TEAM, allow_list=allowed)


def test_an_smtp_server_cannot_be_built_for_send_mode_off() -> None:
    with pytest.raises(ValueError, match="FolderMailServer"):
        SmtpMailServer(account(1), mode=SendMode.OFF)


def test_send_mode_off_writes_a_file_and_opens_no_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: Any, **__: Any) -> socket.socket:
        raise AssertionError("a socket was opened in send mode off")

    monkeypatch.setattr(socket, "socket", forbidden)
    monkeypatch.setattr(socket, "create_connection", forbidden)
    server = FolderMailServer(tmp_path / "rendered")
    with server.session() as session:
        first = session.send(MESSAGE)
        again = session.send(MESSAGE)
    assert server.mode is SendMode.OFF
    assert first.state is NoticeState.RENDERED
    assert first == again
    [file] = (tmp_path / "rendered").iterdir()
    assert file.suffix == ".eml"
    assert file.name in first.detail
    assert len(file.name.encode()) <= 255
    assert_is_the_message(parsed(file.read_bytes()))


def test_two_messages_with_one_subject_are_two_files(tmp_path: Path) -> None:
    with FolderMailServer(tmp_path).session() as session:
        session.send(MESSAGE)
        session.send(replace(MESSAGE, message_id="<other@office.example>", subject=MESSAGE.subject))
    assert len(list(tmp_path.iterdir())) == 2


def test_a_line_that_begins_with_a_dot_neither_ends_the_message_nor_loses_its_dot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = b"Subject: x\r\n\r\n.\r\n..two\r\nend\r\n"
    monkeypatch.setattr(session_module, "compose", lambda *_: content)
    with scripted_server() as (port, heard), live(port).session() as session:
        session.send(MESSAGE)
    assert heard.texts == [content]
