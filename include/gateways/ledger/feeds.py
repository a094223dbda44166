"""Pulls of data feeds, one row each."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select

from include.domain.feeds import Pull, PullState
from include.gateways.ledger.database import Database
from include.gateways.ledger.tables import feed_pull, shaped


class Feeds:
    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, campaign_id: str, pull: Pull) -> None:
        """Write a pull down; nothing is ever overwritten."""
        with self._database.writing() as connection:
            connection.execute(feed_pull.insert().values(campaign_id=campaign_id, **asdict(pull)))

    def last(self, campaign_id: str, *, entered: bool = False) -> dict[str, Pull]:
        """Feed → its latest pull, or its latest that was ``entered``."""
        asked = (
            select(*shaped(feed_pull, Pull))
            .where(feed_pull.c.campaign_id == campaign_id)
            .order_by(feed_pull.c.id)
        )
        if entered:
            asked = asked.where(feed_pull.c.state == PullState.ENTERED)
        with self._database.reading() as connection:
            return {row.feed: Pull(**row._mapping) for row in connection.execute(asked)}
