"""A private Dovecot on a high port of loopback, with TLS: the IMAP server most Chinese offices' providers resemble least
and standards resemble most. Nothing of the machine's own configuration is read or changed. Needs root.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LOGIN, PASSWORD = "office@duban.example", "k3-Geheim"
SBIN = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
DOVECOT = shutil.which("dovecot", path=SBIN)

CONF = """\
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
ssl_cert = <{certificate}
ssl_key = <{certificate}
disable_plaintext_auth = no
mail_location = maildir:{home}/mail
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {home}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail
}}
service imap-login {{
  inet_listener imap {{
    port = {starttls}
  }}
  inet_listener imaps {{
    port = {at_once}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
protocol imap {{
  imap_capability = {capability}
}}
namespace inbox {{
  inbox = yes
  separator = .
  prefix = INBOX.
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """Where it listens: ``at_once`` speaks TLS from the first byte, ``starttls`` after being asked."""

    at_once: int
    starttls: int
    mail: Path
    users: Path

    def give_password(self, password: str = PASSWORD) -> None:
        """From now on only this one is good; the server reads the file anew when it has changed."""
        draft = self.users.with_suffix(".new")
        draft.write_text(f"{LOGIN}:{password}\n", encoding="ascii")
        draft.chmod(0o644)
        draft.replace(self.users)

    def deliver(self, raw: bytes, *, name: str, at: float) -> None:
        """Lay a message into the inbox; a Maildir's time of arrival is the file's."""
        draft = self.mail / "tmp" / name
        draft.write_bytes(raw)
        owner = self.mail.stat()
        os.chown(draft, owner.st_uid, owner.st_gid)
        os.utime(draft, (at, at))
        draft.rename(self.mail / "new" / name)

    def lying(self, folder: str = "") -> list[bytes]:
        """What a folder holds; the names of folders are in modified UTF-7, with a dot before them."""
        place = self.mail / folder if folder else self.mail
        return [path.read_bytes() for part in ("new", "cur") for path in sorted((place / part).glob("*"))]


@contextmanager
def running(certificate: Path, *, capability: str = "") -> Iterator[Dovecot]:
    """A server for as long as the block lasts; ``capability`` replaces what it says it can do."""
    assert DOVECOT is not None
    home = Path(tempfile.mkdtemp(prefix="duban-dovecot-", dir="/tmp"))
    home.chmod(0o755)
    account = pwd.getpwnam("nobody")
    for part in ("mail/new", "mail/cur", "mail/tmp"):
        (home / part).mkdir(parents=True)
    for path in [home / "mail", *(home / "mail").iterdir()]:
        os.chown(path, account.pw_uid, account.pw_gid)
    server = Dovecot(_free_port(), _free_port(), home / "mail", home / "users")
    server.give_password()
    key = home / "mail.pem"
    key.write_bytes(certificate.read_bytes())
    conf = home / "dovecot.conf"
    conf.write_text(
        CONF.format(
            home=home,
            certificate=key,
            uid=account.pw_uid,
            gid=account.pw_gid,
            ssl="yes",
            starttls=server.starttls,
            at_once=server.at_once,
            capability=capability,
        )
    )
    process = subprocess.Popen(
        [DOVECOT, "-F", "-c", str(conf)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        _wait_for(server.at_once, process, home / "log")
        yield server
    finally:
        process.terminate()
        process.communicate(timeout=20)
        shutil.rmtree(home, ignore_errors=True)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError((process.stderr.read() if process.stderr else b"").decode() + log.read_text())
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("Dovecot does not answer: " + (log.read_text() if log.exists() else ""))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
