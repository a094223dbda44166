"""The mailbox in which returns arrive, and what was written down of each message in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol

from include.domain.bounces import Bounce
from include.domain.inbound import (
    Answered,
    Arrival,
    InboundMessage,
    Mail,
    MessageKind,
    MessageState,
    Suspension,
)


class MailboxSession(Protocol):
    def arrivals(self, *, received_until: datetime) -> Iterator[Arrival]:
        """What lies there and arrived by then, oldest first, fetched one by one. Raise TryAgain."""

    def file_away(self, arrival: Arrival) -> None:
        """Move it to the done folder; a message already moved is no fault."""

    def set_aside(self, arrival: Arrival) -> None:
        """Move it to the folder of messages nobody could read."""


class Mailbox(Protocol):
    @property
    def address(self) -> str:
        """The mailbox's own address, in small letters."""

    def session(self) -> AbstractContextManager[MailboxSession]:
        """One connection for all messages. Raise TryAgain when it cannot be had."""


class MailReader(Protocol):
    def read(self, raw: bytes) -> Mail:
        """Raise Unreadable (include.domain.inbound) for what is no message."""


class Inbound(Protocol):
    """Messages received, and the addresses that are no longer written to."""

    def enter(self, arrival: Arrival, *, sha256: str) -> InboundMessage:
        """Enter a message. The same bytes in the same mailbox entered before are returned as they are."""

    def settle(
        self,
        message_row_id: int,
        *,
        kind: MessageKind,
        state: MessageState,
        reason: str,
        on: date,
        message_id: str | None = None,
        sender: str = "",
        subject: str = "",
        campaign_id: str | None = None,
        unit_code: str | None = None,
        notice_id: int | None = None,
        bounce: Bounce | None = None,
    ) -> bool:
        """Write down what it is and what became of it; whether that was new. Once settled it stays so.

        A permanent bounce of a notice of ours suspends the address in the same transaction.
        """

    def answered(self, message_ids: Sequence[str]) -> Answered | None:
        """The notice with the first of those Message-IDs that is one of ours."""

    def last_sent_to(self, address: str, *, before: datetime) -> Answered | None:
        """The newest notice the mail server took over for that address, at most 30 days earlier."""

    def units_of_contact(self, addresses: Collection[str], *, on: date) -> dict[str, frozenset[str]]:
        """Campaign id → codes of the units in force that have one of the addresses as contact."""

    def messages(
        self, *, campaign_id: str | None = None, states: Collection[MessageState] | None = None
    ) -> list[InboundMessage]:
        """In order of arrival."""

    def message(self, message_row_id: int) -> InboundMessage:
        """Raise KeyError when there is none."""

    def close(self, message_row_id: int, *, by: str, reason: str, on: date) -> None:
        """A person has dealt with a waiting message."""

    def suspend(self, address: str, *, reason: str, at: datetime, message_row_id: int | None = None) -> bool:
        """Stop writing to an address; whether that is new. A bounce already acted on suspends nothing again."""

    def resume(self, address: str, *, by: str, reason: str, at: datetime) -> None:
        """Write to it again. Raise KeyError when it is not suspended."""

    def suspended(self, among: Collection[str] | None = None) -> Mapping[str, Suspension]:
        """Address → since when and why; of these addresses only, if any are given."""
