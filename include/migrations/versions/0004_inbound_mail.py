"""Messages received, and addresses that are no longer written to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
KINDS = (
    "return",
    "cloud_link",
    "question",
    "empty",
    "bounce",
    "delay",
    "auto_reply",
    "read_receipt",
    "own",
    "unreadable",
)
STATES = ("received", "handled", "waiting", "failed")


def upgrade() -> None:
    op.create_table(
        "inbound_message",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("state", _word("state", STATES), nullable=False),
        sa.Column("kind", _word("kind", KINDS)),
        sa.Column("message_id", sa.Text()),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.String(48)),
        sa.Column("unit_code", sa.Text()),
        sa.Column("notice_id", sa.Integer()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("bounced_address", sa.Text()),
        sa.Column("bounce_status", sa.String(16)),
        sa.Column("bounce_is_permanent", sa.Boolean()),
        sa.UniqueConstraint("mailbox", "sha256"),
    )
    op.create_index("ix_inbound_message_campaign_id_state", "inbound_message", ["campaign_id", "state"])
    op.create_index("ix_inbound_message_message_id", "inbound_message", ["message_id"])
    op.create_index("ix_inbound_message_notice_id", "inbound_message", ["notice_id"])
    op.create_table(
        "address_state",
        sa.Column("address", sa.String(320), primary_key=True),
        sa.Column("suspended_since", INSTANT),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message_row_id", sa.Integer()),
        sa.ForeignKeyConstraint(["message_row_id"], ["inbound_message.id"]),
    )
    # SQLite adds a reference only by copying the table; ``database.upgrade`` allows for that.
    with op.batch_alter_table("return_file", copy_from=_return_file()) as return_file:
        return_file.add_column(sa.Column("message_row_id", sa.Integer()))
        return_file.add_column(sa.Column("sender", sa.Text()))
        return_file.add_column(sa.Column("hint_unit_code", sa.Text()))
        return_file.add_column(sa.Column("is_vouched", sa.Boolean()))
        return_file.create_foreign_key(
            op.f("fk_return_file_message_row_id"), "inbound_message", ["message_row_id"], ["id"]
        )
    op.create_index("ix_return_file_message_row_id", "return_file", ["message_row_id"])


def downgrade() -> None:
    op.drop_index("ix_return_file_message_row_id", "return_file")
    with op.batch_alter_table("return_file") as return_file:
        return_file.drop_constraint(op.f("fk_return_file_message_row_id"), type_="foreignkey")
        for column in ("message_row_id", "sender", "hint_unit_code", "is_vouched"):
            return_file.drop_column(column)
    op.drop_table("address_state")
    op.drop_table("inbound_message")


def _word(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, length=32, native_enum=False, create_constraint=True)


def _return_file() -> sa.Table:
    """As 0001 made it."""
    verdicts = (
        "accepted",
        "accepted_with_warnings",
        "returned",
        "partial",
        "unclaimed",
        "duplicate",
        "kept",
    )
    return sa.Table(
        "return_file",
        sa.MetaData(naming_convention=op.get_context().opts["target_metadata"].naming_convention),
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("kind", _word("kind", ("workbook", "scan", "other")), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("unit_code", sa.Text()),
        sa.Column("obligation_id", sa.Integer(), sa.ForeignKey("obligation.id")),
        sa.Column("verdict", _word("verdict", verdicts)),
        sa.Column("receipt_no", sa.Text()),
        sa.Column("judged_on", sa.Date()),
        sa.UniqueConstraint("campaign_id", "name", "sha256"),
        sa.UniqueConstraint("receipt_no"),
        sa.Index("ix_return_file_campaign_id_sha256", "campaign_id", "sha256"),
        sa.Index("ix_return_file_campaign_id_unit_code", "campaign_id", "unit_code"),
        sa.Index("ix_return_file_obligation_id", "obligation_id"),
    )
