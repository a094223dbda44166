"""The stop switch: while a row stands here, nothing of its scope is claimed (停止发送)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import String, bindparam, delete, select

from include.domain.plans import EVERYTHING, Stop
from include.gateways.ledger.audit import audited
from include.gateways.ledger.columns import BEIJING
from include.gateways.ledger.database import Database, insert_new
from include.gateways.ledger.tables import sending_stop, shaped

_CONCERNS = sending_stop.c.scope.in_([EVERYTHING, bindparam("of", type_=String)])
_ALL = select(*shaped(sending_stop, Stop)).order_by(sending_stop.c.scope)
_OF_CAMPAIGN = _ALL.where(_CONCERNS)

STOPPED = select(sending_stop.c.scope).where(_CONCERNS).exists()
"""True while everything, or the campaign in the parameter ``of``, is stopped. Part of every claim: it holds from
the next mail on."""


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
    statement = _ALL if campaign_id is None else _OF_CAMPAIGN
    with database.reading() as connection:
        return [Stop(**row._mapping) for row in connection.execute(statement, {"of": campaign_id})]


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
