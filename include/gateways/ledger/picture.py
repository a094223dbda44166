"""What a copy of the ledger is compared by: its version, its rows, the end of its audit chain, the files it names."""

from __future__ import annotations

from pydantic import BaseModel
from sqlalchemy import Connection, func, inspect, select, table

from include.gateways.ledger.database import connect
from include.gateways.ledger.inbound_tables import inbound_message
from include.gateways.ledger.tables import audit, delivery_attempt, edition_file, notice, return_file
from include.gateways.ledger.versions import KEPT_IN, revision

_NAMED = (return_file.c.sha256, inbound_message.c.sha256, edition_file.c.sha256)


class Picture(BaseModel, frozen=True):
    """``rows`` per table (条); ``attempts`` is the number of the latest attempt to send."""

    revision: str | None
    rows: dict[str, int]
    audit_end: str | None
    attempts: int


def picture(connection: Connection) -> Picture:
    """Of whatever version the ledger is: all tables there are."""
    return Picture(
        revision=revision(connection),
        rows={
            name: connection.scalar(select(func.count()).select_from(table(name))) or 0
            for name in sorted(set(inspect(connection).get_table_names()) - {KEPT_IN.name})
        },
        audit_end=connection.scalar(select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)),
        attempts=connection.scalar(select(func.max(delivery_attempt.c.id))) or 0,
    )


def of(url: str) -> Picture:
    """The picture of the ledger at that address, of this moment."""
    engine = connect(url)
    try:
        with engine.connect() as connection:
            return picture(connection)
    finally:
        engine.dispose()


def archived(connection: Connection) -> set[str]:
    """SHA-256 of every original, answer and report the ledger refers to."""
    found: set[str] = set()
    for named in _NAMED:
        found.update(connection.scalars(select(named).distinct()))
    attached = select(notice.c.attachments).where(notice.c.attachments.is_not(None))
    for attachments in connection.scalars(attached.execution_options(yield_per=5_000)):
        found.update(each["sha256"] for each in attachments)
    return found
