"""What readers share: nothing is counted twice that cannot have changed, and nothing old is shown for long."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from include.desk import answers
from include.desk.app import make_app
from include.desk.office import Office
from include.desk.warming import warm
from include.domain.calls import CallResult, PhoneCall
from include.settings import Settings
from tests import factories
from tests.desk.conftest import TODAY, Web

CODE = factories.make_unit(1).code


@pytest.fixture
def at_once(make_web: Callable[..., Web], owing_ledger: Path, monkeypatch: pytest.MonkeyPatch) -> Web:
    """A desk that keeps no answer for its few seconds, so that a test need not wait for them."""
    monkeypatch.setattr(answers, "ANSWERS_KEEP", 0)
    return make_web(owing_ledger)


def enter_call(web: Web) -> None:
    """Somebody is to be called back today."""
    call = PhoneCall(CODE, TODAY, CallResult.CALL_BACK, post="office", called_at="9:00", next_on=TODAY)
    web.office.using.ledger.calls.enter("wushen_2024", [call], on=TODAY, actor="test", reason="电话催办")


def test_what_entries_change_is_counted_again_after_an_entry_and_not_before(at_once: Web) -> None:
    looks: list[str] = []
    for what in ("first", "the same", "an entry", "the same"):
        if what == "an entry":
            enter_call(at_once)
        at_once.office.answers.of_entries("how many", lambda what=what: looks.append(what) or 0)
    assert looks == ["first", "an entry"]


def test_a_call_entered_is_counted_on_today_without_anybody_waiting(at_once: Web) -> None:
    browser = at_once.as_("officer")
    assert 'href="#calls"' not in browser.get("/").text
    enter_call(at_once)
    assert 'href="#calls"' not in browser.get("/").text, "what was found before, while somebody looks anew"
    for _ in range(100):
        if 'href="#calls"' in browser.get("/").text:
            return
        time.sleep(0.1)
    pytest.fail("the call was never counted")


def test_a_look_that_fails_behind_the_scenes_is_told_to_the_next_reader(at_once: Web) -> None:
    ask = partial(at_once.office.answers.at_once, "how many")
    assert ask(lambda: 1) == 1

    def fail() -> int:
        raise ConnectionError("台账数据库无法使用")

    with contextlib.suppress(ConnectionError):
        for _ in range(100):
            assert ask(fail) == 1
            time.sleep(0.05)
        pytest.fail("nobody was told")
    assert ask(lambda: 2) == 2


def test_the_desk_prepares_itself_when_the_server_starts(at_once: Web) -> None:
    with TestClient(at_once.app):
        for thread in threading.enumerate():
            if thread.name == "duban-desk-warming":
                thread.join(60)
        assert {"using", "_registry"} <= {name for name, value in vars(at_once.office).items() if value}


def test_a_ledger_that_cannot_be_reached_does_not_keep_the_server_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unreachable() -> str:
        raise ConnectionError("无法连接台账数据库")

    monkeypatch.setenv("DUBAN_HOME", str(tmp_path))
    office = Office(Settings(), unreachable, today=lambda: TODAY)
    with caplog.at_level(logging.WARNING, "include.desk.warming"):
        warm(office)
    assert "无法连接台账数据库" in caplog.text
    with TestClient(make_app(office)) as browser:
        assert browser.get("/static/icon.svg").status_code == 200
