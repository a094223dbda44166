"""A PostgreSQL server of the tests' own: found on the machine or in a Python package, gone afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from demo import servers
from demo.servers import NoServer

OWNER = "duban"
DURABLE = "-c listen_addresses=127.0.0.1"
"""As PostgreSQL comes."""
# A test server may lose everything in a crash, so it need not wait for the disk.
OPTIONS = f"{DURABLE} -c fsync=off -c full_page_writes=off -c synchronous_commit=off"


@dataclass(frozen=True)
class Server:
    port: int

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{OWNER}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """A new, empty database; return its URL."""
        self._run(f'CREATE DATABASE "{database}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        address = f"host=127.0.0.1 port={self.port} user={OWNER} dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]


@contextmanager
def running(options: str = OPTIONS) -> Iterator[Server]:
    """A server for as long as the block lasts. Raise NoServer when there is none to start."""
    complaints = []
    for binaries in servers.postgres_installations():
        home = Path(tempfile.mkdtemp(prefix="duban-pg-"))
        try:
            try:
                server = _start(binaries, home, options)
            except (OSError, subprocess.SubprocessError) as trouble:
                complaints.append(f"{binaries}: {trouble}")
                continue
            try:
                yield server
            finally:
                servers.run(binaries / "pg_ctl", "-D", home / "data", "-m", "immediate", "stop")
            return
        finally:
            shutil.rmtree(home, ignore_errors=True)
    raise NoServer("; ".join([servers.POSTGRES_HOW_TO, *complaints]))


def _start(binaries: Path, home: Path, options: str) -> Server:
    server = Server(_free_port())
    if (account := servers.unprivileged()) is not None:
        os.chown(home, account.user, account.group)
    data = home / "data"
    servers.run(
        binaries / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"
    )
    given = f"{options} -p {server.port} -k {home}"
    servers.run(binaries / "pg_ctl", "-D", data, "-l", home / "log", "-o", given, "-w", "-t", "30", "start")
    return server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
