"""How many sending attempts there have been, written down outside the ledger.

A ledger put back from a backup forgets what was sent since; this number does not, so the two can be compared.
It lies on the machine's own disk, because an archive is restored together with the ledger.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path


class Watermark:
    """The highest number ever written; it never goes down by itself."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()

    def read(self) -> int:
        """0 before the first write. An unreadable mark is 0 too: it must never stop an office for good."""
        with suppress(FileNotFoundError, ValueError):
            return int(self._file.read_text())
        return 0

    def write(self, number: int) -> None:
        """Keep the number if it is higher than the one kept."""
        with self._lock:
            if number > self.read():
                self._put(number)

    def lower(self, number: int) -> None:
        """Keep the number although it is lower: a person has compared and accepts the older ledger."""
        with self._lock:
            self._put(number)

    def _put(self, number: int) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        draft.write_text(str(number))
        draft.replace(self._file)
