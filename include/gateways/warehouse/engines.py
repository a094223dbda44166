"""The engines a rule may run on: DuckDB inside this process, or Spark where a bureau has it."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from include.domain.errors import GiveUp

if TYPE_CHECKING:
    from ibis.backends import BaseBackend

DUCKDB, SPARK = "duckdb", "spark"


def connect(engine: str, *, scratch: Path, memory: str = "6GB", threads: int = 2) -> BaseBackend:
    """An engine that spills to ``scratch`` when ``memory`` is used up. Raise GiveUp for one that is not there."""
    import ibis

    if engine == DUCKDB:
        scratch.mkdir(parents=True, exist_ok=True)
        return ibis.duckdb.connect(
            threads=threads,
            memory_limit=memory,
            temp_directory=str(scratch / "spill"),
            preserve_insertion_order=False,
            partitioned_write_flush_threshold=50_000,
        )
    if engine == SPARK:
        return _spark(threads, memory)
    raise GiveUp(f"没有引擎“{engine}”；可选：{DUCKDB}（默认，本机）、{SPARK}（已有 Spark 的）")


def _spark(threads: int, memory: str) -> BaseBackend:
    try:
        import ibis
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as fault:
        raise GiveUp("没有安装 Spark 客户端，请先运行 pip install -r requirements-spark.txt") from fault
    session = (
        SparkSession.builder.master(f"local[{threads}]")
        .appName("duban")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", memory.lower().removesuffix("b"))
        # Two hundred parts, as for a cluster, cost more than the work where there are a few threads.
        .config("spark.sql.shuffle.partitions", str(threads * 4))
        .getOrCreate()
    )
    with warnings.catch_warnings():
        # It says at import that it has not been tested with this pandas; the rules hand nothing to pandas there.
        warnings.simplefilter("ignore", FutureWarning)
        return ibis.pyspark.connect(session)
