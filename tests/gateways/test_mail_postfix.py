"""Against a real Postfix with STARTTLS and AUTH: what it takes it delivers once, what it refuses never."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from include.domain.errors import GiveUp, Refusal, TryAgain
from include.domain.notices import Message, MessageAttachment
from include.domain.quota import Quota
from include.gateways.mail_server import SmtpMailServer
from include.gateways.mail_server.pace import Pace
from tests.gateways.mail_builders import MESSAGE, assert_is_the_message, live, parsed
from tests.mail_peers.certificates import self_signed
from tests.mail_peers.postfix import DOMAIN, LOGIN, PASSWORD, Postfix, postfix, why_not

pytestmark = pytest.mark.skipif(why_not() is not None, reason=why_not() or "")


@contextmanager
def trusted_postfix(folder: Path, **limits: int) -> Iterator[Postfix]:
    certificate = self_signed(folder / "mail.pem")
    with (
        mock.patch.dict(os.environ, SSL_CERT_FILE=str(certificate)),
        postfix(certificate, **limits) as server,
    ):
        yield server


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postfix]:
    with trusted_postfix(tmp_path_factory.mktemp("tls")) as server:
        yield server


def office(peer: Postfix, **changes: Any) -> SmtpMailServer:
    facts = {"security": "starttls", "login": LOGIN, "password": PASSWORD, "timeout": 20.0}
    return live(peer.port, **(facts | changes))


def to(user: str, number: int = 0) -> Message:
    return replace(MESSAGE, to=f"{user}@{DOMAIN}", message_id=f"<{user}-{number}@office.example>")


def ids(mails: list[bytes]) -> Counter[str]:
    return Counter(str(parsed(mail)["Message-ID"]) for mail in mails)


def test_a_mail_arrives_as_it_was_written(peer: Postfix) -> None:
    with office(peer).session() as session:
        assert session.send(MESSAGE).detail.startswith("250 2.0.0 Ok: queued as")
    [mail] = peer.delivered("hospital")
    assert_is_the_message(parsed(mail))


@pytest.mark.parametrize(
    ("user", "outcome", "refusal", "code"),
    [
        ("nobody", GiveUp, Refusal.ADDRESS_UNKNOWN, 550),
        ("overfull", GiveUp, Refusal.MAILBOX_FULL, 552),
        ("full", TryAgain, Refusal.MAILBOX_FULL, 452),
        ("grey", TryAgain, Refusal.TEMPORARY, 450),
        ("later", TryAgain, Refusal.TEMPORARY, 451),
        ("closing", TryAgain, Refusal.TEMPORARY, 421),
        ("spam", GiveUp, Refusal.POLICY, 554),
    ],
)
def test_a_refusal_has_its_kind_and_code_and_the_next_mail_still_goes(
    peer: Postfix, user: str, outcome: type[TryAgain | GiveUp], refusal: Refusal, code: int
) -> None:
    after = to("u1", code + len(user) * 1000)
    with office(peer).session() as session:
        with pytest.raises(outcome) as raised:
            session.send(to(user))
        session.send(after)
    assert type(raised.value) is outcome
    assert (raised.value.refusal, raised.value.code) == (refusal, code)
    assert peer.settled()
    assert ids(peer.delivered("u1"))[after.message_id] == 1
    assert peer.delivered(user, count=0) == []


def test_a_mail_larger_than_the_server_takes_is_not_even_begun(peer: Postfix) -> None:
    big = replace(to("u2"), attachments=(MessageAttachment("扫描件.pdf", os.urandom(1_200_000)),))
    with (
        office(peer).session() as session,
        pytest.raises(GiveUp, match=r"邮件共1\.6 MB.*1\.0 MB.*扫描件\.pdf") as raised,
    ):
        session.send(big)
    assert raised.value.refusal is Refusal.TOO_LARGE
    assert peer.settled()
    assert peer.delivered("u2", count=0) == []


def test_a_wrong_password_is_named_and_not_shown(peer: Postfix) -> None:
    with (
        pytest.raises(TryAgain, match="账号或密码未通过验证") as raised,
        office(peer, password="Falsch-9").session(),
    ):
        pytest.fail("no session without a login")
    assert raised.value.refusal is Refusal.ACCOUNT
    assert "Falsch-9" not in str(raised.value)


def test_a_server_that_demands_encryption_gets_no_password_in_plain_text(peer: Postfix) -> None:
    with pytest.raises(TryAgain, match="不会改用明文") as raised, office(peer, security="none").session():
        pytest.fail("no session without encryption")
    assert raised.value.refusal is Refusal.ACCOUNT


def test_many_mails_over_several_connections_arrive_once_each(tmp_path: Path) -> None:
    """Postfix itself counts: with a fifth connection it would answer 421."""
    with trusted_postfix(tmp_path, connections=4) as peer:
        server = office(peer, quota=Quota(connections=4), mails_per_connection=7)

        def work(thread: int) -> None:
            with server.session() as session:
                for number in range(thread, 96, 8):
                    session.send(to(f"u{number}", number))

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(work, range(8)))
        assert peer.settled()
        arrived = sum((ids(peer.delivered(f"u{number}")) for number in range(96)), Counter())
    assert arrived == {f"<u{number}-{number}@office.example>": 1 for number in range(96)}


def test_what_the_server_s_own_limit_refuses_is_too_frequent_and_not_delivered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaints: list[bool] = []
    monkeypatch.setattr(Pace, "slow_down", lambda self: complaints.append(True))
    with trusted_postfix(tmp_path, per_minute=5) as peer, office(peer).session() as session:
        messages = [to(f"u{number}", number) for number in range(8)]
        for message in messages[:5]:
            session.send(message)
        for message in messages[5:]:
            with pytest.raises(TryAgain, match="too much mail") as raised:
                session.send(message)
            assert raised.value.refusal is Refusal.TOO_FREQUENT
        assert peer.settled()
        arrived = sum((ids(peer.delivered(f"u{number}", count=0)) for number in range(8)), Counter())
    assert arrived == {message.message_id: 1 for message in messages[:5]}
    assert len(complaints) == 3
