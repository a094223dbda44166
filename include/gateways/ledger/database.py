"""One database, SQLite or PostgreSQL: connections, transactions, migrations."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

import alembic.command
from alembic.config import Config
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Insert,
    Table,
    create_engine,
    event,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, IntegrityError

from include.domain.errors import GiveUp
from include.gateways.ledger.versions import MIGRATIONS, refuse_newer

WAIT_SECONDS = 60
UPGRADE_LOCK = 7_340_001
CHUNK = 10_000
"""Values in one IN list; SQLite takes 32,766 parameters, PostgreSQL 65,535."""

T = TypeVar("T")


class Database:
    """Connects when first used, never when made; a forked worker must make its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._moment = threading.local()

    @cached_property
    def engine(self) -> Engine:
        """Raise GiveUp for a ledger newer than this program."""
        engine = connect(self._url)
        try:
            with engine.connect() as connection:
                refuse_newer(connection)
        except BaseException:
            engine.dispose()
            raise
        return engine

    @cached_property
    def _reader(self) -> Engine:
        if self.engine.dialect.name == "postgresql":
            return self.engine.execution_options(isolation_level="REPEATABLE READ")
        return self.engine

    @cached_property
    def _writer(self) -> Engine:
        return self.engine.execution_options(immediate=True)

    @cached_property
    def _turn(self) -> AbstractContextManager[Any]:
        return threading.Lock() if self.engine.dialect.name == "sqlite" else nullcontext()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent picture for all statements inside, whatever others write meanwhile."""
        if (shared := getattr(self._moment, "connection", None)) is not None:
            yield shared
            return
        with self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def at_one_moment(self) -> Iterator[None]:
        """All that this thread reads inside is one picture, and one transaction; not what is written inside."""
        with self.reading() as connection:
            self._moment.connection = connection
            try:
                yield
            finally:
                self._moment.connection = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, committed at the end or not at all.

        In SQLite it takes the write lock at once: two processes that read first and write later
        would each wait for the other and one would fail. The threads of a process take turns before they
        ask for it, for SQLite has no queue: who finds it taken sleeps, the longer the more often.
        """
        with self._turn, self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        if "engine" in self.__dict__:
            self.engine.dispose()


def connect(url: str) -> Engine:
    """An engine for a SQLite file or a PostgreSQL database; nothing is opened yet.

    Errors do not show what was written: they end in logs, and it may be about persons.
    Any PostgreSQL address is reached with psycopg 3, which inserts several times faster than psycopg2.
    """
    address = _address(url)
    if address.get_backend_name() != "sqlite":
        return create_engine(address, pool_pre_ping=True, hide_parameters=True)
    engine = create_engine(address, connect_args={"timeout": WAIT_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the tables up to that revision; of two processes that do it at once the second waits.

    Raise GiveUp for a ledger newer than this program.
    """
    _migrate(url, alembic.command.upgrade, revision)


def downgrade(url: str, revision: str) -> None:
    """Bring the tables down to that revision, for an older program; what they have no place for is gone.

    Raise GiveUp, changing nothing, when the older tables cannot tell apart or hold what there is.
    """
    try:
        _migrate(url, alembic.command.downgrade, revision)
    except (IntegrityError, DataError) as fault:
        raise GiveUp(
            f"台账中有版本{revision}无法容纳的数据，不能退回，没有改动任何数据；请从升级前的备份恢复"
        ) from fault


def _migrate(url: str, change: Callable[[Config, str], None], revision: str) -> None:
    engine = connect(url)
    if engine.dialect.name == "sqlite":
        # A table can only be changed by copying it, which must not count as deleting what others refer to.
        event.listen(engine, "connect", _forget_references)
    try:
        with engine.execution_options(immediate=True).begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
            refuse_newer(connection)
            change(migrations(connection), revision)
            if engine.dialect.name == "sqlite" and connection.execute(text("PRAGMA foreign_key_check")).all():
                raise RuntimeError("台账升级后有数据失去了所引用的记录，已撤销升级，原数据未变")
    finally:
        engine.dispose()


def migrations(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an ini file: the folder is found beside this package."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def insert_new(table: Table, connection: Connection) -> Insert:
    """An INSERT that leaves alone what a unique constraint says is there already."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement: Insert = dialect.insert(table).on_conflict_do_nothing()
    return statement.execution_options(preserve_rowcount=True)


def insert_many(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows that name the same columns, as they come: they are never all in memory.

    PostgreSQL takes them by COPY, which costs it a fifth of an INSERT.
    """
    insert = _copy if connection.dialect.name == "postgresql" else _insert
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        insert(connection, table, chunk)


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    connection.execute(table.insert(), list(rows))


def _copy(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = [table.c[name] for name in rows[0]]
    bind = [
        column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect) for column in columns
    ]
    quoted = connection.dialect.identifier_preparer
    names = ", ".join(quoted.format_column(column) for column in columns)
    driver: Any = connection.connection.cursor()
    with driver, driver.copy(f"COPY {quoted.format_table(table)} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(
                [to(row[c.name]) if to else row[c.name] for c, to in zip(columns, bind, strict=True)]
            )


def expect_many_rows(connection: Connection) -> None:
    """For the rest of the transaction: a statement over a whole roster sorts and joins it in memory, uncompiled.

    By its own reckoning PostgreSQL would write the sort to disk, compile the statement longer than it runs, and look
    through the whole of a table that it still takes for empty once for each row of the other.
    """
    if connection.dialect.name == "postgresql":
        settings = {"work_mem": "64MB", "jit": "off", "enable_nestloop": "off"}
        connection.execute(select(*(func.set_config(name, value, True) for name, value in settings.items())))


def in_chunks(values: Sequence[T]) -> Iterator[list[T]]:
    """The values in lists short enough for an IN."""
    iterator = iter(values)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def _address(url: str) -> URL:
    address = make_url(url.replace("postgres://", "postgresql://", 1))
    if address.get_backend_name() == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    return address


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # sqlite3 would begin transactions of its own, too late
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # NORMAL may lose the last commits in a power cut: mails marked as sent would be sent again.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _forget_references(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA foreign_keys = OFF")


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
