from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from demo.processes import Process, last_lines, stop

SLEEP = "import time; time.sleep(60)"
STUBBORN = (
    f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); {SLEEP}"
)
CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); print('ready', flush=True); {SLEEP}"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Process]]:
    started: list[Process] = []

    def start_one(code: str) -> Process:
        log = tmp_path / f"{len(started)}.log"
        command = [sys.executable, "-c", code]
        started.append(Process.start("one", command, env=os.environ, cwd=tmp_path, log=log))
        if "ready" in code:
            _until(lambda: "ready" in log.read_text(encoding="utf-8"))
        return started[-1]

    yield start_one
    stop(started, patience=0.5)


def _until(condition: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_started_process_is_alive_until_stopped(start: Callable[[str], Process]) -> None:
    process = start(SLEEP)
    assert process.is_alive()
    stop([process])
    assert not process.is_alive()


def test_children_end_with_their_parent(start: Callable[[str], Process]) -> None:
    process = start(CHILD)
    members = [member.pid for member in process.family()]
    assert len(members) == 2
    stop([process])
    assert not any(psutil.pid_exists(pid) for pid in members)


def test_children_of_a_crashed_parent_are_stopped_too(start: Callable[[str], Process]) -> None:
    process = start(CHILD)
    [orphan] = [member.pid for member in process.family() if member.pid != process.pid]
    os.kill(process.pid, signal.SIGKILL)
    _until(lambda: not process.is_alive())
    stop([process])
    assert not psutil.pid_exists(orphan)


def test_who_ignores_a_request_is_ended(start: Callable[[str], Process]) -> None:
    process = start(STUBBORN)
    stop([process], patience=0.2)
    assert not process.is_alive()


def test_a_process_that_got_a_number_we_once_had_is_left_alone(start: Callable[[str], Process]) -> None:
    living = start(SLEEP)
    remembered = replace(living, started=living.started - 3600)
    assert not remembered.is_alive()
    stop([remembered])
    assert living.is_alive()


def test_a_record_from_before_the_machine_was_restarted_means_nobody(start: Callable[[str], Process]) -> None:
    living = start(SLEEP)
    remembered = replace(living, boot="another start of the machine")
    assert not remembered.is_alive()
    stop([remembered])
    assert living.is_alive()


def test_a_process_that_was_never_ours_is_not_in_the_family(start: Callable[[str], Process]) -> None:
    process = start(SLEEP)
    with subprocess.Popen([sys.executable, "-c", SLEEP]) as stranger:
        assert stranger.pid not in {member.pid for member in process.family()}
        stranger.kill()


def test_the_end_of_a_log_is_shown_whatever_its_bytes(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"\n".join(b"%d" % line for line in range(50)) + b"\n\xff broken")
    assert last_lines(log, 2).splitlines()[0] == "49"


def test_a_missing_log_is_said_to_be_missing(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "none") == "（没有日志）"
