"""Five screening rules over synthetic settlement data: the rule files against pandas and hand-tuned SQL, hits equal.

python -m bench.screen [--size N] [--rounds R] [--whole] [--folder DIR] [--memory 6GB]

The rules: S01 duplicate charge, S04 too often, S05 split stay, S08 overlapping stays, S09 after death. First the rule
files are held against the slow references on a small population; then all ways read the same prepared Parquet, pandas
the delivered one too, and must hit the same institutions, persons, windows and amounts. ``--whole`` runs the whole rule set in a process of its own, with ``--spark`` on both engines.
For 100M lines: ``--size 100000000 --no-pandas --folder DIR`` (some 15 GB).
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench import screen_by_hand as by_hand
from bench import screen_lists
from include.gateways.warehouse import Warehouse, connect
from include.rehearsal.settlements.base import write
from include.screening.registry import Screen, hits, missing_lists, screens

ON_DUCKDB = "duckdb"
RULES = tuple(by_hand.SQL)
CHECKED_LINES = 8_000
RAW, PREPARED = "raw", "prepared"


def saved(lists: dict[str, list[dict[str, object]]], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in lists.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return folder


def measured_rules() -> list[Screen]:
    return [each for each in screens() if each.RULE.number in RULES]


def told(rows: Iterable[tuple[Any, ...]]) -> tuple[int, float, str]:
    """Hits, 元 and a digest of all keys with their amounts; one hit per key, that of the largest amount."""
    kept: dict[tuple[str, str, str], int] = {}
    for place, person, start, cents in rows:
        key = (str(place), str(person), str(start)[:10])
        kept[key] = max(int(cents), kept.get(key, 0))
    digest = hashlib.sha256(repr(sorted(kept.items())).encode()).hexdigest()
    return len(kept), sum(kept.values()) / 100, digest[:12]


def with_sql(folder: Path, engine: Any) -> dict[str, Any]:
    Warehouse(folder).data(engine)
    return {name: told(rows) for name, rows in by_hand.with_sql(folder / "lists", engine).items()}


def with_rules(folder: Path, engine: Any) -> dict[str, Any]:
    data = Warehouse(folder).data(engine, str(folder / "lists"))
    found = {}
    for each in measured_rules():
        frozen = {name: int(value) for name, value in each.RULE.frozen().items()}
        rows = each.find(data, frozen).to_pyarrow().to_pylist()
        found[each.RULE.number] = told(
            (row["fixmedins_code"], row["psn_no"], row["window_start"], row["amount"] * 100) for row in rows
        )
    return found


def with_pandas(folder: Path, engine: Any = None) -> dict[str, Any]:
    """On the data as they were delivered; the persons found are coded, to be compared."""
    import pandas as pd

    found = by_hand.with_pandas(folder.with_name(folder.name.replace(PREPARED, RAW)), folder / "lists")
    codes = pd.read_parquet(folder / "names_psn_no.parquet").set_index("name").code.to_dict()
    return {
        name: told((place, codes[person], *rest) for place, person, *rest in rows)
        for name, rows in found.items()
    }


def with_pandas_coded(folder: Path, engine: Any = None) -> dict[str, Any]:
    return {name: told(rows) for name, rows in by_hand.with_pandas_coded(folder, folder / "lists").items()}


def whole(folder: Path, engine: Any) -> dict[str, tuple[int, float, str]]:
    """All rules that have their lists; what they take is told as they go."""
    data = Warehouse(folder).data(engine, str(folder / "lists_of_all"))
    found = {}
    for each in screens():
        if not missing_lists(each, data):
            start = time.perf_counter()
            found[each.RULE.number] = told(
                (hit.fixmedins_code, hit.psn_no, hit.window_start, hit.amount * 100)
                for hit in hits(each, data)
            )
            print(f"{each.RULE.number} {time.perf_counter() - start:8.2f} s", file=sys.stderr, flush=True)
    return found


def check(folder: Path) -> None:
    """The rule files hit what the slow references hit, key by key and amount by amount."""
    import pyarrow.parquet as pq

    from tests.screening.references.common import net_heads, net_lines

    lists = screen_lists.of_five_rules(6)
    write(folder / "raw", lines=CHECKED_LINES, seed=2, persons=6, institutions=2)
    Warehouse(folder / "ready", memory="1GB").take_in(str(folder / "raw"))
    saved(lists, folder / "ready" / "lists")
    settlements, details = (
        [row for file in (folder / "raw" / kind).rglob("*.parquet") for row in rows_of(pq, file)]
        for kind in ("settlements", "details")
    )
    heads = net_heads(settlements)
    lines = net_lines(details, heads)
    engine = connect(ON_DUCKDB, scratch=folder / "scratch", memory="1GB")
    data = Warehouse(folder / "ready").data(engine, str(folder / "ready" / "lists"))
    for each in measured_rules():
        number = each.RULE.number
        p = {name: float(value) for name, value in each.RULE.frozen().items()}
        reference = importlib.import_module(f"tests.screening.references.{number.lower()}")
        expected = reference.find(heads, lines, lists, p)
        found = {(e.fixmedins_code, e.psn_no, e.window_start, e.amount) for e in hits(each, data)}
        assert found == {(*key, Decimal(amount)) for *key, amount in expected}, number
        assert found, number
        print(f"{number}: {len(found)} hits, those of the slow reference")
    engine.disconnect()


def rows_of(pq: Any, file: Path) -> list[dict[str, object]]:
    return pq.read_table(file, partitioning=None).to_pylist()


WAYS: dict[str, Callable[..., Any]] = {
    "pandas": with_pandas,
    "pandas_coded": with_pandas_coded,
    "sql": with_sql,
    "rules": with_rules,
    "spark": with_rules,
    "whole": whole,
    "whole_spark": whole,
}


def alone(way: str, folder: Path, memory: str) -> None:
    """One way in a process of its own: its result, its seconds by clock and by CPU and its peak memory as JSON."""
    engine = None
    if not way.startswith("pandas"):
        engine = connect("spark" if "spark" in way else ON_DUCKDB, scratch=folder, memory=memory)
    import pandas as pd  # noqa: F401  loaded before the clock starts, for all ways: Ibis loads it, too

    start, used = time.perf_counter(), time.process_time()
    result = WAYS[way](folder, engine)
    seconds, cpu = time.perf_counter() - start, time.process_time() - used
    # ru_maxrss would be the parent's: Linux keeps it over an exec. The high-water mark begins anew.
    status = Path("/proc/self/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
    print(json.dumps({"result": result, "seconds": seconds, "cpu": cpu, "peak_mb": peak}))


def measured(way: str, folder: Path, memory: str) -> dict[str, Any]:
    said = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "bench.screen",
            "--alone",
            way,
            "--folder",
            str(folder),
            "--memory",
            memory,
        ],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    return json.loads(said.stdout.splitlines()[-1])


def compare(folder: Path, size: int, rounds: int, ways: list[str], memory: str) -> None:
    times: dict[str, list[float]] = {way: [] for way in ways}
    cpus: dict[str, list[float]] = {way: [] for way in ways}
    peaks: dict[str, float] = {}
    expected: dict[bool, Any] = {}
    for number in range(rounds):
        for way in ways:
            got = measured(way, folder, memory)
            same = expected.setdefault(way.startswith("whole"), got["result"])
            assert got["result"] == same, (way, got["result"], same)
            times[way].append(got["seconds"])
            cpus[way].append(got["cpu"])
            peaks[way] = max(peaks.get(way, 0), got["peak_mb"])
            print(
                f"round {number + 1}  {way:12} {got['seconds']:8.2f} s {got['cpu']:8.2f} CPU s {got['peak_mb']:8.0f} MB  {got['result']}"
            )
    middle = {way: statistics.median(found) for way, found in times.items()}
    told = {
        "bench": "screen",
        "size": size,
        "speedup": _ratio(middle, "pandas"),
        "speedup_coded": _ratio(middle, "pandas_coded"),
        "floor_ratio": round(middle["rules"] / middle["sql"], 2),
        "seconds": {way: round(value, 2) for way, value in middle.items()},
        "cpu_seconds": {way: round(statistics.median(found), 2) for way, found in cpus.items()},
        "peak_mb": {way: round(value) for way, value in peaks.items()},
    }
    print(json.dumps(told))


def _ratio(seconds: dict[str, float], way: str) -> float | None:
    return round(seconds[way] / seconds["rules"], 2) if way in seconds else None


def prepared(folder: Path, size: int, memory: str) -> Path:
    """Data of that size, made and taken in once."""
    ready = folder / f"{PREPARED}_{size}"
    if not (ready / "refused.json").exists() or not list(ready.glob("lines_*.parquet")):
        raw = folder / f"{RAW}_{size}"
        start = time.perf_counter()
        write(raw, lines=size, seed=1)
        made = time.perf_counter()
        taken = Warehouse(ready, memory=memory).take_in(str(raw))
        print(
            f"{taken.lines} lines made in {made - start:.1f} s, taken in in {time.perf_counter() - made:.1f} s"
        )
    saved(screen_lists.of_five_rules(size), ready / "lists")
    saved(screen_lists.of_all_rules(size), ready / "lists_of_all")
    return ready


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--memory", default="1500MB")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--spark", action="store_true")
    parser.add_argument("--no-pandas", action="store_true")
    parser.add_argument("--alone", choices=WAYS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.alone:
        alone(asked.alone, asked.folder, asked.memory)
        return
    ways = [*(() if asked.no_pandas else ("pandas", "pandas_coded")), "sql", "rules"]
    ways += [name for name in ("spark", "whole") if getattr(asked, name)]
    ways += ["whole_spark"] if asked.spark and asked.whole else []
    with tempfile.TemporaryDirectory() as scratch:
        check(Path(scratch) / "checked")
        for size in asked.size:
            folder = prepared(asked.folder or Path(scratch), size, asked.memory)
            compare(folder, size, asked.rounds, ways, asked.memory)


if __name__ == "__main__":
    main()
