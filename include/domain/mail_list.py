"""The outbox as the office reads it: which mails, one by one, with every attempt and the words as they were sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from include.domain.notices import Message, NoticeKind, NoticeState, SendMode


@dataclass(frozen=True, slots=True)
class MailsAsked:
    """Which notices of a campaign are looked at; what is None or empty does not narrow them down.

    ``unit`` is a code or part of a name. ``regions`` are beginnings of division codes: with any given only mails to
    units that belong there on the day ``on`` are found, and none to posts. ``until`` is the last day of planning.
    """

    campaign_id: str
    on: date
    regions: tuple[str, ...] = ()
    kind: NoticeKind | None = None
    state: NoticeState | None = None
    unit: str = ""
    day: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class MailRow:
    """One notice in the list. ``at`` is when it was last tried; ``unit_name`` as the roster last had it."""

    id: int
    mode: SendMode
    kind: NoticeKind
    state: NoticeState
    planned_on: date
    phase_key: str | None
    step_key: str | None
    unit_code: str | None
    unit_name: str | None
    post_key: str | None
    due_on: date | None
    useful_until: date | None
    recipient: str | None
    message_id: str | None
    attempts: int
    detail: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One step of a mail: what became of it, and what the mail server (or the system) said to it."""

    number: int
    at: datetime
    state: NoticeState
    recipient: str | None
    message_id: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class SentFile:
    """What was attached: its name, size (字节) and checksum. The bytes are in the archive, or made anew."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail as it was handed over."""

    to: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)
    files: tuple[SentFile, ...] = ()

    @classmethod
    def of(cls, message: Message) -> SentMail:
        """The mail without the bytes of its attachments."""
        thread = {"In-Reply-To": message.in_reply_to} if message.in_reply_to else {}
        return cls(
            to=message.to,
            subject=message.subject,
            text=message.text,
            html=message.html,
            headers={"Message-ID": message.message_id, **thread, **message.headers},
            files=tuple(
                SentFile(each.name, len(each.content), hashlib.sha256(each.content).hexdigest())
                for each in message.attachments
            ),
        )
