"""The tables behind the time limits of single records."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, String, Table, Text, UniqueConstraint

from include.domain.notices import SendMode
from include.domain.time_limits import ChangeKind
from include.gateways.ledger.columns import word
from include.gateways.ledger.tables import metadata

record_state = Table(
    "record_state",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign_id", String(48), nullable=False),
    Column("register", String(48), nullable=False),
    Column("number", Text, nullable=False),
    Column("state", String(32), nullable=False),
    Column("since", Date, nullable=False),
    Index("ix_record_state_campaign_id_register_number", "campaign_id", "register", "number"),
)
"""Every state a record was ever entered in, by the day it was; ``state`` by its code."""

time_limit_change = Table(
    "time_limit_change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign_id", String(48), nullable=False),
    Column("register", String(48), nullable=False),
    Column("number", Text, nullable=False),
    Column("limit", String(48), nullable=False),
    Column("kind", word(ChangeKind, "kind"), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("days", Integer, nullable=False),
    Column("ground", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Index("ix_time_limit_change_campaign_id_register_number", "campaign_id", "register", "number"),
)
"""Append-only: a pause is ended by a row of its own."""

record_rung = Table(
    "record_rung",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign_id", String(48), nullable=False),
    Column("notice_key", Text, nullable=False),
    Column("mode", word(SendMode, "mode"), nullable=False),
    Column("register", String(48), nullable=False),
    Column("number", Text, nullable=False),
    Column("limit", String(48), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("rung", String(48), nullable=False),
    UniqueConstraint(
        "mode", "campaign_id", "register", "number", "limit", "due_on", "rung", name="uq_record_rung"
    ),
    Index("ix_record_rung_notice_key", "notice_key"),
)
"""Which rung of which record is in which digest; the database lets each exist once."""
