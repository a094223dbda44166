"""Tables of the messages received."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from include.domain.inbound import MessageKind, MessageState
from include.gateways.ledger.columns import Instant, word
from include.gateways.ledger.tables import metadata

inbound_message = Table(
    "inbound_message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mailbox", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    # RFC 3501 §9: up to 4,294,967,295, more than an INTEGER of PostgreSQL holds.
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("state", word(MessageState, "state"), nullable=False),
    Column("kind", word(MessageKind, "kind")),
    Column("message_id", Text),
    Column("sender", Text, nullable=False, default=""),
    Column("subject", Text, nullable=False, default=""),
    Column("campaign_id", String(48)),
    Column("unit_code", Text),
    # No foreign key: the notice has one to the return, which has one to here, and a circle cannot be created.
    Column("notice_id", Integer),
    Column("reason", Text, nullable=False, default=""),
    Column("bounced_address", Text),
    Column("bounce_status", String(16)),
    Column("bounce_is_permanent", Boolean),
    UniqueConstraint("mailbox", "sha256"),
    Index("ix_inbound_message_campaign_id_state", "campaign_id", "state"),
    Index("ix_inbound_message_campaign_id_unit_code", "campaign_id", "unit_code"),
    Index("ix_inbound_message_message_id", "message_id"),
    Index("ix_inbound_message_notice_id", "notice_id"),
)
"""One row per message, told apart by its bytes: its UID changes when a server rebuilds the mailbox."""

address_state = Table(
    "address_state",
    metadata,
    Column("address", String(320), primary_key=True),
    Column("suspended_since", Instant),
    Column("reason", Text, nullable=False),
    Column("message_row_id", ForeignKey("inbound_message.id")),
)
"""Addresses that have bounced for good; without ``suspended_since`` they are written to again."""
