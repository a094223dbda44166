"""The outbox completed: batches that wait for approval, one mail per contact, a stop switch, extensions."""

from __future__ import annotations

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
STATES = ("planned", "sending", "accepted", "rendered", "refused", "in_doubt", "skipped", "held", "bounced")


def upgrade() -> None:
    op.add_column("unit", sa.Column("backup_email", sa.Text()))
    op.create_table(
        "extension",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("obligation_id", sa.Integer(), nullable=False),
        sa.Column("old_due_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"]),
        sa.UniqueConstraint("obligation_id", "due_on"),
    )
    op.create_index("ix_extension_obligation_id", "extension", ["obligation_id"])
    op.create_table(
        "sending_stop",
        sa.Column("scope", sa.String(48), primary_key=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "dispatch",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("mode", _word("mode", ("off", "team", "live")), nullable=False),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("phase_key", sa.String(48)),
        sa.Column("form", sa.String(48)),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("step_key", sa.String(48)),
        sa.Column("due_on", sa.Date()),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("entered", sa.Integer(), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("approved", sa.Boolean()),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    op.create_index("ix_dispatch_campaign_id", "dispatch", ["campaign_id"])
    with _changing(_notice()) as notice:
        notice.add_column(sa.Column("dispatch_id", sa.Integer()))
        notice.add_column(sa.Column("about_id", sa.Integer()))
        notice.add_column(sa.Column("message_row_id", sa.Integer()))
        notice.add_column(sa.Column("group_key", sa.Text()))
        notice.add_column(sa.Column("useful_until", sa.Date()))
        notice.create_foreign_key(op.f("fk_notice_dispatch_id"), "dispatch", ["dispatch_id"], ["id"])
        notice.create_foreign_key(op.f("fk_notice_about_id"), "dispatch", ["about_id"], ["id"])
        notice.create_foreign_key(
            op.f("fk_notice_message_row_id"), "inbound_message", ["message_row_id"], ["id"]
        )
    with _changing(_attempt()):
        pass
    if not _is_sqlite():
        # Coming up again it is gone already: the way down leaves it out.
        op.drop_constraint(op.f("ck_notice_kind"), "notice", type_="check", if_exists=True)
        for name in ("notice", "delivery_attempt"):
            op.drop_constraint(op.f(f"ck_{name}_state"), name, type_="check")
            op.create_check_constraint("state", name, sa.column("state").in_(STATES))
        op.drop_index("ix_notice_campaign_id_state", "notice")
        op.create_index("ix_notice_campaign_id_state_id", "notice", ["campaign_id", "state", "id"])
    op.create_index("ix_notice_dispatch_id", "notice", ["dispatch_id"])
    op.create_index("ix_notice_group_key_state", "notice", ["group_key", "state"])
    op.create_index("ix_notice_message_id", "notice", ["message_id"])


def downgrade() -> None:
    """The wider CHECKs stay: a ledger that knows a word more than its code does no harm."""
    op.drop_index("ix_notice_message_id", "notice")
    op.drop_index("ix_notice_campaign_id_state_id", "notice")
    op.create_index("ix_notice_campaign_id_state", "notice", ["campaign_id", "state"])
    op.drop_index("ix_notice_group_key_state", "notice")
    op.drop_index("ix_notice_dispatch_id", "notice")
    with op.batch_alter_table("notice") as notice:
        notice.drop_constraint(op.f("fk_notice_dispatch_id"), type_="foreignkey")
        notice.drop_constraint(op.f("fk_notice_about_id"), type_="foreignkey")
        notice.drop_constraint(op.f("fk_notice_message_row_id"), type_="foreignkey")
        for column in ("dispatch_id", "about_id", "message_row_id", "group_key", "useful_until"):
            notice.drop_column(column)
    for table in ("dispatch", "sending_stop", "extension"):
        op.drop_table(table)
    with op.batch_alter_table("unit") as unit:
        unit.drop_column("backup_email")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _changing(table: sa.Table) -> AbstractContextManager[BatchOperations]:
    """SQLite cannot change a CHECK: there the table is copied into one with the new words of ``table``.

    ``database.upgrade`` allows for the copying. The kinds of notices lose their CHECK: they grow with every
    new sort of mail.
    """
    if _is_sqlite():
        return op.batch_alter_table(table.name, copy_from=table, recreate="always")
    return op.batch_alter_table(table.name)


def _notice() -> sa.Table:
    return sa.Table(
        "notice",
        _named(),
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("mode", _word("mode", ("off", "team", "live")), nullable=False),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("phase_key", sa.String(48)),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("step_key", sa.String(48)),
        sa.Column("obligation_id", sa.Integer(), sa.ForeignKey("obligation.id")),
        sa.Column("return_id", sa.Integer(), sa.ForeignKey("return_file.id")),
        sa.Column("edition_id", sa.Integer(), sa.ForeignKey("report_edition.id")),
        sa.Column("unit_code", sa.Text()),
        sa.Column("post_key", sa.String(48)),
        sa.Column("due_on", sa.Date()),
        sa.Column("attachments", sa.JSON(none_as_null=True)),
        sa.Column("thread_key", sa.Text()),
        sa.Column("state", _word("state", STATES), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", INSTANT),
        sa.Column("lease_until", INSTANT),
        sa.Column("recipient", sa.Text()),
        sa.Column("message_id", sa.Text()),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.UniqueConstraint("key"),
        sa.Index("ix_notice_campaign_id_state_id", "campaign_id", "state", "id"),
        sa.Index("ix_notice_obligation_id", "obligation_id"),
    )


def _attempt() -> sa.Table:
    return sa.Table(
        "delivery_attempt",
        _named(),
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("notice_id", sa.Integer(), sa.ForeignKey("notice.id"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("state", _word("state", STATES), nullable=False),
        sa.Column("recipient", sa.Text()),
        sa.Column("message_id", sa.Text()),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Index("ix_delivery_attempt_notice_id", "notice_id"),
    )


def _named() -> sa.MetaData:
    return sa.MetaData(naming_convention=op.get_context().opts["target_metadata"].naming_convention)


def _word(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)
