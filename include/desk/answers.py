"""What readers of the desk ask is found once for all of them, and kept for as long as it may be."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Condition, Lock, Thread
from typing import Any, TypeVar

from cachetools import TTLCache, cachedmethod

ANSWERS_KEEP = 15
"""Seconds for which what all readers of a page ask alike is not counted again."""

READY_KEEP = 120
"""Seconds for which an answer may be shown once more while a newer one is looked for."""

RECKONINGS_KEEP = 600
"""Seconds for which what takes seconds to find, or what nobody has changed since, is not looked for again."""

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass
class Ready:
    """An answer that can be shown at once, when it was found (on the monotonic clock), whether a newer one is on its way."""

    answer: Any
    found_at: float
    is_being_renewed: bool = False

    def is_old(self) -> bool:
        return time.monotonic() - self.found_at > ANSWERS_KEEP


class Kept:
    """What was found, for so many seconds; of many who ask at once one goes and looks."""

    def __init__(self, most: int, seconds: float) -> None:
        self._found: TTLCache[Any, Any] = TTLCache(maxsize=most, ttl=seconds)
        self._asking = Condition()

    @cachedmethod(
        lambda self: self._found,
        key=lambda self, question, find: question,
        condition=lambda self: self._asking,
    )
    def of(self, question: Hashable, find: Callable[[], T]) -> T:
        return find()


class Answers:
    """One per process, four ways to keep an answer; ``trail`` gives the last entry of the audit trail."""

    def __init__(self, trail: Callable[[], int]) -> None:
        self._trail = trail
        self._recent = Kept(1000, ANSWERS_KEEP)
        self._entered = Kept(1000, RECKONINGS_KEEP)
        self._reckonings = Kept(100, RECKONINGS_KEEP)
        self._ready: TTLCache[Any, Ready] = TTLCache(maxsize=200, ttl=READY_KEEP)
        self._keeping_ready = Lock()

    def recent(self, question: Hashable, find: Callable[[], T]) -> T:
        """What ``find`` finds, at most some seconds old."""
        found: T = self._recent.of(question, find)
        return found

    def at_once(self, question: Hashable, find: Callable[[], T]) -> T:
        """As ``recent``, but what was found before is shown once more while somebody looks anew.

        Nobody waits but the first; the page says as of when it is.
        """
        with self._keeping_ready:
            ready = self._ready.get(question)
            if ready is not None:
                if ready.is_old() and not ready.is_being_renewed:
                    ready.is_being_renewed = True
                    Thread(target=self._renew, args=(question, find), daemon=True).start()
                known: T = ready.answer
                return known
        return self._look(question, find)

    def _renew(self, question: Hashable, find: Callable[[], Any]) -> None:
        """Whoever asks next looks, and waits, where this failed: the page then says what is wrong."""
        try:
            self._look(question, find)
        except Exception:
            log.warning("督办台数据未能更新", exc_info=True)
            with self._keeping_ready:
                self._ready.pop(question, None)

    def _look(self, question: Hashable, find: Callable[[], T]) -> T:
        found: T = self.recent(question, find)
        with self._keeping_ready:
            self._ready[question] = Ready(found, time.monotonic())
        return found

    def of_entries(self, question: Hashable, find: Callable[[], T]) -> T:
        """As ``recent``, for what only an entry in the audit trail can change: without one nothing is counted again."""
        return self.recent(question, lambda: self._entered.of((question, self._trail()), find))

    def reckoned(self, question: Hashable, find: Callable[[], T]) -> T:
        """As ``recent``, for what takes seconds and may be some minutes old: the page says as of when it is."""
        found: T = self._reckonings.of(question, find)
        return found
