"""Cases: when a hearing was offered, when the decision was served; who approved a publication."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMNS = (
    ("case", "hearing_told_on", sa.Date),
    ("case", "served_on", sa.Date),
    ("blacklist", "approvers", sa.Text),
)


def upgrade() -> None:
    for table, name, kind in COLUMNS:
        op.add_column(table, sa.Column(name, kind()))


def downgrade() -> None:
    for table, name, _ in reversed(COLUMNS):
        op.drop_column(table, name)
