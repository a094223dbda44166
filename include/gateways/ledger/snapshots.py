"""Snapshots and their figures: what a report was made of."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, case, select

from include.domain.obligations import ObligationState
from include.domain.occasions import Period
from include.domain.reports import Figure, Snapshot, SnapshotItem, SnapshotUnit
from include.gateways.ledger.audit import audited, canonical
from include.gateways.ledger.database import Database, insert_new
from include.gateways.ledger.tables import figure, obligation, self_check_item, shaped, snapshot, unit


@dataclass(frozen=True, slots=True)
class Content:
    """What a snapshot freezes."""

    units: tuple[SnapshotUnit, ...]
    items: tuple[SnapshotItem, ...]


CONTENT = TypeAdapter(Content)
ITEM_COLUMNS = [
    (obligation if field.name in ("unit_code", "unit_kind") else self_check_item).c[field.name]
    for field in fields(SnapshotItem)
]


class Snapshots:
    def __init__(self, database: Database) -> None:
        self._database = database

    def take(
        self, campaign_id: str, report_key: str, phase_key: str, *, period: Period, on: date
    ) -> Snapshot:
        """Freeze the phase's obligations and accepted items; the same content gives the same snapshot."""
        with self._database.reading() as connection:
            content = Content(
                units=_units(connection, campaign_id, phase_key, on),
                items=_items(connection, campaign_id, phase_key),
            )
        text = canonical(CONTENT.dump_python(content, mode="json")).encode()
        identity = {
            "campaign_id": campaign_id,
            "report_key": report_key,
            "phase_key": phase_key,
            "period_start": period.start,
            "period_end": period.end,
            "sha256": hashlib.sha256(text).hexdigest(),
        }
        with audited(self._database) as (connection, trail):
            entry = insert_new(snapshot, connection).values(
                **identity, taken_on=on, content=gzip.compress(text, mtime=0)
            )
            if (new_id := connection.scalar(entry.returning(snapshot.c.id))) is not None:
                sizes = {"units": len(content.units), "items": len(content.items)}
                trail.note("snapshot", new_id, None, identity | sizes, on=on)
            same = [snapshot.c[column] == value for column, value in identity.items()]
            row = connection.execute(select(snapshot).where(*same)).one()
        return _snapshot(row, content)

    def get(self, snapshot_id: int) -> Snapshot:
        """The frozen content, read back as it was. Raise KeyError when there is none."""
        with self._database.reading() as connection:
            row = connection.execute(select(snapshot).where(snapshot.c.id == snapshot_id)).one_or_none()
        if row is None:
            raise KeyError(snapshot_id)
        return _snapshot(row, CONTENT.validate_json(gzip.decompress(row.content)))

    def save_figures(self, snapshot_id: int, figures: Sequence[Figure]) -> None:
        """A snapshot's figures are computed once; saving them again changes nothing."""
        if not figures:
            return
        rows = [{"snapshot_id": snapshot_id} | asdict(each) for each in figures]
        with audited(self._database) as (connection, trail):
            entered = connection.execute(insert_new(figure, connection), rows).rowcount
            if entered:
                taken_on = connection.scalar(select(snapshot.c.taken_on).where(snapshot.c.id == snapshot_id))
                trail.note("figure", snapshot_id, None, {"count": entered}, on=taken_on or date.min)

    def figures(self, snapshot_id: int) -> list[Figure]:
        """In the order in which they were saved."""
        statement = (
            select(*shaped(figure, Figure)).where(figure.c.snapshot_id == snapshot_id).order_by(figure.c.id)
        )
        with self._database.reading() as connection:
            return [Figure(**row._mapping) for row in connection.execute(statement)]


def _units(connection: Connection, campaign_id: str, phase_key: str, on: date) -> tuple[SnapshotUnit, ...]:
    facts = _facts(connection, campaign_id, on)
    rows = connection.execute(
        select(*shaped(obligation, SnapshotUnit)).where(
            obligation.c.campaign_id == campaign_id, obligation.c.phase_key == phase_key
        )
    )
    lines = [
        SnapshotUnit(
            **row._mapping,
            region_code=facts[row.unit_code].region_code,
            level=facts[row.unit_code].level or "",
            has_address=bool(facts[row.unit_code].contact_email or facts[row.unit_code].backup_email),
        )
        for row in rows
    ]
    # Sorted here: databases order text each in its own way, and the hash must not depend on it.
    return tuple(sorted(lines, key=lambda line: (line.unit_code, line.form)))


def _facts(connection: Connection, campaign_id: str, on: date) -> dict[str, Any]:
    """Each unit's version of that day, or the last one before; a unit yet to join by its first."""
    started = unit.c.joined_on <= on
    rows = connection.execute(
        select(unit.c.code, unit.c.region_code, unit.c.level, unit.c.contact_email, unit.c.backup_email)
        .where(unit.c.campaign_id == campaign_id)
        .order_by(started, case((started, unit.c.joined_on)), unit.c.joined_on.desc(), unit.c.id)
    )
    return {row.code: row for row in rows}


def _items(connection: Connection, campaign_id: str, phase_key: str) -> tuple[SnapshotItem, ...]:
    rows = connection.execute(
        select(obligation.c.form, self_check_item.c.seq, self_check_item.c.id, *ITEM_COLUMNS)
        .join_from(obligation, self_check_item, self_check_item.c.return_id == obligation.c.return_id)
        .where(
            obligation.c.campaign_id == campaign_id,
            obligation.c.phase_key == phase_key,
            obligation.c.state.in_([ObligationState.ACCEPTED, ObligationState.REVIEWED]),
        )
    )
    in_order = sorted(rows, key=lambda row: (row.unit_code, row.form, row.seq, row.id))
    return tuple(SnapshotItem(*row[3:]) for row in in_order)


def _snapshot(row: Any, content: Content) -> Snapshot:
    return Snapshot(
        id=row.id,
        campaign_id=row.campaign_id,
        report_key=row.report_key,
        period=Period(row.period_start, row.period_end),
        taken_on=row.taken_on,
        sha256=row.sha256,
        units=content.units,
        items=content.items,
    )
