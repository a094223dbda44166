"""The distributed engine in local mode hits what DuckDB hits: all rules on all planted cases, prepared once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from include.gateways.warehouse import Warehouse, connect
from include.screening.data import Data
from include.screening.registry import hits
from tests.gateways.warehouse.planted import RULES, taken_in

pytest.importorskip(
    "pyspark", reason="install it with: pip install -r requirements-spark.txt (needs Java 17)"
)
# Spark starts a machine of its own, and warns of pandas and of sockets.
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Data, Data]]:
    """The same prepared data as Spark and as DuckDB see them."""
    folder: Path = tmp_path_factory.mktemp("spark")
    taken_in(folder)
    warehouse = Warehouse(folder / "w")
    engines = [connect(name, scratch=folder / "scratch", memory="1GB") for name in ("spark", "duckdb")]
    yield tuple(warehouse.data(each, str(folder / "lists")) for each in engines)  # type: ignore[misc]
    for each in engines:
        each.disconnect()


@pytest.mark.parametrize("number", RULES)
def test_spark_hits_what_duckdb_hits(number: str, both: tuple[Data, Data]) -> None:
    on_spark, on_duckdb = (
        [(*each.key, each.amount, each.visits) for each in hits(RULES[number], data)] for data in both
    )
    assert on_duckdb
    assert on_spark == on_duckdb
