"""Reports owed more than once: the period a snapshot counts, the scope of a figure, the occasion of an edition."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCOPE = sa.Enum("cumulative", "this", name="scope", native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """What was reported before was owed once and counted everything until the day it was taken."""
    with op.batch_alter_table("snapshot") as snapshot:
        snapshot.add_column(sa.Column("period_start", sa.Date(), nullable=True))
        snapshot.add_column(sa.Column("period_end", sa.Date(), nullable=True))
    op.execute("UPDATE snapshot SET period_start = taken_on, period_end = taken_on")
    with op.batch_alter_table("snapshot") as snapshot:
        snapshot.alter_column("period_start", existing_type=sa.Date(), nullable=False)
        snapshot.alter_column("period_end", existing_type=sa.Date(), nullable=False)
        snapshot.drop_constraint(op.f("uq_snapshot_campaign_id_report_key_phase_key_sha256"), type_="unique")
        snapshot.create_unique_constraint(
            op.f("uq_snapshot_campaign_id_report_key_phase_key_period_start_period_end_sha256"),
            ["campaign_id", "report_key", "phase_key", "period_start", "period_end", "sha256"],
        )
    with op.batch_alter_table("figure") as figure:
        figure.add_column(sa.Column("scope", SCOPE, nullable=False, server_default="cumulative"))
        figure.drop_constraint(op.f("uq_figure_snapshot_id_indicator_dimension_member"), type_="unique")
        figure.create_unique_constraint(
            op.f("uq_figure_snapshot_id_indicator_dimension_member_scope"),
            ["snapshot_id", "indicator", "dimension", "member", "scope"],
        )
    with op.batch_alter_table("report_edition") as edition:
        edition.add_column(sa.Column("occasion", sa.String(32), nullable=False, server_default="once"))
        edition.drop_constraint(op.f("uq_report_edition_campaign_id_report_key_number"), type_="unique")
        edition.drop_constraint(op.f("uq_report_edition_campaign_id_report_key_snapshot_id"), type_="unique")
        edition.create_unique_constraint(
            op.f("uq_report_edition_campaign_id_report_key_occasion_number"),
            ["campaign_id", "report_key", "occasion", "number"],
        )
        edition.create_unique_constraint(
            op.f("uq_report_edition_campaign_id_report_key_occasion_snapshot_id"),
            ["campaign_id", "report_key", "occasion", "snapshot_id"],
        )
    with op.batch_alter_table("figure") as figure:
        figure.alter_column("scope", existing_type=SCOPE, server_default=None)
    with op.batch_alter_table("report_edition") as edition:
        edition.alter_column("occasion", existing_type=sa.String(32), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("report_edition") as edition:
        for columns in ("occasion_snapshot_id", "occasion_number"):
            edition.drop_constraint(
                op.f(f"uq_report_edition_campaign_id_report_key_{columns}"), type_="unique"
            )
        edition.drop_column("occasion")
        for column in ("number", "snapshot_id"):
            edition.create_unique_constraint(
                op.f(f"uq_report_edition_campaign_id_report_key_{column}"),
                ["campaign_id", "report_key", column],
            )
    with op.batch_alter_table("figure") as figure:
        figure.drop_constraint(op.f("uq_figure_snapshot_id_indicator_dimension_member_scope"), type_="unique")
        figure.drop_constraint(op.f("ck_figure_scope"), type_="check")
        figure.drop_column("scope")
        figure.create_unique_constraint(
            op.f("uq_figure_snapshot_id_indicator_dimension_member"),
            ["snapshot_id", "indicator", "dimension", "member"],
        )
    with op.batch_alter_table("snapshot") as snapshot:
        snapshot.drop_constraint(
            op.f("uq_snapshot_campaign_id_report_key_phase_key_period_start_period_end_sha256"),
            type_="unique",
        )
        for column in ("period_start", "period_end"):
            snapshot.drop_column(column)
        snapshot.create_unique_constraint(
            op.f("uq_snapshot_campaign_id_report_key_phase_key_sha256"),
            ["campaign_id", "report_key", "phase_key", "sha256"],
        )
