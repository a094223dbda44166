"""Weekly inspection plans: a draw with all its inputs, and a row for each inspection it gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from sqlalchemy import JSON, Column, Date, Integer, String, Table, Text, UniqueConstraint, select, update

from include.domain.inspection_plans import (
    DrawInputs,
    InspectionType,
    Planned,
    PlanState,
    RiskClass,
    Settled,
)
from include.gateways.ledger.audit import audited
from include.gateways.ledger.database import Database, insert_new
from include.gateways.ledger.tables import metadata, shaped

ENTERED, SETTLED, SKIPPED = "检查计划：抽签", "检查计划：结转", "检查计划：未能检查"

inspection_draw = Table(
    "inspection_draw",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign_id", String(48), nullable=False),
    Column("week", Date, nullable=False),
    Column("inputs", JSON, nullable=False),
    Column("drawn_on", Date, nullable=False),
    UniqueConstraint("campaign_id", "week"),
)
"""Everything a draw depended on, so that it can be made again and compared."""

inspection_plan = Table(
    "inspection_plan",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign_id", String(48), nullable=False),
    Column("number", String(50), nullable=False),
    Column("week", Date, nullable=False),
    Column("team", Text, nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("unit_name", Text, nullable=False),
    Column("insp_type", String(32), nullable=False),
    Column("risk", String(8), nullable=False),
    Column("score", Integer, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("seed", String(40), nullable=False),
    Column("scoring_version", String(32), nullable=False),
    Column("officers", JSON, nullable=False),
    Column("planned_on", Date, nullable=False),
    Column("state", String(32), nullable=False),
    Column("state_reason", Text, nullable=False, default=""),
    UniqueConstraint("campaign_id", "number"),
    UniqueConstraint("campaign_id", "week", "unit_code"),
)


class InspectionPlans:
    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, campaign_id: str) -> list[Planned]:
        """Every planned inspection, by week and number."""
        asked = (
            select(*shaped(inspection_plan, Planned))
            .where(inspection_plan.c.campaign_id == campaign_id)
            .order_by(inspection_plan.c.week, inspection_plan.c.number)
        )
        with self._database.reading() as connection:
            rows = connection.execute(asked).mappings().all()
        return [
            Planned(
                **{
                    **row,
                    "insp_type": InspectionType(row["insp_type"]),
                    "risk": RiskClass(row["risk"]),
                    "reasons": tuple(row["reasons"]),
                    "seed": int(row["seed"]),
                    "officers": tuple(row["officers"]),
                    "state": PlanState(row["state"]),
                }
            )
            for row in rows
        ]

    def inputs(self, campaign_id: str, week: date) -> DrawInputs | None:
        """What the week's draw was made from; None when the week has not been drawn."""
        asked = select(inspection_draw.c.inputs).where(
            inspection_draw.c.campaign_id == campaign_id, inspection_draw.c.week == week
        )
        with self._database.reading() as connection:
            kept = connection.scalar(asked)
        return DrawInputs.model_validate(kept) if kept is not None else None

    def enter(
        self,
        campaign_id: str,
        inputs: DrawInputs,
        planned: Sequence[Planned],
        settled: Sequence[Settled],
        *,
        on: date,
        actor: str,
    ) -> bool:
        """Enter the week and what became of earlier weeks; return False, changing nothing, if it is there already."""
        week = inputs.week
        with audited(self._database) as (connection, trail):
            entry = insert_new(inspection_draw, connection).values(
                campaign_id=campaign_id, week=week, inputs=inputs.model_dump(mode="json"), drawn_on=on
            )
            if not connection.execute(entry).rowcount:
                return False
            if planned:
                rows = [{"campaign_id": campaign_id} | asdict(each) for each in planned]
                for row in rows:
                    row["seed"] = str(row["seed"])
                connection.execute(inspection_plan.insert(), rows)
            facts = {
                "seed": inputs.seed,
                "scoring_version": inputs.scoring_version,
                "candidates": len(inputs.candidates),
                "planned": {each.number: each.unit_code for each in planned},
            }
            trail.note(
                "inspection_draw", f"{campaign_id}/{week}", None, facts, on=on, actor=actor, reason=ENTERED
            )
            for each in settled:
                of = (inspection_plan.c.campaign_id == campaign_id, inspection_plan.c.number == each.number)
                old = connection.execute(
                    select(inspection_plan.c.state, inspection_plan.c.state_reason).where(*of)
                ).one()
                new = {"state": each.state, "state_reason": each.reason}
                connection.execute(update(inspection_plan).where(*of).values(new))
                entity = f"{campaign_id}/{each.number}"
                trail.note(
                    "inspection_plan", entity, dict(old._mapping), new, on=on, actor=actor, reason=SETTLED
                )
        return True

    def skip(
        self, campaign_id: str, week: date, unit_code: str, *, reason: str, on: date, actor: str
    ) -> None:
        """Note that a planned unit could not be inspected. Raise KeyError unless it is planned and open."""
        entry = (
            update(inspection_plan)
            .where(
                inspection_plan.c.campaign_id == campaign_id,
                inspection_plan.c.week == week,
                inspection_plan.c.unit_code == unit_code,
                inspection_plan.c.state == PlanState.PLANNED,
            )
            .values(state=PlanState.SKIPPED, state_reason=reason)
            .returning(inspection_plan.c.number)
        )
        with audited(self._database) as (connection, trail):
            number = connection.scalar(entry)
            if number is None:
                raise KeyError(unit_code)
            trail.note(
                "inspection_plan",
                f"{campaign_id}/{number}",
                {"state": PlanState.PLANNED},
                {"state": PlanState.SKIPPED, "state_reason": reason},
                on=on,
                actor=actor,
                reason=SKIPPED,
            )
