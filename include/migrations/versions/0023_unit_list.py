"""The units of a campaign are counted, searched and tried for a mailbox without a look at the rows."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

LIST = [
    "campaign_id",
    "code",
    "joined_on",
    "left_on",
    "kind",
    "region_code",
    "name",
    "contact_email",
    "backup_email",
]


def upgrade() -> None:
    op.create_index("ix_unit_list", "unit", LIST)
    op.drop_index("ix_unit_campaign_id_code", "unit")


def downgrade() -> None:
    op.create_index("ix_unit_campaign_id_code", "unit", ["campaign_id", "code"])
    op.drop_index("ix_unit_list", "unit")
