"""Whose turn it is to send: the mailbox's quota, kept by all threads of a process together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from include.domain.campaign import TIMEZONE
from include.domain.errors import Refusal, TryAgain
from include.domain.quota import Quota

FIRST_BRAKE = 0.5
LONGEST_SPACING = 30.0
EASE = 0.8


def today() -> date:
    return datetime.now(ZoneInfo(TIMEZONE)).date()


class Pace:
    """Turns are evenly spaced (seconds), further apart after each complaint of the server and closer again after
    each mail it takes. The day's count is the mailbox's, not the process's: see ``count_from``.
    """

    def __init__(
        self,
        quota: Quota,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        day: Callable[[], date] = today,
    ) -> None:
        self._quota = quota
        self._clock, self._sleep, self._day = clock, sleep, day
        self._lock = threading.Lock()
        self._usual = self._spacing = quota.spacing.total_seconds()
        self._next = clock()
        self._counted_on, self._used = day(), 0

    def count_from(self, sent_today: int) -> None:
        """The mailbox has sent so many (封) this day, by whichever process."""
        with self._lock:
            self._turn_the_day()
            self._used = max(self._used, sent_today)

    def take(self) -> float:
        """Reserve the next turn; return its time on the clock. Raise TryAgain when the day's quota is used up."""
        with self._lock:
            self._turn_the_day()
            if self._quota.left_today(self._used) == 0:
                raise TryAgain(
                    f"邮箱当日发送量已达限额{self._quota.per_day}封，其余邮件次日继续发送",
                    refusal=Refusal.DAY_SPENT,
                )
            self._used += 1
            return self._scheduled()

    def renewed(self, turn: float) -> float:
        """The turn itself, or another one for it when it was left unused for so long that it would crowd the next."""
        with self._lock:
            return turn if self._clock() <= turn + self._usual else self._scheduled()

    def wait(self, turn: float, at_most: float | None = None) -> bool:
        """Sleep until the turn, but no longer than ``at_most`` seconds; return whether it has come."""
        left = turn - self._clock()
        if left > 0:
            self._sleep(left if at_most is None else min(left, at_most))
        return self._clock() >= turn

    def slow_down(self) -> None:
        with self._lock:
            self._spacing = min(max(2 * self._spacing, FIRST_BRAKE), max(LONGEST_SPACING, self._usual))
            self._next = max(self._next, self._clock() + self._spacing)

    def ease(self) -> None:
        with self._lock:
            eased = self._spacing * EASE
            self._spacing = eased if eased > max(self._usual, FIRST_BRAKE / 10) else self._usual

    def _scheduled(self) -> float:
        turn = max(self._clock(), self._next)
        self._next = turn + self._spacing
        return turn

    def _turn_the_day(self) -> None:
        if self._day() != self._counted_on:
            self._counted_on, self._used = self._day(), 0
