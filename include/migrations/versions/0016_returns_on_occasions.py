"""Returns owed again on each occasion of a report: the occasion is part of what identifies an obligation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

OLD_KEY = "uq_obligation_campaign_id_phase_key_form_unit_code"
NEW_KEY = "uq_obligation_campaign_id_phase_key_form_occasion_unit_code"


def upgrade() -> None:
    """What was owed before was owed once."""
    for table in ("obligation", "dispatch"):
        with op.batch_alter_table(table) as altered:
            altered.add_column(sa.Column("occasion", sa.String(32), nullable=False, server_default="once"))
    with op.batch_alter_table("obligation") as obligation:
        obligation.drop_constraint(op.f(OLD_KEY), type_="unique")
        obligation.create_unique_constraint(
            op.f(NEW_KEY), ["campaign_id", "phase_key", "form", "occasion", "unit_code"]
        )
    for table in ("obligation", "dispatch"):
        with op.batch_alter_table(table) as altered:
            altered.alter_column("occasion", existing_type=sa.String(32), server_default=None)


def downgrade() -> None:
    """Only what was owed once can be told apart without the occasion; a ledger with more cannot go back."""
    with op.batch_alter_table("obligation") as obligation:
        obligation.drop_constraint(op.f(NEW_KEY), type_="unique")
        obligation.create_unique_constraint(op.f(OLD_KEY), ["campaign_id", "phase_key", "form", "unit_code"])
    for table in ("obligation", "dispatch"):
        with op.batch_alter_table(table) as altered:
            altered.drop_column("occasion")
