"""Editions of reports, and the decisions about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from include.domain.obligations import IllegalMove
from include.domain.reports import Edition, EditionState
from include.gateways.ledger.audit import SYSTEM, Trail, audited
from include.gateways.ledger.columns import BEIJING
from include.gateways.ledger.database import Database, insert_new
from include.gateways.ledger.tables import approval, report_edition, shaped


class Editions:
    def __init__(self, database: Database) -> None:
        self._database = database

    def next_number(self, campaign_id: str, report_key: str, snapshot_id: int, *, occasion: str) -> int:
        """The number this snapshot's edition has, or would get."""
        with self._database.reading() as connection:
            return _number(connection, campaign_id, report_key, occasion, snapshot_id)

    def add(
        self,
        campaign_id: str,
        report_key: str,
        snapshot_id: int,
        *,
        occasion: str,
        file_name: str,
        sha256: str,
        on: date,
    ) -> Edition:
        """The same snapshot and file give the same edition.

        Raise ValueError when the snapshot has an edition with another file: editions are never replaced.
        """
        identity = {
            "campaign_id": campaign_id,
            "report_key": report_key,
            "occasion": occasion,
            "snapshot_id": snapshot_id,
        }
        same = [report_edition.c[column] == value for column, value in identity.items()]
        with audited(self._database) as (connection, trail):
            entry = insert_new(report_edition, connection).values(
                **identity,
                number=_number(connection, campaign_id, report_key, occasion, snapshot_id),
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

    def get(self, edition_id: int) -> Edition:
        """Raise KeyError when there is none."""
        with self._database.reading() as connection:
            return _edition(connection, report_edition.c.id == edition_id)

    def latest(self, campaign_id: str, report_key: str, *, occasion: str) -> Edition | None:
        """The one with the highest number; None before the first."""
        of_report = [
            report_edition.c.campaign_id == campaign_id,
            report_edition.c.report_key == report_key,
            report_edition.c.occasion == occasion,
        ]
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


def _number(
    connection: Connection, campaign_id: str, report_key: str, occasion: str, snapshot_id: int
) -> int:
    mine = and_(
        report_edition.c.campaign_id == campaign_id,
        report_edition.c.report_key == report_key,
        report_edition.c.occasion == occasion,
    )
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
