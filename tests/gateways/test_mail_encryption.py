"""Against a real server: encrypted and verified when asked for, and never without."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from include.domain.errors import TryAgain
from tests.gateways.mail_builders import MESSAGE, PASSWORD, assert_is_the_message, free_port, live, parsed
from tests.gateways.scripted_server import scripted_server


class Mailbox:
    """An aiosmtpd handler and authenticator that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.encrypted: list[bool] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append(envelope.original_content or b"")
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        return "250 OK kept"

    def __call__(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(
            success=(data.login, data.password) == (b"office", PASSWORD.encode()), handled=False
        )


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and self-signed certificate for 127.0.0.1 in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2099, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "mail.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def real_server(request: pytest.FixtureRequest, certificate: Path) -> Iterator[tuple[str, int, Mailbox]]:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    mailbox = Mailbox()
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=mailbox,
        auth_require_tls=False,
        tls_context=tls if request.param == "starttls" else None,
        ssl_context=tls if request.param == "ssl" else None,
    )
    controller.start()
    yield request.param, controller.port, mailbox
    controller.stop()


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


def test_encryption_that_the_server_does_not_offer_is_not_done_without() -> None:
    with scripted_server() as (port, heard):
        with pytest.raises(TryAgain), live(port, security="starttls").session():
            pytest.fail("no session in plain text when STARTTLS was asked for")
        assert heard.count("AUTH") == 0
        assert heard.texts == []


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
