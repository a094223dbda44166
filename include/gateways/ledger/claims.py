"""Files nobody could be found for (待认领), and what staff decide about them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, select, update

from include.domain.model import Severity
from include.domain.returns import Finding, ReturnFile, Verdict
from include.gateways.ledger.audit import audited
from include.gateways.ledger.database import Database
from include.gateways.ledger.tables import finding, return_file, shaped


class NoLongerWaiting(ValueError):
    """Somebody decided about the file in the meantime."""

    def __init__(self) -> None:
        super().__init__("这份文件已不在待认领之列，可能刚由他人处理，请重新查看待认领文件")


class Claims:
    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, campaign_id: str) -> list[ReturnFile]:
        """Unclaimed files of every kind, in order of arrival."""
        unclaimed = [return_file.c.campaign_id == campaign_id, return_file.c.verdict == Verdict.UNCLAIMED]
        files = select(*shaped(return_file, ReturnFile)).where(*unclaimed)
        said = (
            select(finding.c.return_id, *shaped(finding, Finding))
            .where(finding.c.return_id.in_(select(return_file.c.id).where(*unclaimed)))
            .order_by(finding.c.id)
        )
        findings: defaultdict[int, list[Finding]] = defaultdict(list)
        with self._database.reading() as connection:
            for row in connection.execute(said):
                facts = dict(row._mapping)
                findings[facts.pop("return_id")].append(Finding(**facts))
            in_order = files.order_by(return_file.c.received_at, return_file.c.id)
            return [
                ReturnFile(**row._mapping, findings=tuple(findings[row.id]))
                for row in connection.execute(in_order)
            ]

    def assign(self, return_id: int, unit_code: str, *, name: str, on: date, actor: str, reason: str) -> None:
        """Give the file to a unit under a name that says so and open it for the next check.

        Raise NoLongerWaiting.
        """
        decided = {"verdict": None, "unit_code": unit_code, "name": name, "judged_on": None}
        self._decide(return_id, decided, on=on, actor=actor, reason=reason)

    def set_aside(self, return_id: int, *, on: date, actor: str, reason: str) -> None:
        """Keep the file and judge it no more. Raise NoLongerWaiting."""
        note = Finding("file.set_aside", f"{actor}确认不是报送件，已搁置：{reason}", Severity.INFO)
        decided = {"verdict": Verdict.KEPT, "unit_code": None, "judged_on": on}
        self._decide(return_id, decided, note, on=on, actor=actor, reason=reason)

    def _decide(
        self,
        return_id: int,
        decided: dict[str, Any],
        note: Finding | None = None,
        *,
        on: date,
        actor: str,
        reason: str,
    ) -> None:
        with audited(self._database) as (connection, trail):
            before = _waiting(connection, return_id)
            connection.execute(update(return_file).where(return_file.c.id == return_id).values(decided))
            connection.execute(delete(finding).where(finding.c.return_id == return_id))
            if note is not None:
                connection.execute(finding.insert().values(return_id=return_id, **asdict(note)))
            old = {column: before[column] for column in decided}
            trail.note("return_file", return_id, old, decided, on=on, actor=actor, reason=reason)


def _waiting(connection: Connection, return_id: int) -> dict[str, Any]:
    """The file's row, locked: of two people who decide at once the second is told."""
    row = connection.execute(
        select(return_file).where(return_file.c.id == return_id).with_for_update()
    ).one_or_none()
    if row is None or row.verdict is not Verdict.UNCLAIMED:
        raise NoLongerWaiting
    return dict(row._mapping)
