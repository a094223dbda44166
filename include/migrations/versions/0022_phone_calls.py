"""Telephone calls to units."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

RESULTS = ("told", "promised", "call_back", "refused", "no_answer", "wrong_number")


def upgrade() -> None:
    op.create_table(
        "phone_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("called_on", sa.Date(), nullable=False),
        sa.Column("called_at", sa.String(5), nullable=False),
        sa.Column(
            "result",
            sa.Enum(*RESULTS, name="result", length=32, native_enum=False, create_constraint=True),
            nullable=False,
        ),
        sa.Column("post", sa.String(100), nullable=False),
        sa.Column("spoken_to", sa.Text(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_call")),
        sa.UniqueConstraint(
            "campaign_id",
            "unit_code",
            "called_on",
            "called_at",
            name=op.f("uq_phone_call_campaign_id_unit_code_called_on_called_at"),
        ),
    )


def downgrade() -> None:
    op.drop_table("phone_call")
