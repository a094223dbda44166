"""Editions of reports: compiled, replaced, signed by three hands, sent, receipted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select, update

from include.domain.obligations import IllegalMove
from include.domain.reports import (
    EDITION_MOVES,
    REPLACEABLE,
    Edition,
    EditionFile,
    EditionState,
    Event,
)
from include.domain.sign_off import Hand, Signing, refusal
from include.gateways.ledger.audit import SYSTEM, Trail, audited
from include.gateways.ledger.columns import BEIJING
from include.gateways.ledger.database import Database, insert_new
from include.gateways.ledger.tables import approval, edition_file, report_edition, shaped


class Editions:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        campaign_id: str,
        report_key: str,
        snapshot_id: int,
        *,
        occasion: str,
        number: int,
        files: Sequence[EditionFile],
        state: EditionState = EditionState.DRAFTED,
        correction: int = 0,
        reason: str = "",
        event: Event | None = None,
        on: date,
    ) -> Edition:
        """Enter an edition and supersede what was under sign-off for that occasion; the same again changes nothing.

        Raise ValueError when the number is taken by an edition with other content: editions are never replaced.
        """
        of_occasion = _of_occasion(campaign_id, report_key, occasion)
        identity = {
            "campaign_id": campaign_id,
            "report_key": report_key,
            "occasion": occasion,
            "number": number,
            "snapshot_id": snapshot_id,
        }
        with audited(self._database) as (connection, trail):
            entry = insert_new(report_edition, connection).values(
                **identity,
                state=state,
                compiled_on=on,
                correction=correction,
                reason=reason,
                event=asdict(event) if event else None,
                receipt="",
            )
            new_id = connection.scalar(entry.returning(report_edition.c.id))
            if new_id is not None:
                if files:
                    rows = [{"edition_id": new_id} | asdict(file) for file in files]
                    connection.execute(edition_file.insert(), rows)
                sha256 = {file.role.value: file.sha256 for file in files}
                trail.note("report_edition", new_id, None, identity | sha256, on=on, reason=reason)
                for older in _editions(connection, of_occasion, report_edition.c.number < number):
                    if older.state in REPLACEABLE:
                        _move(connection, trail, older, EditionState.SUPERSEDED, on=on)
            [edition] = _editions(connection, of_occasion, report_edition.c.number == number)
        if (edition.snapshot_id, edition.event, set(edition.files)) != (snapshot_id, event, set(files)):
            raise ValueError(
                f"报送事项“{report_key}”第{number}版已经编制，内容与本次不同；已编制的版本不得替换，请重新运行，"
                "仍不符的，核对表样或程序是否有改动"
            )
        return edition

    def get(self, edition_id: int) -> Edition:
        """Raise KeyError when there is none."""
        with self._database.reading() as connection:
            return _edition(connection, edition_id)

    def latest(self, campaign_id: str, report_key: str, *, occasion: str) -> Edition | None:
        """The one with the highest number; None before the first."""
        found = self.all(campaign_id, report_key, occasion=occasion)
        return found[-1] if found else None

    def all(
        self, campaign_id: str, report_key: str | None = None, *, occasion: str | None = None
    ) -> list[Edition]:
        """The editions of a campaign, of one report, of one occasion: occasions as first compiled, then by number."""
        where = [report_edition.c.campaign_id == campaign_id]
        if report_key is not None:
            where.append(report_edition.c.report_key == report_key)
        if occasion is not None:
            where.append(report_edition.c.occasion == occasion)
        with self._database.reading() as connection:
            found = _editions(connection, *where)
        first: dict[tuple[str, str], int] = {}
        for edition in found:
            first.setdefault((edition.report_key, edition.occasion), edition.id)
        return sorted(found, key=lambda each: (first[each.report_key, each.occasion], each.number))

    def signings(self, edition_id: int) -> list[Signing]:
        """The hands the edition was laid before, in their order."""
        with self._database.reading() as connection:
            return _signings(connection, edition_id)

    def ask(
        self,
        edition_id: int,
        hand: Hand,
        *,
        post_key: str,
        run: str,
        page: str,
        at: datetime,
        until: datetime,
    ) -> None:
        """Note before whom the edition lies, in which run, until when. A hand that has decided is not asked again."""
        facts = {"post_key": post_key, "run": run, "page": page, "asked_at": at, "until": until}
        this = and_(approval.c.edition_id == edition_id, approval.c.hand == hand)
        with audited(self._database) as (connection, trail):
            nobody = {"by": "", "user": "", "reason": ""}
            connection.execute(
                insert_new(approval, connection).values(edition_id=edition_id, hand=hand, **facts, **nobody)
            )
            asked = connection.execute(
                update(approval).where(this, approval.c.approved.is_(None)).values(**facts)
            )
            if asked.rowcount:
                new = {"hand": hand, "post_key": post_key, "run": run}
                trail.note("approval", edition_id, None, new, on=_day(at))

    def release(self, edition_id: int, hand: Hand, *, run: str) -> None:
        """That run waits for the hand no longer; another may ask."""
        with self._database.writing() as connection:
            connection.execute(
                update(approval)
                .where(
                    approval.c.edition_id == edition_id,
                    approval.c.hand == hand,
                    approval.c.run == run,
                    approval.c.approved.is_(None),
                )
                .values(until=None)
            )

    def sign(
        self,
        edition_id: int,
        hand: Hand,
        *,
        approved: bool,
        by: str,
        user: str,
        reason: str,
        at: datetime,
    ) -> Edition:
        """Write down what a hand decided: a no ends the edition, the last yes approves it. The same again changes nothing.

        Raise IllegalMove, with the sentence for the signer, for an answer that cannot stand or comes too late.
        """
        with audited(self._database) as (connection, trail):
            edition = _edition(connection, edition_id, locked=True)
            signings = _signings(connection, edition_id)
            mine = next((each for each in signings if each.hand is hand), None)
            if mine is not None and mine.approved is not None:
                if (mine.approved, mine.user) == (approved, user):
                    return edition
                raise IllegalMove(f"{edition.title}已有{hand.zh}意见，不能改作另一结论")
            if edition.state is not EditionState.DRAFTED:
                raise IllegalMove(f"{edition.title}{edition.state.zh}，不能再签批")
            if mine is None:
                raise IllegalMove(f"{edition.title}尚未送{hand.zh}")
            sentence = refusal(signings, hand, approved=approved, user=user, by=by, reason=reason)
            if sentence:
                raise IllegalMove(sentence)
            decision = {"approved": approved, "by": by, "user": user, "reason": reason, "at": at}
            connection.execute(
                update(approval)
                .where(approval.c.edition_id == edition_id, approval.c.hand == hand)
                .values(**decision, until=None)
            )
            new = {"hand": hand, "post_key": mine.post_key, "approved": approved}
            trail.note("approval", edition_id, None, new, on=_day(at), actor=by, reason=reason)
            if not approved:
                return _move(
                    connection, trail, edition, EditionState.REJECTED, on=_day(at), actor=by, why=reason
                )
            if hand is Hand.APPROVED:
                return _move(connection, trail, edition, EditionState.APPROVED, on=_day(at), actor=by)
            return edition

    def mark_sent(self, edition_id: int, *, at: datetime) -> None:
        """Raise IllegalMove for an edition nobody has approved. Marking twice changes nothing."""
        with audited(self._database) as (connection, trail):
            edition = _edition(connection, edition_id, locked=True)
            if not edition.went_up:
                _move(connection, trail, edition, EditionState.SENT, on=_day(at), sent_at=at)

    def mark_received(self, edition_id: int, *, on: date, note: str, by: str) -> bool:
        """The bureau above has signed for it; return whether that is news.

        Raise IllegalMove for an edition that has not gone up.
        """
        with audited(self._database) as (connection, trail):
            edition = _edition(connection, edition_id, locked=True)
            if edition.state is EditionState.RECEIVED:
                return False
            facts = {"received_on": on, "receipt": note}
            _move(connection, trail, edition, EditionState.RECEIVED, on=on, actor=by, why=note, **facts)
            return True


def _of_occasion(campaign_id: str, report_key: str, occasion: str) -> ColumnElement[bool]:
    return and_(
        report_edition.c.campaign_id == campaign_id,
        report_edition.c.report_key == report_key,
        report_edition.c.occasion == occasion,
    )


def _edition(connection: Connection, edition_id: int, *, locked: bool = False) -> Edition:
    found = _editions(connection, report_edition.c.id == edition_id, locked=locked)
    if not found:
        raise KeyError("report_edition")
    return found[0]


def _editions(connection: Connection, *where: ColumnElement[bool], locked: bool = False) -> list[Edition]:
    """In the order of their numbers."""
    statement = select(*shaped(report_edition, Edition)).where(*where).order_by(report_edition.c.number)
    rows = connection.execute(statement.with_for_update() if locked else statement).all()
    files: dict[int, list[EditionFile]] = {}
    of_these = edition_file.c.edition_id.in_(select(report_edition.c.id).where(*where))
    columns = [edition_file.c.edition_id, *shaped(edition_file, EditionFile)]
    for edition_id, *facts in connection.execute(
        select(*columns).where(of_these).order_by(edition_file.c.id)
    ):
        files.setdefault(edition_id, []).append(EditionFile(*facts))
    return [
        Edition(
            **dict(row._mapping)
            | {"files": tuple(files.get(row.id, ())), "event": Event(**row.event) if row.event else None}
        )
        for row in rows
    ]


def _signings(connection: Connection, edition_id: int) -> list[Signing]:
    rows = connection.execute(select(*shaped(approval, Signing)).where(approval.c.edition_id == edition_id))
    return sorted((Signing(**row._mapping) for row in rows), key=lambda each: tuple(Hand).index(each.hand))


def _move(
    connection: Connection,
    trail: Trail,
    edition: Edition,
    state: EditionState,
    *,
    on: date,
    actor: str = SYSTEM,
    why: str = "",
    **facts: Any,
) -> Edition:
    """The edition in its new state; raise IllegalMove when the machine has no such edge."""
    if state not in EDITION_MOVES[edition.state]:
        raise IllegalMove(f"{edition.title}目前“{edition.state.zh}”，不能转为“{state.zh}”")
    connection.execute(
        update(report_edition).where(report_edition.c.id == edition.id).values(state=state, **facts)
    )
    old = {"state": edition.state}
    trail.note("report_edition", edition.id, old, {"state": state} | facts, on=on, actor=actor, reason=why)
    return replace(edition, state=state, **facts)


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
