"""What came in, what was decided about it, and what that did to the obligation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, select, update

from include.domain.notices import NewNotice
from include.domain.obligations import SETTLED, ObligationState
from include.domain.returns import FileKind, Finding, Judgement, ReturnFile, SelfCheckItem, Verdict
from include.gateways.ledger import obligations, outbox
from include.gateways.ledger.audit import Trail, audited
from include.gateways.ledger.database import Database, in_chunks, insert_new
from include.gateways.ledger.tables import finding, obligation, return_file, self_check_item, shaped

MOVES_TO = {
    Verdict.ACCEPTED: ObligationState.ACCEPTED,
    Verdict.ACCEPTED_WITH_WARNINGS: ObligationState.ACCEPTED,
    Verdict.RETURNED: ObligationState.RETURNED,
    Verdict.PARTIAL: ObligationState.PARTIAL,
}
STILL_OPEN = frozenset({None, Verdict.UNCLAIMED, Verdict.PARTIAL})
"""A verdict still to be given or changed: claimed by staff later, completed by the stamped scan."""

IN_ORDER = (return_file.c.received_at, return_file.c.id)
NEWEST_FIRST = (return_file.c.received_at.desc(), return_file.c.id.desc())


class Returns:
    def __init__(self, database: Database) -> None:
        self._database = database

    def receive(
        self,
        campaign_id: str,
        *,
        name: str,
        sha256: str,
        kind: FileKind,
        channel: str,
        received_at: datetime,
        received_on: date,
    ) -> ReturnFile:
        """Enter an arrival. The same campaign, name and content entered before is returned as it is."""
        identity = {"campaign_id": campaign_id, "name": name, "sha256": sha256}
        facts = {"kind": kind, "channel": channel, "received_at": received_at, "received_on": received_on}
        same = [return_file.c[column] == value for column, value in identity.items()]
        with audited(self._database) as (connection, trail):
            entry = insert_new(return_file, connection).values(**identity, **facts)
            id_ = connection.scalar(entry.returning(return_file.c.id))
            if id_ is not None:
                trail.note("return_file", id_, None, identity | facts, on=received_on)
            return _files(connection, _select().where(*same))[0]

    def pending(self, campaign_id: str, *, received_until: date) -> list[ReturnFile]:
        """Arrivals without a verdict, in order of arrival."""
        return self._read(
            _select()
            .where(
                return_file.c.campaign_id == campaign_id,
                return_file.c.verdict.is_(None),
                return_file.c.received_on <= received_until,
            )
            .order_by(*IN_ORDER)
        )

    def judged(self, campaign_id: str, *, verdicts: Collection[Verdict]) -> list[ReturnFile]:
        """Workbooks with one of those verdicts, in order of arrival."""
        return self._read(
            _select()
            .where(
                return_file.c.campaign_id == campaign_id,
                return_file.c.kind == FileKind.WORKBOOK,
                return_file.c.verdict.in_(list(verdicts)),
            )
            .order_by(*IN_ORDER)
        )

    def same_content(self, campaign_id: str, sha256: str, *, before_id: int) -> ReturnFile | None:
        """The first arrival with the very same bytes, if it came earlier."""
        return self._first(
            _select()
            .where(
                return_file.c.campaign_id == campaign_id,
                return_file.c.sha256 == sha256,
                return_file.c.id < before_id,
            )
            .order_by(return_file.c.id)
        )

    def get(self, return_id: int) -> ReturnFile:
        """Raise KeyError when there is none."""
        file = self._first(_select().where(return_file.c.id == return_id))
        if file is None:
            raise KeyError(return_id)
        return file

    def findings(self, return_id: int) -> tuple[Finding, ...]:
        with self._database.reading() as connection:
            return _findings(connection, [return_id]).get(return_id, ())

    def judge(
        self, judgements: Sequence[Judgement], notices: Sequence[NewNotice], *, on: date, actor: str
    ) -> None:
        """Apply verdicts, findings, items, obligation moves, answers and their audit in one transaction.

        A settled obligation is not moved: a newer return that fails leaves the accepted one in force,
        a newer accepted one replaces its figures, and one for a waived or closed obligation is kept
        with its verdict. A file judged already keeps its verdict and gets no second answer, so that a
        run repeated after its commit changes nothing; only *unclaimed* and *partial* can still change.
        """
        with audited(self._database) as (connection, trail):
            _lock(connection, judgements)
            left_alone = {
                judgement.return_id
                for judgement in judgements
                if not _apply(connection, trail, judgement, on=on, actor=actor)
            }
            answers = [notice for notice in notices if notice.return_id not in left_alone]
            outbox.enter(connection, trail, answers)

    def of_obligation(self, obligation_id: int, *, verdict: Verdict) -> ReturnFile | None:
        """The obligation's newest workbook with that verdict."""
        return self._first(
            _select()
            .where(
                return_file.c.obligation_id == obligation_id,
                return_file.c.verdict == verdict,
                return_file.c.kind == FileKind.WORKBOOK,
            )
            .order_by(*NEWEST_FIRST)
        )

    def items(self, return_id: int) -> tuple[SelfCheckItem, ...]:
        statement = (
            select(*shaped(self_check_item, SelfCheckItem))
            .where(self_check_item.c.return_id == return_id)
            .order_by(self_check_item.c.seq, self_check_item.c.id)
        )
        with self._database.reading() as connection:
            return tuple(SelfCheckItem(**row._mapping) for row in connection.execute(statement))

    def scans(self, campaign_id: str, unit_code: str) -> list[ReturnFile]:
        """Stamped scans kept for the unit, newest first."""
        return self._read(
            _select()
            .where(
                return_file.c.campaign_id == campaign_id,
                return_file.c.unit_code == unit_code,
                return_file.c.kind == FileKind.SCAN,
                return_file.c.verdict == Verdict.KEPT,
            )
            .order_by(*NEWEST_FIRST)
        )

    def counts(self, campaign_id: str) -> dict[Verdict, int]:
        statement = (
            select(return_file.c.verdict, func.count())
            .where(return_file.c.campaign_id == campaign_id, return_file.c.verdict.is_not(None))
            .group_by(return_file.c.verdict)
        )
        with self._database.reading() as connection:
            return dict(connection.execute(statement).all())

    def _read(self, statement: Select[Any]) -> list[ReturnFile]:
        with self._database.reading() as connection:
            return _files(connection, statement)

    def _first(self, statement: Select[Any]) -> ReturnFile | None:
        files = self._read(statement.limit(1))
        return files[0] if files else None


