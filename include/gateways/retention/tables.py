"""The rows of one campaign, table by table, as CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, LargeBinary, Select, Table, select

from include.gateways.ledger.tables import audit, metadata, notice, sent_mail

NULL = r"\N"
"""What stands for no value, as in PostgreSQL's COPY: an empty cell is an empty text."""
ENCODING = "utf-8-sig"
"""With a byte order mark: a spreadsheet of today takes it for Chinese."""

LONGEST = 1 << 30
"""Characters of a cell: an entry of the trail may describe a whole roster."""


def tables() -> Iterator[tuple[Table, str]]:
    """Every table that has rows of a campaign, and the audit trail, which is of all of them or is no chain."""
    for each in metadata.sorted_tables:
        if each is audit or of(each, "") is not None:
            yield each, f"tables/{each.name}.csv"


def write(table: Table, campaign_id: str, file: Path, connection: Connection) -> int:
    """The campaign's rows in order of their key; return how many (条)."""
    wanted = select(table) if table is audit else of(table, campaign_id)
    assert wanted is not None
    columns = [column for column in table.columns if not isinstance(column.type, LargeBinary)]
    statement = wanted.with_only_columns(*columns).order_by(*table.primary_key.columns)
    count = 0
    with (
        file.open("w", encoding=ENCODING, newline="") as text,
        connection.execute(statement.execution_options(yield_per=5_000)) as rows,
    ):
        out = csv.writer(text, lineterminator="\n")
        out.writerow([column.name for column in columns])
        for row in rows:
            out.writerow([_cell(value) for value in row])
            count += 1
    return count


def read(file: Path) -> Iterator[dict[str, str | None]]:
    csv.field_size_limit(LONGEST)
    with file.open(encoding=ENCODING, newline="") as text:
        for row in csv.DictReader(text):
            yield {name: None if value == NULL else value for name, value in row.items()}


def described() -> dict[str, Any]:
    """Each table's columns: kind, whether it may be empty, what it refers to. For ``tables.json``."""
    return {
        table.name: {
            "file": file,
            "key": [column.name for column in table.primary_key.columns],
            "columns": {
                column.name: {
                    "kind": type(column.type).__name__,
                    "may_be_null": bool(column.nullable),
                    "refers_to": [key.target_fullname for key in column.foreign_keys],
                }
                for column in table.columns
                if not isinstance(column.type, LargeBinary)
            },
        }
        for table, file in tables()
    }


def of(table: Table, campaign_id: str) -> Select[Any] | None:
    """The rows that name the campaign, or hang on a row that does; None for a table of no campaign."""
    if "campaign_id" in table.c:
        return select(table).where(table.c.campaign_id == campaign_id)
    if table is sent_mail:
        own = select(notice.c.message_id).where(notice.c.campaign_id == campaign_id)
        return select(table).where(table.c.message_id.in_(own))
    for column in table.columns:
        for key in column.foreign_keys:
            if (above := of(key.column.table, campaign_id)) is not None:
                return select(table).where(column.in_(above.with_only_columns(key.column)))
    return None


def _cell(value: object) -> str:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, date | Decimal | int | str):
        return str(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
