"""What came in, what was decided about it, and what that did to the obligation."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    bindparam,
    func,
    select,
    update,
)

from include.domain.inbound import Claim
from include.domain.notices import NewNotice
from include.domain.obligations import REPORTED, Obligation, ObligationState
from include.domain.red_flags import SelfCheck
from include.domain.returns import FileKind, Finding, Judgement, ReturnFile, SelfCheckItem, Verdict
from include.gateways.ledger import outbox
from include.gateways.ledger.audit import Trail, audited
from include.gateways.ledger.database import Database, in_chunks, insert_new
from include.gateways.ledger.tables import finding, obligation, return_file, self_check_item, shaped
from include.gateways.ledger.verdicts import IN_ORDER, MOVES_TO, apply, columns_of, in_force

NEWEST_FIRST = (return_file.c.received_at.desc(), return_file.c.id.desc())
ARRIVAL = (
    *("kind", "channel", "received_at", "received_on"),
    *("message_row_id", "sender", "hint_unit_code", "is_vouched"),
)


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
        message_row_id: int | None = None,
        claim: Claim | None = None,
    ) -> ReturnFile:
        """Enter an arrival. The same campaign, name and content entered before is returned as it is."""
        identity = {"campaign_id": campaign_id, "name": name, "sha256": sha256}
        facts = {"kind": kind, "channel": channel, "received_at": received_at, "received_on": received_on}
        if claim is not None:
            facts |= {
                "message_row_id": message_row_id,
                "sender": claim.sender,
                "hint_unit_code": claim.unit_code,
                "is_vouched": claim.is_vouched,
            }
        with audited(self._database) as (connection, trail):
            return _received(connection, trail, identity, facts)

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

    def same_content(self, files: Collection[ReturnFile]) -> dict[int, ReturnFile]:
        """By file id the first arrival with the very same bytes, for the files that are not it.

        One that nobody could assign to a unit does not count: sent again under its right name it is a return.
        """
        first: dict[tuple[str, str], ReturnFile] = {}
        campaigns = sorted({file.campaign_id for file in files})
        with self._database.reading() as connection:
            for chunk in in_chunks(sorted({file.sha256 for file in files})):
                newest_first = (
                    _select()
                    .where(
                        return_file.c.campaign_id.in_(campaigns),
                        return_file.c.sha256.in_(chunk),
                        return_file.c.verdict.is_distinct_from(Verdict.UNCLAIMED),
                    )
                    .order_by(return_file.c.id.desc())
                )
                for each in _files(connection, newest_first):
                    first[each.campaign_id, each.sha256] = each
        earlier = {file.id: first.get((file.campaign_id, file.sha256)) for file in files}
        return {id_: each for id_, each in earlier.items() if each is not None and each.id < id_}

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
        What a *partial* return holds stays as it was entered: its scan brings neither findings nor items.
        """
        with audited(self._database) as (connection, trail):
            new = apply(connection, trail, judgements, on=on, actor=actor)
            outbox.enter(connection, trail, [notice for notice in notices if notice.return_id in new])

    def put_together(self, page: Judgement, *, name: str, sha256: str, on: date, actor: str) -> ReturnFile:
        """Give a page of corrections its verdict and enter the workbook made of it, in one transaction.

        The workbook counts as having arrived when the page did. One made before is returned as it is.
        """
        with audited(self._database) as (connection, trail):
            apply(connection, trail, [page], on=on, actor=actor)
            sent = connection.execute(select(return_file).where(return_file.c.id == page.return_id)).one()
            identity = {"campaign_id": sent.campaign_id, "name": name, "sha256": sha256}
            facts = {column: sent._mapping[column] for column in ARRIVAL}
            return _received(connection, trail, identity, facts)

    def pass_review(self, return_id: int, *, on: date, actor: str, reason: str) -> None:
        """A person has read the return in force and lets it stand (已复核): no later file changes its figures.

        Raise IllegalMove when it is not, or no longer, in force.
        """
        with audited(self._database) as (connection, trail):
            file, moves = in_force(connection, trail, return_id, on=on, actor=actor)
            moves.review(file.obligation_id, {"state": ObligationState.REVIEWED}, reason)
            moves.write()

    def send_back(
        self, return_id: int, why: Finding, answer: NewNotice, *, on: date, actor: str, reason: str
    ) -> None:
        """A person sends back the return in force: the unit owes again, and is told why.

        What it reported stays in the ledger, but counts no more. Raise IllegalMove as above.
        """
        with audited(self._database) as (connection, trail):
            file, moves = in_force(connection, trail, return_id, on=on, actor=actor)
            nothing = {"return_id": None, "accepted_on": None, "days_late": 0, "is_zero": False}
            moves.review(file.obligation_id, {"state": ObligationState.RETURNED} | nothing, reason)
            moves.write()
            new = {"verdict": Verdict.RETURNED}
            connection.execute(update(return_file).where(return_file.c.id == return_id).values(new))
            connection.execute(finding.insert().values(return_id=return_id, **columns_of(why)))
            trail.note(
                "return_file", return_id, {"verdict": file.verdict}, new, on=on, actor=actor, reason=reason
            )
            outbox.enter(connection, trail, [answer])

    def of_obligation(self, obligation_id: int, *, verdict: Verdict) -> ReturnFile | None:
        """The obligation's newest workbook with that verdict."""
        return self.newest([obligation_id], verdicts=[verdict]).get(obligation_id)

    def newest(
        self, obligation_ids: Collection[int], *, verdicts: Collection[Verdict]
    ) -> dict[int, ReturnFile]:
        """By obligation its newest workbook with one of those verdicts; without any it is absent."""
        found: dict[int, ReturnFile] = {}
        for chunk in in_chunks(sorted(obligation_ids)):
            oldest_first = (
                _select()
                .where(
                    return_file.c.obligation_id.in_(chunk),
                    return_file.c.verdict.in_(list(verdicts)),
                    return_file.c.kind == FileKind.WORKBOOK,
                )
                .order_by(*IN_ORDER)
            )
            for file in self._read(oldest_first):
                found[file.obligation_id or 0] = file
        return found

    def items(self, return_id: int) -> tuple[SelfCheckItem, ...]:
        statement = (
            select(*shaped(self_check_item, SelfCheckItem))
            .where(self_check_item.c.return_id == return_id)
            .order_by(self_check_item.c.seq, self_check_item.c.id)
        )
        with self._database.reading() as connection:
            return tuple(SelfCheckItem(**row._mapping) for row in connection.execute(statement))

    def scanned(self, campaign_id: str, unit_codes: Collection[str]) -> frozenset[str]:
        """Those of the units whose stamped scan is here."""
        found: set[str] = set()
        with self._database.reading() as connection:
            for chunk in in_chunks(sorted(unit_codes)):
                found.update(connection.scalars(_scanned(), {"of": campaign_id, "codes": chunk}))
        return frozenset(found)

    def completed(self, campaign_id: str) -> list[tuple[Obligation, ReturnFile]]:
        """Obligations waiting for their stamped scan though it is here by now, each with the first to come."""
        waits = and_(obligation.c.campaign_id == campaign_id, obligation.c.state == ObligationState.PARTIAL)
        waiting = select(*shaped(obligation, Obligation)).where(waits).order_by(obligation.c.id)
        latest_first = (
            _select()
            .where(
                _is_kept_scan(campaign_id),
                return_file.c.unit_code.in_(select(obligation.c.unit_code).where(waits)),
            )
            .order_by(*NEWEST_FIRST)
        )
        with self._database.reading() as connection:
            owed = [Obligation(**row._mapping) for row in connection.execute(waiting)]
            first = {scan.unit_code: scan for scan in _files(connection, latest_first)}
        return [(each, first[each.unit_code]) for each in owed if each.unit_code in first]

    def counts(self, campaign_id: str) -> dict[Verdict, int]:
        statement = (
            select(return_file.c.verdict, func.count())
            .where(return_file.c.campaign_id == campaign_id, return_file.c.verdict.is_not(None))
            .group_by(return_file.c.verdict)
        )
        with self._database.reading() as connection:
            return dict(connection.execute(statement).all())

    def of_unit(self, campaign_id: str, unit_code: str) -> list[ReturnFile]:
        """The unit's workbooks that were judged as its returns, in order of arrival."""
        return self._read(
            _select()
            .where(
                return_file.c.campaign_id == campaign_id,
                return_file.c.unit_code == unit_code,
                return_file.c.kind == FileKind.WORKBOOK,
                return_file.c.verdict.in_(list(MOVES_TO)),
            )
            .order_by(*IN_ORDER)
        )

    def all_of_unit(self, campaign_id: str, unit_code: str) -> list[ReturnFile]:
        """Every file known to be the unit's, of whatever kind and verdict, in order of arrival."""
        mine = and_(return_file.c.campaign_id == campaign_id, return_file.c.unit_code == unit_code)
        return self._read(_select().where(mine).order_by(*IN_ORDER))

    def self_checks(self, campaign_id: str, form: str) -> list[SelfCheck]:
        """What the accepted return of every unit reports, by unit code."""
        accepted = (
            select(obligation.c.unit_code, obligation.c.is_zero, *shaped(self_check_item, SelfCheckItem))
            .select_from(
                obligation.outerjoin(self_check_item, self_check_item.c.return_id == obligation.c.return_id)
            )
            .where(
                obligation.c.campaign_id == campaign_id,
                obligation.c.form == form,
                obligation.c.state.in_(REPORTED),
            )
            .order_by(obligation.c.unit_code, obligation.c.id, self_check_item.c.seq, self_check_item.c.id)
        )
        zero: dict[str, bool] = {}
        items: dict[str, list[SelfCheckItem]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(accepted):
                facts = dict(row._mapping)
                code = facts.pop("unit_code")
                zero[code] = facts.pop("is_zero")
                listed = items.setdefault(code, [])
                if facts["seq"] is not None:
                    listed.append(SelfCheckItem(**facts))
        return [SelfCheck(code, is_zero, tuple(items[code])) for code, is_zero in zero.items()]

    def newest_checks(self, campaign_id: str, *, last: int) -> dict[date, list[ReturnFile]]:
        """Day → the workbooks judged on it as returns, for so many days with a check, the newest first."""
        judged = [
            return_file.c.campaign_id == campaign_id,
            return_file.c.kind == FileKind.WORKBOOK,
            return_file.c.verdict.in_(list(MOVES_TO)),
        ]
        days = (
            select(return_file.c.judged_on)
            .distinct()
            .where(*judged)
            .order_by(return_file.c.judged_on.desc())
            .limit(last)
        )
        with self._database.reading() as connection:
            return {
                day: _files(
                    connection, _select().where(*judged, return_file.c.judged_on == day).order_by(*IN_ORDER)
                )
                for day in list(connection.scalars(days))
            }

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


@cache
def _scanned() -> Select[str]:
    """Made once: every mail runs it, and making it costs more than running it."""
    return (
        select(return_file.c.unit_code)
        .where(
            _is_kept_scan(bindparam("of", type_=String)),
            return_file.c.unit_code.in_(bindparam("codes", expanding=True)),
        )
        .distinct()
    )


def _is_kept_scan(campaign_id: str | BindParameter[str]) -> ColumnElement[bool]:
    return and_(
        return_file.c.campaign_id == campaign_id,
        return_file.c.kind == FileKind.SCAN,
        return_file.c.verdict == Verdict.KEPT,
    )


def _received(
    connection: Connection, trail: Trail, identity: Mapping[str, Any], facts: Mapping[str, Any]
) -> ReturnFile:
    entry = insert_new(return_file, connection).values(**identity, **facts)
    id_ = connection.scalar(entry.returning(return_file.c.id))
    if id_ is not None:
        trail.note("return_file", id_, None, {**identity, **facts}, on=facts["received_on"])
    same = [return_file.c[column] == value for column, value in identity.items()]
    return _files(connection, _select().where(*same))[0]
