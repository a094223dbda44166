"""Settlement data to measure on: made once for ten million lines, beyond that copied under other keys by the engine.

Copies have other persons, visits and settlements at the same institutions, so that a hundred million lines are made in
minutes and every institution has ten times as many.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from include.rehearsal.settlements.base import write

AT_ONCE = 10_000_000
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
KEYS = ("setl_id", "mdtrt_id", "psn_no")


def persons_of(size: int) -> int:
    return max(1_000, min(size, AT_ONCE) // 150)


def copies_of(size: int) -> tuple[str, ...]:
    """What the keys of each copy begin with; nothing where the data are made at once."""
    return tuple(LETTERS[: size // AT_ONCE]) if size > AT_ONCE else ("",)


def make(folder: Path, size: int, *, seed: int = 1) -> None:
    """About so many lines below the folder, beyond AT_ONCE in whole multiples of it."""
    if size <= AT_ONCE:
        write(folder, lines=size, seed=seed)
        return
    first = folder.with_name(f"raw_{AT_ONCE}")
    if not first.exists():
        write(first, lines=AT_ONCE, seed=seed)
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as engine:
        engine.execute("SET threads = 2; SET memory_limit = '2GB'; SET preserve_insertion_order = false")
        for letter in copies_of(size):
            for kind in ("settlements", "details"):
                engine.execute(_copy(first / kind, folder / kind, letter))


def _copy(source: Path, target: Path, letter: str) -> str:
    keys = ", ".join(f"'{letter}' || {name} AS {name}" for name in KEYS)
    words = "{'region': VARCHAR, 'month': VARCHAR}"
    return f"""COPY (SELECT * REPLACE ({keys})
        FROM read_parquet('{source}/**/*.parquet', hive_partitioning = true, hive_types = {words}))
        TO '{target}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (region, month),
        FILENAME_PATTERN 'part_{letter}_{{i}}', OVERWRITE_OR_IGNORE)"""
