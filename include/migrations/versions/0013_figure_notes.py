"""What a person writes about a figure of a report, and the figure as the ledgers gave it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NUMBER = sa.Numeric().with_variant(sa.String(40), "sqlite")
SCOPE = sa.Enum("cumulative", "this", name="scope", native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    with op.batch_alter_table("figure") as figure:
        figure.add_column(sa.Column("computed", NUMBER, nullable=True))
    op.create_table(
        "figure_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("report_key", sa.String(48), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("indicator", sa.String(128), nullable=False),
        sa.Column("dimension", sa.String(48), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("scope", SCOPE, nullable=False),
        sa.Column("value", NUMBER, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_note")),
        sa.UniqueConstraint(
            "campaign_id",
            "report_key",
            "period_end",
            "indicator",
            "dimension",
            "member",
            "scope",
            name=op.f("uq_figure_note_once"),
        ),
    )


def downgrade() -> None:
    op.drop_table("figure_note")
    with op.batch_alter_table("figure") as figure:
        figure.drop_column("computed")
