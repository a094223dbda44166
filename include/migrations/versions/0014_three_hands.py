"""Editions of several files, signed by three hands (经办、复核、审核), replaced, corrected and receipted."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from include.gateways.ledger.columns import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BEFORE = ("drafted", "approved", "rejected", "sent")
STATES = ("drafted", "contradictory", "approved", "rejected", "superseded", "sent", "received")
OF_BEFORE = {"contradictory": "drafted", "superseded": "rejected", "received": "sent"}
"""What stands for a new state on the way down."""


def upgrade() -> None:
    """An edition's one file is its tables; who decided on it before was its last hand."""
    approvals = _rows("approval")
    files = _rows("report_edition")
    op.create_table(
        "edition_file",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("edition_id", sa.Integer(), sa.ForeignKey("report_edition.id"), nullable=False),
        sa.Column("role", _word("role", ("tables", "template", "document", "pdf")), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.UniqueConstraint("edition_id", "name"),
    )
    _enter(
        "edition_file",
        [
            {"edition_id": row["id"], "role": "tables", "name": row["file_name"], "sha256": row["sha256"]}
            for row in files
        ],
    )
    with _changing(_edition(STATES)) as edition:
        edition.drop_constraint(
            op.f("uq_report_edition_campaign_id_report_key_occasion_snapshot_id"), type_="unique"
        )
        edition.drop_column("file_name")
        edition.drop_column("sha256")
        edition.add_column(sa.Column("correction", sa.Integer(), nullable=False, server_default="0"))
        edition.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
        edition.add_column(sa.Column("event", sa.JSON(none_as_null=True)))
        edition.add_column(sa.Column("received_on", sa.Date()))
        edition.add_column(sa.Column("receipt", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("report_edition") as edition:
        for column, kind in (("correction", sa.Integer()), ("reason", sa.Text()), ("receipt", sa.Text())):
            edition.alter_column(column, existing_type=kind, server_default=None)
    _check_states(STATES)
    op.drop_table("approval")
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("edition_id", sa.Integer(), sa.ForeignKey("report_edition.id"), nullable=False),
        sa.Column("hand", _word("hand", ("prepared", "reviewed", "approved")), nullable=False),
        sa.Column("post_key", sa.String(48), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("until", Instant()),
        sa.Column("approved", sa.Boolean()),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Instant()),
        sa.UniqueConstraint("edition_id", "hand"),
    )
    of_last_hand = {"hand": "approved", "post_key": "", "run": "", "page": ""}
    _enter(
        "approval",
        [row | of_last_hand | {"user": row["by"], "asked_at": row["at"]} for row in approvals],
    )


def downgrade() -> None:
    """The tables of an edition are its one file again, its last decision its only one."""
    tables = {row["edition_id"]: row for row in _rows("edition_file") if row["role"] == "tables"}
    approvals = {row["edition_id"]: row for row in _rows("approval") if row["approved"] is not None}
    for new, old in OF_BEFORE.items():
        state = sa.table("report_edition", sa.column("state")).c.state
        op.execute(sa.update(state.table).where(state == new).values(state=old))
    op.drop_table("edition_file")
    op.drop_table("approval")
    if not _is_sqlite():
        _check_states(BEFORE)
    with _changing(_edition_now()) as edition:
        for column in ("correction", "reason", "event", "received_on", "receipt"):
            edition.drop_column(column)
        edition.add_column(sa.Column("file_name", sa.Text(), nullable=False, server_default=""))
        edition.add_column(sa.Column("sha256", sa.String(64), nullable=False, server_default=""))
        edition.create_unique_constraint(
            op.f("uq_report_edition_campaign_id_report_key_occasion_snapshot_id"),
            ["campaign_id", "report_key", "occasion", "snapshot_id"],
        )
    with op.batch_alter_table("report_edition") as edition:
        edition.alter_column("file_name", existing_type=sa.Text(), server_default=None)
        edition.alter_column("sha256", existing_type=sa.String(64), server_default=None)
    for edition_id, row in tables.items():
        update = sa.text("UPDATE report_edition SET file_name = :name, sha256 = :sha256 WHERE id = :id")
        op.get_bind().execute(update, {"name": row["name"], "sha256": row["sha256"], "id": edition_id})
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "edition_id", sa.Integer(), sa.ForeignKey("report_edition.id"), nullable=False, unique=True
        ),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
    )
    kept = ("id", "edition_id", "approved", "by", "reason", "at")
    _enter("approval", [{column: row[column] for column in kept} for row in approvals.values()])


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _rows(table: str) -> list[dict[str, Any]]:
    reflected = sa.Table(table, sa.MetaData(), autoload_with=op.get_bind())
    columns = [
        sa.type_coerce(column, Instant()).label(column.name)
        if column.name in ("at", "asked_at", "until")
        else column
        for column in reflected.columns
    ]
    return [dict(row._mapping) for row in op.get_bind().execute(sa.select(*columns).order_by(reflected.c.id))]


def _enter(table: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    columns = [sa.column(name, Instant() if name in ("at", "asked_at") else None) for name in rows[0]]
    op.bulk_insert(sa.table(table, *columns), rows)


def _changing(table: sa.Table) -> AbstractContextManager[BatchOperations]:
    """SQLite cannot change a CHECK: there the table is copied into one with the words of ``table``."""
    if _is_sqlite():
        return op.batch_alter_table(table.name, copy_from=table, recreate="always")
    return op.batch_alter_table(table.name)


def _check_states(states: tuple[str, ...]) -> None:
    if not _is_sqlite():
        op.drop_constraint(op.f("ck_report_edition_state"), "report_edition", type_="check")
        op.create_check_constraint("state", "report_edition", sa.column("state").in_(states))


def _edition(states: tuple[str, ...], *columns: sa.Column[Any], of_snapshot: bool = True) -> sa.Table:
    """The table before, with these words for its state."""
    more: list[Any] = list(columns) or [
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    ]
    if of_snapshot:
        more.append(sa.UniqueConstraint("campaign_id", "report_key", "occasion", "snapshot_id"))
    return sa.Table(
        "report_edition",
        sa.MetaData(naming_convention=op.get_context().opts["target_metadata"].naming_convention),
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("campaign_id", sa.String(48), nullable=False),
        sa.Column("report_key", sa.String(48), nullable=False),
        sa.Column("occasion", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), sa.ForeignKey("snapshot.id"), nullable=False),
        sa.Column("state", _word("state", states), nullable=False),
        sa.Column("compiled_on", sa.Date(), nullable=False),
        sa.Column("sent_at", Instant()),
        sa.UniqueConstraint("campaign_id", "report_key", "occasion", "number"),
        *more,
    )


def _edition_now() -> sa.Table:
    return _edition(
        BEFORE,
        sa.Column("correction", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("event", sa.JSON(none_as_null=True)),
        sa.Column("received_on", sa.Date()),
        sa.Column("receipt", sa.Text(), nullable=False),
        of_snapshot=False,
    )


def _word(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)
