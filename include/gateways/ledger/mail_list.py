"""The outbox as the pages read it: one page of it, one mail of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from include.domain.mail_list import Attempt, MailRow, MailsAsked, SentMail
from include.domain.notices import Notice, NoticeState
from include.gateways.ledger import letter_book
from include.gateways.ledger.database import Database
from include.gateways.ledger.sending import as_notice
from include.gateways.ledger.tables import delivery_attempt, in_force, notice, shaped, unit


class MailList:
    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, asked: MailsAsked) -> int:
        statement = select(func.count()).select_from(notice).where(*_asked(asked))
        with self._database.reading() as connection:
            return connection.scalar(statement) or 0

    def page(self, asked: MailsAsked, *, limit: int, offset: int) -> list[MailRow]:
        """The newest first."""
        # First which, from the index alone; what is told of them is looked up for one page only.
        page = select(notice.c.id).where(*_asked(asked)).order_by(notice.c.id.desc())
        statement = _ROWS.where(notice.c.id.in_(page.limit(limit).offset(offset))).order_by(
            notice.c.id.desc()
        )
        with self._database.reading() as connection:
            return [MailRow(**row._mapping) for row in connection.execute(statement)]

    def states(
        self, campaign_id: str, *, on: date, regions: tuple[str, ...] = (), until: date | None = None
    ) -> dict[NoticeState, int]:
        """Notices (份) planned ``until`` a day by state; a state in which there is none is absent."""
        statement = (
            select(notice.c.state, func.count())
            .where(*_asked(MailsAsked(campaign_id, on, regions, until=until)))
            .group_by(notice.c.state)
        )
        with self._database.reading() as connection:
            return dict(connection.execute(statement).all())

    def get(
        self, campaign_id: str, notice_id: int, *, on: date, regions: tuple[str, ...] = ()
    ) -> MailRow | None:
        """None as well for one that is not of these regions."""
        its = (notice.c.id == notice_id, *_asked(MailsAsked(campaign_id, on, regions)))
        with self._database.reading() as connection:
            row = connection.execute(_ROWS.where(*its)).one_or_none()
        return MailRow(**row._mapping) if row else None

    def notice(self, notice_id: int) -> Notice:
        """As a sender would get it. Raise NoResultFound when there is none."""
        statement = select(*shaped(notice, Notice)).where(notice.c.id == notice_id)
        with self._database.reading() as connection:
            return as_notice(connection.execute(statement).one())

    def attempts(self, notice_id: int) -> list[Attempt]:
        """In their order."""
        statement = (
            select(*shaped(delivery_attempt, Attempt))
            .where(delivery_attempt.c.notice_id == notice_id)
            .order_by(delivery_attempt.c.id)
        )
        with self._database.reading() as connection:
            return [Attempt(**row._mapping) for row in connection.execute(statement)]

    def as_sent(self, message_id: str, at: datetime) -> SentMail | None:
        """The mail of that attempt; None for one from before the ledger kept them."""
        with self._database.reading() as connection:
            return letter_book.find(connection, message_id, at)

    def concerns_others(self, message_id: str, *, on: date, regions: tuple[str, ...]) -> bool:
        """Whether a mail also told of units that are not of these regions."""
        outside = (notice.c.message_id == message_id, ~_of_regions(on, regions)) if regions else ()
        if not outside:
            return False
        with self._database.reading() as connection:
            return bool(connection.scalar(select(exists().where(*outside))))


def _asked(asked: MailsAsked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [notice.c.campaign_id == asked.campaign_id]
    if asked.regions:
        theirs = select(unit.c.code).where(
            unit.c.campaign_id == asked.campaign_id, in_force(asked.on), _within(asked.regions)
        )
        found.append(notice.c.unit_code.in_(theirs))
    if asked.kind is not None:
        found.append(notice.c.kind == asked.kind)
    if asked.state is not None:
        found.append(notice.c.state == asked.state)
    if asked.day is not None:
        found.append(notice.c.planned_on == asked.day)
    if asked.until is not None:
        found.append(notice.c.planned_on <= asked.until)
    if asked.unit:
        named = or_(unit.c.code == asked.unit.upper(), unit.c.name.contains(asked.unit, autoescape=True))
        codes = select(unit.c.code).where(unit.c.campaign_id == asked.campaign_id, named)
        found.append(notice.c.unit_code.in_(codes))
    return found


def _of_regions(on: date, regions: tuple[str, ...]) -> ColumnElement[bool]:
    """Of a few notices; false for one to a post."""
    its_unit = and_(unit.c.campaign_id == notice.c.campaign_id, unit.c.code == notice.c.unit_code)
    return select(unit.c.id).where(its_unit, in_force(on), _within(regions)).exists()


def _within(regions: tuple[str, ...]) -> ColumnElement[bool]:
    return or_(*(unit.c.region_code.startswith(each, autoescape=True) for each in regions))


def _columns() -> list[ColumnElement[Any]]:
    name = (
        select(unit.c.name)
        .where(unit.c.campaign_id == notice.c.campaign_id, unit.c.code == notice.c.unit_code)
        .order_by(unit.c.joined_on.desc(), unit.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    last_try = (
        select(func.max(delivery_attempt.c.at))
        .where(delivery_attempt.c.notice_id == notice.c.id)
        .scalar_subquery()
    )
    return [*shaped(notice, MailRow), name.label("unit_name"), last_try.label("at")]


_ROWS = select(*_columns())
