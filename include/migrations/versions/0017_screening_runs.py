"""What each screening run was made of: rule versions and parameters, frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "screening_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("ran_on", sa.Date(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("entered", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_run")),
    )
    op.create_index("ix_screening_run_campaign_id", "screening_run", ["campaign_id"])


def downgrade() -> None:
    op.drop_table("screening_run")
