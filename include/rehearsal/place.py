"""Where a rehearsal takes place: a ledger, archive, inbox and mail server of its own, with a clock that is set.

Nothing leads out of it. Its settings never look at the environment, its ledger is a file in its own folder, and
its one mail account is a server of its own on this machine's loopback address that delivers into that folder.
"""

from __future__ import annotations

import base64
import hashlib
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from include.assembly import Assembly
from include.domain.campaign import TIMEZONE
from include.domain.notices import SendMode
from include.gateways.ledger.database import upgrade
from include.gateways.mail_server import SmtpAccount, SmtpMailServer
from include.rehearsal.mail_server import Mailroom, serve
from include.settings import Settings

SHANGHAI = ZoneInfo(TIMEZONE)
LOOPBACK = "127.0.0.1"
MORNING = time(8, 0)
_DATE = re.compile(rb"^Date:[^\r\n]*", re.MULTILINE)


class OwnSettings(Settings):
    """Only what it is given: no variable of the environment reaches a rehearsal."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


class Clock:
    """The simulated moment; it stands still until it is set."""

    def __init__(self, on: date) -> None:
        self.set(on, MORNING)

    def set(self, on: date, at: time) -> None:
        """``at`` is a time of day in Shanghai."""
        self.moment = datetime.combine(on, at, tzinfo=SHANGHAI)

    def __call__(self) -> datetime:
        return self.moment


class DatedMailroom(Mailroom):
    """Delivers each mail under the simulated day: its own date is that of this machine and says nothing."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        super().__init__(folder, lists_each=False)
        self._clock = clock

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        dated = b"Date: " + format_datetime(self._clock()).encode()
        envelope.original_content = _DATE.sub(dated, envelope.original_content or b"", count=1)
        return await super().handle_DATA(server, session, envelope)


@dataclass(frozen=True, slots=True)
class Place:
    """What a rehearsal has in its hands."""

    home: Path
    clock: Clock
    using: Assembly

    @property
    def mails(self) -> Path:
        return mails_of(self.home)

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"


@contextmanager
def opened(home: Path, *, on: date, seed: int, deployed: Settings) -> Iterator[Place]:
    """A place in an empty folder. Of the deployment it takes the campaigns' folder and the rules of sending only."""
    settings = OwnSettings(
        home=home,
        campaigns=deployed.campaigns,
        send_mode=SendMode.LIVE.value,
        office_post=deployed.office_post,
        office_phone=deployed.office_phone,
        sending_hours=deployed.sending_hours,
        approve_above=deployed.approve_above,
        approval_hours=deployed.approval_hours,
        token_key=SecretStr(_key(seed, "token")),
        tipster_key=SecretStr(_key(seed, "tipster")),
    )
    clock = Clock(on)
    home.mkdir(parents=True, exist_ok=True)
    upgrade(settings.ledger_default_url)
    room = DatedMailroom(mails_of(home), clock)
    port = _free_port()
    server = serve(mails_of(home), port, LOOPBACK, mailroom=room)
    account = SmtpAccount(
        LOOPBACK, port, settings.office_mailbox, security="none", connection="演练用本机邮件"
    )
    mail = SmtpMailServer(account, mode=SendMode.LIVE)
    using = Assembly(settings, settings.ledger_default_url, mail, clock=clock)
    try:
        yield Place(home, clock, using)
    finally:
        using.close()
        server.stop()
        room.write_index()


def mails_of(home: Path) -> Path:
    """Where the local mail server delivers."""
    return home / "mails"


def _key(seed: int, what: str) -> str:
    """A key for nothing but simulated data; the same for the same seed, so that files come out the same."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"rehearsal/{seed}/{what}".encode()).digest()).decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
