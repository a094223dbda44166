"""A bureau database behind an SQLAlchemy engine: one query, read only, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from include.domain.errors import GiveUp, TryAgain
from include.domain.values import Cell

AT_ONCE = 1_000


class SqlSource:
    def __init__(self, engine: Engine, *, connection: str) -> None:
        self._engine = engine
        self._connection = connection

    @contextmanager
    def query(
        self, statement: str, parameters: Mapping[str, object]
    ) -> Iterator[tuple[Sequence[str], Iterator[Sequence[Cell]]]]:
        """Column names, and the rows as they are asked for; whatever the statement does is rolled back."""
        try:
            with self._connected() as connection:
                streamed = connection.execution_options(stream_results=True, yield_per=AT_ONCE)
                with streamed.execute(text(statement), parameters) as found:
                    yield list(found.keys()), ([_cell(value) for value in row] for row in found)
                connection.rollback()
        except SQLAlchemyError as fault:
            raise GiveUp(
                f"连接“{self._connection}”的查询出错：{_said(fault)}；请核对查询语句、表名、列名和查询权限"
            ) from fault
        finally:
            self._engine.dispose()

    def _connected(self) -> Connection:
        try:
            connection = self._engine.connect()
            _read_only(connection)
        except SQLAlchemyError as fault:
            raise TryAgain(
                f"连接“{self._connection}”连不上：{_said(fault)}；请核对 Airflow“管理—连接”中的地址和账号"
            ) from fault
        return connection


def _read_only(connection: Connection) -> None:
    """The database itself refuses to write, where it can be told so; the account should not be able to either."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION READ ONLY"))
    elif connection.dialect.name in {"mysql", "mariadb", "oracle"}:
        connection.rollback()
        connection.execute(text("SET TRANSACTION READ ONLY"))
    elif connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA query_only = ON"))


def _cell(value: object) -> Cell:
    """A value of the database as a cell: amounts and odd types as they are written, so that no digit is lost."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if value is None or isinstance(value, str | int | float | bool | datetime | date):
        return value
    return str(value)


def _said(fault: SQLAlchemyError) -> str:
    """The database's own first line."""
    own = str(fault.orig) if isinstance(fault, DBAPIError) and fault.orig else str(fault)
    return own.strip().splitlines()[0][:200] if own.strip() else type(fault).__name__
