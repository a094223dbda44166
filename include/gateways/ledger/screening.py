"""Screening runs, one row each; nothing is ever overwritten."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import JSON, Column, Date, Index, Integer, String, Table, Text, select

from include.domain.screening import RuleRun, Run
from include.gateways.ledger.database import Database
from include.gateways.ledger.tables import metadata

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
    Index("ix_screening_run_campaign_id", "campaign_id"),
)


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
        with self._database.writing() as connection:
            connection.execute(
                screening_run.insert().values(campaign_id=campaign_id, entered=run.entered, **row)
            )

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
            Run(row["ran_on"], row["scope"], tuple(map(_rule, row["rules"])), row["hits"], row["entered"])
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
