"""What holds sending back: a stop, a restored ledger, and a send mode that does not say clearly that it sends."""

from __future__ import annotations

import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from include import assembly
from include.domain.notices import Handed, Message, NoticeState, SendMode
from include.domain.plans import EVERYTHING
from include.domain.quota import Quota
from include.gateways.mail_server import FolderMailServer
from include.gateways.watermark import Watermark
from include.settings import Settings
from include.steps import deliver, plan
from tests.fakes import FakeMailServer
from tests.gateways.mail_builders import account, live
from tests.gateways.scripted_server import Heard, scripted_server
from tests.integration.sending import CAMPAIGN, MORNING, PHASE, gateways, opened, pharmacies, states
from tests.steps.conftest import LAUNCH_DAY, FakeGateways

UNITS = 30
CONNECTIONS = 4
AT_MOST = 30.0
"""Seconds; who still waits for the quota then would have waited for hours."""


def launched(url: str, **given: Any) -> FakeGateways:
    using = gateways(url, **given)
    opened(using, pharmacies(UNITS, sharing=0))
    assert plan.launch(CAMPAIGN, PHASE, on=LAUNCH_DAY, units=None, using=using).entered == UNITS
    return using


def send(using: FakeGateways) -> dict[NoticeState, int]:
    return deliver.notices(CAMPAIGN, on=LAUNCH_DAY, using=using)


@contextmanager
def sending(using: FakeGateways) -> Iterator[threading.Thread]:
    sender = threading.Thread(target=send, args=(using,), daemon=True)
    sender.start()
    yield sender
    sender.join(AT_MOST)
    assert not sender.is_alive()


