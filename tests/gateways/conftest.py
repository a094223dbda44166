"""What the gateways' tests share: one PostgreSQL server for the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gateways import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    try:
        with postgres.running() as server:
            yield server
    except postgres.NoServer as missing:
        pytest.skip(str(missing))
