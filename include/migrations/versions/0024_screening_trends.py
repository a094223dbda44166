"""A screening run keeps which table of watched items it made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("screening_run", sa.Column("trends", sa.String(64), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("screening_run", "trends")
