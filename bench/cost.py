"""What work costs: seconds by the clock and of the processor, a database server's with it, and memory at the peak."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeVar

from sqlalchemy import text

from include.gateways.ledger.database import connect

T = TypeVar("T")
TICK = os.sysconf("SC_CLK_TCK")
PARENT, OWN_TIMES, TIMES_WITH_CHILDREN = 1, slice(11, 13), slice(11, 15)
"""Fields of /proc/PID/stat (proc(5)), counted from the one after the program's name."""


class Cost(NamedTuple):
    wall: float
    """Seconds by the clock."""
    busy: float
    """Seconds of the processors, of this process and of the database server."""


class Costs:
    """What each part of some work on a database costs."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.parts: dict[str, Cost] = {}

    def of(self, part: str, work: Callable[[], T]) -> T:
        busy, began = self._busy(), time.perf_counter()
        result = work()
        self.parts[part] = Cost(time.perf_counter() - began, self._busy() - busy)
        return result

    def _busy(self) -> float:
        return time.process_time() + (self._server_ticks() / TICK if self._server else 0)

    @cached_property
    def _server(self) -> int | None:
        """The PostgreSQL server's process; SQLite works in ours."""
        if not self._url.startswith("postgresql"):
            return None
        engine = connect(self._url)
        with engine.connect() as connection:
            backend = connection.scalar(text("SELECT pg_backend_pid()"))
            parent = int(_stat(Path(f"/proc/{backend}"))[PARENT])
        engine.dispose()
        return parent

    def _server_ticks(self) -> int:
        """Of all its processes, those that have ended too."""
        total = sum(map(int, _stat(Path(f"/proc/{self._server}"))[TIMES_WITH_CHILDREN]))
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                stat = _stat(process)
                if stat[PARENT] == str(self._server):
                    total += sum(map(int, stat[OWN_TIMES]))
        return total


def peak_mb() -> float:
    """Of this process. Not ru_maxrss: a new process begins with that of the one that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _stat(process: Path) -> list[str]:
    return (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
