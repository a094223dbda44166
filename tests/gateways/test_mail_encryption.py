"""Against a real server: encrypted and verified when asked for, and never without."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope

from include.domain.errors import Refusal, TryAgain
from tests.gateways.mail_builders import MESSAGE, PASSWORD, assert_is_the_message, free_port, live, parsed
from tests.gateways.scripted_server import scripted_server
from tests.mail_peers.certificates import self_signed


class Mailbox:
    """An aiosmtpd handler and authenticator that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.encrypted: list[bool] = []
        self.logins = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append(envelope.original_content or b"")
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        return "250 OK kept"

    def __call__(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.logins += 1
        return AuthResult(
            success=(data.login, data.password) == (b"office", PASSWORD.encode()), handled=False
        )


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("tls") / "mail.pem")


@contextmanager
def real_mail_server(security: str, certificate: Path) -> Iterator[tuple[int, Mailbox]]:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    mailbox = Mailbox()
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=mailbox,
        auth_require_tls=False,
        tls_context=tls if security == "starttls" else None,
        ssl_context=tls if security == "ssl" else None,
    )
    controller.start()
    try:
        yield controller.port, mailbox
    finally:
        controller.stop()


@pytest.fixture
def real_server(request: pytest.FixtureRequest, certificate: Path) -> Iterator[tuple[str, int, Mailbox]]:
    with real_mail_server(request.param, certificate) as (port, mailbox):
        yield request.param, port, mailbox


@pytest.mark.parametrize("real_server", ["none", "starttls", "ssl"], indirect=True)
def test_a_real_server_takes_the_mail_over_a_verified_connection(
    real_server: tuple[str, int, Mailbox], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    security, port, mailbox = real_server
    with live(port, security=security).session() as session:
        assert session.send(MESSAGE).detail == "250 OK kept"
        session.send(replace(MESSAGE, message_id="<second@office.example>"))
    assert_is_the_message(parsed(mailbox.mails[0]))
    assert len(mailbox.mails) == 2
    assert mailbox.encrypted == [security != "none"] * 2


@pytest.mark.parametrize("real_server", ["starttls", "ssl"], indirect=True)
def test_a_server_whose_certificate_is_not_trusted_gets_neither_password_nor_mail(
    real_server: tuple[str, int, Mailbox],
) -> None:
    security, port, mailbox = real_server
    with pytest.raises(TryAgain, match="certificate verify failed"), live(port, security=security).session():
        pytest.fail("no session without a trusted certificate")
    assert mailbox.mails == []


@pytest.mark.parametrize("real_server", ["none"], indirect=True)
def test_a_wrong_password_at_a_real_server_is_a_passing_fault(real_server: tuple[str, int, Mailbox]) -> None:
    _, port, mailbox = real_server
    with pytest.raises(TryAgain, match="账号或密码未通过验证"), live(port, password="falsch").session():
        pytest.fail("no session without a login")
    assert mailbox.mails == []


@pytest.mark.parametrize(
    "replies",
    [
        {},
        {
            "EHLO": "250-mail.example\r\n250-STARTTLS\r\n250 AUTH PLAIN",
            "STARTTLS": "454 4.7.0 TLS not available",
        },
        {"EHLO": "250-mail.example\r\n250-STARTTLS\r\n250 AUTH PLAIN", "STARTTLS": "220 go ahead"},
    ],
    ids=["not offered", "refused", "promised and not kept"],
)
def test_encryption_that_the_server_does_not_give_is_not_done_without(replies: dict[str, str]) -> None:
    with scripted_server(**replies) as (port, heard):
        with pytest.raises(TryAgain), live(port, security="starttls", timeout=0.4).session():
            pytest.fail("no session in plain text when STARTTLS was asked for")
        assert heard.count("AUTH") == 0
        assert heard.texts == []


@pytest.mark.parametrize("security", ["starttls", "ssl"])
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"until": datetime(2021, 1, 1, tzinfo=UTC)}, "证书已过期"),
        ({"address": "127.0.0.2"}, "证书上的IP地址与所填主机不符"),
    ],
)
def test_a_certificate_that_is_not_this_server_s_is_named_and_nothing_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str, wrong: dict[str, Any], says: str
) -> None:
    certificate = self_signed(tmp_path / "wrong.pem", **wrong)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with real_mail_server(security, certificate) as (port, mailbox):
        with pytest.raises(TryAgain, match=says) as raised, live(port, security=security).session():
            pytest.fail("no session with a server that is not the one asked for")
        assert (mailbox.mails, mailbox.logins) == ([], 0)
    assert raised.value.refusal is Refusal.ACCOUNT
    assert PASSWORD not in str(raised.value)


def test_a_password_the_server_repeats_is_not_shown() -> None:
    with (
        scripted_server(AUTH=f"535 5.7.8 wrong password {PASSWORD}") as (port, _),
        pytest.raises(TryAgain) as raised,
        live(port).session(),
    ):
        pytest.fail("no session without a login")
    assert raised.value.refusal is Refusal.ACCOUNT
    assert PASSWORD not in str(raised.value)


@pytest.mark.parametrize("real_server", ["none", "starttls", "ssl"], indirect=True)
def test_no_mail_waits_for_a_full_packet(
    real_server: tuple[str, int, Mailbox], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without TCP_NODELAY each mail over TLS costs about 40 ms."""
    security, port, _ = real_server
    options: list[tuple[int, ...]] = []

    def remember(sock: socket.socket, *option: int) -> None:
        if sock.getpeername()[1] == port:  # our end; the server's own end is in this process too
            options.append(option)

    monkeypatch.setattr(socket.socket, "setsockopt", remember)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with live(port, security=security).session():
        assert (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) in options
