"""Approved changes of screening parameters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "screening_threshold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("number", sa.String(8), nullable=False),
        sa.Column("parameter", sa.String(48), nullable=False),
        sa.Column("value", sa.String(32), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_threshold")),
    )
    op.create_index("ix_screening_threshold_campaign_id", "screening_threshold", ["campaign_id"])


def downgrade() -> None:
    op.drop_table("screening_threshold")
