"""The words of every mail as it was handed over; the outbox is read page by page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from include.gateways.ledger.columns import Instant

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sent_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_mail")),
    )
    op.create_index("ix_sent_mail_message_id", "sent_mail", ["message_id"])
    op.create_index(
        "ix_notice_list", "notice", ["campaign_id", "id", "kind", "planned_on", "state", "unit_code"]
    )


def downgrade() -> None:
    op.drop_index("ix_notice_list", "notice")
    op.drop_table("sent_mail")
