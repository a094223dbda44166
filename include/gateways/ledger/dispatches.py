"""Batches of notices: entered by one planning run, approved as one, reconciled as one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, literal, null, select, update

from include.domain.notices import NoticeState
from include.domain.plans import BulkPlan, Coverage, Dispatch
from include.gateways.ledger.audit import audited
from include.gateways.ledger.columns import BEIJING
from include.gateways.ledger.database import Database
from include.gateways.ledger.plans import has_address
from include.gateways.ledger.tables import dispatch, in_force, notice, obligation, shaped, unit


def begin(connection: Connection, plan: BulkPlan) -> int:
    """The number of a new batch, to be closed in the same transaction once its notices are entered."""
    facts = {
        "mode": plan.mode,
        "campaign_id": plan.campaign_id,
        "phase_key": plan.phase_key,
        "form": plan.form,
        "kind": plan.kind,
        "step_key": plan.step_key,
        "due_on": plan.due_on,
        "occasion": plan.occasion,
        "planned_on": plan.on,
        "entered": 0,
        "needs_approval": False,
    }
    return int(connection.execute(dispatch.insert().values(facts)).inserted_primary_key[0])


def close(connection: Connection, dispatch_id: int, plan: BulkPlan, entered: int) -> bool:
    """Write down how many notices it has; return whether a person must approve it. An empty batch is none."""
    if not entered:
        connection.execute(delete(dispatch).where(dispatch.c.id == dispatch_id))
        return False
    waits = plan.approve_above is not None and entered > plan.approve_above
    connection.execute(
        update(dispatch).where(dispatch.c.id == dispatch_id).values(entered=entered, needs_approval=waits)
    )
    return waits


def of(database: Database, campaign_id: str, *, waiting: bool) -> list[Dispatch]:
    statement = (
        select(*shaped(dispatch, Dispatch))
        .where(dispatch.c.campaign_id == campaign_id)
        .order_by(dispatch.c.id)
    )
    if waiting:
        statement = statement.where(dispatch.c.needs_approval, dispatch.c.approved.is_(None))
    with database.reading() as connection:
        return [Dispatch(**row._mapping) for row in connection.execute(statement)]


def get(database: Database, dispatch_id: int) -> Dispatch:
    with database.reading() as connection:
        row = connection.execute(
            select(*shaped(dispatch, Dispatch)).where(dispatch.c.id == dispatch_id)
        ).one_or_none()
    if row is None:
        raise KeyError(dispatch_id)
    return Dispatch(**row._mapping)


def decide(
    database: Database, dispatch_id: int, *, approved: bool, by: str, reason: str, at: datetime
) -> bool:
    day = at.astimezone(BEIJING).date()
    decision = {"approved": approved, "decided_by": by, "reason": reason}
    with audited(database) as (connection, trail):
        open_ = update(dispatch).where(
            dispatch.c.id == dispatch_id, dispatch.c.needs_approval, dispatch.c.approved.is_(None)
        )
        if not connection.execute(open_.values(decision)).rowcount:
            return False
        trail.note("dispatch", dispatch_id, None, decision, on=day, actor=by, reason=reason)
        if not approved:
            connection.execute(
                update(notice)
                .where(notice.c.dispatch_id == dispatch_id, notice.c.state == NoticeState.PLANNED)
                .values(
                    # Its key is free again: corrected and planned anew, the batch is laid before a person again.
                    key=notice.c.key + literal(f"/refused/{dispatch_id}"),
                    state=NoticeState.SKIPPED,
                    detail=f"批量发送未获同意（{by}）：{reason}",
                )
            )
    return True


def coverage(database: Database, dispatch_id: int) -> list[Coverage]:
    """Every unit the batch could concern: of the roster, or those that owe its form by its due date."""
    with database.reading() as connection:
        batch = connection.execute(select(dispatch).where(dispatch.c.id == dispatch_id)).one()
        statement = _of_roster(batch) if batch.form is None else _of_obligations(batch)
        # A notice entered again, after a bounce or a refusal, comes last and says how it ended.
        latest = {row.unit_code: row for row in connection.execute(statement)}
    return [Coverage(**row._mapping) for row in latest.values()]


def _of_roster(batch: Row[Any]) -> Select[Any]:
    sent = and_(
        notice.c.campaign_id == unit.c.campaign_id, notice.c.unit_code == unit.c.code, _same_step(batch)
    )
    return (
        select(
            unit.c.code.label("unit_code"),
            unit.c.name.label("unit_name"),
            null().label("obligation_state"),
            *_ENDED,
        )
        .select_from(unit.outerjoin(notice, sent))
        .where(unit.c.campaign_id == batch.campaign_id, in_force(batch.planned_on))
        .order_by(unit.c.code, notice.c.id)
    )


def _of_obligations(batch: Row[Any]) -> Select[Any]:
    sent = and_(notice.c.obligation_id == obligation.c.id, _same_step(batch))
    if batch.due_on is not None:
        # A rung belongs to its due date. The launch notice has none: it states the date of the day it is sent.
        sent = and_(sent, notice.c.due_on == obligation.c.due_on)
    facts = and_(
        unit.c.campaign_id == obligation.c.campaign_id,
        unit.c.code == obligation.c.unit_code,
        in_force(batch.planned_on),
    )
    statement = (
        select(
            obligation.c.unit_code,
            obligation.c.unit_name,
            obligation.c.state.label("obligation_state"),
            *_ENDED,
        )
        .select_from(obligation.outerjoin(notice, sent).outerjoin(unit, facts))
        .where(
            obligation.c.campaign_id == batch.campaign_id,
            obligation.c.phase_key == batch.phase_key,
            obligation.c.form == batch.form,
            obligation.c.occasion == batch.occasion,
            obligation.c.filled_by == "unit",
        )
        .order_by(obligation.c.unit_code, notice.c.id)
    )
    return statement if batch.due_on is None else statement.where(obligation.c.due_on == batch.due_on)


_ENDED = (
    notice.c.state.label("notice_state"),
    notice.c.detail,
    has_address().label("has_address"),
    unit.c.contact_phone.label("phone"),
)


def _same_step(batch: Row[Any]) -> ColumnElement[bool]:
    return and_(
        notice.c.kind == batch.kind,
        notice.c.step_key == batch.step_key,
        notice.c.phase_key == batch.phase_key,
        notice.c.mode == batch.mode,
    )
