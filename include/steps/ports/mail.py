"""How a notice becomes a mail."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from include.domain.letters import Letter
from include.domain.notices import Handed, Message, NoticeKind, Rendered, SendMode


class Letters(Protocol):
    def render(self, kind: NoticeKind, letter: Letter) -> Rendered: ...


class MailSession(Protocol):
    def send(self, message: Message) -> Handed:
        """Hand over one message. Raise TryAgain, GiveUp or InDoubt (include.domain.errors)."""


class MailServer(Protocol):
    @property
    def mode(self) -> SendMode: ...

    def session(self) -> AbstractContextManager[MailSession]:
        """One connection for many messages. Raise TryAgain when it cannot be had."""
