"""What the pages of the office read live: each answer from an index, lists one page at a time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from include.domain.glances import (
    Contacts,
    MailLine,
    MailTrouble,
    OwedAsked,
    OwedLine,
    Owing,
    RosterMove,
    Unhandled,
    UnitLine,
    UnitsAsked,
)
from include.domain.inbound import InboundMessage, MessageState
from include.domain.notices import NoticeState
from include.domain.obligations import ObligationState
from include.domain.returns import Verdict
from include.gateways.ledger import owed_lists, unit_lists
from include.gateways.ledger.database import Database, in_chunks
from include.gateways.ledger.inbound_tables import inbound_message
from include.gateways.ledger.plans import has_address
from include.gateways.ledger.tables import (
    delivery_attempt,
    in_force,
    notice,
    obligation,
    return_file,
    roster_change,
    shaped,
    unit,
)
from include.gateways.ledger.unit_lists import count


class Glances:
    def __init__(self, database: Database) -> None:
        self._database = database

    def owing(
        self, campaign_ids: Collection[str], *, until: date, on: date, regions: tuple[str, ...] = ()
    ) -> list[Owing]:
        """What is unsettled and due by ``until``, the earliest first. ``on`` says where a unit belongs."""
        of = (
            obligation.c.campaign_id,
            obligation.c.phase_key,
            obligation.c.form,
            obligation.c.occasion,
            obligation.c.filled_by,
            obligation.c.due_on,
        )
        is_returned = case((obligation.c.state == ObligationState.RETURNED, 1), else_=0)
        statement = (
            select(*of, func.count(), func.sum(is_returned))
            .where(
                obligation.c.campaign_id.in_(sorted(campaign_ids)),
                unit_lists.IS_UNSETTLED,
                obligation.c.due_on <= until,
            )
            .group_by(*of)
            .order_by(obligation.c.due_on, *of[:4])
        )
        if regions:
            statement = statement.join(unit, _same_unit(on)).where(unit_lists.within(regions))
        with self._database.reading() as connection:
            return [
                Owing(campaign, phase, form, occasion, filled_by == "office", due_on, units, returned)
                for campaign, phase, form, occasion, filled_by, due_on, units, returned in connection.execute(
                    statement
                )
            ]

    def contacts(
        self, campaign_id: str, *, on: date, told_since: date, regions: tuple[str, ...] = ()
    ) -> Contacts:
        """Of the units that owe a return of their own: how many mail cannot reach, how many are to be called."""
        asked = UnitsAsked(campaign_id, on, regions, told_since=told_since)
        with self._database.reading() as connection:
            return Contacts(campaign_id, *connection.execute(unit_lists.contacts(asked)).one())

    def mail_trouble(
        self, campaign_id: str, *, now: datetime, since: date, planned_before: date
    ) -> MailTrouble:
        """Refused and bounced are counted of what was planned ``since``; stuck what was planned before a day."""
        is_stuck = or_(
            and_(notice.c.state == NoticeState.SENDING, notice.c.lease_until < now),
            and_(notice.c.state == NoticeState.PLANNED, notice.c.planned_on < planned_before),
        )
        is_recent = notice.c.planned_on >= since
        statement = select(
            count(notice.c.state == NoticeState.IN_DOUBT),
            count(is_stuck),
            count(and_(notice.c.state == NoticeState.REFUSED, is_recent)),
            count(and_(notice.c.state == NoticeState.BOUNCED, is_recent)),
        ).where(notice.c.campaign_id == campaign_id, notice.c.state.in_(_TROUBLESOME))
        with self._database.reading() as connection:
            return MailTrouble(campaign_id, *connection.execute(statement).one())

    def unhandled(self, campaign_id: str) -> Unhandled:
        files = select(func.count()).where(
            return_file.c.campaign_id == campaign_id, return_file.c.verdict == Verdict.UNCLAIMED
        )
        messages = select(func.count()).where(
            inbound_message.c.campaign_id == campaign_id, inbound_message.c.state == MessageState.WAITING
        )
        with self._database.reading() as connection:
            return Unhandled(campaign_id, connection.scalar(files) or 0, connection.scalar(messages) or 0)

    def count_units(self, asked: UnitsAsked) -> int:
        statement = select(func.count()).select_from(unit).where(*unit_lists.asked_for(asked))
        with self._database.reading() as connection:
            return connection.scalar(statement) or 0

    def units(self, asked: UnitsAsked, *, limit: int, offset: int) -> list[UnitLine]:
        """By code."""
        columns = [*(unit.c[name] for name in _FACTS), has_address().label("has_address")]
        # Counted off in the index alone, whose order this is; the rows themselves are looked up for the page only.
        ids = (
            select(unit.c.id)
            .where(*unit_lists.asked_for(asked))
            .order_by(unit.c.code, unit.c.joined_on)
            .limit(limit)
            .offset(offset)
        )
        page = select(*columns).where(unit.c.id.in_(ids)).order_by(unit.c.code, unit.c.joined_on)
        with self._database.reading() as connection:
            rows = connection.execute(page).all()
            owed: dict[str, tuple[Any, ...]] = {}
            for codes in in_chunks([row.code for row in rows]):
                for code, *counts in connection.execute(unit_lists.owed_by(asked, codes)):
                    owed[code] = tuple(counts)
        return [UnitLine(*row[:-1], bool(row.has_address), *owed.get(row.code, ())) for row in rows]

    def owed(self, asked: OwedAsked, *, after: int, limit: int) -> list[OwedLine]:
        """In order of entry, those entered after the one of that id."""
        with self._database.reading() as connection:
            rows = connection.execute(owed_lists.page(asked, after=after, limit=limit))
            return [OwedLine(**row._mapping) for row in rows]

    def regions(self, campaign_id: str, *, on: date, regions: tuple[str, ...] = ()) -> dict[str, int]:
        """Division code → units in force (家), by code."""
        statement = (
            select(unit.c.region_code, func.count())
            .where(
                unit.c.campaign_id == campaign_id,
                in_force(on),
                *([unit_lists.within(regions)] if regions else ()),
            )
            .group_by(unit.c.region_code)
            .order_by(unit.c.region_code)
        )
        with self._database.reading() as connection:
            return dict(connection.execute(statement).all())

    def mails(self, campaign_id: str, unit_code: str) -> list[MailLine]:
        """Everything ever planned for the unit, in order of entry."""
        last_try = (
            select(func.max(delivery_attempt.c.at))
            .where(delivery_attempt.c.notice_id == notice.c.id)
            .scalar_subquery()
        )
        statement = (
            select(*shaped(notice, MailLine), last_try.label("at"))
            .where(notice.c.campaign_id == campaign_id, notice.c.unit_code == unit_code)
            .order_by(notice.c.id)
        )
        with self._database.reading() as connection:
            return [MailLine(**row._mapping) for row in connection.execute(statement)]

    def messages(self, campaign_id: str, unit_code: str) -> list[InboundMessage]:
        """What the unit wrote, in order of arrival."""
        statement = (
            select(*shaped(inbound_message, InboundMessage))
            .where(
                inbound_message.c.campaign_id == campaign_id,
                inbound_message.c.unit_code == unit_code,
            )
            .order_by(inbound_message.c.received_at, inbound_message.c.id)
        )
        with self._database.reading() as connection:
            return [InboundMessage(**row._mapping) for row in connection.execute(statement)]

    def roster_moves(self, campaign_id: str, unit_code: str) -> list[RosterMove]:
        """In order of effect."""
        statement = (
            select(*shaped(roster_change, RosterMove))
            .where(roster_change.c.campaign_id == campaign_id, roster_change.c.unit_code == unit_code)
            .order_by(roster_change.c.effective_on, roster_change.c.id)
        )
        with self._database.reading() as connection:
            return [RosterMove(**row._mapping) for row in connection.execute(statement)]

    def campaigns_of(self, unit_code: str, *, among: Collection[str]) -> list[str]:
        """Those of the campaigns on whose roster the unit is or was."""
        statement = (
            select(unit.c.campaign_id)
            .distinct()
            .where(unit.c.campaign_id.in_(sorted(among)), unit.c.code == unit_code)
        )
        with self._database.reading() as connection:
            return sorted(connection.scalars(statement))


_FACTS = ("code", "name", "kind", "region_code", "level")
_TROUBLESOME = [
    NoticeState.IN_DOUBT,
    NoticeState.SENDING,
    NoticeState.PLANNED,
    NoticeState.REFUSED,
    NoticeState.BOUNCED,
]


def _same_unit(on: date) -> ColumnElement[bool]:
    return and_(
        unit.c.campaign_id == obligation.c.campaign_id, unit.c.code == obligation.c.unit_code, in_force(on)
    )
