"""What all pages share: the ledger and its kin, the campaigns, who may do what, the day."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from threading import Condition, Lock, Thread
from typing import TYPE_CHECKING, Any, TypeVar

from cachetools import TTLCache, cachedmethod

from include import assembly
from include.campaigns.registry import Registry, load_campaigns
from include.gateways.access_file import AccessFile
from include.settings import Settings

if TYPE_CHECKING:
    from include.assembly import Assembly

CAMPAIGNS_KEEP = 30
"""Seconds for which campaign folders are not read again."""


ANSWERS_KEEP = 15
"""Seconds for which what all readers of a page ask alike is not counted again."""

READY_KEEP = 120
"""Seconds for which an answer may be shown once more while a newer one is looked for."""

RECKONINGS_KEEP = 600
"""The same for what takes seconds to find and changes little within the hour."""

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


class Office:
    """One per process; connects when the first page is asked for. ``ledger_url`` is called once, then."""

    def __init__(
        self, settings: Settings, ledger_url: Callable[[], str], *, today: Callable[[], date] = assembly.today
    ) -> None:
        self.settings = settings
        self.today = today
        self.access = AccessFile(settings.access_file)
        self._ledger_url = ledger_url
        self._registry: tuple[float, Registry] | None = None
        self._answers: TTLCache[Any, Any] = TTLCache(maxsize=1000, ttl=ANSWERS_KEEP)
        self._asking = Condition()
        self._ready: TTLCache[Any, Ready] = TTLCache(maxsize=200, ttl=READY_KEEP)
        self._keeping_ready = Lock()
        self._entered: TTLCache[Any, Any] = TTLCache(maxsize=1000, ttl=RECKONINGS_KEEP)
        self._entering = Condition()
        self._reckonings: TTLCache[Any, Any] = TTLCache(maxsize=100, ttl=RECKONINGS_KEEP)
        self._reckoning = Condition()

    @cached_property
    def using(self) -> Assembly:
        """The gateways; nothing can be sent with them."""
        return assembly.looking(self.settings, ledger_url=self._ledger_url())

    @cachedmethod(
        lambda self: self._answers,
        key=lambda self, question, find: question,
        condition=lambda self: self._asking,
    )
    def answer(self, question: Hashable, find: Callable[[], T]) -> T:
        """What ``find`` finds, at most some seconds old; of many who ask at once one goes and looks."""
        return find()

    def answer_without_waiting(self, question: Hashable, find: Callable[[], T]) -> T:
        """As ``answer``, but what was found before is shown once more while somebody looks anew.

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
        found: T = self.answer(question, find)
        with self._keeping_ready:
            self._ready[question] = Ready(found, time.monotonic())
        return found

    def answer_of_entries(self, question: Hashable, find: Callable[[], T]) -> T:
        """As ``answer``, for what only an entry in the audit trail can change: without one nothing is counted again."""
        return self.answer(question, lambda: self._since(question, self.using.ledger.surveys.trail(), find))

    @cachedmethod(
        lambda self: self._entered,
        key=lambda self, question, trail, find: (question, trail),
        condition=lambda self: self._entering,
    )
    def _since(self, question: Hashable, trail: int, find: Callable[[], T]) -> T:
        return find()

    @cachedmethod(
        lambda self: self._reckonings,
        key=lambda self, question, find: question,
        condition=lambda self: self._reckoning,
    )
    def reckon(self, question: Hashable, find: Callable[[], T]) -> T:
        """As ``answer``, for what takes seconds and may be some minutes old: the page says as of when it is."""
        return find()

    @property
    def registry(self) -> Registry:
        """The campaigns and what is wrong with the others, at most half a minute old."""
        now = time.monotonic()
        if self._registry is None or now - self._registry[0] > CAMPAIGNS_KEEP:
            self._registry = now, load_campaigns(self.settings.campaigns)
        return self._registry[1]
