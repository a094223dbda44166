"""The stop switch: while a row stands here, nothing of its scope is claimed (停止发送)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, select

from include.domain.plans import EVERYTHING, Stop
from include.gateways.ledger.audit import audited
from include.gateways.ledger.columns import BEIJING
from include.gateways.ledger.database import Database, insert_new
from include.gateways.ledger.tables import sending_stop, shaped


def stopped(campaign_id: str) -> ColumnElement[bool]:
    """True while the campaign, or everything, is stopped. Part of every claim: it holds from the next mail on."""
    return select(sending_stop.c.scope).where(sending_stop.c.scope.in_([EVERYTHING, campaign_id])).exists()


def stop(database: Database, scope: str, *, by: str, reason: str, at: datetime) -> None:
    row = {"scope": scope, "by": by, "reason": reason, "at": at}
    with audited(database) as (connection, trail):
        if connection.execute(insert_new(sending_stop, connection), [row]).rowcount:
            trail.note("sending", scope, None, {"stopped": True}, on=_day(at), actor=by, reason=reason)


def resume(database: Database, scope: str, *, by: str, reason: str, at: datetime) -> bool:
    with audited(database) as (connection, trail):
        removed = connection.execute(delete(sending_stop).where(sending_stop.c.scope == scope)).rowcount
        if removed:
            trail.note(
                "sending", scope, {"stopped": True}, {"stopped": False}, on=_day(at), actor=by, reason=reason
            )
    return bool(removed)


def standing(database: Database, campaign_id: str | None) -> list[Stop]:
    statement = select(*shaped(sending_stop, Stop)).order_by(sending_stop.c.scope)
    if campaign_id is not None:
        statement = statement.where(sending_stop.c.scope.in_([EVERYTHING, campaign_id]))
    with database.reading() as connection:
        return [Stop(**row._mapping) for row in connection.execute(statement)]


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