def _select() -> Select[Any]:
    return select(*shaped(return_file, ReturnFile))


def _files(connection: Connection, statement: Select[Any]) -> list[ReturnFile]:
    rows = connection.execute(statement).all()
    findings = _findings(connection, [row.id for row in rows if row.verdict is not None])
    return [ReturnFile(**row._mapping, findings=findings.get(row.id, ())) for row in rows]


def _findings(connection: Connection, return_ids: Sequence[int]) -> dict[int, tuple[Finding, ...]]:
    found: dict[int, tuple[Finding, ...]] = {}
    for chunk in in_chunks(return_ids):
        statement = (
            select(finding.c.return_id, *shaped(finding, Finding))
            .where(finding.c.return_id.in_(chunk))
            .order_by(finding.c.id)
        )
        for row in connection.execute(statement):
            facts = dict(row._mapping)
            return_id = facts.pop("return_id")
            found[return_id] = (*found.get(return_id, ()), Finding(**facts))
    return found


def _lock(connection: Connection, judgements: Iterable[Judgement]) -> None:
    """Hold the batch's rows, always in the same order, so that two batches cannot block each other."""
    returns = {judgement.return_id for judgement in judgements}
    owed = {judgement.obligation_id for judgement in judgements if judgement.obligation_id is not None}
    for table, ids in ((return_file, returns), (obligation, owed)):
        for chunk in in_chunks(sorted(ids)):
            connection.execute(
                select(table.c.id).where(table.c.id.in_(chunk)).order_by(table.c.id).with_for_update()
            )


