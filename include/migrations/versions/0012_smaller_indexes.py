"""Planning writes fewer indexes: those of groups and of sent mails hold only the notices that have one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INDEXES = {"ix_notice_group_key_state": ["group_key", "state"], "ix_notice_message_id": ["message_id"]}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        is_set = sa.text(f"{columns[0]} IS NOT NULL")
        op.drop_index(name, "notice")
        op.create_index(name, "notice", columns, sqlite_where=is_set, postgresql_where=is_set)


def downgrade() -> None:
    for name, columns in INDEXES.items():
        op.drop_index(name, "notice")
        op.create_index(name, "notice", columns)
