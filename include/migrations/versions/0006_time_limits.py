"""Time limits of single records: their pauses and extensions, the states they came to, the rungs they were told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "record_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("register", sa.String(48), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_state")),
    )
    op.create_index(
        "ix_record_state_campaign_id_register_number",
        "record_state",
        ["campaign_id", "register", "number"],
    )
    op.create_table(
        "time_limit_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("register", sa.String(48), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("limit", sa.String(48), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "pause", "resume", "extend", name="kind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_limit_change")),
    )
    op.create_index(
        "ix_time_limit_change_campaign_id_register_number",
        "time_limit_change",
        ["campaign_id", "register", "number"],
    )
    op.create_table(
        "record_rung",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("notice_key", sa.Text(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("off", "team", "live", name="mode", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("register", sa.String(48), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("limit", sa.String(48), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("rung", sa.String(48), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_rung")),
        sa.UniqueConstraint(
            "mode",
            "campaign_id",
            "register",
            "number",
            "limit",
            "due_on",
            "rung",
            name="uq_record_rung",
        ),
    )
    op.create_index("ix_record_rung_notice_key", "record_rung", ["notice_key"])


def downgrade() -> None:
    for name in ("record_rung", "time_limit_change", "record_state"):
        op.drop_table(name)
