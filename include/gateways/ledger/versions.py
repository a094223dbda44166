"""The version of a ledger's tables, and whether this program knows it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from include.domain.errors import GiveUp

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
KEPT_IN = Table("alembic_version", MetaData(), Column("version_num", String(32)))


def revision(connection: Connection) -> str | None:
    """The number of the last migration that was run; None where there are no tables yet."""
    if not inspect(connection).has_table(KEPT_IN.name):
        return None
    number: str | None = connection.scalar(select(KEPT_IN.c.version_num))
    return number


def refuse_newer(connection: Connection) -> None:
    """Raise GiveUp for a ledger that a newer program has changed: this one would write into it what is wrong there."""
    refuse_unknown(revision(connection))


def refuse_unknown(number: str | None) -> None:
    """Raise GiveUp for a number that is none of this program's migrations."""
    if number is not None and number not in _known():
        raise GiveUp(
            f"台账的表结构版本是{number}，比本程序支持的{max(_known())}新，已停止，没有改动任何数据；"
            "请使用与台账相同或更新的程序版本"
        )


@cache
def _known() -> frozenset[str]:
    """By their file names: to import them all would cost every task."""
    return frozenset(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))
