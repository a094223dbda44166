"""Pulls of data feeds; a stop of the mail to one unit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.create_table(
        "feed_pull",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("feed", sa.String(48), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("loaded_at", INSTANT),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
    )
    op.create_index("ix_feed_pull_campaign_id_feed", "feed_pull", ["campaign_id", "feed"])
    _width(48, 96)


def downgrade() -> None:
    op.execute("DELETE FROM sending_stop WHERE scope LIKE '%/%'")
    _width(96, 48)
    op.drop_index("ix_feed_pull_campaign_id_feed", "feed_pull")
    op.drop_table("feed_pull")


def _width(old: int, new: int) -> None:
    with op.batch_alter_table("sending_stop") as stop:
        stop.alter_column(
            "scope", existing_type=sa.String(old), type_=sa.String(new), existing_nullable=False
        )
