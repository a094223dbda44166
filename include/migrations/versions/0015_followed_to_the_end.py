"""Officers' certificates and recusals, who approved a publication, what a reward was reckoned from, whose ban it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# What include.gateways.ledger.columns meant when this was written; a migration never changes afterwards.
MONEY = sa.Numeric(16, 2).with_variant(sa.BigInteger(), "sqlite")

COLUMNS = (
    ("case", "recused", sa.Text()),
    ("case", "publish_approvers", sa.Text()),
    ("inspection", "recused", sa.Text()),
    ("tip", "reward_base", MONEY),
    ("tip", "reward_told_on", sa.Date()),
    ("blacklist", "legal_rep", sa.Text()),
    ("blacklist", "legal_rep_cert", sa.Text()),
)


def upgrade() -> None:
    op.create_table(
        "officer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text()),
        sa.Column("state", sa.String(32)),
        sa.Column("due_on", sa.Date()),
        sa.Column("unit", sa.Text()),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_until", sa.Date()),
        sa.Column("memo", sa.Text()),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("source_sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_officer_campaign_id_number")),
    )
    op.create_index("ix_officer_campaign_id_unit_code", "officer", ["campaign_id", "unit_code"])
    for table, name, kind in COLUMNS:
        op.add_column(table, sa.Column(name, kind))


def downgrade() -> None:
    for table, name, _ in reversed(COLUMNS):
        op.drop_column(table, name)
    op.drop_table("officer")