def _apply(connection: Connection, trail: Trail, judgement: Judgement, *, on: date, actor: str) -> bool:
    """Whether the judgement was new."""
    file = connection.execute(
        select(return_file).where(return_file.c.id == judgement.return_id)
    ).one_or_none()
    if file is None:
        raise KeyError(judgement.return_id)
    if file.verdict not in STILL_OPEN or file.verdict is judgement.verdict:
        return False
    decided = {
        "verdict": judgement.verdict,
        "unit_code": judgement.unit_code,
        "obligation_id": judgement.obligation_id,
        "receipt_no": judgement.receipt_no,
        "judged_on": on,
    }
    connection.execute(update(return_file).where(return_file.c.id == file.id).values(decided))
    _replace(connection, finding, file.id, judgement.findings)
    _replace(connection, self_check_item, file.id, judgement.items)
    trail.note("return_file", file.id, {"verdict": file.verdict}, decided, on=on, actor=actor)
    if judgement.obligation_id is not None and judgement.verdict in MOVES_TO:
        _move_obligation(connection, trail, judgement.obligation_id, judgement, file, on=on, actor=actor)
    return True


def _replace(
    connection: Connection, table: Any, return_id: int, records: Sequence[Finding] | Sequence[SelfCheckItem]
) -> None:
    connection.execute(delete(table).where(table.c.return_id == return_id))
    if records:
        connection.execute(table.insert(), [{"return_id": return_id} | asdict(record) for record in records])


def _move_obligation(
    connection: Connection,
    trail: Trail,
    obligation_id: int,
    judgement: Judgement,
    file: Any,
    *,
    on: date,
    actor: str,
) -> None:
    owed = connection.execute(
        select(obligation.c.state, obligation.c.return_id).where(obligation.c.id == obligation_id)
    ).one()
    target = MOVES_TO[judgement.verdict]
    if owed.state is target is ObligationState.ACCEPTED:
        _supersede(connection, trail, obligation_id, owed.return_id, judgement, file, on=on, actor=actor)
    if owed.state in SETTLED:
        return

    def move(old: ObligationState, new: ObligationState, **values: Any) -> None:
        reason = f"报送件 {file.id}：{judgement.verdict.zh}"
        obligations.move(
            connection, trail, obligation_id, old, new, on=on, actor=actor, reason=reason, **values
        )

    if owed.state is not ObligationState.RECEIVED:
        move(owed.state, ObligationState.RECEIVED, received_on=file.received_on)
    accepted = {
        "return_id": file.id,
        "is_zero": judgement.is_zero,
        "accepted_on": on,
        "days_late": judgement.days_late,
    }
    move(ObligationState.RECEIVED, target, **(accepted if target is ObligationState.ACCEPTED else {}))


def _supersede(
    connection: Connection,
    trail: Trail,
    obligation_id: int,
    current_id: int,
    judgement: Judgement,
    file: Any,
    *,
    on: date,
    actor: str,
) -> None:
    """A newer accepted return brings new figures; the debt was paid when the first was accepted."""
    current = connection.execute(select(*IN_ORDER).where(return_file.c.id == current_id)).one()
    if (file.received_at, file.id) <= tuple(current):
        return
    figures = {"return_id": file.id, "is_zero": judgement.is_zero}
    connection.execute(update(obligation).where(obligation.c.id == obligation_id).values(figures))
    trail.note(
        "obligation",
        obligation_id,
        {"return_id": current_id},
        figures,
        on=on,
        actor=actor,
        reason="以后报的通过件为准",
    )
