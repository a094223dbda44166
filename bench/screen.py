"""Five common rules over synthetic settlement data, as pandas, as hand-tuned SQL and as Ibis expressions, hits equal.

python -m bench.screen [--size N] [--rounds R] [--whole] [--folder DIR] [--memory 6GB]

The rules: an item charged twice on a day of a visit, overlapping stays, a stay again within 15 days, settled after
death, three persons in a minute at one institution. All three read the same prepared Parquet. ``--whole`` runs the
whole rule set in a process of its own. For 100M lines: ``--size 100000000 --no-pandas --folder DIR`` (some 15 GB).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis

from include.gateways.warehouse import Warehouse, connect
from include.rehearsal.settlements.base import write

ON_DUCKDB = "duckdb"
DEAD_EVERY = 101
RULES = ("duplicate", "overlap", "split", "after_death", "burst")

SQL = {
    "duplicate": """select count(*), sum(fee) from (
        select sum(det_item_fee_sumamt) fee from lines
        group by mdtrt_id, med_list_codg, day having count(*) > 1)""",
    "overlap": """with s as materialized (select psn_no, fixmedins_code, mdtrt_id, begndate::date b, enddate::date e,
        fund_pay_sumamt f from settlements where scene = 'inpatient')
        select count(*), sum(a.f) from s a join s o on a.psn_no = o.psn_no and a.fixmedins_code <> o.fixmedins_code
        and a.b < o.e and o.b < a.e and (o.b < a.b or (o.b = a.b and o.mdtrt_id < a.mdtrt_id))""",
    "split": """select count(*), sum(f) from (select fund_pay_sumamt f, begndate::date - lag(enddate::date) over w gap,
        diag_code = lag(diag_code) over w same from settlements where scene = 'inpatient'
        window w as (partition by psn_no order by begndate, mdtrt_id)) where gap between 0 and 15 and same""",
    "after_death": f"""select count(*), sum(det_item_fee_sumamt) from lines
        where psn_no % {DEAD_EVERY} = 0 and day > date '2025-10-01'""",
    "burst": """select count(*), sum(fee) from (select sum(fund_pay_sumamt) fee from settlements
        group by fixmedins_code, date_trunc('minute', setl_time) having count(distinct psn_no) >= 3)""",
}


def with_sql(folder: Path, engine: Any) -> dict[str, tuple[int, float]]:
    tables(folder, engine)
    return {name: told(engine.raw_sql(SQL[name]).fetchone()) for name in RULES}


def tables(folder: Path, engine: Any) -> tuple[Any, Any]:
    data = Warehouse(folder).data(engine)
    return data.settlements, data.lines


def told(row: Any) -> tuple[int, float]:
    return int(row[0] or 0), round(float(row[1] or 0), 2)


def with_ibis(folder: Path, engine: Any) -> dict[str, tuple[int, float]]:
    s, d = tables(folder, engine)
    return {
        name: told(tuple(_EXPRESSIONS[name](s, d).to_pyarrow().to_pylist()[0].values())) for name in RULES
    }


def duplicate(s: Any, d: Any) -> Any:
    many = d.group_by(["mdtrt_id", "med_list_codg", "day"]).aggregate(
        n=d.count(), fee=d.det_item_fee_sumamt.sum()
    )
    many = many.filter(many.n > 1)
    return many.aggregate(n=many.count(), fee=many.fee.sum())


def stays(s: Any) -> Any:
    s = s.filter(s.scene == "inpatient")
    return s.select(
        "psn_no", "fixmedins_code", "mdtrt_id", "diag_code", "begndate",
        b=s.begndate.date(), e=s.enddate.date(), f=s.fund_pay_sumamt,
    )  # fmt: skip


def overlap(s: Any, d: Any) -> Any:
    a = stays(s)
    o = a.view()
    before = (o.b < a.b) | ((o.b == a.b) & (o.mdtrt_id < a.mdtrt_id))
    j = a.inner_join(
        o, [a.psn_no == o.psn_no, a.fixmedins_code != o.fixmedins_code, a.b < o.e, o.b < a.e, before]
    ).select(f=a.f)
    return j.aggregate(n=j.count(), fee=j.f.sum())


def split(s: Any, d: Any) -> Any:
    a = stays(s)
    w = ibis.window(group_by=a.psn_no, order_by=[a.begndate, a.mdtrt_id])
    a = a.mutate(gap=a.b.delta(a.e.lag().over(w), unit="day"), same=a.diag_code == a.diag_code.lag().over(w))
    a = a.filter((a.gap >= 0) & (a.gap <= 15) & a.same)
    return a.aggregate(n=a.count(), fee=a.f.sum())


def after_death(s: Any, d: Any) -> Any:
    d = d.filter((d.psn_no % DEAD_EVERY == 0) & (d.day > ibis.date("2025-10-01")))
    return d.aggregate(n=d.count(), fee=d.det_item_fee_sumamt.sum())


def burst(s: Any, d: Any) -> Any:
    s = s.mutate(minute=s.setl_time.truncate("m"))
    many = s.group_by(["fixmedins_code", "minute"]).aggregate(
        persons=s.psn_no.nunique(), fee=s.fund_pay_sumamt.sum()
    )
    many = many.filter(many.persons >= 3)
    return many.aggregate(n=many.count(), fee=many.fee.sum())


_EXPRESSIONS: dict[str, Callable[[Any, Any], Any]] = {
    "duplicate": duplicate,
    "overlap": overlap,
    "split": split,
    "after_death": after_death,
    "burst": burst,
}


def with_pandas(folder: Path, engine: Any = None) -> dict[str, tuple[int, float]]:
    """Vectorised, with money as whole cents, as a careful analyst would write it."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    def read(names: str, columns: list[str], amount: str) -> pd.DataFrame:
        files = sorted(folder.glob(names))
        table = pa.concat_tables([pq.read_table(file, columns=columns, partitioning=None) for file in files])
        cents = pc.multiply(table[amount].cast(pa.float64()), 100.0)
        table = table.drop_columns([amount]).append_column("fee", pc.round(cents).cast(pa.int64()))
        return table.to_pandas(strings_to_categorical=True)

    d = read(
        "lines_*.parquet",
        ["psn_no", "mdtrt_id", "med_list_codg", "day", "det_item_fee_sumamt"],
        "det_item_fee_sumamt",
    )
    d["day"] = pd.to_datetime(d["day"])
    s = read(
        "settlements.parquet",
        [
            "psn_no",
            "mdtrt_id",
            "fixmedins_code",
            "diag_code",
            "scene",
            "begndate",
            "enddate",
            "setl_time",
            "fund_pay_sumamt",
        ],
        "fund_pay_sumamt",
    )
    many = d.groupby(["mdtrt_id", "med_list_codg", "day"], observed=True).fee.agg(["size", "sum"])
    many = many[many["size"] > 1]
    found = {"duplicate": (len(many), many["sum"].sum())}
    late = d[(d.psn_no % DEAD_EVERY == 0) & (d.day > "2025-10-01")]
    found["after_death"] = (len(late), late.fee.sum())
    a = s[s.scene == "inpatient"].assign(
        b=lambda x: x.begndate.dt.normalize(), e=lambda x: x.enddate.dt.normalize()
    )
    j = a.merge(a, on="psn_no", suffixes=("", "_o"))
    earlier = (j.b_o < j.b) | ((j.b_o == j.b) & (j.mdtrt_id_o < j.mdtrt_id))
    j = j[(j.fixmedins_code != j.fixmedins_code_o) & (j.b < j.e_o) & (j.b_o < j.e) & earlier]
    found["overlap"] = (len(j), j.fee.sum())
    a = a.sort_values(["psn_no", "begndate", "mdtrt_id"])
    before = a.groupby("psn_no")[["e", "diag_code"]].shift()
    again = (a.b - before.e).dt.days.between(0, 15) & (
        a.diag_code.astype(str) == before.diag_code.astype(str)
    )
    found["split"] = (int(again.sum()), a.fee[again].sum())
    groups = s.groupby(["fixmedins_code", s.setl_time.dt.floor("min")], observed=True)
    burst = groups.agg(persons=("psn_no", "nunique"), fee=("fee", "sum"))
    burst = burst[burst.persons >= 3]
    found["burst"] = (len(burst), burst.fee.sum())
    return {name: told((found[name][0], found[name][1] / 100)) for name in RULES}


