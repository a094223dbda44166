"""A mailbox at a mail server, and what its provider allows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from include.domain.quota import Quota

SENDER_NAME = "医保基金监管督办系统"


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """An account at a mail server; without a login the server is used as a relay.

    ``timeout`` and ``idle`` are in seconds; a connection left idle longer, or used for ``mails_per_connection``
    mails (封), is replaced by a new one before the next mail, because servers drop such connections.
    ``connection`` is the Airflow connection these settings came from; sentences about faults name it.
    """

    host: str
    port: int
    from_address: str
    from_name: str = SENDER_NAME
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    security: Literal["none", "starttls", "ssl"] = "ssl"
    timeout: float = 30.0
    connection: str = "duban_smtp"
    quota: Quota = field(default_factory=Quota)
    max_mb: float | None = None
    mails_per_connection: int = 100
    idle: float = 60.0

    @property
    def largest(self) -> int | None:
        """The size of a mail (bytes) the provider takes; None when it states none."""
        return None if self.max_mb is None else int(self.max_mb * 1024 * 1024)
