"""Every case runs on SQLite and on PostgreSQL, each time on a fresh copy of migrated tables."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text

from include.gateways.ledger import Ledger
from include.gateways.ledger.database import connect, upgrade
from include.gateways.ledger.tables import metadata
from tests.gateways.postgres import Server

DATABASES = ("sqlite", "postgresql")
_numbers = count(1)


@pytest.fixture(params=DATABASES)
def kind_of_database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_url(kind_of_database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables."""
    if kind_of_database == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"empty_{next(_numbers)}"
    yield server.create(name)
    server.drop(name)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ledger") / "migrated.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_server(postgres_server: Server) -> str:
    url = postgres_server.create("ledger")
    upgrade(url)
    return url


@pytest.fixture
def ledger_url(kind_of_database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with tables and nothing in them."""
    if kind_of_database == "sqlite":
        path = tmp_path / "ledger.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("migrated_server")
    _empty(url)
    return url


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    ledger = Ledger(ledger_url)
    yield ledger
    ledger.close()


def _empty(url: str) -> None:
    # Five times as fast as a copy of the database.
    tables = ", ".join(f'"{name}"' for name in metadata.tables)
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
    engine.dispose()
