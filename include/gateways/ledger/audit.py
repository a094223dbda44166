"""Who changed what, when and why: append-only, each row's hash covering the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select, text

from include.gateways.ledger.database import Database
from include.gateways.ledger.tables import audit

SYSTEM = "duban"
"""The actor where the caller names none: a scheduled run."""

CHAIN_LOCK = 7_340_002
BEFORE_THE_FIRST = "0" * 64

# Made once: every change in the ledger runs them, and making a statement costs more than running it.
_LAST_HASH = select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)
_ENTER = audit.insert().inline()
_LOCK = text(f"SELECT pg_advisory_xact_lock({CHAIN_LOCK})")


@dataclass
class Trail:
    """What one transaction has changed so far."""

    entries: list[dict[str, Any]] = field(default_factory=list)

    def note(
        self,
        entity: str,
        entity_id: object,
        old: Mapping[str, Any] | None,
        new: Mapping[str, Any] | None,
        *,
        on: date,
        actor: str = SYSTEM,
        reason: str = "",
    ) -> None:
        """One change of one thing, or of a whole set described by its parameters and counts."""
        self.entries.append(
            {
                "entity": entity,
                "entity_id": str(entity_id),
                "old": canonical(old),
                "new": canonical(new),
                "actor": actor,
                "reason": reason,
                "day": on,
            }
        )


@contextmanager
def audited(database: Database) -> Iterator[tuple[Connection, Trail]]:
    """A writing transaction and its trail; both are committed, or neither.

    The trail is written last: the chain has one end, and whoever holds it must not wait for anyone.
    """
    with database.writing() as connection:
        trail = Trail()
        yield connection, trail
        _append(connection, trail)


class Audit:
    def __init__(self, database: Database) -> None:
        self._database = database

    def verify(self) -> int | None:
        """The id of the first row that was altered, or whose predecessor is missing; None when whole.

        Rows cut off at the very end leave no trace here: compare the last hash with a backup's.
        """
        previous = BEFORE_THE_FIRST
        in_order = select(audit).order_by(audit.c.id).execution_options(yield_per=5_000)
        with self._database.reading() as connection, connection.execute(in_order) as rows:
            for row in rows:
                if row.hash != link(previous, _contents(row)):
                    return int(row.id)
                previous = row.hash
        return None

    def knows(self, end: str) -> bool:
        """Whether a hash that once stood at the end is still in the chain; else rows were cut off."""
        with self._database.reading() as connection:
            return connection.scalar(select(audit.c.id).where(audit.c.hash == end).limit(1)) is not None


def canonical(value: object) -> str:
    """The one JSON text of a value: sorted keys, no spaces, dates and decimals as written."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def _append(connection: Connection, trail: Trail) -> None:
    if not trail.entries:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK)
    previous = connection.scalar(_LAST_HASH) or BEFORE_THE_FIRST
    rows = []
    for entry in trail.entries:
        previous = link(previous, entry)
        rows.append(entry | {"hash": previous})
    connection.execute(_ENTER, rows)


def _contents(row: Row[Any]) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name not in ("id", "hash")}


def link(previous: str, entry: Mapping[str, Any]) -> str:
    """The hash of an entry (all but its id and hash) that follows the one with the hash before."""
    return hashlib.sha256(f"{previous}\n{canonical(entry)}".encode()).hexdigest()
