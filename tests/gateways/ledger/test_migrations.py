"""The migrations and the tables in code are the same thing, on both databases."""

from __future__ import annotations

from typing import Any

import alembic.command
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from include.domain.reports import EditionFile, EditionState, FileRole
from include.domain.sign_off import Hand
from include.gateways.ledger import Ledger
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


def test_editions_of_one_file_and_one_decision_go_over_and_come_back(empty_url: str) -> None:
    upgrade(empty_url, "0010")
    engine = connect(empty_url)
    old = {
        "state": "approved",
        "file_name": "第1版.xlsx",
        "sha256": "a" * 64,
    }
    try:
        with engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO snapshot (id, campaign_id, report_key, phase_key, taken_on, sha256, content,"
                    " period_start, period_end) VALUES (1, 'c', 'r', 'p', '2024-06-05', :sha, :content,"
                    " '2024-05-01', '2024-06-05')"
                ),
                {"sha": "b" * 64, "content": b"x"},
            )
            connection.execute(
                text(
                    "INSERT INTO report_edition (id, campaign_id, report_key, occasion, number, snapshot_id,"
                    " state, file_name, sha256, compiled_on) VALUES (1, 'c', 'r', 'once', 1, 1, :state,"
                    " :file_name, :sha256, '2024-06-05')"
                ),
                old,
            )
            connection.execute(
                text(
                    "INSERT INTO approval (edition_id, approved, by, reason, at) VALUES"
                    " (1, :yes, 'director', '同意', '2024-06-05T02:00:00.000000+00:00')"
                ),
                {"yes": True},
            )
        upgrade(empty_url)
        ledger = Ledger(empty_url)
        edition = ledger.editions.get(1)
        assert edition.files == (EditionFile(FileRole.TABLES, "第1版.xlsx", "a" * 64),)
        assert edition.state is EditionState.APPROVED
        [signing] = ledger.editions.signings(1)
        assert (signing.hand, signing.by, signing.approved) == (Hand.APPROVED, "director", True)
        ledger.close()
        with engine.begin() as connection:
            alembic.command.downgrade(migrations(connection), "0010")
            row = connection.execute(text("SELECT state, file_name, sha256 FROM report_edition")).one()
            assert dict(row._mapping) == old
            assert connection.scalar(text("SELECT by FROM approval")) == "director"
    finally:
        engine.dispose()
