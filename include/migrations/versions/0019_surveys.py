"""What the pages of a campaign show, counted once by a task and not by every reader."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey",
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column(
            "taken_at", sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite"), nullable=False
        ),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_survey")),
    )


def downgrade() -> None:
    op.drop_table("survey")
