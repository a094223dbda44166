"""The migrations and the tables in code are the same thing, on both databases."""

from __future__ import annotations

from typing import Any

import alembic.command
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from include.gateways.ledger.database import connect, migrations, upgrade
from include.gateways.ledger.tables import metadata


def structure(engine: Engine) -> dict[str, Any]:
    """What Alembic does not compare: checks, and the names of all constraints."""
    inspector = inspect(engine)
    return {
        table: {
            "checks": sorted(
                (each["name"], each["sqltext"]) for each in inspector.get_check_constraints(table)
            ),
            "unique": sorted(
                (each["name"], each["column_names"]) for each in inspector.get_unique_constraints(table)
            ),
            "foreign": sorted(str(each["name"]) for each in inspector.get_foreign_keys(table)),
            "indexes": sorted((str(each["name"]), each["unique"]) for each in inspector.get_indexes(table)),
            "primary": inspector.get_pk_constraint(table)["name"],
        }
        for table in metadata.tables
    }


def test_there_is_one_newest_migration() -> None:
    assert len(ScriptDirectory.from_config(migrations()).get_heads()) == 1


def test_migrated_tables_are_the_tables_in_code(ledger_url: str, empty_url: str) -> None:
    migrated, created = connect(ledger_url), connect(empty_url)
    try:
        with migrated.begin() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
        metadata.create_all(created)
        assert structure(migrated) == structure(created)
    finally:
        migrated.dispose()
        created.dispose()


def test_upgrading_twice_changes_nothing(empty_url: str) -> None:
    upgrade(empty_url)
    upgrade(empty_url)


def test_the_way_down_leaves_nothing_and_the_way_up_works_again(empty_url: str) -> None:
    upgrade(empty_url)
    engine = connect(empty_url)
    try:
        with engine.begin() as connection:
            alembic.command.downgrade(migrations(connection), "base")
        assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    finally:
        engine.dispose()
    upgrade(empty_url)


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgresql://duban@db/ledger", "postgresql+psycopg"),
        ("postgres://duban@db/ledger", "postgresql+psycopg"),
        ("postgresql+psycopg2://duban@db/ledger", "postgresql+psycopg"),
        ("sqlite:///ledger.db", "sqlite"),
    ],
)
def test_any_postgresql_address_is_reached_with_psycopg_3(given: str, driver: str) -> None:
    engine = connect(given)
    assert engine.url.drivername == driver
    engine.dispose()
