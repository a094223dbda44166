"""Screening runs, one row each; nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Column, Date, Index, Integer, String, Table, Text, select

from include.domain.screening import RuleRun, Run, Threshold
from include.gateways.ledger.audit import audited
from include.gateways.ledger.database import Database
from include.gateways.ledger.tables import metadata, shaped

screening_run = Table(
    "screening_run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign_id", String(48), nullable=False),
    Column("ran_on", Date, nullable=False),
    Column("scope", Text, nullable=False),
    Column("rules", JSON, nullable=False),
    Column("hits", Integer, nullable=False),
    Column("entered", Integer, nullable=False),
    Column("trends", String(64), nullable=False, server_default=""),
    Index("ix_screening_run_campaign_id", "campaign_id"),
)


screening_threshold = Table(
    "screening_threshold",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign_id", String(48), nullable=False),
    Column("number", String(8), nullable=False),
    Column("parameter", String(48), nullable=False),
    Column("value", String(32), nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Index("ix_screening_threshold_campaign_id", "campaign_id"),
)
"""The value as text: exact, and the same on both databases."""


class Screenings:
    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, campaign_id: str, run: Run) -> None:
        rules = [
            {
                "number": each.number,
                "title": each.title,
                "version": each.version,
                "parameters": {name: str(value) for name, value in each.parameters.items()},
                "hits": each.hits,
                "left_out": each.left_out,
            }
            for each in run.rules
        ]
        row = {"ran_on": run.ran_on, "scope": run.scope, "rules": rules, "hits": run.hits}
        row |= {"campaign_id": campaign_id, "entered": run.entered, "trends": run.trends}
        with self._database.writing() as connection:
            connection.execute(screening_run.insert().values(row))

    def change(self, campaign_id: str, changed: Threshold, *, actor: str) -> None:
        """Enter an approved change of a parameter, in the trail as well; earlier ones stay."""
        row = {"campaign_id": campaign_id} | asdict(changed) | {"value": f"{changed.value:f}"}
        with audited(self._database) as (connection, trail):
            new = connection.execute(
                screening_threshold.insert().values(**row).returning(screening_threshold.c.id)
            )
            trail.note(
                "screening_threshold",
                new.scalar_one(),
                None,
                row,
                on=changed.effective_from,
                actor=actor,
                reason=changed.reason,
            )

    def disclosed(
        self, campaign_id: str, facts: Mapping[str, Any], *, on: date, actor: str, reason: str
    ) -> None:
        """Put on record that persons were taken out by their numbers, by whom and what for."""
        with audited(self._database) as (_, trail):
            trail.note("screening_persons", campaign_id, None, facts, on=on, actor=actor, reason=reason)

    def thresholds(self, campaign_id: str) -> list[Threshold]:
        """All approved changes, the first entered first."""
        asked = (
            select(*shaped(screening_threshold, Threshold))
            .where(screening_threshold.c.campaign_id == campaign_id)
            .order_by(screening_threshold.c.id)
        )
        with self._database.reading() as connection:
            rows = connection.execute(asked).mappings().all()
        return [Threshold(**{**row, "value": Decimal(row["value"])}) for row in rows]

    def runs(self, campaign_id: str) -> list[Run]:
        """All runs of the campaign, the oldest first."""
        asked = (
            select(screening_run)
            .where(screening_run.c.campaign_id == campaign_id)
            .order_by(screening_run.c.id)
        )
        with self._database.reading() as connection:
            rows = connection.execute(asked).mappings().all()
        return [
            Run(
                row["ran_on"],
                row["scope"],
                tuple(map(_rule, row["rules"])),
                row["hits"],
                row["entered"],
                row["trends"],
            )
            for row in rows
        ]


def _rule(kept: dict[str, object]) -> RuleRun:
    parameters = kept["parameters"]
    assert isinstance(parameters, dict)
    return RuleRun(
        number=str(kept["number"]),
        title=str(kept.get("title", "")),
        version=str(kept["version"]),
        parameters={name: Decimal(value) for name, value in parameters.items()},
        hits=int(str(kept["hits"])),
        left_out=str(kept["left_out"]),
    )
