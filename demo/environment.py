"""The settings, ports and secrets of an embedded Airflow: everything its processes are told, in one place."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ADMIN = "admin"
STAFF = "staff"
DIRECTOR = "director"
DEPUTY = "deputy"
HOTLINE = "hotline"
AUDITOR = "auditor"
BRANCH = "branch"
ROLES = {
    ADMIN: "admin",
    STAFF: "user",
    DIRECTOR: "user",
    DEPUTY: "user",
    HOTLINE: "user",
    AUDITOR: "viewer",
    BRANCH: "viewer",
}
"""Users of the embedded stack and their SimpleAuthManager roles."""
ACCESS = {
    ADMIN: {"role": "admin"},
    STAFF: {"role": "officer", "post": "经办岗"},
    DIRECTOR: {"role": "approver", "post": "复核岗"},
    DEPUTY: {"role": "approver", "post": "审核岗"},
    HOTLINE: {"role": "hotline", "post": "举报受理岗"},
    AUDITOR: {"role": "auditor", "post": "内审岗"},
    BRANCH: {"role": "viewer", "post": "县区查看岗", "regions": ["150626"]},
}
"""The same users' rights on the desk."""


@dataclass(frozen=True, slots=True)
class Ports:
    """TCP ports on 127.0.0.1. The log server has one of its own: a wrong one shows as empty task logs."""

    api: int = 8080
    worker_logs: int = 8793
    mail: int = 2525

    @classmethod
    def choose(cls, wanted: Mapping[str, int] | None = None) -> Ports:
        """The wanted ports (last time's, else the usual ones) where free, any free port otherwise."""
        ports = asdict(cls()) | dict(wanted or {})
        return cls(**{name: port if _is_free(port) else _free_port() for name, port in ports.items()})

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.api}"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made once per home and kept: a new token key would disown every workbook issued before."""

    jwt: str
    api: str
    fernet: str
    token_key: str
    passwords: dict[str, str]

    @classmethod
    def of(cls, home: Path) -> Secrets:
        """Read ``secrets.json``, or make it; users that have come since get a password."""
        file = home / "secrets.json"
        new = asdict(cls._new())
        kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else new
        kept["passwords"] = new["passwords"] | kept["passwords"]
        write_private(file, kept)
        return cls(**kept)

    def of_server(self, name: str) -> str:
        """The password of a database or queue: follows from what is kept, so nothing more need be."""
        return hashlib.blake2b(name.encode(), key=self.api.encode(), digest_size=16).hexdigest()

    @classmethod
    def _new(cls) -> Secrets:
        return cls(
            jwt=secrets.token_hex(48),  # shorter than 64 bytes is warned about at every start
            api=secrets.token_hex(32),
            fernet=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            token_key=secrets.token_hex(32),
            passwords={user: secrets.token_urlsafe(9) for user in ROLES},
        )


def airflow_env(
    home: Path, ports: Ports, extra: Mapping[str, str] | None = None, *, dags: Path = ROOT / "dags"
) -> dict[str, str]:
    """The whole environment of a component; ``extra`` wins.

    Airflow settings of the caller's own shell are left out: they would point this stack at another one's database.
    """
    kept = Secrets.of(home)
    write_private(home / "passwords.json", kept.passwords)
    write_private(home / "duban" / "access.yaml", {"users": ACCESS})
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AIRFLOW_", "_AIRFLOW_", "DUBAN_")) and name != "PYTHONDONTWRITEBYTECODE"
    }
    return {
        **inherited,
        **_airflow(home, ports, kept, dags),
        **_duban(home, ports, kept),
        "PYTHONPATH": str(ROOT),
        "NO_COLOR": "1",
        **(extra or {}),
    }


def _airflow(home: Path, ports: Ports, kept: Secrets, dags: Path) -> dict[str, str]:
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__FERNET_KEY": kept.fernet,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{ports.api_url}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(
            f"{user}:{role}" for user, role in ROLES.items()
        ),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(ports.api),
        "AIRFLOW__API__BASE_URL": ports.api_url,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": kept.api,
        "AIRFLOW__API_AUTH__JWT_SECRET": kept.jwt,
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(ports.worker_logs),
        # The defaults suit a server farm: a second of sleep per task, five minutes until a new file is seen.
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
    }


def _duban(home: Path, ports: Ports, kept: Secrets) -> dict[str, str]:
    data = home / "duban"
    return {
        "DUBAN_HOME": str(data),
        "DUBAN_TOKEN_KEY": kept.token_key,
        # Live is safe here: the only mail server this stack knows is the demo's own, which delivers into a folder.
        "DUBAN_SEND_MODE": "live",
        # Played at any hour of the day.
        "DUBAN_SENDING_HOURS": "",
        # Low enough that announcement and launch wait for the director, as a larger office's would.
        "DUBAN_APPROVE_ABOVE": "100",
        "DUBAN_APPROVERS": json.dumps(
            {"office_staff": STAFF, "office_director": DIRECTOR, "deputy_bureau": DEPUTY}
        ),
        "AIRFLOW_CONN_DUBAN_LEDGER": json.dumps({"conn_type": "sqlite", "host": str(data / "ledger.db")}),
        "AIRFLOW_CONN_DUBAN_SMTP": json.dumps(
            {
                "conn_type": "smtp",
                "host": "127.0.0.1",
                "port": ports.mail,
                "extra": {"disable_ssl": True, "disable_tls": True},
            }
        ),
    }


def write_private(file: Path, content: object) -> None:
    """Readable by the owner from the first byte on, so there is no moment in which others could read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(
        os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as handle:
        json.dump(content, handle, indent=2, ensure_ascii=False)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: connections of a stack stopped a moment ago must not count as in use.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
