"""The outbox as the pages read it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from include.domain.mail_list import Attempt, MailRow, MailsAsked, SentMail
from include.domain.notices import Notice, NoticeState


class MailList(Protocol):
    """``regions`` are beginnings of division codes, empty for all; ``on`` says where a unit belongs."""

    def count(self, asked: MailsAsked) -> int: ...

    def page(self, asked: MailsAsked, *, limit: int, offset: int) -> list[MailRow]:
        """The newest first."""

    def states(
        self, campaign_id: str, *, on: date, regions: tuple[str, ...] = (), until: date | None = None
    ) -> dict[NoticeState, int]:
        """Notices (份) planned ``until`` a day by state; a state in which there is none is absent."""

    def get(
        self, campaign_id: str, notice_id: int, *, on: date, regions: tuple[str, ...] = ()
    ) -> MailRow | None:
        """None as well for one that is not of these regions."""

    def notice(self, notice_id: int) -> Notice:
        """As a sender would get it."""

    def attempts(self, notice_id: int) -> list[Attempt]:
        """In their order."""

    def as_sent(self, message_id: str, at: datetime) -> SentMail | None:
        """The mail of that attempt; None for one from before the ledger kept them."""

    def concerns_others(self, message_id: str, *, on: date, regions: tuple[str, ...]) -> bool:
        """Whether a mail also told of units that are not of these regions."""
