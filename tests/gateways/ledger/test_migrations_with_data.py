"""Down to every version and up again with a row in every table, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Engine,
    Enum,
    Integer,
    LargeBinary,
    Table,
    func,
    inspect,
    select,
)
from sqlalchemy import table as named

from include.domain.errors import GiveUp
from include.gateways.ledger.columns import Instant, Money, Number
from include.gateways.ledger.database import connect, downgrade, migrations, upgrade
from include.gateways.ledger.tables import metadata, obligation

CHECKED = {"roster_change.kind": "joined", "obligation.filled_by": "unit"}
"""Words a CHECK in the database allows, where the column's type does not say them."""
VALUES: tuple[tuple[type[Any], Any], ...] = (
    (Money, Decimal("123.45")),
    (Number, Decimal("0.5")),
    (Instant, datetime(2024, 5, 24, 1, 2, 3, 456789, tzinfo=UTC)),
    (Boolean, True),
    (Integer, 1),
    (Date, date(2024, 5, 24)),
    (LargeBinary, b"\x00\xff"),
    (JSON, [{"sha256": "a" * 64}]),
)


def value(column: Column[Any]) -> Any:
    if (checked := CHECKED.get(f"{column.table.name}.{column.name}")) is not None:
        return checked
    if isinstance(column.type, Enum):
        return column.type.enums[0]
    if column.foreign_keys:
        return 1
    return next((given for kind, given in VALUES if isinstance(column.type, kind)), "内")


def fill(engine: Engine) -> None:
    """One row in every table, whatever the tables are; those of one circle name themselves."""
    with engine.begin() as connection:
        for each in metadata.sorted_tables:
            row = {column.name: value(column) for column in each.columns if not _is_own(column, each)}
            connection.execute(each.insert(), [row])


def _is_own(column: Column[Any], of: Table) -> bool:
    return any(key.column.table is of for key in column.foreign_keys)


def everything(engine: Engine) -> dict[str, Any]:
    """Every row as the ledger of this program reads it."""
    with engine.connect() as connection:
        return {
            each.name: connection.execute(select(each)).mappings().all() for each in metadata.sorted_tables
        }


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names()) - {"alembic_version"}
        return {name: connection.scalar(select(func.count()).select_from(named(name))) or 0 for name in names}


def revisions() -> list[str]:
    """All but the newest, newest first."""
    return [each.revision for each in ScriptDirectory.from_config(migrations()).walk_revisions()][1:]


@pytest.fixture
def full(empty_url: str) -> Iterator[Engine]:
    upgrade(empty_url)
    engine = connect(empty_url)
    fill(engine)
    yield engine
    engine.dispose()


def test_a_full_ledger_goes_down_version_by_version_and_up_again_and_keeps_what_it_can(
    full: Engine, empty_url: str
) -> None:
    assert set(counts(full).values()) == {1}
    above = "head"
    for revision in revisions():
        downgrade(empty_url, revision)
        held = counts(full)
        upgrade(empty_url, above)
        after = counts(full)
        assert {name: after[name] for name in held.keys() & after.keys()} == {
            name: held[name] for name in held.keys() & after.keys()
        }, f"lost on the way up from {revision}"
        downgrade(empty_url, revision)
        above = revision
    upgrade(empty_url)
    found = {name: len(rows) for name, rows in everything(full).items()}
    for kept in ("unit", "obligation", "return_file", "finding", "notice", "delivery_attempt", "audit"):
        assert found[kept] == 1, f"{kept} is there from the first version on"


def test_upgrading_a_full_ledger_of_this_version_changes_nothing(full: Engine, empty_url: str) -> None:
    before = everything(full)
    upgrade(empty_url)
    assert everything(full) == before


def test_what_the_older_tables_cannot_tell_apart_stays_and_is_said(full: Engine, empty_url: str) -> None:
    with full.begin() as connection:
        row = dict(connection.execute(select(obligation)).mappings().one())
        connection.execute(obligation.insert(), [row | {"id": 2, "occasion": "2024-06"}])
    before = everything(full)
    with pytest.raises(GiveUp, match="不能退回，没有改动任何数据"):
        downgrade(empty_url, "0015")
    assert everything(full) == before
