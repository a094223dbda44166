"""The same promises from a real Dovecot, where it is installed (Debian's dovecot-imapd; needs root)."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from include.domain.errors import TryAgain
from include.gateways.incoming_mail import ImapAccount, ImapMailbox
from tests.mail_peers import dovecot
from tests.mail_peers.certificates import self_signed

pytestmark = pytest.mark.skipif(
    dovecot.DOVECOT is None or os.geteuid() != 0, reason="needs Debian's dovecot-imapd, and root to start it"
)

EVENING = datetime(2024, 5, 31, 15, 59, tzinfo=UTC)
CAPABLE = {"MOVE": "", "UIDPLUS": "IMAP4rev1 ID UIDPLUS NAMESPACE LITERAL+", "neither": "IMAP4rev1 NAMESPACE"}


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = self_signed(tmp_path / "mail.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return file


def box(server: dovecot.Dovecot, **changes: Any) -> ImapMailbox:
    facts: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": server.at_once,
        "login": dovecot.LOGIN,
        "password": dovecot.PASSWORD,
        "done_folder": "督办已办理",
        "failed_folder": "INBOX.督办无法解析",
        "timeout": 20.0,
    }
    return ImapMailbox(ImapAccount(**(facts | changes)))


def deliver(server: dovecot.Dovecot, count: int = 3) -> list[bytes]:
    raws = [f"Subject: {number}\r\n\r\nbody {number}\r\n".encode() for number in range(count)]
    for number, raw in enumerate(raws):
        server.deliver(raw, name=f"{number}.test", at=EVENING.timestamp() + number)
    return raws


@pytest.mark.parametrize("way", CAPABLE)
@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_fetch_and_move(certificate: Path, way: str, security: str) -> None:
    with dovecot.running(certificate, capability=CAPABLE[way]) as server:
        raws = deliver(server)
        port = server.at_once if security == "ssl" else server.starttls
        mailbox = box(server, security=security, port=port)
        with mailbox.session() as session:
            arrivals = list(session.arrivals(received_until=datetime(2030, 1, 1, tzinfo=UTC)))
            assert [each.content.replace(b"\r\n", b"\n") for each in arrivals] == [
                raw.replace(b"\r\n", b"\n") for raw in raws
            ]
            assert arrivals[0].received_at == EVENING
            session.file_away(arrivals[0])
            session.file_away(arrivals[0])
            session.set_aside(arrivals[1])
        with mailbox.session() as session:
            left = list(session.arrivals(received_until=datetime(2030, 1, 1, tzinfo=UTC)))
        assert [each.uid for each in left] == [arrivals[2].uid]
        moved = sorted(raw for folder in server.mail.glob(".&*") for raw in server.lying(folder.name))
        assert moved == sorted(raws[:2])


def test_a_wrong_password(certificate: Path) -> None:
    with (
        dovecot.running(certificate) as server,
        pytest.raises(TryAgain, match="未通过验证"),
        box(server, password="falsch").session(),
    ):
        pytest.fail("no session without a log-in")


def test_an_expired_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expired = self_signed(tmp_path / "old.pem", until=datetime(2021, 1, 1, tzinfo=UTC))
    monkeypatch.setenv("SSL_CERT_FILE", str(expired))
    with (
        dovecot.running(expired) as server,
        pytest.raises(TryAgain, match="证书"),
        box(server).session(),
    ):
        pytest.fail("no session with an expired certificate")
