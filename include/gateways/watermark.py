"""What was handed over, written down outside the ledger: how many attempts there were, and of which notices.

A ledger put back from a backup forgets what was sent since; these two files do not. They lie on the machine's own
disk, because an archive is restored together with the ledger.
"""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import suppress
from functools import cached_property
from pathlib import Path

WIDTH = 20
"""Characters of the number; it fits any."""


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
        """That the notice with this key has left, or may have."""
        with self._lock:
            self._left.add(key)
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._keys.open("a", encoding="utf-8") as keys:
                keys.write(f"{key}\n")

    def has_left(self, key: str) -> bool:
        """Whether a notice was noted; as of this process's first question and by itself since."""
        return key in self._left

    def forget(self, key: str) -> None:
        """A person has found out that it had not left after all."""
        with self._lock:
            self._left.discard(key)
            draft = self._draft(self._keys)
            draft.write_text("".join(f"{each}\n" for each in sorted(self._left)), encoding="utf-8")
            draft.replace(self._keys)

    @cached_property
    def _left(self) -> set[str]:
        with suppress(FileNotFoundError):
            return set(self._keys.read_text(encoding="utf-8").splitlines())
        return set()

    @property
    def _keys(self) -> Path:
        return self._file.with_name(f"{self._file.name}.keys")

    @staticmethod
    def _draft(file: Path) -> Path:
        return file.with_name(f".{file.name}.{os.getpid()}")

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


def _number(text: bytes) -> int:
    with suppress(ValueError):
        return int(text)
    return 0
