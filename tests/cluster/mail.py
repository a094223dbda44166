"""The demo's mail server with levers: slow, or refusing the office's password, as files in its folder say.

python -m tests.cluster.mail --port 2525 --folder FOLDER
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import threading
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from include.rehearsal.mail_server import LARGEST, Mailroom

SLOW, EXPIRED = "slow", "password_expired"
OFFICE, WATCH = "office@duban.example", "watch@duban.example"
"""Accounts: the watch has one of its own, so that it can tell of the office's."""
PAUSE = 1.0
"""Seconds a slow server takes for a mail: enough to kill somebody in the middle."""


class Levered(Mailroom):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder, lists_each=False)
        self._levers = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        if (self._levers / SLOW).exists():
            await asyncio.sleep(PAUSE)
        return answer

    def login(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: LoginPassword
    ) -> AuthResult:
        has_expired = given.login.decode() == OFFICE and (self._levers / EXPIRED).exists()
        return AuthResult(success=not has_expired, handled=False)


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    asked = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    mailroom = Levered(asked.folder)
    controller = Controller(
        mailroom,
        hostname="127.0.0.1",
        port=asked.port,
        data_size_limit=LARGEST,
        authenticator=mailroom.login,
        auth_require_tls=False,
    )
    controller.start()
    stopped.wait()
    controller.stop()


if __name__ == "__main__":
    main()
