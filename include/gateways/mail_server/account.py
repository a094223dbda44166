"""A mailbox at a mail server, and what its provider allows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

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

    @classmethod
    def of(
        cls,
        *,
        host: str,
        port: int,
        login: str | None,
        password: str | None,
        extra: Mapping[str, Any],
        office: str,
        connection: str,
    ) -> Self:
        """From the fields of an Airflow connection of type SMTP; ``office`` sends where it names no sender."""
        return cls(
            host=host,
            port=port,
            login=login or "",
            password=password or "",
            from_address=extra.get("from_email") or office,
            security=_security(extra),
            timeout=float(extra.get("timeout", 30)),
            connection=connection,
            quota=Quota(**stated(extra, per_minute=int, per_day=int, connections=int)),
            **stated(extra, max_mb=float, mails_per_connection=int, idle=float),
        )

    @classmethod
    def of_json(cls, text: str, *, office: str, connection: str) -> Self:
        """From an Airflow connection as the environment has it, for whoever works without Airflow.

        Raise ValueError, in a sentence, for anything else.
        """
        try:
            facts = json.loads(text)
            extra = facts.get("extra") or {}
            return cls.of(
                host=facts["host"],
                port=int(facts["port"]),
                login=facts.get("login"),
                password=facts.get("password"),
                extra=json.loads(extra) if isinstance(extra, str) else extra,
                office=office,
                connection=connection,
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ValueError(
                f"邮箱连接 {connection} 无法读取，请写成 docker-compose.yml 中那样的 JSON，含 host、port、extra"
            ) from None

    @property
    def largest(self) -> int | None:
        """The size of a mail (bytes) the provider takes; None when it states none."""
        return None if self.max_mb is None else int(self.max_mb * 1024 * 1024)


def stated(extra: Mapping[str, Any], **kinds: Callable[[Any], Any]) -> dict[str, Any]:
    """Of these fields those the connection's extra states, whether typed as figures or as text."""
    return {name: kind(extra[name]) for name, kind in kinds.items() if extra.get(name) not in (None, "")}


def _security(extra: Mapping[str, Any]) -> Literal["none", "starttls", "ssl"]:
    """Airflow's SMTP connection says it with two switches."""
    if not extra.get("disable_ssl"):
        return "ssl"
    return "none" if extra.get("disable_tls") else "starttls"
