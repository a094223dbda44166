"""The mailbox over real sockets: nothing lost, nothing taken twice, nothing deleted, whatever the server does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from include.domain.errors import TryAgain
from include.domain.inbound import Arrival
from include.gateways.incoming_mail import ImapAccount, ImapMailbox
from tests.mail_peers.certificates import self_signed
from tests.mail_peers.imap_server import INBOX, LOGIN, PASSWORD, Post, serving

DONE, FAILED = "Done", "Failed"
NOON = datetime(2024, 5, 31, 4, 0, tzinfo=UTC)
LATER = NOON + timedelta(days=30)
RAWS = [f"Subject: {number}\r\n\r\nbody {number}\r\n".encode() for number in range(3)]
WAYS = {
    "MOVE": "IMAP4rev1 ID UIDPLUS MOVE",
    "UIDPLUS": "IMAP4rev1 UIDPLUS",
    "neither": "IMAP4rev1",
}


def box(port: int, **changes: Any) -> ImapMailbox:
    facts: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "login": LOGIN,
        "password": PASSWORD,
        "security": "none",
        "done_folder": DONE,
        "failed_folder": FAILED,
        "timeout": 5.0,
    }
    return ImapMailbox(ImapAccount(**(facts | changes)))


def take_all(mailbox: ImapMailbox, *, until: datetime = LATER) -> list[Arrival]:
    with mailbox.session() as session:
        taken = []
        for arrival in session.arrivals(received_until=until):
            taken.append(arrival)
            session.file_away(arrival)
        return taken


@pytest.fixture
def post() -> Post:
    post = Post()
    for number, raw in enumerate(RAWS):
        post.deliver(raw, NOON - timedelta(hours=number))
    return post


@pytest.fixture
def port(post: Post) -> Iterator[int]:
    with serving(post) as port:
        yield port


def test_messages_come_oldest_first_with_the_servers_time_and_their_very_bytes(post: Post, port: int) -> None:
    arrivals = take_all(box(port))
    assert [arrival.content for arrival in arrivals] == RAWS[::-1]
    assert [arrival.received_at for arrival in arrivals] == [NOON - timedelta(hours=n) for n in (2, 1, 0)]
    assert {(arrival.mailbox, arrival.uidvalidity) for arrival in arrivals} == {(LOGIN, post.uidvalidity)}
    assert sorted(post.raws(DONE)) == RAWS
    assert post.raws(INBOX) == []
    assert post.count("STORE") == 0, "a fetch marks nothing as read"
    assert post.count("ID (") == 1, "NetEase opens no folder to a client without a name"


def test_what_arrived_after_the_day_is_left_for_the_next(post: Post, port: int) -> None:
    assert [each.content for each in take_all(box(port), until=NOON - timedelta(minutes=1))] == RAWS[:0:-1]
    assert post.raws(INBOX) == RAWS[:1]


@pytest.mark.parametrize("way", WAYS)
def test_moving_takes_one_message_and_deletes_none(way: str) -> None:
    post = Post(capabilities=WAYS[way])
    for raw in RAWS:
        post.deliver(raw, NOON)
    post.folders[INBOX][0].flags.add(r"\Deleted")  # by a person, who may think better of it
    with serving(post) as port:
        assert [each.content for each in take_all(box(port))] == RAWS[1:]
        assert take_all(box(port)) == [], "what is done with is not fetched again"
    assert post.raws(DONE) == RAWS[1:]
    assert RAWS[0] in post.raws(INBOX)
    assert not any(" EXPUNGE" in command and "UID EXPUNGE" not in command for command in post.heard)


def test_an_unreadable_message_goes_to_its_own_folder(post: Post, port: int) -> None:
    with box(port).session() as session:
        first = next(session.arrivals(received_until=LATER))
        session.set_aside(first)
    assert post.raws(FAILED) == [first.content]
    assert post.raws(DONE) == []


def test_folders_may_have_chinese_names(post: Post, port: int) -> None:
    take_all(box(port, done_folder="督办已办理"))
    [chinese] = [name for name in post.folders if name.startswith("&")]
    assert len(post.raws(chinese)) == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "falsch"}, "未通过验证"),
        ({"login": "nobody"}, "未通过验证"),
        ({"password": "密码"}, "账号|不支持"),
    ],
)
def test_a_wrong_password_is_told_without_it(
    post: Post, port: int, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(TryAgain, match=said) as told:
        take_all(box(port, **changes))
    assert "duban_imap" in str(told.value)
    assert "falsch" not in str(told.value)
    assert "密码”" not in str(told.value)
    assert post.raws(INBOX) == RAWS


@pytest.mark.parametrize("at_once", [True, False], ids=["ssl", "starttls"])
def test_a_verified_connection(
    post: Post, at_once: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path / "mail.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(post, certificate=certificate, at_once=at_once) as port:
        taken = take_all(box(port, security="ssl" if at_once else "starttls"))
    assert len(taken) == 3


@pytest.mark.parametrize("at_once", [True, False], ids=["ssl", "starttls"])
@pytest.mark.parametrize("fault", ["not trusted", "expired", "another host"])
def test_a_certificate_that_proves_nothing_gets_no_password(
    post: Post, at_once: bool, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong: dict[str, Any] = {
        "expired": {"until": datetime(2021, 1, 1, tzinfo=UTC)},
        "another host": {"address": "127.0.0.2"},
    }.get(fault, {})
    certificate = self_signed(tmp_path / "mail.pem", **wrong)
    if fault != "not trusted":
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with (
        serving(post, certificate=certificate, at_once=at_once) as port,
        pytest.raises(TryAgain, match="证书"),
    ):
        take_all(box(port, security="ssl" if at_once else "starttls"))
    assert post.count("LOGIN") == 0
    assert not any(PASSWORD in command for command in post.heard)


def test_encryption_that_the_server_does_not_offer_is_not_done_without(post: Post) -> None:
    post.capabilities = "IMAP4rev1"
    post.faults.refuse.add("STARTTLS")
    with serving(post) as port, pytest.raises(TryAgain):
        take_all(box(port, security="starttls"))
    assert post.count("LOGIN") == 0


def test_a_connection_dropped_in_the_middle_of_a_message_loses_nothing(post: Post, port: int) -> None:
    post.faults.drop_in_fetch_of = 2
    with pytest.raises(TryAgain, match="中断"):
        take_all(box(port))
    assert post.raws(DONE) == RAWS[2:], "the one before it is done"
    post.faults.drop_in_fetch_of = None
    assert [arrival.content for arrival in take_all(box(port))] == [RAWS[1], RAWS[0]]


@pytest.mark.parametrize("moment", ["CONNECT", "LOGIN", "SELECT", "UID SEARCH", "UID FETCH", "UID MOVE"])
def test_a_server_that_never_answers_is_given_up_in_time(post: Post, port: int, moment: str) -> None:
    post.faults.silent_at = moment
    with pytest.raises(TryAgain, match=r"没有应答|中断"):
        take_all(box(port, timeout=0.3))
    post.over.set()
    assert len(post.raws(INBOX) + post.raws(DONE)) == 3


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(TryAgain, match=r"127\.0\.0\.1:1"):
        take_all(box(1))


def test_a_message_that_vanishes_between_search_and_fetch_is_passed_over(post: Post, port: int) -> None:
    post.faults.vanish_after_search = 2
    assert [arrival.content for arrival in take_all(box(port))] == [RAWS[2], RAWS[0]]


def test_a_refused_move_leaves_the_message_where_it_is(post: Post, port: int) -> None:
    post.faults.refuse.add("UID MOVE")
    with pytest.raises(TryAgain, match="收取邮件未完成"):
        take_all(box(port))
    assert post.raws(INBOX) == RAWS


def test_a_rebuilt_mailbox_gives_the_same_bytes_under_other_numbers(post: Post, port: int) -> None:
    with box(port).session() as session:
        before = list(session.arrivals(received_until=LATER))
    post.rebuild()
    after = take_all(box(port))
    assert {each.content for each in before} == {each.content for each in after}
    assert not {(each.uidvalidity, each.uid) for each in before} & {
        (each.uidvalidity, each.uid) for each in after
    }


@pytest.mark.parametrize("way", ["MOVE", "UIDPLUS"])
def test_two_workers_at_once_move_each_message_once(way: str) -> None:
    post = Post(capabilities=WAYS[way])
    for number in range(20):
        post.deliver(f"Subject: {number}\r\n\r\n".encode(), NOON)
    both = threading.Barrier(2)
    faults: list[BaseException] = []

    def work(port: int) -> None:
        try:
            with box(port).session() as session:
                both.wait(5)
                for arrival in session.arrivals(received_until=LATER):
                    session.file_away(arrival)
        except BaseException as fault:
            faults.append(fault)

    with serving(post) as port:
        workers = [threading.Thread(target=work, args=(port,)) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(30)
    assert faults == []
    assert post.raws(INBOX) == []
    assert len(set(post.raws(DONE))) == 20, "none is lost"
    if way == "MOVE":
        assert len(post.raws(DONE)) == 20, "none is doubled"
