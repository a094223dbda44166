"""The quota of a mailbox as its threads keep it together; time passes only when somebody sleeps."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from include.domain.errors import GiveUp, Refusal, TryAgain
from include.domain.quota import Quota
from include.gateways.mail_server.pace import LONGEST_SPACING, Pace
from tests.gateways.mail_builders import MESSAGE, live
from tests.gateways.scripted_server import DROP, scripted_server


@dataclass
class Clock:
    now: float = 1000.0
    today: date = date(2024, 5, 24)
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def pace(clock: Clock, **limits: int) -> Pace:
    return Pace(Quota(**limits), clock=lambda: clock.now, sleep=clock.sleep, day=lambda: clock.today)


def test_fifteen_a_minute_are_never_more_than_fifteen_in_any_minute() -> None:
    clock = Clock()
    quota = pace(clock, per_minute=15)
    times = []
    for _ in range(100):
        quota.wait(quota.take())
        times.append(clock.now)
    assert max(sum(start <= each < start + 60 for each in times) for start in times) == 15
    assert times[-1] - times[0] == pytest.approx(99 * 4)


def test_a_turn_left_unused_is_not_made_up_for_in_a_rush() -> None:
    clock = Clock()
    quota = pace(clock, per_minute=15)
    first, second = quota.take(), quota.take()
    clock.now += 100
    assert quota.renewed(first) == clock.now
    assert quota.renewed(second) == clock.now + 4
    turn = quota.take()
    assert quota.renewed(turn) == turn == clock.now + 8


def test_threads_share_the_turns() -> None:
    quota = pace(Clock(), per_minute=15)
    with ThreadPoolExecutor(8) as threads:
        turns = sorted(threads.map(lambda _: quota.take(), range(200)))
    assert turns == [pytest.approx(1000 + 4 * number) for number in range(200)]


def test_without_a_limit_nobody_waits() -> None:
    clock = Clock()
    quota = pace(clock)
    assert all(quota.wait(quota.take()) for _ in range(1000))
    assert clock.slept == []


def test_waiting_ends_when_the_asker_wants_to_look_up() -> None:
    clock = Clock()
    quota = pace(clock, per_minute=1)
    quota.take()
    turn = quota.take()
    assert [quota.wait(turn, 25) for _ in range(3)] == [False, False, True]
    assert clock.slept == [25, 25, 10]


def test_the_day_s_quota_counts_what_other_processes_sent_and_starts_anew_the_next_day() -> None:
    clock = Clock()
    quota = pace(clock, per_day=100)
    quota.count_from(97)
    quota.count_from(5)
    for _ in range(3):
        quota.take()
    with pytest.raises(TryAgain, match="限额100封") as raised:
        quota.take()
    assert raised.value.refusal is Refusal.DAY_SPENT
    clock.today = date(2024, 5, 25)
    for _ in range(100):
        quota.take()
    with pytest.raises(TryAgain):
        quota.take()


@pytest.mark.parametrize("limits", [{}, {"per_minute": 15}])
def test_each_complaint_doubles_the_spacing_up_to_a_limit_and_mails_taken_restore_it(
    limits: dict[str, int],
) -> None:
    clock = Clock()
    quota = pace(clock, **limits)

    def spacing() -> float:
        first, second = quota.take(), quota.take()
        clock.now = second
        return second - first

    usual = spacing()
    seen = []
    for _ in range(12):
        quota.slow_down()
        seen.append(spacing())
    assert seen == sorted(seen)
    assert seen[0] > usual
    assert seen[-1] == LONGEST_SPACING
    for _ in range(60):
        quota.ease()
    clock.now += LONGEST_SPACING
    assert spacing() == usual


@pytest.mark.parametrize(
    ("reply", "slower"),
    [
        ("450 4.2.0 later", True),
        ("421 4.7.0 closing", True),
        ("550 Connection frequency limited", True),
        ("550 5.1.1 user unknown", False),
    ],
)
def test_a_server_that_complains_slows_every_session_of_the_mailbox(
    reply: str, slower: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowed: list[bool] = []
    monkeypatch.setattr(Pace, "slow_down", lambda self: slowed.append(True))
    with (
        scripted_server(RCPT=[reply]) as (port, _),
        live(port).session() as session,
        pytest.raises((TryAgain, GiveUp), match=reply[:3]),
    ):
        session.send(MESSAGE)
    assert slowed == [True] * slower


def test_when_the_day_is_spent_the_server_hears_of_no_further_mail() -> None:
    with (
        scripted_server() as (port, heard),
        live(port, quota=Quota(per_day=10)).session(sent_today=8) as session,
    ):
        for number in range(2):
            assert session.ready(at_most=1)
            session.send(replace(MESSAGE, message_id=f"<{number}@office.example>"))
        with pytest.raises(TryAgain, match="次日继续"):
            session.ready(at_most=1)
        with pytest.raises(TryAgain, match="次日继续"):
            session.send(MESSAGE)
        assert len(heard.texts) == heard.count("MAIL") == 2


def test_a_mail_held_back_by_the_team_mode_uses_up_nothing() -> None:
    with scripted_server() as (port, _), live(port, quota=Quota(per_day=1)).session() as session:
        session._may_receive = lambda _: False
        assert session.ready(at_most=1)
        session.send(MESSAGE)
        session._may_receive = lambda _: True
        assert session.ready(at_most=1)
        session.send(MESSAGE)


# Connections


def test_no_more_sessions_are_open_than_the_quota_allows() -> None:
    open_now, most, lock = 0, 0, threading.Lock()
    with scripted_server() as (port, heard):
        server = live(port, quota=Quota(connections=3))

        def work(number: int) -> None:
            nonlocal open_now, most
            with server.session() as session:
                with lock:
                    open_now += 1
                    most = max(most, open_now)
                for mail in range(5):
                    session.send(replace(MESSAGE, message_id=f"<{number}-{mail}@office.example>"))
                with lock:
                    open_now -= 1

        with ThreadPoolExecutor(12) as threads:
            list(threads.map(work, range(12)))
    assert most <= 3
    assert heard.connections == 12
    ids = [text.split(b"Message-ID: ")[1].split(b"\r\n")[0] for text in heard.texts]
    assert len(ids) == len(set(ids)) == 60


def test_a_session_that_failed_gives_its_place_back() -> None:
    with scripted_server(CONNECT=["421 4.3.2 busy"], MAIL=[DROP]) as (port, heard):
        server = live(port, quota=Quota(connections=1))
        with pytest.raises(TryAgain), server.session():
            pytest.fail("no session")
        server._connections._rests_until = 0.0
        with pytest.raises(TryAgain), server.session() as session:
            session.send(MESSAGE)
        with server.session() as session:
            session.send(MESSAGE)
    assert len(heard.texts) == 1


def test_one_refused_log_in_speaks_for_all_threads() -> None:
    with scripted_server(AUTH="535 5.7.8 denied") as (port, heard):
        server = live(port, quota=Quota(connections=8))

        def work(_: int) -> Refusal:
            with pytest.raises(TryAgain) as raised, server.session():
                pytest.fail("no session without a login")
            return raised.value.refusal

        with ThreadPoolExecutor(8) as threads:
            refusals = list(threads.map(work, range(24)))
    assert set(refusals) == {Refusal.ACCOUNT}
    assert heard.count("AUTH") == 1


def test_a_connection_is_replaced_after_so_many_mails() -> None:
    with scripted_server() as (port, heard), live(port, mails_per_connection=4).session() as session:
        for number in range(10):
            session.send(replace(MESSAGE, message_id=f"<{number}@office.example>"))
    assert (heard.connections, heard.count("QUIT"), len(heard.texts)) == (3, 3, 10)


def test_a_connection_left_idle_is_replaced_before_the_next_mail() -> None:
    with scripted_server() as (port, heard), live(port, idle=0.0).session() as session:
        for number in range(2):
            session.send(replace(MESSAGE, message_id=f"<{number}@office.example>"))
    assert (heard.connections, len(heard.texts)) == (3, 2)
