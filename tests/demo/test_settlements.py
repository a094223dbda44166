"""The demo's settlement data are of its own institutions and period, made once, and told to the components."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from demo import settlements
from demo.roster import make_roster


def test_they_are_of_the_roster_s_institutions_and_before_the_day_of_the_run(tmp_path: Path) -> None:
    settlements.make(tmp_path)
    files = sorted((tmp_path / "settlements").rglob("*.parquet"))
    rows = [row for file in files for row in pq.read_table(file, partitioning=None).to_pylist()]
    assert rows
    assert {row["fixmedins_code"] for row in rows} <= {unit.code for unit in make_roster().units}
    assert max(row["setl_time"].date() for row in rows) < settlements.SCREENED_ON


def test_they_are_made_once(tmp_path: Path) -> None:
    told = settlements.make(tmp_path)
    assert Path(told["DUBAN_SETTLEMENTS"]) == tmp_path
    before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.*")}
    assert settlements.make(tmp_path) == told
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.*")} == before
