"""Spark hits what DuckDB hits: all rules, on planted cases in this process and among many persons on a cluster."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench import screen_lists
from bench.screen import saved
from include.domain.errors import GiveUp
from include.gateways.warehouse import Warehouse, connect
from include.rehearsal.settlements.base import write
from include.screening.registry import hits
from tests.gateways.warehouse.planted import RULES, taken_in

pytest.importorskip("pyspark", reason="needs pyspark: run make test-spark")
# Spark starts a machine of its own, and warns of pandas and of sockets.
pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(not shutil.which("java"), reason="needs Java 17: run make test-spark"),
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.timeout(900),
]

Keys = list[tuple[object, ...]]
Both = Callable[[str], tuple[Keys, Keys]]

LINES = 20_000
"""Enough for joins and unions of many parts, which the few planted cases never make."""


def _compared(folder: Path, spark: str) -> Iterator[Both]:
    """The hits of a rule on Spark and on DuckDB."""
    engines = [connect(name, scratch=folder / "scratch", memory="1GB") for name in (spark, "duckdb")]
    both = [Warehouse(folder / "w").data(each, str(folder / "lists")) for each in engines]

    def found(number: str) -> tuple[Keys, Keys]:
        on_spark, on_duckdb = (
            [(*each.key, each.amount, each.visits) for each in hits(RULES[number], data)] for data in both
        )
        return on_spark, on_duckdb

    yield found
    for each in engines:
        each.disconnect()


@pytest.fixture(scope="class")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder: Path = tmp_path_factory.mktemp("planted")
    taken_in(folder)
    yield from _compared(folder, "spark")


@pytest.fixture(scope="class")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a cluster, and of the data of many persons."""
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="class")
def among_many(cluster: Path) -> Iterator[Both]:
    from tests.gateways.warehouse import spark_cluster

    write(cluster / "raw", lines=LINES, seed=2)
    Warehouse(cluster / "w", memory="1GB").take_in(str(cluster / "raw"))
    saved(screen_lists.of_all_rules(LINES), cluster / "lists")
    with spark_cluster.running(cluster) as address:
        yield from _compared(cluster, address)


class TestInThisProcess:
    @pytest.mark.parametrize("number", RULES)
    def test_planted_cases_are_hit(self, number: str, planted: Both) -> None:
        on_spark, on_duckdb = planted(number)
        assert on_duckdb
        assert on_spark == on_duckdb


class TestOnACluster:
    @pytest.mark.parametrize("number", RULES)
    def test_the_same_are_hit_among_many(self, number: str, among_many: Both) -> None:
        on_spark, on_duckdb = among_many(number)
        assert on_spark == on_duckdb

    def test_a_rule_of_unions_and_joins_hit_many(self, among_many: Both) -> None:
        on_spark, _ = among_many("S06")
        assert len(on_spark) > 50

    def test_the_workers_did_the_work(self, among_many: Both, cluster: Path) -> None:
        assert len(list(cluster.glob("work*/app-*"))) == 2


def test_a_cluster_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(GiveUp, match=r"连接不上 Spark（spark://127\.0\.0\.1:1）"):
        connect("spark://127.0.0.1:1", scratch=tmp_path)