def whole(folder: Path, engine: Any) -> dict[str, int]:
    from include.screening.registry import hits, missing_lists, screens

    data = Warehouse(folder).data(engine)
    return {each.RULE.number: len(hits(each, data)) for each in screens() if not missing_lists(each, data)}


WAYS: dict[str, Callable[..., Any]] = {
    "pandas": with_pandas,
    "sql": with_sql,
    "ibis": with_ibis,
    "spark": with_ibis,
    "whole": whole,
}


def alone(way: str, folder: Path, memory: str) -> None:
    """One way in a process of its own: its result, its seconds and its peak memory as JSON."""
    engine = None
    if way != "pandas":
        engine = connect("spark" if way == "spark" else ON_DUCKDB, scratch=folder, memory=memory)
    start = time.perf_counter()
    result = WAYS[way](folder, engine)
    seconds = time.perf_counter() - start
    # ru_maxrss would be the parent's: Linux keeps it over an exec. The high-water mark begins anew.
    status = Path("/proc/self/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
    print(json.dumps({"result": result, "seconds": seconds, "peak_mb": peak}))


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
        capture_output=True,
        text=True,
        env=dict(os.environ),
    )
    return json.loads(said.stdout.splitlines()[-1])


def compare(folder: Path, size: int, rounds: int, ways: list[str], memory: str) -> None:
    times: dict[str, list[float]] = {way: [] for way in ways}
    peaks: dict[str, float] = {}
    expected: Any = None
    for number in range(rounds):
        for way in ways:
            got = measured(way, folder, memory)
            if way != "whole":
                expected = expected or got["result"]
                assert got["result"] == expected, (way, got["result"], expected)
            times[way].append(got["seconds"])
            peaks[way] = max(peaks.get(way, 0), got["peak_mb"])
            print(
                f"round {number + 1}  {way:7} {got['seconds']:8.2f} s {got['peak_mb']:8.0f} MB  {got['result']}"
            )
    middle = {way: statistics.median(found) for way, found in times.items()}
    told = {
        "bench": "screen",
        "size": size,
        "speedup": round(middle["pandas"] / middle["ibis"], 2) if "pandas" in middle else None,
        "floor_ratio": round(middle["ibis"] / middle["sql"], 2),
        "seconds": {way: round(value, 2) for way, value in middle.items()},
        "peak_mb": {way: round(value) for way, value in peaks.items()},
    }
    print(json.dumps(told))


def prepared(folder: Path, size: int, memory: str) -> Path:
    """Data of that size, made and taken in once."""
    ready = folder / f"prepared_{size}"
    if not (ready / "refused.json").exists() or not list(ready.glob("lines_*.parquet")):
        raw = folder / f"raw_{size}"
        start = time.perf_counter()
        write(raw, lines=size, seed=1)
        made = time.perf_counter()
        taken = Warehouse(ready, memory=memory).take_in(str(raw))
        print(
            f"{taken.lines} lines made in {made - start:.1f} s, taken in in {time.perf_counter() - made:.1f} s"
        )
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
    ways = [*(() if asked.no_pandas else ("pandas",)), "sql", "ibis"]
    ways += [name for name in ("spark", "whole") if getattr(asked, name)]
    with tempfile.TemporaryDirectory() as scratch:
        for size in asked.size:
            folder = prepared(asked.folder or Path(scratch), size, asked.memory)
            compare(folder, size, asked.rounds, ways, asked.memory)


if __name__ == "__main__":
    main()
