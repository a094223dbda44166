"""The production topology of ``docker-compose.yml`` as plain processes on this machine.

``python -m demo.cluster start|stop|status``. Commands, environment and set-up script are those of the compose file;
only addresses and folders are this machine's. PostgreSQL and Redis are installed ones, else those of Python packages.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from redis import Redis
from redis.exceptions import RedisError

from demo import compose
from demo.environment import ADMIN, DEPUTY, DIRECTOR, ROOT, STAFF, Ports, Secrets
from demo.processes import Process, ask_to_end, kill, stop
from demo.servers import Account, NoServer, postgres_installations, redis_server, run, unprivileged
from demo.stack import MAIL, NotStarted, Stack, main

HOME = ROOT / ".cluster"
POSTGRES, REDIS = "postgres", "redis"
SERVERS = (POSTGRES, REDIS)
PLACE = ("AIRFLOW_HOME", "AIRFLOW__CORE__DAGS_FOLDER", "AIRFLOW__CORE__PLUGINS_FOLDER", "PYTHONPATH")
PLAYED = ("DUBAN_SENDING_HOURS", "DUBAN_APPROVE_ABOVE")
"""Settings that are the demo's own here, too: at any hour, and with batches that wait for somebody."""
LOCAL = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class ClusterPorts(Ports):
    """Every scheduler has a health page, every worker a log server."""

    postgres: int = 5442
    redis: int = 6389
    scheduler_1: int = 8974
    scheduler_2: int = 8975
    worker_1: int = 8803
    worker_2: int = 8804
    triggerer: int = 8794


