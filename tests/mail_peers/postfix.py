"""A private Postfix on a high port of loopback, with STARTTLS, and AUTH by a private Dovecot.

Nothing of the machine's own configuration is read or changed, and no mail leaves: each address of the one domain it
knows is a folder, and it delivers nowhere else. Needs root, because Postfix switches users.
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
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

DOMAIN = "unit.example"
LOGIN, PASSWORD = "office@duban.example", "k3-Geheim"
SBIN = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
POSTFIX, DOVECOT = shutil.which("postfix", path=SBIN), shutil.which("dovecot", path=SBIN)

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {home}/mail.log
maillog_file_prefixes = {home}
multi_instance_enable = no
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.{domain}
mydestination =
mynetworks =
alias_maps =
alias_database =
local_recipient_maps =
default_transport = error:no mail leaves this machine
relay_transport = error:no mail leaves this machine
disable_dns_lookups = yes
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {home}/boxes
virtual_mailbox_maps = texthash:{home}/recipients
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
message_size_limit = {largest}
smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = {certificate}
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {home}/auth
smtpd_recipient_restrictions = check_recipient_access texthash:{home}/moods, permit_sasl_authenticated, reject
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_client_event_limit_exceptions =
smtpd_client_message_rate_limit = {per_minute}
smtpd_client_connection_count_limit = {connections}
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 2000
"""

MASTER_CF = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup   unix n - n 60 1 pickup
cleanup  unix n - n - 0 cleanup
qmgr     unix n - n 300 1 qmgr
rewrite  unix - - n - - trivial-rewrite
bounce   unix - - n - 0 bounce
defer    unix - - n - 0 bounce
trace    unix - - n - 0 bounce
error    unix - - n - - error
retry    unix - - n - - error
virtual  unix - n n - - virtual
anvil    unix - - n - 1 anvil
scache   unix - - n - 1 scache
tlsmgr   unix - - n 1000? 1 tlsmgr
proxymap unix - - n - - proxymap
showq    unix n - n - - showq
postlog  unix-dgram n - n - 1 postlogd
"""

DOVECOT_CONF = """\
base_dir = {home}/dovecot
log_path = {home}/dovecot.log
protocols =
ssl = no
auth_mechanisms = plain
auth_failure_delay = 0
disable_plaintext_auth = no
default_internal_user = dovecot
default_login_user = dovenull
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {home}/passwords
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/boxes
}}
service auth {{
  unix_listener {home}/auth {{
    mode = 0666
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""

MOODS = """\
full@{domain} 452 4.2.2 Mailbox full
overfull@{domain} 552 5.2.2 Mailbox exceeds its quota
grey@{domain} 450 4.7.1 Greylisted, try again later
spam@{domain} 554 5.7.1 DT:SPM message rejected by policy
later@{domain} 451 4.3.0 Temporary lookup failure
closing@{domain} 421 4.3.2 Service shutting down
"""

KNOWN = ("hospital", *(line.partition("@")[0] for line in MOODS.splitlines()))


def why_not() -> str | None:
    """What is missing to run Postfix here, and what to do about it; None when nothing is."""
    if POSTFIX is None or DOVECOT is None:
        return "postfix or dovecot is not installed: run `make test-mail`, or apt-get install postfix dovecot-core"
    if os.geteuid() != 0:
        return "a private Postfix needs root: run `sudo make test-mail`"
    return None


@dataclass(frozen=True)
class Postfix:
    home: Path
    port: int

    def delivered(self, user: str, *, count: int = 1, within: float = 20.0) -> list[bytes]:
        """The mails in an address's folder; waits until there are at least ``count``."""
        deadline = time.monotonic() + within
        while len(files := self._files(user)) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return [file.read_bytes() for file in files]

    def is_idle(self) -> bool:
        """Whether nothing is on its way any more."""
        queue = self.home / "queue"
        return not any(
            file.is_file()
            for name in ("incoming", "active", "deferred")
            for file in (queue / name).rglob("*")
        )

    def settled(self, *, within: float = 20.0) -> bool:
        deadline = time.monotonic() + within
        while not self.is_idle() and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.is_idle()

    def log(self) -> str:
        return (self.home / "mail.log").read_text(encoding="utf-8", errors="replace")

    def _files(self, user: str) -> list[Path]:
        return sorted((self.home / "boxes" / user / "new").glob("*"))


@contextmanager
def postfix(
    certificate: Path, *, largest: int = 1_000_000, per_minute: int = 0, connections: int = 50
) -> Iterator[Postfix]:
    """A running server; ``largest`` message in bytes, ``per_minute`` mails (封) of one client (0: any number)."""
    with tempfile.TemporaryDirectory(prefix="postfix-", dir="/tmp") as name:
        home, port = Path(name), _free_port()
        facts = {
            "home": home,
            "port": port,
            "domain": DOMAIN,
            "largest": largest,
            "per_minute": per_minute,
            "connections": connections,
            "certificate": home / "mail.pem",
            "uid": pwd.getpwnam("postfix").pw_uid,
            "gid": pwd.getpwnam("postfix").pw_gid,
        }
        _write(home, certificate, facts)
        auth = subprocess.Popen([str(DOVECOT), "-F", "-c", str(home / "dovecot.conf")])
        mail = subprocess.Popen(
            [str(POSTFIX), "-c", str(home / "etc"), "start-fg"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            server = Postfix(home, port)
            _await(server, mail, auth)
            yield server
        finally:
            subprocess.run([str(POSTFIX), "-c", str(home / "etc"), "stop"], capture_output=True, check=False)
            for process in (mail, auth):
                process.terminate()
                process.wait(timeout=20)


def _write(home: Path, certificate: Path, facts: dict[str, object]) -> None:
    home.chmod(0o755)
    owner = pwd.getpwnam("postfix")
    for folder in ("etc", "queue", "data", "boxes", "dovecot"):
        (home / folder).mkdir()
    for folder in ("data", "boxes"):
        os.chown(home / folder, owner.pw_uid, owner.pw_gid)
    shutil.copy(certificate, home / "mail.pem")
    (home / "etc" / "main.cf").write_text(MAIN_CF.format(**facts), encoding="utf-8")
    (home / "etc" / "master.cf").write_text(MASTER_CF.format(**facts), encoding="utf-8")
    (home / "moods").write_text(MOODS.format(**facts), encoding="utf-8")
    boxes = [f"{user}@{DOMAIN} {user}/" for user in (*KNOWN, *(f"u{number}" for number in range(200)))]
    (home / "recipients").write_text("\n".join(boxes) + "\n", encoding="utf-8")
    (home / "dovecot.conf").write_text(DOVECOT_CONF.format(**facts), encoding="utf-8")
    (home / "passwords").write_text(f"{LOGIN}:{{PLAIN}}{PASSWORD}\n", encoding="utf-8")


def _await(server: Postfix, *processes: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert all(process.poll() is None for process in processes), "Postfix or Dovecot ended at once"
        with suppress(OSError), socket.create_connection(("127.0.0.1", server.port), timeout=5) as probe:
            if probe.recv(200).startswith(b"220") and (server.home / "auth").exists():
                probe.sendall(b"QUIT\r\n")
                return
        time.sleep(0.05)
    raise AssertionError("Postfix does not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
