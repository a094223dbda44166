"""What was handed over, written down outside the ledger: how many attempts there were, and of which notices.

A ledger put back from a backup forgets what was sent since; these two files do not. They lie on the machine's own
disk, because an archive is restored together with the ledger.
"""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import suppress
from datetime import date
from functools import cached_property
from pathlib import Path

WIDTH = 20
"""Characters of the number; it fits any."""
TAKEN_BACK = "-"
"""Before a key in the file: what an earlier line says of it holds no more."""


class Watermark:
    """The highest number ever written; it never goes down by itself."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()

    def read(self) -> int:
        """0 before the first write. An unreadable mark is 0 too: it must never stop an office for good."""
        with suppress(FileNotFoundError), self._file.open("rb") as mark:
            fcntl.flock(mark, fcntl.LOCK_SH)
            return _number(mark.read())
        return 0

    def write(self, number: int) -> None:
        """Keep the number if it is higher than the one kept."""
        self._put(number, may_lower=False)

    def lower(self, number: int) -> None:
        """Keep the number although it is lower: a person has compared and accepts the older ledger."""
        self._put(number, may_lower=True)

    def note(self, key: str) -> None:
        """That the notice with this key is being handed over: from now on it may have left."""
        with self._lock:
            if key not in self._left:
                self._left.add(key)
                self._append(self._keys, key)

    def has_left(self, key: str) -> bool:
        """Whether a notice was noted; as of this process's first question and by itself since."""
        if key not in self._left:
            return False
        with self._lock:
            del self._left  # whoever noted it may have taken it back meanwhile
            return key in self._left

    def forget(self, key: str) -> None:
        """The notice has not left after all: the mail server said so, or a person has found out."""
        with self._lock:
            if key in self._left:
                self._left.discard(key)
                self._append(self._keys, f"{TAKEN_BACK}{key}")
            if self._lost_until is not None and key not in self._settled:
                self._settled.add(key)
                self._append(self._found_out, key)

    def lose(self, *, until: date) -> None:
        """These files themselves were lost: of nothing planned up to that day is it known whether it has left."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._lost.with_name(f".{self._lost.name}.{os.getpid()}")
        draft.write_text(until.isoformat(), encoding="ascii")
        draft.replace(self._lost)

    def is_unknown(self, key: str, *, planned_on: date) -> bool:
        """Whether the notice may have left without a note of it here; not once a person has said so by ``forget``."""
        return self._lost_until is not None and planned_on <= self._lost_until and key not in self._settled

    @cached_property
    def _lost_until(self) -> date | None:
        with suppress(FileNotFoundError, ValueError):
            return date.fromisoformat(self._lost.read_text(encoding="ascii"))
        return None

    @cached_property
    def _settled(self) -> set[str]:
        return set(_lines(self._found_out))

    @cached_property
    def _left(self) -> set[str]:
        left: set[str] = set()
        for line in _lines(self._keys):
            if line.startswith(TAKEN_BACK):
                left.discard(line.removeprefix(TAKEN_BACK))
            else:
                left.add(line)
        return left

    @property
    def _keys(self) -> Path:
        return self._file.with_name(f"{self._file.name}.keys")

    @property
    def _lost(self) -> Path:
        return self._file.with_name(f"{self._file.name}.lost")

    @property
    def _found_out(self) -> Path:
        return self._file.with_name(f"{self._file.name}.settled")

    def _append(self, file: Path, line: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as lines:
            lines.write(f"{line}\n")

    def _put(self, number: int, *, may_lower: bool) -> None:
        """In place and always as wide: it is done for every mail, and replacing the file could wait for the disk."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.touch()
        with self._file.open("r+b", buffering=0) as mark:
            fcntl.flock(mark, fcntl.LOCK_EX)
            if may_lower or number > _number(mark.read()):
                mark.seek(0)
                mark.write(f"{number:>{WIDTH}}".encode("ascii"))
                mark.truncate()


def _lines(file: Path) -> list[str]:
    with suppress(FileNotFoundError):
        return file.read_text(encoding="utf-8").splitlines()
    return []


def _number(text: bytes) -> int:
    with suppress(ValueError):
        return int(text)
    return 0