def until(enough: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(3_000):
        if enough():
            return
        pause.wait(0.01)
    pytest.fail("it never came to that")


@pytest.mark.parametrize("per_minute", [1, 240, None])
def test_a_stop_ends_all_connections_also_those_that_wait_for_the_quota(
    sqlite_url: str, per_minute: int | None
) -> None:
    with scripted_server() as (port, heard):
        quota = Quota(per_minute=per_minute, connections=CONNECTIONS)
        using = launched(sqlite_url, mail_server=live(port, quota=quota))
        with sending(using):
            until(lambda: len(heard.texts) >= 1)
            using.ledger.outbox.stop(EVERYTHING, by="办公室", reason="名册有误", at=MORNING)
            at_stop = len(heard.texts)
        assert len(heard.texts) - at_stop <= CONNECTIONS
        assert set(states(using)) <= {NoticeState.ACCEPTED, NoticeState.PLANNED}
        assert states(using)[NoticeState.ACCEPTED] == len(heard.texts) < UNITS
    using.ledger.close()


def test_a_stop_while_a_mail_is_being_written_keeps_that_mail_too(sqlite_url: str) -> None:
    using = launched(sqlite_url)
    render = using.letters.render

    def stop_and_render(*args: Any) -> Any:
        using.ledger.outbox.stop(CAMPAIGN.id, by="办公室", reason="名册有误", at=MORNING)
        return render(*args)

    using.letters.render = stop_and_render  # type: ignore[method-assign]
    assert send(using) == {}
    assert using.mail_server.sent == []
    assert states(using) == {NoticeState.PLANNED: UNITS}
    using.ledger.close()


class Copying(FakeMailServer):
    """Has the ledger copied before the mail of that number, and falls dead before another."""

    def __init__(self, file: Path, *, copy_before: int, die_before: int | None = None) -> None:
        super().__init__()
        self._file, self._copy_before, self._die_before = file, copy_before, die_before

    @property
    def backup(self) -> Path:
        return self._file.with_suffix(".backup")

    def send(self, message: Message) -> Handed:
        if len(self.sent) == self._copy_before and not self.backup.exists():
            with (
                closing(sqlite3.connect(self._file)) as source,
                closing(sqlite3.connect(self.backup)) as target,
            ):
                source.backup(target)
        if len(self.sent) == self._die_before:
            raise SystemExit
        return super().send(message)

    def restore(self) -> None:
        for log in (".db-wal", ".db-shm"):
            self._file.with_suffix(log).unlink(missing_ok=True)
        self._file.write_bytes(self.backup.read_bytes())


@pytest.mark.parametrize("die_before", [11, 13, None])
def test_a_ledger_copied_while_sending_and_put_back_sends_nothing_until_a_person_says_so(
    sqlite_url: str, tmp_path: Path, die_before: int | None
) -> None:
    mail = Copying(tmp_path / "ledger.db", copy_before=10, die_before=die_before)
    mark = Watermark(tmp_path / "sending_mark")
    using = launched(sqlite_url, mail_server=mail, watermark=mark)
    if die_before is None:
        send(using)
    else:
        with pytest.raises(SystemExit):
            send(using)
    made, sent = using.ledger.outbox.attempts_made(), len(mail.sent)
    using.ledger.close()
    mail.restore()

    using = gateways(sqlite_url, mail_server=mail, watermark=mark)
    assert send(using) == {}
    assert send(using) == {}
    assert len(mail.sent) == sent
    [stop] = using.ledger.outbox.stops()
    assert stop.scope == EVERYTHING
    assert made == sent
    assert f"只有10次发送记录，而此前已有{made}次，缺少最近的{made - 10}次" in stop.reason
    assert "不会自动再发" in stop.reason
    assert states(using)[NoticeState.PLANNED] > 0, "nothing is lost either"
    using.ledger.close()

    mail = FakeMailServer()
    using = gateways(sqlite_url, mail_server=mail, watermark=Watermark(tmp_path / "sending_mark"))
    mark.lower(using.ledger.outbox.attempts_made())
    using.ledger.outbox.resume(EVERYTHING, by="办公室", reason="已核对", at=MORNING)
    # One more was on its way when the copy was taken; its lease has yet to run out. And one when the sender died.
    in_hand = die_before is not None
    assert send(using).get(NoticeState.IN_DOUBT, 0) == made - 11 + in_hand, (
        "what may have left is listed, not sent again"
    )
    assert len(mail.sent) == UNITS - made - in_hand
    for doubt in using.ledger.outbox.in_doubt(CAMPAIGN.id)[:1]:
        key = using.ledger.outbox.settle(
            doubt.id, was_sent=False, by="办公室", reason="对方没有收到", at=MORNING
        )
        using.watermark.forget(key)
        assert send(using) == {NoticeState.ACCEPTED: 1}
    using.ledger.close()


def test_a_stop_that_stood_when_the_copy_was_taken_does_not_hide_the_restore(
    sqlite_url: str, tmp_path: Path
) -> None:
    mark = Watermark(tmp_path / "sending_mark")
    mark.write(100)
    using = launched(sqlite_url, watermark=mark)
    using.ledger.outbox.stop(EVERYTHING, by="办公室", reason="核对名册", at=MORNING)
    send(using)
    using.ledger.outbox.resume(EVERYTHING, by="办公室", reason="名册已核对", at=MORNING)
    assert send(using) == {}
    assert using.mail_server.sent == []
    [stop] = using.ledger.outbox.stops()
    assert "备份" in stop.reason
    using.ledger.close()


# The send mode: whatever is not plainly a wish to send opens no socket.


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every attempt to reach a server; a test wants it empty."""
    tried: list[object] = []

    def refuse(self: socket.socket, address: object) -> None:
        tried.append(address)
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    return tried


@pytest.mark.parametrize("mode", ["", "LIVE", "on", "true", "production", "live "])
def test_an_unknown_mode_is_no_setting(
    mode: str, monkeypatch: pytest.MonkeyPatch, no_sockets: list[object]
) -> None:
    monkeypatch.setenv("DUBAN_SEND_MODE", mode)
    with pytest.raises(ValidationError):
        Settings()
    assert no_sockets == []


@pytest.mark.parametrize(
    ("mode", "team", "has_account", "complaint"),
    [
        pytest.param("live", (), False, "duban_smtp", id="live without a mailbox"),
        pytest.param("team", ("a@unit.example",), False, "duban_smtp", id="team without a mailbox"),
        pytest.param("team", (), True, "DUBAN_TEAM_ADDRESSES", id="team without a list"),
        pytest.param("team", ("", " "), True, "DUBAN_TEAM_ADDRESSES", id="team with an empty list"),
    ],
)
def test_half_a_setting_builds_no_mail_server(
    mode: Any, team: tuple[str, ...], has_account: bool, complaint: str, no_sockets: list[object]
) -> None:
    settings = Settings(send_mode=mode, team_addresses=team)
    with pytest.raises(ValueError, match=complaint):
        assembly.mail_server(settings, account(25) if has_account else None)
    assert no_sockets == []


def test_mode_off_with_a_mailbox_at_hand_writes_files(
    sqlite_url: str, tmp_path: Path, no_sockets: list[object]
) -> None:
    server = assembly.mail_server(Settings(home=tmp_path, send_mode="off"), account(25))
    assert isinstance(server, FolderMailServer)
    using = launched(sqlite_url, mail_server=server)
    assert send(using) == {NoticeState.RENDERED: UNITS}
    assert len(list((tmp_path / "rendered").glob("*.eml"))) == UNITS
    assert no_sockets == []
    using.ledger.close()


def test_what_was_planned_as_a_rehearsal_is_never_sent(sqlite_url: str) -> None:
    using = launched(sqlite_url, mail_server=FakeMailServer(mode=SendMode.OFF))
    now_live = replace(using, mail_server=FakeMailServer(mode=SendMode.LIVE))
    assert send(now_live) == {}
    assert now_live.mail_server.sent == []
    using.ledger.close()


@pytest.mark.parametrize("mode", [SendMode.OFF, SendMode.TEAM])
def test_a_rehearsal_uses_up_nothing_that_is_to_be_sent(sqlite_url: str, mode: SendMode) -> None:
    using = launched(sqlite_url)
    assert send(replace(using, mail_server=FakeMailServer(mode=mode))) == {}
    assert send(using) == {NoticeState.ACCEPTED: UNITS}
    using.ledger.close()


def test_team_mode_keeps_strangers_mail_from_the_server(sqlite_url: str) -> None:
    heard: Heard
    with scripted_server() as (port, heard):
        settings = Settings(send_mode="team", team_addresses=("p15062600001@unit.example",))
        server = assembly.mail_server(settings, account(port))
        using = launched(sqlite_url, mail_server=server)
        assert send(using) == {NoticeState.ACCEPTED: 1, NoticeState.HELD: UNITS - 1}
    assert heard.count("RCPT") == len(heard.texts) == 1
    using.ledger.close()
