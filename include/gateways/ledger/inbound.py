"""Messages received, and the addresses that mail came back from for good."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, or_, select, update

from include.domain.bounces import Bounce
from include.domain.inbound import (
    Answered,
    Arrival,
    InboundMessage,
    MessageKind,
    MessageState,
    Suspension,
)
from include.domain.notices import NoticeKind, NoticeState
from include.gateways.ledger.audit import Trail, audited
from include.gateways.ledger.columns import BEIJING
from include.gateways.ledger.database import Database, insert_new
from include.gateways.ledger.inbound_tables import address_state, inbound_message
from include.gateways.ledger.tables import delivery_attempt, in_force, notice, shaped, unit

ANSWERED_WITHIN = timedelta(days=30)
"""A bounce or an automatic reply that names no message concerns the newest notice to that address so far back."""

HANDED_OVER = (NoticeState.ACCEPTED, NoticeState.IN_DOUBT)

_SUSPENDED = select(*shaped(address_state, Suspension)).where(address_state.c.suspended_since.is_not(None))
_SUSPENDED_AMONG = _SUSPENDED.where(address_state.c.address.in_(bindparam("among", expanding=True)))


class Inbound:
    def __init__(self, database: Database) -> None:
        self._database = database

    def enter(self, arrival: Arrival, *, sha256: str) -> InboundMessage:
        """Enter a message. The same bytes in the same mailbox entered before are returned as they are."""
        identity = {"mailbox": arrival.mailbox, "sha256": sha256}
        facts = {
            "uidvalidity": arrival.uidvalidity,
            "uid": arrival.uid,
            "received_at": arrival.received_at,
            "state": MessageState.RECEIVED,
        }
        with audited(self._database) as (connection, trail):
            entry = insert_new(inbound_message, connection).values(**identity, **facts)
            id_ = connection.scalar(entry.returning(inbound_message.c.id))
            if id_ is not None:
                trail.note("inbound_message", id_, None, identity | facts, on=_day(arrival.received_at))
            same = (inbound_message.c.mailbox == arrival.mailbox, inbound_message.c.sha256 == sha256)
            row = connection.execute(_select().where(*same)).one()
        return InboundMessage(**row._mapping)

    def settle(
        self,
        message_row_id: int,
        *,
        kind: MessageKind,
        state: MessageState,
        reason: str,
        on: date,
        message_id: str | None = None,
        sender: str = "",
        subject: str = "",
        campaign_id: str | None = None,
        unit_code: str | None = None,
        notice_id: int | None = None,
        bounce: Bounce | None = None,
    ) -> bool:
        """Write down what it is and what became of it; whether that was new. Once settled it stays so.

        A permanent bounce of a notice of ours suspends the address in the same transaction.
        """
        facts: dict[str, Any] = {
            "kind": kind,
            "state": state,
            "reason": reason,
            "message_id": message_id,
            "sender": sender,
            "subject": subject,
            "campaign_id": campaign_id,
            "unit_code": unit_code,
            "notice_id": notice_id,
        }
        if bounce is not None:
            facts |= {
                "bounced_address": bounce.address,
                "bounce_status": bounce.status[:16],
                "bounce_is_permanent": bounce.is_permanent,
            }
        with audited(self._database) as (connection, trail):
            received = self._settled(connection, trail, message_row_id, facts, on)
            if received is None:
                return False
            if bounce and bounce.is_permanent and bounce.address and notice_id is not None:
                why = f"退信：{bounce.status} {bounce.words}".strip()
                _suspend(connection, trail, bounce.address, why, received, message_row_id)
            return True

    def _settled(
        self, connection: Connection, trail: Trail, message_row_id: int, facts: dict[str, Any], on: date
    ) -> datetime | None:
        """When the message came in; None when it is settled already. Raise KeyError when there is none."""
        row = connection.execute(
            select(inbound_message.c.state, inbound_message.c.received_at)
            .where(inbound_message.c.id == message_row_id)
            .with_for_update()
        ).one_or_none()
        if row is None:
            raise KeyError(message_row_id)
        if row.state is not MessageState.RECEIVED:
            return None
        connection.execute(
            update(inbound_message).where(inbound_message.c.id == message_row_id).values(facts)
        )
        trail.note("inbound_message", message_row_id, {"state": row.state}, facts, on=on)
        at: datetime = row.received_at
        return at

    def answered(self, message_ids: Sequence[str]) -> Answered | None:
        """The notice with the first of those Message-IDs that is one of ours."""
        with self._database.reading() as connection:
            for message_id in message_ids:
                same = _answered().where(notice.c.message_id == message_id).order_by(notice.c.id)
                rows = connection.execute(same).all()
                if rows:
                    # One mail to a contact of many units stands for a notice to each of them.
                    is_one = len({row.unit_code for row in rows}) == 1
                    found = Answered(**rows[0]._mapping)
                    return found if is_one else replace(found, unit_code=None)
        return None

    def last_sent_to(self, address: str, *, before: datetime) -> Answered | None:
        """The newest notice the mail server took over for that address, at most 30 days earlier."""
        statement = (
            _answered()
            .join(delivery_attempt, delivery_attempt.c.notice_id == notice.c.id)
            .where(
                func.lower(delivery_attempt.c.recipient) == address.lower(),
                delivery_attempt.c.state.in_(HANDED_OVER),
                delivery_attempt.c.at <= before,
                delivery_attempt.c.at >= before - ANSWERED_WITHIN,
            )
            .order_by(delivery_attempt.c.at.desc(), delivery_attempt.c.id.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return Answered(**row._mapping) if row else None

    def units_of_contact(self, addresses: Collection[str], *, on: date) -> dict[str, frozenset[str]]:
        """Campaign id → codes of the units in force that have one of the addresses as contact."""
        wanted = [address.lower() for address in addresses if address]
        if not wanted:
            return {}
        is_contact = or_(
            func.lower(unit.c.contact_email).in_(wanted), func.lower(unit.c.backup_email).in_(wanted)
        )
        statement = select(unit.c.campaign_id, unit.c.code).where(in_force(on), is_contact)
        found: dict[str, set[str]] = {}
        with self._database.reading() as connection:
            for campaign_id, code in connection.execute(statement):
                found.setdefault(campaign_id, set()).add(code)
        return {campaign_id: frozenset(codes) for campaign_id, codes in found.items()}

    def messages(
        self, *, campaign_id: str | None = None, states: Collection[MessageState] | None = None
    ) -> list[InboundMessage]:
        """In order of arrival."""
        statement = _select().order_by(inbound_message.c.received_at, inbound_message.c.id)
        if campaign_id is not None:
            statement = statement.where(inbound_message.c.campaign_id == campaign_id)
        if states is not None:
            statement = statement.where(inbound_message.c.state.in_(list(states)))
        with self._database.reading() as connection:
            return [InboundMessage(**row._mapping) for row in connection.execute(statement)]

    def message(self, message_row_id: int) -> InboundMessage:
        """Raise KeyError when there is none."""
        statement = _select().where(inbound_message.c.id == message_row_id)
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        if row is None:
            raise KeyError(message_row_id)
        return InboundMessage(**row._mapping)

    def close(self, message_row_id: int, *, by: str, reason: str, on: date) -> None:
        """A person has dealt with a waiting or unreadable message; one that is handled stays as it is."""
        still_open = (MessageState.WAITING, MessageState.FAILED)
        with audited(self._database) as (connection, trail):
            moved = connection.execute(
                update(inbound_message)
                .where(inbound_message.c.id == message_row_id, inbound_message.c.state.in_(still_open))
                .values(state=MessageState.HANDLED)
            )
            if moved.rowcount:
                new = {"state": MessageState.HANDLED}
                trail.note("inbound_message", message_row_id, None, new, on=on, actor=by, reason=reason)

    def suspend(self, address: str, *, reason: str, at: datetime, message_row_id: int | None = None) -> bool:
        """Stop writing to an address; whether that is new. A bounce already acted on suspends nothing again."""
        with audited(self._database) as (connection, trail):
            return _suspend(connection, trail, address, reason, at, message_row_id)

    def resume(self, address: str, *, by: str, reason: str, at: datetime) -> None:
        """Write to it again. Raise KeyError when it is not suspended."""
        with audited(self._database) as (connection, trail):
            moved = connection.execute(
                update(address_state)
                .where(
                    address_state.c.address == address.lower(), address_state.c.suspended_since.is_not(None)
                )
                .values(suspended_since=None, reason=reason)
            )
            if not moved.rowcount:
                raise KeyError(address)
            new = {"suspended_since": None}
            trail.note("address_state", address.lower(), None, new, on=_day(at), actor=by, reason=reason)

    def suspended(self, among: Collection[str] | None = None) -> dict[str, Suspension]:
        """Address, in small letters → since when and why; of these addresses only, if any are given."""
        given = None if among is None else {"among": [address.lower() for address in among]}
        with self._database.reading() as connection:
            rows = connection.execute(_SUSPENDED if given is None else _SUSPENDED_AMONG, given)
            return {row.address: Suspension(**row._mapping) for row in rows}


def _suspend(
    connection: Connection,
    trail: Trail,
    address: str,
    reason: str,
    at: datetime,
    message_row_id: int | None,
) -> bool:
    """A bounce older than the last one acted on is old news: staff may have resumed the address since."""
    address = address.lower()
    facts = {"suspended_since": at, "reason": reason, "message_row_id": message_row_id}
    entry = insert_new(address_state, connection).values(address=address, **facts)
    is_new = bool(connection.execute(entry).rowcount)
    if not is_new:
        known = connection.execute(
            select(address_state).where(address_state.c.address == address).with_for_update()
        ).one()
        is_old_news = (
            None not in (message_row_id, known.message_row_id) and message_row_id <= known.message_row_id
        )
        if known.suspended_since is not None or is_old_news:
            return False
        connection.execute(update(address_state).where(address_state.c.address == address).values(facts))
    trail.note("address_state", address, None, facts, on=_day(at), reason=reason)
    return True


def _select() -> Any:
    return select(*shaped(inbound_message, InboundMessage))


def _answered() -> Any:
    went_up = case((notice.c.kind == NoticeKind.REPORT, notice.c.edition_id))
    return select(
        notice.c.id.label("notice_id"),
        notice.c.campaign_id,
        notice.c.unit_code,
        notice.c.recipient,
        went_up.label("edition_id"),
    )


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
