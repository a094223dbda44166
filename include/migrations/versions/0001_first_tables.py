"""The first tables: roster, obligations, returns, outbox, reports, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# What include.gateways.ledger.columns meant when this was written; a migration never changes afterwards.
MONEY = sa.Numeric(16, 2).with_variant(sa.BigInteger(), "sqlite")
NUMBER = sa.Numeric().with_variant(sa.String(40), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")

TABLES = (
    "audit",
    "post_holder",
    "roster",
    "roster_change",
    "snapshot",
    "figure",
    "obligation",
    "report_edition",
    "unit",
    "approval",
    "return_file",
    "finding",
    "notice",
    "self_check_item",
    "delivery_attempt",
)


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("entity", sa.String(48), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "post_holder",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("post_key", sa.String(48), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text()),
        sa.Column("holds_from", sa.Date(), nullable=False),
        sa.Column("holds_until", sa.Date()),
        sa.UniqueConstraint("campaign_id", "post_key", "holds_from"),
    )
    op.create_table(
        "roster",
        sa.Column("campaign_id", sa.String(48), primary_key=True),
        sa.Column("frozen_on", sa.Date(), nullable=False),
        sa.Column("source_sha256", sa.String(64), nullable=False),
        sa.Column("unit_count", sa.Integer(), nullable=False),
    )
    op.create_table(
        "roster_change",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("facts_sha256", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('joined', 'left', 'changed')", name="change_kind"),
        sa.UniqueConstraint(
            "campaign_id", "unit_code", "kind", "effective_on", "facts_sha256", name="uq_roster_change_once"
        ),
    )
    op.create_table(
        "snapshot",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("report_key", sa.String(48), nullable=False),
        sa.Column("phase_key", sa.String(48), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("campaign_id", "report_key", "phase_key", "sha256"),
    )
    op.create_table(
        "figure",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(128), nullable=False),
        sa.Column("dimension", sa.String(48), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("value", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"]),
        sa.UniqueConstraint("snapshot_id", "indicator", "dimension", "member"),
    )
    op.create_table(
        "obligation",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("phase_key", sa.String(48), nullable=False),
        sa.Column("form", sa.String(48), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("unit_name", sa.Text(), nullable=False),
        sa.Column(
            "unit_kind",
            _word(
                "unit_kind",
                "medical_institution",
                "retail_pharmacy",
                "handling_agency",
                "county_branch",
                "member_department",
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            _word(
                "state", "open", "received", "returned", "partial", "accepted", "reviewed", "waived", "closed"
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("scan_required", sa.Boolean(), nullable=False),
        sa.Column("filled_by", sa.String(16), nullable=False),
        sa.Column("is_zero", sa.Boolean(), nullable=False),
        sa.Column("received_on", sa.Date()),
        sa.Column("accepted_on", sa.Date()),
        sa.Column("days_late", sa.Integer(), nullable=False),
        sa.Column("return_id", sa.Integer()),
        sa.Column("closed_by", sa.Integer()),
        sa.CheckConstraint("filled_by IN ('unit', 'office')", name="filled_by"),
        sa.ForeignKeyConstraint(["closed_by"], ["roster_change.id"]),
        sa.UniqueConstraint("campaign_id", "phase_key", "form", "unit_code"),
    )
    op.create_index("ix_obligation_campaign_id_unit_code", "obligation", ["campaign_id", "unit_code"])
    op.create_table(
        "report_edition",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("report_key", sa.String(48), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("state", _word("state", "drafted", "approved", "rejected", "sent"), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("compiled_on", sa.Date(), nullable=False),
        sa.Column("sent_at", INSTANT),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"]),
        sa.UniqueConstraint("campaign_id", "report_key", "number"),
        sa.UniqueConstraint("campaign_id", "report_key", "snapshot_id"),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            _word(
                "unit_kind",
                "medical_institution",
                "retail_pharmacy",
                "handling_agency",
                "county_branch",
                "member_department",
            ),
            nullable=False,
        ),
        sa.Column("uscc", sa.Text()),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text()),
        sa.Column("ownership", sa.Text()),
        sa.Column("handling_unit", sa.Text()),
        sa.Column("agreement_status", sa.Text(), nullable=False),
        sa.Column("contact_post", sa.Text()),
        sa.Column("contact_email", sa.Text()),
        sa.Column("contact_phone", sa.Text()),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date()),
        sa.Column("change_id", sa.Integer()),
        sa.ForeignKeyConstraint(["change_id"], ["roster_change.id"]),
    )
    op.create_index("ix_unit_campaign_id_code", "unit", ["campaign_id", "code"])
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["report_edition.id"]),
        sa.UniqueConstraint("edition_id"),
    )
    op.create_table(
        "return_file",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("kind", _word("kind", "workbook", "scan", "other"), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("unit_code", sa.Text()),
        sa.Column("obligation_id", sa.Integer()),
        sa.Column(
            "verdict",
            _word(
                "verdict",
                "accepted",
                "accepted_with_warnings",
                "returned",
                "partial",
                "unclaimed",
                "duplicate",
                "kept",
            ),
        ),
        sa.Column("receipt_no", sa.Text()),
        sa.Column("judged_on", sa.Date()),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"]),
        sa.UniqueConstraint("campaign_id", "name", "sha256"),
        sa.UniqueConstraint("receipt_no"),
    )
    op.create_index("ix_return_file_campaign_id_sha256", "return_file", ["campaign_id", "sha256"])
    op.create_index("ix_return_file_campaign_id_unit_code", "return_file", ["campaign_id", "unit_code"])
    op.create_index("ix_return_file_obligation_id", "return_file", ["obligation_id"])
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("return_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(128), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("severity", _word("severity", "error", "warning", "info"), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["return_id"], ["return_file.id"]),
    )
    op.create_index("ix_finding_return_id", "finding", ["return_id"])
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("mode", _word("mode", "off", "team", "live"), nullable=False),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("phase_key", sa.String(48)),
        sa.Column(
            "kind",
            _word(
                "kind",
                "announcement",
                "launch",
                "reminder",
                "overdue",
                "escalation",
                "receipt",
                "returned",
                "incomplete",
                "report",
            ),
            nullable=False,
        ),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("step_key", sa.String(48)),
        sa.Column("obligation_id", sa.Integer()),
        sa.Column("return_id", sa.Integer()),
        sa.Column("edition_id", sa.Integer()),
        sa.Column("unit_code", sa.Text()),
        sa.Column("post_key", sa.String(48)),
        sa.Column("due_on", sa.Date()),
        sa.Column("attachments", sa.JSON(none_as_null=True)),
        sa.Column("thread_key", sa.Text()),
        sa.Column(
            "state",
            _word(
                "state",
                "planned",
                "sending",
                "accepted",
                "rendered",
                "refused",
                "in_doubt",
                "skipped",
                "held",
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", INSTANT),
        sa.Column("lease_until", INSTANT),
        sa.Column("recipient", sa.Text()),
        sa.Column("message_id", sa.Text()),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["report_edition.id"]),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"]),
        sa.ForeignKeyConstraint(["return_id"], ["return_file.id"]),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_notice_campaign_id_state", "notice", ["campaign_id", "state"])
    op.create_index("ix_notice_obligation_id", "notice", ["obligation_id"])
    op.create_table(
        "self_check_item",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("return_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("violation_type", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("occurrences", sa.Integer(), nullable=False),
        sa.Column("violation_amt", MONEY, nullable=False),
        sa.Column("fund_amt", MONEY, nullable=False),
        sa.Column("refunded_amt", MONEY, nullable=False),
        sa.Column("rectify_status", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["return_id"], ["return_file.id"]),
    )
    op.create_index("ix_self_check_item_return_id", "self_check_item", ["return_id"])
    op.create_table(
        "delivery_attempt",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column(
            "state",
            _word(
                "state",
                "planned",
                "sending",
                "accepted",
                "rendered",
                "refused",
                "in_doubt",
                "skipped",
                "held",
            ),
            nullable=False,
        ),
        sa.Column("recipient", sa.Text()),
        sa.Column("message_id", sa.Text()),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"]),
    )
    op.create_index("ix_delivery_attempt_notice_id", "delivery_attempt", ["notice_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
