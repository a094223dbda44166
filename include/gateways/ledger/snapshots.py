"""Snapshots and their figures: what a report was made of."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select, update

from include.domain.occasions import Period
from include.domain.reports import Figure, FigureNote, Snapshot
from include.gateways.ledger.audit import audited
from include.gateways.ledger.database import Database, insert_new
from include.gateways.ledger.frozen import Content, content, notes
from include.gateways.ledger.tables import figure, figure_note, shaped, snapshot

CONTENT = TypeAdapter(Content)


class Snapshots:
    def __init__(self, database: Database) -> None:
        self._database = database

    def take(
        self, campaign_id: str, report_key: str, phase_key: str, *, period: Period, on: date
    ) -> Snapshot:
        """Freeze what the report counts; the same content gives the same snapshot."""
        with self._database.reading() as connection:
            frozen = content(connection, campaign_id, report_key, phase_key, period, on)
        text = CONTENT.dump_json(frozen)
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
                sizes = {field.name: len(getattr(frozen, field.name)) for field in fields(Content)}
                trail.note("snapshot", new_id, None, identity | sizes, on=on)
            same = [snapshot.c[column] == value for column, value in identity.items()]
            row = connection.execute(select(snapshot).where(*same)).one()
        return _snapshot(row, frozen)

    def look(self, campaign_id: str, phase_key: str, *, period: Period, on: date) -> Snapshot:
        """What ``take`` would freeze at this moment, without keeping it and without notes; its id is 0."""
        with self._database.reading() as connection:
            frozen = content(connection, campaign_id, "", phase_key, period, on)
        parts = {field.name: getattr(frozen, field.name) for field in fields(Content)}
        return Snapshot(0, campaign_id, "", period, on, "", **parts)

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

    def annotate(
        self, campaign_id: str, report_key: str, period: Period, note: FigureNote, *, on: date
    ) -> None:
        """Write a note about a figure, in place of an earlier one. The next snapshot has it."""
        place = {
            "campaign_id": campaign_id,
            "report_key": report_key,
            "period_end": period.end,
            "indicator": note.indicator,
            "dimension": note.dimension,
            "member": note.member,
            "scope": note.scope,
        }
        words = {"value": note.value, "note": note.note, "by": note.by}
        same = [figure_note.c[column] == value for column, value in place.items()]
        with audited(self._database) as (connection, trail):
            columns = [figure_note.c[name] for name in words]
            before = connection.execute(select(*columns).where(*same)).one_or_none()
            old = dict(before._mapping) if before else None
            if old == words:
                return
            if old is None:
                connection.execute(figure_note.insert().values(**place, **words))
            else:
                connection.execute(update(figure_note).where(*same).values(**words))
            entity_id = f"{campaign_id}/{report_key}/{period.end}"
            trail.note(
                "figure_note",
                entity_id,
                old,
                place | words,
                on=on,
                actor=note.by,
                reason=note.note,
            )

    def notes(self, campaign_id: str, report_key: str, period: Period) -> tuple[FigureNote, ...]:
        """What was written about the figures of the report for that period."""
        with self._database.reading() as connection:
            return notes(connection, campaign_id, report_key, period)


def _snapshot(row: Any, frozen: Content) -> Snapshot:
    return Snapshot(
        id=row.id,
        campaign_id=row.campaign_id,
        report_key=row.report_key,
        period=Period(row.period_start, row.period_end),
        taken_on=row.taken_on,
        sha256=row.sha256,
        **{field.name: getattr(frozen, field.name) for field in fields(Content)},
    )
