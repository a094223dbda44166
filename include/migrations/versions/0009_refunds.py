"""Refunds: the insurance they belong to, the case that ordered them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COLUMNS = ("insurance", "case_no")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("rectification", sa.Column(name, sa.Text()))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("rectification", name)
