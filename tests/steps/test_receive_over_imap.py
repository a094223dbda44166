"""The whole intake over a real socket: two workers at once, a rebuilt mailbox, a broken connection."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest

from include.domain.errors import TryAgain
from include.domain.inbound import MessageState
from include.gateways.incoming_mail import ImapAccount, ImapMailbox
from include.steps import receive
from tests import factories
from tests import mail_messages as made
from tests.mail_peers.imap_server import INBOX, LOGIN, PASSWORD, Post, serving
from tests.steps.conftest import Desk

ON = date(2024, 5, 20)
NINE = factories.at("2024-05-20")


def box(port: int) -> ImapMailbox:
    account = ImapAccount(
        "127.0.0.1", port, LOGIN, PASSWORD, security="none", done_folder="Done", failed_folder="Bad"
    )
    return ImapMailbox(account)


def filled(count: int, *, capabilities: str = "IMAP4rev1 UIDPLUS MOVE") -> Post:
    """A scan from each of five units in turn, one unreadable message, one bounce."""
    post = Post(capabilities=capabilities)
    for number in range(count):
        unit = f"P1506260000{number % 5 + 1}"
        scan = made.file(made.SCAN + bytes([number]), f'attachment; filename="{unit}.pdf"')
        raw = made.mail(
            made.text(), scan, sender=f"{unit}@unit.example", message_id=f"<{number}@unit.example>"
        )
        post.deliver(raw, NINE + timedelta(minutes=number))
    post.deliver(b"\r\n", NINE)
    post.deliver(made.report("failed", "5.1.1", "550 unknown"), NINE)
    return post


def outcome(desk: Desk) -> list[object]:
    ledger = desk.using.ledger
    return [
        [
            (file.name, file.sha256, file.sender, file.is_vouched)
            for file in ledger.returns.pending("wushen_2024", received_until=ON)
        ],
        [(each.sha256, each.kind, each.state) for each in ledger.inbound.messages()],
    ]


def take(desk: Desk, port: int) -> None:
    receive.mail([desk.campaign], box(port), on=ON, using=desk.using)


def test_two_workers_at_once_do_what_one_would(desk: Desk) -> None:
    post = filled(10)
    faults: list[BaseException] = []

    def work(port: int) -> None:
        try:
            take(desk, port)
        except BaseException as fault:
            faults.append(fault)

    with serving(post) as port:
        workers = [threading.Thread(target=work, args=(port,)) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
    assert faults == []
    files, messages = outcome(desk)
    assert isinstance(files, list)
    assert isinstance(messages, list)
    assert (len(files), len(messages)) == (10, 12)
    assert all(is_vouched for *_, is_vouched in files)
    assert MessageState.RECEIVED not in {state for *_, state in messages}
    assert (len(post.raws(INBOX)), len(post.raws("Done")), len(post.raws("Bad"))) == (0, 11, 1)
    assert desk.using.ledger.audit.verify() is None


def test_a_rebuilt_mailbox_changes_nothing(desk: Desk) -> None:
    post = filled(3)
    with serving(post) as port:
        post.faults.refuse.add("UID MOVE")
        with pytest.raises(TryAgain):
            take(desk, port)
        before = outcome(desk)
        post.rebuild()
        post.faults.refuse.clear()
        take(desk, port)
    assert outcome(desk) == before
    assert post.raws(INBOX) == []


@pytest.mark.parametrize("uid", [1, 3])
def test_a_connection_lost_in_the_middle_is_made_good_by_the_next_run(desk: Desk, uid: int) -> None:
    post = filled(3)
    with serving(post) as port:
        post.faults.drop_in_fetch_of = uid
        with pytest.raises(TryAgain, match="收取邮件未完成"):
            take(desk, port)
        post.faults.drop_in_fetch_of = None
        take(desk, port)
    files, messages = outcome(desk)
    assert isinstance(files, list)
    assert isinstance(messages, list)
    assert (len(files), len(messages)) == (3, 5)
    assert (len(post.raws(INBOX)), len(post.raws("Done")), len(post.raws("Bad"))) == (0, 4, 1)