class Cluster(Stack):
    """Everything in its compose file but containers; each component can be killed and started by itself."""

    title = "督办 Duban：生产部署的各组件（两个调度器、两个 worker、PostgreSQL、Redis）"
    ports_of = ClusterPorts

    def start_again(self, name: str) -> None:
        """What a restart policy does with a component that has ended."""
        self._launch(name)
        if name in SERVERS:
            self._wait_for_servers()

    def revive(self) -> list[str]:
        """Start again what has ended, as a restart policy does; return its names."""
        ended = [name for name, alive in self.statuses().items() if not alive]
        for name in sorted(ended, key=lambda each: each not in SERVERS):
            self.start_again(name)
        return ended

    def kill(self, name: str, *, whole_family: bool = True) -> None:
        """SIGKILL, as when a container or, without its family, a process dies."""
        kill(self._process(name), whole_family=whole_family)

    def stop(self) -> None:
        """End the components first and what they are connected to last."""
        stop(each for each in self._processes() if each.name not in SERVERS)
        for each in self._processes():
            if each.name in SERVERS:
                ask_to_end(each, signal.SIGINT)
        super().stop()

    @property
    def database_folder(self) -> Path:
        """In the home, unless PostgreSQL must run as somebody who may not look into it."""
        if unprivileged() is None:
            return self.home / POSTGRES
        name = hashlib.blake2b(str(self.home).encode(), digest_size=6).hexdigest()
        return Path(tempfile.gettempdir()) / f"duban-cluster-{name}"

    @property
    def ledger_url(self) -> str:
        return self.env["DUBAN_LEDGER_URL"]

    def remove(self) -> None:
        """Stop, and leave nothing behind."""
        self.stop()
        shutil.rmtree(self.database_folder, ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def _process(self, name: str) -> Process:
        return next(each for each in self._processes() if each.name == name)

    def _env(self, ports: Ports) -> dict[str, str]:
        assert isinstance(ports, ClusterPorts)
        told = compose.environment("airflow-init", self._values(ports))
        for name in PLACE + PLAYED:
            told.pop(name, None)
        return super()._env(ports) | told | self._here(ports) | self._extra

    def _values(self, ports: ClusterPorts) -> dict[str, str]:
        """The ``.env`` of this cluster."""
        kept = Secrets.of(self.home)
        posts = {"office_staff": STAFF, "office_director": DIRECTOR, "deputy_bureau": DEPUTY}
        return {
            "AIRFLOW_FERNET_KEY": kept.fernet,
            "AIRFLOW_JWT_SECRET": kept.jwt,
            "AIRFLOW_API_SECRET_KEY": kept.api,
            "AIRFLOW_DATABASE_PASSWORD": kept.of_server("airflow"),
            "DUBAN_LEDGER_PASSWORD": kept.of_server("duban"),
            "REDIS_PASSWORD": kept.of_server(REDIS),
            "DUBAN_TOKEN_KEY": kept.token_key,
            "DUBAN_ADMIN_USER": ADMIN,
            "DUBAN_ADMIN_PASSWORD": kept.passwords[ADMIN],
            "DUBAN_APPROVERS": json.dumps(posts),
            "DUBAN_BASE_URL": ports.api_url,
            "DUBAN_POSTGRES_HOST": LOCAL,
            "DUBAN_POSTGRES_PORT": str(ports.postgres),
            "DUBAN_REDIS_HOST": LOCAL,
            "DUBAN_REDIS_PORT": str(ports.redis),
            "DUBAN_SMTP_HOST": LOCAL,
            "DUBAN_SMTP_PORT": str(ports.mail),
            # Live is safe here: the only mail server it knows delivers into a folder.
            "DUBAN_SEND_MODE": "live",
            "DUBAN_OFFICE_MAILBOX": "office@duban.example",
            "DUBAN_MAIL_DOMAIN": "duban.example",
            "DUBAN_WORKER_CONCURRENCY": "2",
            "DUBAN_PARALLELISM": "2",
        }

    def _here(self, ports: ClusterPorts) -> dict[str, str]:
        """What is not as in a container: folders and the addresses of one machine."""
        data = self.home / "duban"
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{ports.api_url}/execution/",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(ports.triggerer),
            "AIRFLOW__FAB__AUTH_RATE_LIMITED": "False",
            "AIRFLOW__FAB__CONFIG_FILE": str(ROOT / "deploy" / "webserver_config.py"),
            "DUBAN_HOME": str(data),
            "DUBAN_ACCESS": str(data / "access.yaml"),
            "DUBAN_INBOX": str(data / "inbox"),
            "DUBAN_ARCHIVE": str(data / "archive"),
        }

    def _own_env(self, name: str) -> dict[str, str]:
        port = str(getattr(self.ports, name.replace("-", "_"), ""))
        if name.startswith("scheduler"):
            return {"AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": port}
        if name.startswith("worker"):
            return {"AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": port}
        return {}

    def _account(self, name: str) -> Account | None:
        return unprivileged() if name == POSTGRES else None

    def _commands(self, ports: Ports) -> dict[str, list[str]]:
        assert isinstance(ports, ClusterPorts)
        airflow = [sys.executable, "-m", "airflow"]
        ours = {
            name: [*airflow, *component.command, *_own_arguments(name)]
            for component in compose.components()
            for name in component.names
        }
        mail = {MAIL: super()._commands(ports)[MAIL]}
        return self._server_commands(ports) | mail | ours

    def _server_commands(self, ports: ClusterPorts) -> dict[str, list[str]]:
        values = self._values(ports)
        queue = [compose.filled(word, values) for word in compose.services()[REDIS]["command"]]
        data = self.database_folder
        return {
            POSTGRES: [
                *(
                    str(next(postgres_installations()) / "postgres"),
                    "-D",
                    str(data / "data"),
                    "-k",
                    str(data),
                ),
                *("-p", str(ports.postgres), "-c", f"listen_addresses={LOCAL}"),
            ],
            REDIS: [
                *(str(redis_server()), *queue[1:], "--port", str(ports.redis), "--bind", LOCAL),
                *("--dir", str(self._folder(REDIS))),
            ],
        }

    def _prepare(self, env: Mapping[str, str]) -> None:
        """Databases, roles and users, as the first start in containers makes them."""
        is_new = not (self.database_folder / "data").exists()
        try:
            if is_new:
                self._make_databases()
            for name in SERVERS:
                self._launch(name)
            self._wait_for_servers()
        except NoServer as missing:
            raise NotStarted(str(missing)) from missing
        if is_new:
            owner = self._as_owner(env)
            self._run("create-database", ["createdb", "--username", "airflow", "airflow"], owner)
            self._run("create-ledger-database", ["bash", "deploy/create-ledger-database.sh"], owner)
        self._run("init", ["bash", "deploy/init.sh"], env)
        self._run("users", [sys.executable, "-m", "demo.users"], env)

    def _make_databases(self) -> None:
        folder, account = self.database_folder, unprivileged()
        folder.mkdir(parents=True)
        word = folder / "password"
        word.touch(mode=0o600)
        word.write_text(Secrets.of(self.home).of_server("airflow"), encoding="ascii")
        if account is not None:
            for path in (folder, word):
                os.chown(path, account.user, account.group)
        run(
            *(next(postgres_installations(), Path()) / "initdb", "-D", folder / "data", "-U", "airflow"),
            *("-A", "scram-sha-256", f"--pwfile={word}", "-E", "UTF8", "--locale=C"),
        )
        word.unlink()

    def _as_owner(self, env: Mapping[str, str]) -> dict[str, str]:
        """How the image of PostgreSQL runs the script of the ledger's database."""
        ports = self.ports
        assert isinstance(ports, ClusterPorts)
        kept = Secrets.of(self.home)
        binaries = next(postgres_installations())
        return {
            **env,
            "PATH": f"{binaries}{os.pathsep}{env['PATH']}",
            "PGHOST": LOCAL,
            "PGPORT": str(ports.postgres),
            "PGPASSWORD": kept.of_server("airflow"),
            "POSTGRES_USER": "airflow",
            "DUBAN_LEDGER_PASSWORD": kept.of_server("duban"),
        }

    def _folder(self, name: str) -> Path:
        folder = self.home / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _wait_for_servers(self, timeout: float = 60) -> None:
        """Until both take connections; PostgreSQL says no while it recovers from a crash."""
        ports, kept = self.ports, Secrets.of(self.home)
        assert isinstance(ports, ClusterPorts)
        until = time.monotonic() + timeout
        while True:
            try:
                psycopg.connect(
                    host=LOCAL,
                    port=ports.postgres,
                    user="airflow",
                    dbname="postgres",
                    password=kept.of_server("airflow"),
                    connect_timeout=5,
                ).close()
                Redis(port=ports.redis, password=kept.of_server(REDIS)).ping()
            except (psycopg.OperationalError, RedisError) as fault:
                if time.monotonic() > until:
                    raise NotStarted(f"{timeout:.0f}秒内未能连接 PostgreSQL 或 Redis：{fault}") from fault
                time.sleep(0.1)
            else:
                return


def _own_arguments(name: str) -> list[str]:
    """Two workers on one host are told apart by their names."""
    return ["--celery-hostname", f"{name}@{LOCAL}"] if name.startswith("worker") else []


if __name__ == "__main__":
    sys.exit(main(Cluster, HOME))
