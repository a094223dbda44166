"""How a notice becomes a mail."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Protocol

from include.domain.letters import DueDate, Letter
from include.domain.notices import Handed, Message, NoticeKind, Rendered, SendMode
from include.domain.quota import Quota


class Letters(Protocol):
    def render(self, kind: NoticeKind, letter: Letter) -> Rendered: ...

    def calendar_file(self, entries: Sequence[DueDate]) -> bytes:
        """The due dates as a calendar file (.ics); the same facts give the same bytes."""


class MailSession(Protocol):
    """For one thread; the sessions of one server share its quota."""

    def ready(self, *, at_most: float) -> bool:
        """Wait up to so many seconds for the quota's leave to send; return whether it came.

        To be asked before a notice is claimed: none is then held while the quota makes it wait, and whoever
        asks can look in between whether sending was stopped. Raise TryAgain when the day's quota is used up.
        """

    def send(self, message: Message) -> Handed:
        """Hand over one message. Raise TryAgain, GiveUp or InDoubt (include.domain.errors)."""


class MailServer(Protocol):
    @property
    def mode(self) -> SendMode: ...

    @property
    def quota(self) -> Quota:
        """What the mailbox may send, and over how many connections at once."""

    def session(self, *, sent_today: int = 0) -> AbstractContextManager[MailSession]:
        """One connection for many messages. Raise TryAgain when it cannot be had.

        ``sent_today`` mails (封) of the mailbox have left this day, by whichever process; a session more than
        the quota's connections waits for another to end.
        """


class Watermark(Protocol):
    """What was handed over, written down outside the ledger: how many attempts, and of which notices."""

    def read(self) -> int:
        """0 before the first write."""

    def write(self, number: int) -> None:
        """Keep the number if it is higher than the one kept."""

    def lower(self, number: int) -> None:
        """Keep the number although it is lower: a person has compared and accepts the older ledger."""

    def note(self, key: str) -> None:
        """That the notice with this key is being handed over: from now on it may have left."""

    def has_left(self, key: str) -> bool:
        """Whether a notice was noted."""

    def forget(self, key: str) -> None:
        """It has not left after all: the mail server said so, or a person has found out."""

    def lose(self, *, until: date) -> None:
        """What was written down is itself lost: of nothing planned up to that day is it known whether it has left."""

    def is_unknown(self, key: str, *, planned_on: date) -> bool:
        """Whether the notice may have left without a note of it; not once a person has said so by ``forget``."""
