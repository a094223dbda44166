"""Snapshots, figures, editions and the decisions about them."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, case, func, select, update

from include.domain.obligations import IllegalMove, ObligationState
from include.domain.reports import Edition, EditionState, Figure, Snapshot, SnapshotItem, SnapshotUnit
from include.gateways.ledger.audit import SYSTEM, Trail, audited, canonical
from include.gateways.ledger.columns import BEIJING
from include.gateways.ledger.database import Database, insert_new
from include.gateways.ledger.tables import (
    approval,
    figure,
    obligation,
    report_edition,
    self_check_item,
    shaped,
    snapshot,
    unit,
)


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


class Reports:
    def __init__(self, database: Database) -> None:
        self._database = database

    def take_snapshot(self, campaign_id: str, report_key: str, phase_key: str, *, on: date) -> Snapshot:
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

    def snapshot(self, snapshot_id: int) -> Snapshot:
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

    def next_edition_number(self, campaign_id: str, report_key: str, snapshot_id: int) -> int:
        """The number this snapshot's edition has, or would get."""
        with self._database.reading() as connection:
            return _number(connection, campaign_id, report_key, snapshot_id)

    def add_edition(
        self, campaign_id: str, report_key: str, snapshot_id: int, *, file_name: str, sha256: str, on: date
    ) -> Edition:
        """The same snapshot and file give the same edition.

        Raise ValueError when the snapshot has an edition with another file: editions are never replaced.
        """
        identity = {"campaign_id": campaign_id, "report_key": report_key, "snapshot_id": snapshot_id}
        same = [report_edition.c[column] == value for column, value in identity.items()]
        with audited(self._database) as (connection, trail):
            entry = insert_new(report_edition, connection).values(
                **identity,
                number=_number(connection, campaign_id, report_key, snapshot_id),
                state=EditionState.DRAFTED,
                file_name=file_name,
                sha256=sha256,
                compiled_on=on,
            )
            if (new_id := connection.scalar(entry.returning(report_edition.c.id))) is not None:
                trail.note("report_edition", new_id, None, identity | {"sha256": sha256}, on=on)
            edition = _edition(connection, *same)
        if edition.sha256 != sha256:
            raise ValueError(
                f"报送事项“{report_key}”第{edition.number}版已由同一快照编制，文件内容与本次不同；"
                "已编制的版本不得替换，请核对表样或程序是否有改动"
            )
        return edition

    def edition(self, edition_id: int) -> Edition:
        """Raise KeyError when there is none."""
        with self._database.reading() as connection:
            return _edition(connection, report_edition.c.id == edition_id)

    def latest_edition(self, campaign_id: str, report_key: str) -> Edition | None:
        """The one with the highest number; None before the first."""
        of_report = [report_edition.c.campaign_id == campaign_id, report_edition.c.report_key == report_key]
        newest = select(report_edition.c.id).where(*of_report).order_by(report_edition.c.number.desc())
        with self._database.reading() as connection:
            edition_id = connection.scalar(newest.limit(1))
            return None if edition_id is None else _edition(connection, report_edition.c.id == edition_id)

    def decide(self, edition_id: int, *, approved: bool, by: str, reason: str, at: datetime) -> Edition:
        """Write down a person's decision; the same one again changes nothing.

        Raise IllegalMove when it has been decided otherwise.
        """
        state = EditionState.APPROVED if approved else EditionState.REJECTED
        with audited(self._database) as (connection, trail):
            before = _edition(connection, report_edition.c.id == edition_id)
            if before.state is state:
                return before
            if not _move(connection, before, EditionState.DRAFTED, state):
                raise IllegalMove(f"第{before.number}版统计表已有审批结论，不能改作另一结论")
            decision = {"approved": approved, "by": by, "reason": reason, "at": at}
            connection.execute(approval.insert().values(edition_id=edition_id, **decision))
            _note(trail, before, state, at=at, actor=by, reason=reason)
            return replace(before, state=state)

    def mark_sent(self, edition_id: int, *, at: datetime) -> None:
        """Raise IllegalMove for an edition nobody has approved. Marking twice changes nothing."""
        with audited(self._database) as (connection, trail):
            before = _edition(connection, report_edition.c.id == edition_id)
            if before.state is EditionState.SENT:
                return
            if not _move(connection, before, EditionState.APPROVED, EditionState.SENT, sent_at=at):
                raise IllegalMove(f"第{before.number}版统计表未经审批通过，不能标记为已报送")
            _note(trail, before, EditionState.SENT, at=at)


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
        taken_on=row.taken_on,
        sha256=row.sha256,
        units=content.units,
        items=content.items,
    )


def _number(connection: Connection, campaign_id: str, report_key: str, snapshot_id: int) -> int:
    mine = (report_edition.c.campaign_id == campaign_id) & (report_edition.c.report_key == report_key)
    own = select(report_edition.c.number).where(mine, report_edition.c.snapshot_id == snapshot_id)
    newest = select(func.max(report_edition.c.number)).where(mine)
    return connection.scalar(own) or (connection.scalar(newest) or 0) + 1


def _edition(connection: Connection, *where: ColumnElement[bool]) -> Edition:
    row = connection.execute(select(*shaped(report_edition, Edition)).where(*where)).one_or_none()
    if row is None:
        raise KeyError("report_edition")
    return Edition(**row._mapping)


def _move(
    connection: Connection, edition: Edition, old: EditionState, new: EditionState, **values: Any
) -> bool:
    """Whether the edition was in the old state and is in the new one now."""
    moved = connection.execute(
        update(report_edition)
        .where(report_edition.c.id == edition.id, report_edition.c.state == old)
        .values(state=new, **values)
    )
    return moved.rowcount == 1


def _note(
    trail: Trail,
    before: Edition,
    state: EditionState,
    *,
    at: datetime,
    actor: str = SYSTEM,
    reason: str = "",
) -> None:
    trail.note(
        "report_edition",
        before.id,
        {"state": before.state},
        {"state": state},
        on=at.astimezone(BEIJING).date(),
        actor=actor,
        reason=reason,
    )
