"""What any mail server promises, whichever of them a deployment's send mode puts in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from include.domain.errors import GiveUp, TryAgain
from include.domain.notices import Message, NoticeState, SendMode
from include.gateways.mail_server import FolderMailServer, NoMailServer, SmtpMailServer
from include.rehearsal.mail_server import serve
from include.steps import ports
from tests.fakes import FakeMailServer
from tests.gateways.mail_builders import MESSAGE, account, free_port, live, parsed

Taken = tuple[str, str, str]
"""Recipient, subject and Message-ID of a mail that was taken over."""


@dataclass(frozen=True)
class Post:
    """A mail server, the word it says on success, and what it has taken over."""

    server: ports.MailServer
    success: NoticeState
    taken: Callable[[], list[Taken]]


def as_taken(folder: Path) -> list[Taken]:
    mails = [parsed(file.read_bytes()) for file in folder.rglob("*.eml")]
    return sorted((str(mail["To"]), str(mail["Subject"]), str(mail["Message-ID"])) for mail in mails)


def smtp(tmp_path: Path) -> Iterator[Post]:
    controller = serve(tmp_path, free_port())
    yield Post(
        live(controller.port, login=None, password=None), NoticeState.ACCEPTED, lambda: as_taken(tmp_path)
    )
    controller.stop()


def folder(tmp_path: Path) -> Iterator[Post]:
    yield Post(FolderMailServer(tmp_path), NoticeState.RENDERED, lambda: as_taken(tmp_path))


def fake(tmp_path: Path) -> Iterator[Post]:
    server = FakeMailServer(answers={"unknown@unit.example": GiveUp("550 user unknown")})
    yield Post(
        server,
        NoticeState.ACCEPTED,
        lambda: sorted((mail.to, mail.subject, mail.message_id) for mail in server.sent),
    )


@pytest.fixture(params=[smtp, folder, fake], ids=["smtp", "folder", "fake"])
def post(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Post]:
    yield from request.param(tmp_path)


def numbered(number: int) -> Message:
    return replace(MESSAGE, to=f"u{number}@unit.example", message_id=f"<{number}@office.example>")


def test_a_message_is_handed_over_to_its_one_recipient_and_answered(post: Post) -> None:
    with post.server.session() as session:
        handed = session.send(MESSAGE)
    assert handed.state is post.success
    assert handed.detail
    assert post.taken() == [(MESSAGE.to, MESSAGE.subject, MESSAGE.message_id)]


def test_one_session_hands_over_many_messages_each_once(post: Post) -> None:
    messages = [numbered(number) for number in range(5)]
    with post.server.session() as session:
        states = {session.send(message).state for message in messages}
    assert states == {post.success}
    assert post.taken() == [(message.to, message.subject, message.message_id) for message in messages]


def test_a_session_without_a_message_sends_nothing(post: Post) -> None:
    with post.server.session():
        pass
    assert post.taken() == []


def test_a_second_session_is_as_good_as_the_first(post: Post) -> None:
    for number in range(2):
        with post.server.session() as session:
            session.send(numbered(number))
    assert [to for to, _, _ in post.taken()] == ["u0@unit.example", "u1@unit.example"]


@pytest.fixture(params=[smtp, fake], ids=["smtp", "fake"])
def refusing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Post]:
    """A server that knows no ``unknown@unit.example``."""
    yield from request.param(tmp_path)


def test_a_refused_recipient_is_given_up_and_the_next_message_goes_out(refusing: Post) -> None:
    with refusing.server.session() as session:
        with pytest.raises(GiveUp):
            session.send(replace(MESSAGE, to="unknown@unit.example"))
        session.send(MESSAGE)
    assert [to for to, _, _ in refusing.taken()] == [MESSAGE.to]


@pytest.mark.parametrize(
    "server",
    [
        pytest.param(lambda: live(free_port()), id="smtp"),
        pytest.param(lambda: FakeMailServer(down=TryAgain("connection refused")), id="fake"),
    ],
)
def test_a_connection_that_cannot_be_had_is_worth_another_try(server: Callable[[], ports.MailServer]) -> None:
    with pytest.raises(TryAgain), server().session():
        pytest.fail("there is no session without a connection")


@pytest.mark.parametrize("server", ["smtp", "folder"])
@pytest.mark.parametrize("to", ["", "示例@unit.example", "a@unit.example, b@unit.example"])
def test_what_is_no_single_address_is_given_up_on(tmp_path: Path, server: str, to: str) -> None:
    for post in (smtp if server == "smtp" else folder)(tmp_path):
        with post.server.session() as session, pytest.raises(GiveUp, match="收件地址"):
            session.send(replace(MESSAGE, to=to))
        assert post.taken() == []


# Which mode a server says it is in: plans are made for that mode, and no other.


@pytest.mark.parametrize(
    ("server", "mode"),
    [
        (lambda folder: FolderMailServer(folder), SendMode.OFF),
        (
            lambda folder: SmtpMailServer(account(25), mode=SendMode.TEAM, allow_list=["unit.example"]),
            SendMode.TEAM,
        ),
        (lambda folder: SmtpMailServer(account(25), mode=SendMode.LIVE), SendMode.LIVE),
        (lambda folder: FakeMailServer(mode=SendMode.TEAM), SendMode.TEAM),
        *[(lambda folder, mode=mode: NoMailServer(mode), mode) for mode in SendMode],
    ],
)
def test_a_server_says_the_mode_it_was_made_for(
    tmp_path: Path, server: Callable[[Path], ports.MailServer], mode: SendMode
) -> None:
    assert server(tmp_path).mode is mode


@pytest.mark.parametrize("mode", SendMode)
def test_who_only_looks_has_no_session_in_any_mode(mode: SendMode) -> None:
    with pytest.raises(GiveUp, match="不发送邮件"):
        NoMailServer(mode).session()


def test_a_session_may_be_asked_before_a_notice_is_claimed(post: Post) -> None:
    with post.server.session(sent_today=3) as session:
        assert session.ready(at_most=1)
        assert post.taken() == []
        session.send(MESSAGE)
    assert len(post.taken()) == 1
    assert post.server.quota.connections == 1
