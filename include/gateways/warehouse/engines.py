"""The engines a rule may run on: DuckDB inside this process, or Spark where a bureau has it."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from include.domain.errors import GiveUp

if TYPE_CHECKING:
    from ibis.backends import BaseBackend

DUCKDB, SPARK = "duckdb", "spark"
CLUSTERS = ("spark://", "k8s://", "yarn", "local-cluster[")
"""How the address of an existing Spark begins (Spark's "master URL")."""


def connect(engine: str, *, scratch: Path, memory: str = "6GB", threads: int = 2) -> BaseBackend:
    """DuckDB that spills to ``scratch`` when ``memory`` is used up, or Spark: in this process or at an address.

    ``memory`` and ``threads`` are for an engine in this process; a cluster has its own. Raise GiveUp for one that is
    not there.
    """
    if engine == DUCKDB:
        return _duckdb(scratch, memory, threads)
    if engine == SPARK:
        # Two hundred parts, as for a cluster, cost more than the work where there are a few threads.
        own = {"spark.driver.memory": _of_java(memory), "spark.sql.shuffle.partitions": str(threads * 4)}
        return _spark(f"local[{threads}]", own)
    if engine.startswith(CLUSTERS):
        return _spark(engine, {})
    raise GiveUp(
        f"没有引擎“{engine}”；可选：{DUCKDB}（默认，本机）、{SPARK}（本机的 Spark）、"
        "已有 Spark 集群的地址（spark://主机:7077、yarn、k8s://…）"
    )


def _duckdb(scratch: Path, memory: str, threads: int) -> BaseBackend:
    import ibis

    scratch.mkdir(parents=True, exist_ok=True)
    return ibis.duckdb.connect(
        threads=threads,
        memory_limit=memory,
        temp_directory=str(scratch / "spill"),
        preserve_insertion_order=False,
        partitioned_write_flush_threshold=50_000,
    )


def _of_java(memory: str) -> str:
    """``6GB`` as Java writes it: 6g."""
    return memory.lower().removesuffix("b")


def _spark(master: str, options: dict[str, str]) -> BaseBackend:
    try:
        import ibis
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as fault:
        raise GiveUp("没有安装 Spark 客户端，请先运行 pip install -r requirements-spark.txt") from fault
    settings = {
        "spark.sql.session.timeZone": "UTC",
        # Spark 4.3 takes the parts of a union for parts by key where they are not, and loses hits (S06: a third).
        "spark.sql.unionOutputPartitioning": "false",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        **options,
    }
    try:
        session = SparkSession.builder.master(master).appName("duban").config(map=settings).getOrCreate()
    except Exception as fault:
        raise GiveUp(
            f"连接不上 Spark（{master}），请检查地址、网络和 Java 17：{type(fault).__name__}"
        ) from fault
    with warnings.catch_warnings():
        # It says at import that it has not been tested with this pandas; the rules hand nothing to pandas there.
        warnings.simplefilter("ignore", FutureWarning)
        return ibis.pyspark.connect(session)
