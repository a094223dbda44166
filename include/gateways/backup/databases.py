"""One database in one file, in one consistent picture, and back: SQLite's own copy, PostgreSQL's own dump."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, create_engine, make_url, text

from include.domain.errors import GiveUp
from include.gateways.ledger.database import connect

ASIDE = "before_restore_"
_SUFFIXES = {"sqlite": ".db", "postgresql": ".dump"}
_LOGS = ("-wal", "-shm")
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)

T = TypeVar("T")


def file_name(name: str, url: str) -> str:
    """What the copy of a database is called. Raise GiveUp for a kind that cannot be copied."""
    kind = make_url(url).get_backend_name()
    if kind not in _SUFFIXES:
        raise GiveUp(f"不能备份 {kind} 数据库，只支持 PostgreSQL 和 SQLite")
    return name + _SUFFIXES[kind]


def dump(url: str, file: Path, look: Callable[[Connection], T]) -> T:
    """Copy the database into the file; return what ``look`` sees in exactly the picture that was copied.

    Others may go on writing. Raise GiveUp when there is nothing to copy, or no program to do it with.
    """
    seen = _dump_postgres(url, file, look) if _is_postgres(url) else _copy_sqlite(url, file, look)
    with file.open("rb") as written:
        os.fsync(written.fileno())
    return seen


def refuse_while_used(url: str) -> None:
    """Raise GiveUp while anybody else is connected: they would write into what is being replaced."""
    used = _is_used_postgres(url) if _is_postgres(url) else _is_used_sqlite(_path(url))
    if used:
        where = make_url(url).render_as_string(hide_password=True)
        raise GiveUp(f"数据库 {where} 正在使用中，请先停止全部组件（调度器、worker、接口服务等）再恢复")


@contextmanager
def replaced(url: str, file: Path, *, stamp: str) -> Iterator[str | None]:
    """The database as it is in the file, for good when the block ends well, else as it was before.

    Yield what the old one is called from now on, None where there was none: nothing is deleted here.
    """
    put, back = (
        (_put_postgres, _take_back_postgres) if _is_postgres(url) else (_put_sqlite, _take_back_sqlite)
    )
    aside = put(url, file, stamp)
    try:
        yield aside
    except BaseException:
        back(url, aside)
        raise


def _is_postgres(url: str) -> bool:
    return file_name("", url) == _SUFFIXES["postgresql"]


def _path(url: str) -> Path:
    return Path(make_url(url).database or "")


# SQLite


def _copy_sqlite(url: str, file: Path, look: Callable[[Connection], T]) -> T:
    if not _path(url).is_file():
        raise GiveUp(f"没有数据库文件“{_path(url)}”，无可备份；请核对 DUBAN_HOME 或 DUBAN_LEDGER_URL")
    with closing(sqlite3.connect(_path(url))) as source, closing(sqlite3.connect(file)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")  # one file by itself
    engine = create_engine(f"sqlite:///{file}")
    try:
        with engine.connect() as connection:
            return look(connection)
    finally:
        engine.dispose()


def _is_used_sqlite(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=1)) as connection:
            # Leaving the write-ahead log needs the file for oneself.
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as fault:
        return "locked" in str(fault)
    except sqlite3.DatabaseError:
        return False  # what cannot be read any more is what a restore is for
    return False


def _put_sqlite(url: str, file: Path, stamp: str) -> str | None:
    path = _path(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{ASIDE}{stamp}")
    was_there = path.exists()
    for suffix in ("", *_LOGS):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    draft = path.with_name(f".{path.name}.{stamp}")
    shutil.copyfile(file, draft)
    draft.chmod(0o600)
    draft.replace(path)
    return str(aside) if was_there else None


def _take_back_sqlite(url: str, aside: str | None) -> None:
    path = _path(url)
    for suffix in ("", *_LOGS):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
        if aside is not None and (part := Path(aside + suffix)).exists():
            part.replace(path.with_name(path.name + suffix))


# PostgreSQL


def _dump_postgres(url: str, file: Path, look: Callable[[Connection], T]) -> T:
    engine = connect(url).execution_options(isolation_level="REPEATABLE READ")
    try:
        with engine.begin() as connection:
            picture = connection.scalar(text("SELECT pg_export_snapshot()"))
            seen = look(connection)
            options = ("--format=custom", "--no-owner", "--no-privileges", f"--exclude-schema={ASIDE}*")
            _run("pg_dump", url, *options, f"--snapshot={picture}", f"--file={file}")
    finally:
        engine.dispose()
    return seen


def _is_used_postgres(url: str) -> bool:
    engine = connect(url)
    try:
        with engine.connect() as connection:
            return bool(connection.scalar(_OTHERS))
    finally:
        engine.dispose()


def _put_postgres(url: str, file: Path, stamp: str) -> str | None:
    aside = ASIDE + stamp
    _in_one_go(url, f'ALTER SCHEMA public RENAME TO "{aside}"', "CREATE SCHEMA public")
    try:
        _run(
            "pg_restore",
            url,
            "--no-owner",
            "--no-privileges",
            "--single-transaction",
            "--exit-on-error",
            str(file),
        )
    except BaseException:
        _take_back_postgres(url, aside)
        raise
    return aside


def _take_back_postgres(url: str, aside: str | None) -> None:
    _in_one_go(url, "DROP SCHEMA public CASCADE", f'ALTER SCHEMA "{aside}" RENAME TO public')


def _in_one_go(url: str, *statements: str) -> None:
    engine = connect(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()


def _run(program: str, url: str, *options: str) -> None:
    """A client program of PostgreSQL; the password goes by the environment, where no list of processes shows it."""
    if (found := shutil.which(program)) is None:
        raise GiveUp(
            f"找不到 {program}，请安装 PostgreSQL 客户端（Debian、Ubuntu：apt-get install postgresql-client）"
        )
    address = make_url(url)
    command = [found, f"--dbname={_without_password(address)}", *options]
    environment = {**os.environ, "PGPASSWORD": address.password or os.environ.get("PGPASSWORD", "")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["没有说明原因"])[0]
        raise GiveUp(f"{program} 没有成功：{said}")


def _without_password(address: URL) -> str:
    plain = address.set(drivername="postgresql")._replace(password=None)
    return plain.render_as_string(hide_password=False)
