"""Processes that outlive the command that started them, and are found again by it and by nobody else."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from demo.servers import Account

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
SAME_MOMENT = 0.5
"""Seconds two readings of one process's start may differ."""


@dataclass(frozen=True, slots=True)
class Process:
    """A session leader we started: its number alone may belong to somebody else by tomorrow."""

    name: str
    pid: int
    started: float
    boot: str

    @classmethod
    def start(
        cls,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        log: Path,
        account: Account | None = None,
    ) -> Process:
        """Its log goes on where it ended; ``account`` is whom it runs as, if not as the caller."""
        with log.open("ab") as output:
            child = subprocess.Popen(
                command,
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=account.user if account else None,
                group=account.group if account else None,
                extra_groups=[] if account else None,
            )
        # From here on the process is known by its number; Python's own handle would complain when dropped.
        child.returncode = 0
        return cls(name, child.pid, _started(psutil.Process(child.pid)), _boot())

    def is_alive(self) -> bool:
        leader = self._leader()
        if leader is None:
            return False
        with suppress(psutil.NoSuchProcess):
            return bool(leader.status() != psutil.STATUS_ZOMBIE)
        return False

    def family(self) -> list[psutil.Process]:
        """The process, its session, and their children in sessions of their own (Airflow's running tasks).

        A crashed scheduler leaves its workers behind, so the session counts even when its leader is gone:
        the system does not give out a number again while a session of that number lives.
        """
        if self.boot != _boot() or self._is_reused():
            return []
        found = {}
        for process in psutil.process_iter():
            with suppress(psutil.Error, ProcessLookupError):
                if os.getsid(process.pid) == self.pid and _started(process) >= self.started - SAME_MOMENT:
                    found[process.pid] = process
                    found |= {child.pid: child for child in process.children(recursive=True)}
        return list(found.values())

    def _leader(self) -> psutil.Process | None:
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.pid)
            if self.boot == _boot() and abs(_started(process) - self.started) <= SAME_MOMENT:
                return process
        return None

    def _is_reused(self) -> bool:
        return psutil.pid_exists(self.pid) and self._leader() is None


def _started(process: psutil.Process) -> float:
    """Seconds after the machine's start, which a corrected clock does not move."""
    return float(process.create_time() - psutil.boot_time())


def _boot() -> str:
    """Which start of the machine this is; empty where the system does not tell."""
    return BOOT_ID.read_text(encoding="ascii").strip() if BOOT_ID.exists() else ""


def stop(processes: Iterable[Process], *, patience: float = 10.0) -> None:
    """Ask all with SIGTERM, then end with SIGKILL what is left after so many seconds."""
    family = {member.pid: member for process in processes for member in process.family()}
    for member in family.values():
        _signal(member, signal.SIGTERM)
    _, left = psutil.wait_procs(family.values(), timeout=patience)
    for member in left:
        _signal(member, signal.SIGKILL)
    psutil.wait_procs(left, timeout=5)


def kill(process: Process, *, whole_family: bool = True) -> None:
    """SIGKILL, as a crash or the end of a container; ``whole_family`` spares nothing it has started."""
    members = (
        process.family() if whole_family else [each for each in process.family() if each.pid == process.pid]
    )
    for member in members:
        _signal(member, signal.SIGKILL)
    psutil.wait_procs(members, timeout=10)


def ask_to_end(process: Process, number: signal.Signals) -> None:
    """The process alone, which ends its own children; wait until it has, a while at most."""
    for member in process.family():
        if member.pid == process.pid:
            _signal(member, number)
            psutil.wait_procs([member], timeout=20)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def last_lines(log: Path, count: int = 20) -> str:
    if not log.exists():
        return "（没有日志）"
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
