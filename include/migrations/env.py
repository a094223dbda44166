"""Alembic's entry: runs the numbered migrations on the connection it is given."""

from __future__ import annotations

from alembic import context

from include.gateways.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True
)
with context.begin_transaction():
    context.run_migrations()
