"""The cluster as it is tried out: heartbeats are judged within seconds, so that a crash is noticed while a test waits;
the watch looks every second or two and is patient with nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from demo import compose
from demo.cluster import LOCAL, Cluster, ClusterPorts
from demo.environment import Ports
from demo.stack import MAIL
from tests.cluster import mail
from tests.mail_peers import dovecot

OPERATOR = "it@duban.example"
QUICK = {
    # Long enough for a busy machine: a task that is alive must not be taken for dead.
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "45",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "3",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "30",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "45",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
    "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "5",
    "DUBAN_APPROVE_ABOVE": "1000",
    "DUBAN_WATCH_MAILBOX": OPERATOR,
}
AT_ONCE = {"--every": "1", "--silent": "0"}
WATCH_ACCOUNT = "AIRFLOW_CONN_DUBAN_WATCH_SMTP"


class TriedCluster(Cluster):
    """Its mail server has levers and wants a password, its watch is quick, its clocks can be set wrong."""

    def __init__(self, home: Path, *, imap: dovecot.Dovecot | None) -> None:
        super().__init__(
            home, extra=QUICK | ({} if imap is None else {"AIRFLOW_CONN_DUBAN_IMAP": _box(imap)})
        )
        self.imap = imap
        self.clocks: dict[str, dict[str, str]] = {}

    def _values(self, ports: ClusterPorts) -> dict[str, str]:
        account = {"DUBAN_SMTP_LOGIN": mail.OFFICE, "DUBAN_SMTP_PASSWORD": "made-up"}
        own = {"conn_type": "smtp", "host": LOCAL, "port": ports.mail, "login": mail.WATCH, "password": "own"}
        own["extra"] = {"from_email": mail.WATCH, "disable_ssl": True, "disable_tls": True}
        return super()._values(ports) | account | {"DUBAN_WATCH_SMTP": json.dumps(own)}

    def _commands(self, ports: Ports) -> dict[str, list[str]]:
        serve = [sys.executable, "-m", "tests.cluster.mail", "--port", str(ports.mail)]
        _, *watch = compose.services()["watch"]["command"]
        for option, value in (AT_ONCE | {"--airflow": ports.api_url}).items():
            watch[watch.index(option) + 1] = value
        return super()._commands(ports) | {
            MAIL: [*serve, "--folder", str(self.mails)],
            "watch": [sys.executable, *watch],
        }

    def _own_env(self, name: str) -> dict[str, str]:
        own = super()._own_env(name) | self.clocks.get(name, {})
        if name == "watch":
            assert isinstance(self.ports, ClusterPorts)
            own[WATCH_ACCOUNT] = compose.environment(name, self._values(self.ports))[WATCH_ACCOUNT]
        return own


def _box(server: dovecot.Dovecot) -> str:
    account = {"host": LOCAL, "port": server.starttls, "login": dovecot.LOGIN, "password": dovecot.PASSWORD}
    return json.dumps({"conn_type": "imap", **account, "extra": {"security": "none", "timeout": 20}})
