"""What is unsettled, and what concerns one unit, is found without reading the rest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

UNSETTLED = sa.text("state IN ('open', 'partial', 'received', 'returned')")
OWING = ["campaign_id", "due_on", "phase_key", "form", "occasion", "filled_by", "state", "unit_code"]
IS_OF_A_UNIT = sa.text("unit_code IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_obligation_unsettled", "obligation", OWING, sqlite_where=UNSETTLED, postgresql_where=UNSETTLED
    )
    op.create_index(
        "ix_notice_unit_code_campaign_id",
        "notice",
        ["unit_code", "campaign_id"],
        sqlite_where=IS_OF_A_UNIT,
        postgresql_where=IS_OF_A_UNIT,
    )
    op.create_index(
        "ix_inbound_message_campaign_id_unit_code", "inbound_message", ["campaign_id", "unit_code"]
    )


def downgrade() -> None:
    op.drop_index("ix_inbound_message_campaign_id_unit_code", "inbound_message")
    op.drop_index("ix_notice_unit_code_campaign_id", "notice")
    op.drop_index("ix_obligation_unsettled", "obligation")
