"""Column types that mean the same in SQLite and in PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, DateTime, Dialect, Enum, Numeric, String
from sqlalchemy.types import TypeDecorator, TypeEngine

from include.domain.campaign import TIMEZONE

BEIJING = ZoneInfo(TIMEZONE)
LARGEST_FEN = 10**16 - 1


class Money(TypeDecorator[Decimal]):
    """元 to the 分, exactly: NUMERIC(16,2) in PostgreSQL, whole 分 in SQLite, which has no decimals.

    Raise ValueError for part of a 分 and for an amount the column cannot hold, on either database.
    """

    impl = Numeric(16, 2)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return BigInteger() if dialect.name == "sqlite" else Numeric(16, 2)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        fen = value.scaleb(2)
        if fen != fen.to_integral_value() or abs(fen) > LARGEST_FEN:
            raise ValueError(f"金额 {value} 元不能入账：须精确到分，且整数部分不超过14位")
        return int(fen) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        return Decimal(value).scaleb(-2) if dialect.name == "sqlite" else Decimal(value)


class Number(TypeDecorator[Decimal]):
    """A decimal with the digits it was given: an amount, a count or a rate. Text in SQLite."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return String(40) if dialect.name == "sqlite" else Numeric()

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        return str(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return Decimal(value) if value is not None else None


class Instant(TypeDecorator[datetime]):
    """A moment: timestamptz, or UTC text of fixed width (so that it sorts) in SQLite.

    Comes out in Asia/Shanghai. Raise ValueError for a time without a zone.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return String(32) if dialect.name == "sqlite" else DateTime(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"时刻 {value} 没有时区，不能入账")
        utc = value.astimezone(UTC)
        return utc.isoformat(timespec="microseconds") if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return (datetime.fromisoformat(value) if dialect.name == "sqlite" else value).astimezone(BEIJING)


def word(enum: type[StrEnum], name: str, *, checked: bool = True) -> Enum:
    """One of the enum's words, as text with a CHECK: both databases can hold it and both refuse others.

    Without the CHECK (``checked=False``) for words that grow often: SQLite changes one only by copying the table.
    """
    return Enum(
        enum,
        name=name,
        length=32,
        native_enum=False,
        create_constraint=checked,
        values_callable=lambda members: [member.value for member in members],
    )
