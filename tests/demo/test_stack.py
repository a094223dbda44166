from __future__ import annotations

import json
import os
import signal
import socket
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.environment import Ports, Secrets, airflow_env
from demo.stack import NotStarted, Stack


class SleepingStack(Stack):
    """A stack whose components only sleep; one of them may be told to fail."""

    failing = False

    def _prepare(self, env: object) -> None:
        pass

    def _is_healthy(self) -> bool:
        return False

    def _commands(self, ports: Ports) -> dict[str, list[str]]:
        sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
        fail = [sys.executable, "-c", "raise SystemExit('the reason')"]
        return {"api-server": sleep, "scheduler": fail if self.failing else sleep}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[SleepingStack]:
    stack = SleepingStack(tmp_path / "home")
    yield stack
    stack.stop()


def _pids(stack: Stack) -> dict[str, int]:
    state = json.loads((stack.home / "stack.json").read_text(encoding="utf-8"))
    return {process["name"]: process["pid"] for process in state["processes"]}


def test_a_second_start_leaves_a_running_stack_alone(stack: SleepingStack) -> None:
    stack.start()
    before = _pids(stack)
    stack.start()
    assert _pids(stack) == before


def test_another_command_finds_what_was_started(stack: SleepingStack) -> None:
    stack.start()
    other = SleepingStack(stack.home)
    assert other.is_running()
    other.stop()
    assert not stack.is_running()


def test_a_half_dead_stack_is_started_anew_as_a_whole(stack: SleepingStack) -> None:
    stack.start()
    before = _pids(stack)
    os.kill(before["scheduler"], signal.SIGKILL)
    while stack.statuses()["scheduler"]:
        time.sleep(0.02)
    assert not stack.is_running()
    stack.start()
    assert stack.is_running()
    assert not set(before.values()) & set(_pids(stack).values())


def test_what_a_crashed_component_leaves_behind_ends_with_the_stack(
    stack: SleepingStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = "import subprocess, sys; subprocess.Popen(['sleep', '60']); sys.stdin.close(); import time; time.sleep(60)"
    monkeypatch.setattr(stack, "_commands", lambda ports: {"scheduler": [sys.executable, "-c", child]})
    stack.start()
    crashed = stack._processes()[0]
    while len(crashed.family()) < 2:
        time.sleep(0.05)
    [left] = [member for member in crashed.family() if member.pid != crashed.pid]
    os.kill(crashed.pid, signal.SIGKILL)
    while crashed.is_alive():
        time.sleep(0.02)
    stack._launch("scheduler")
    assert left.is_running()
    stack.stop()
    assert not left.is_running()
    assert json.loads((stack.home / "stack.json").read_text(encoding="utf-8"))["replaced"] == []


def test_what_was_started_before_a_restart_of_the_machine_is_not_running(stack: SleepingStack) -> None:
    stack.start()
    file = stack.home / "stack.json"
    kept = file.read_text(encoding="utf-8")
    state = json.loads(kept)
    for process in state["processes"]:
        process["boot"] = "another start of the machine"
    file.write_text(json.dumps(state), encoding="utf-8")
    try:
        assert not stack.is_running()
    finally:
        file.write_text(kept, encoding="utf-8")


def test_a_component_that_ends_is_named_with_its_last_words(stack: SleepingStack) -> None:
    stack.failing = True
    stack.start()
    with pytest.raises(NotStarted, match=r"scheduler 已退出[\s\S]*the reason"):
        stack.wait_until_healthy(30)


def test_waiting_has_an_end(stack: SleepingStack) -> None:
    stack.start()
    with pytest.raises(NotStarted, match="0秒后仍未就绪"):
        stack.wait_until_healthy(0)


def test_stopping_what_was_never_started_is_no_fault(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "never")
    stack.stop()
    assert not stack.is_running()
    assert not (tmp_path / "never").exists()


def test_ports_stay_the_same_from_start_to_start(stack: SleepingStack) -> None:
    stack.start()
    before = stack.ports
    stack.stop()
    stack.start()
    assert stack.ports == before


def test_a_port_in_use_is_not_chosen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        busy = server.getsockname()[1]
        assert Ports.choose({"api": busy}).api != busy


def test_a_free_port_is_chosen_as_wanted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert Ports.choose({"api": port}).api == port


def test_secrets_are_made_once_and_nobody_else_can_read_them(tmp_path: Path) -> None:
    secrets = Secrets.of(tmp_path)
    assert Secrets.of(tmp_path) == secrets
    assert len(secrets.jwt) >= 64
    assert len(secrets.token_key) >= 32
    airflow_env(tmp_path, Ports())
    for name in ("secrets.json", "passwords.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_two_homes_share_no_secret(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert Secrets.of(tmp_path / "a").token_key != Secrets.of(tmp_path / "b").token_key


def test_settings_of_the_callers_shell_do_not_leak_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__PARALLELISM", "99")
    monkeypatch.setenv("AIRFLOW_CONN_OTHER", "{}")
    monkeypatch.setenv("DUBAN_SEND_MODE", "team")
    env = airflow_env(tmp_path, Ports())
    assert env["AIRFLOW__CORE__PARALLELISM"] == "4"
    assert "AIRFLOW_CONN_OTHER" not in env
    assert env["DUBAN_SEND_MODE"] == "live"


def test_the_only_mail_server_it_knows_is_on_this_machine(tmp_path: Path) -> None:
    smtp = json.loads(airflow_env(tmp_path, Ports(mail=2600))["AIRFLOW_CONN_DUBAN_SMTP"])
    assert (smtp["host"], smtp["port"]) == ("127.0.0.1", 2600)


def test_extra_settings_win(tmp_path: Path) -> None:
    assert airflow_env(tmp_path, Ports(), {"DUBAN_SEND_MODE": "off"})["DUBAN_SEND_MODE"] == "off"
