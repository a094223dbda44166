"""The planted cases of all rules at once, as a bureau would deliver them, and taken in."""

from __future__ import annotations

import importlib
from collections import defaultdict
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from include.domain.settlements import DETAIL, SETTLEMENT
from include.gateways.warehouse import Warehouse, checks
from include.screening.registry import screens

KEYS = ("mdtrt_id", "setl_id", "feedetl_sn", "init_feedetl_sn")
RULES = {screen.RULE.number: screen for screen in screens()}


def planted() -> tuple[list[Any], list[Any], dict[str, list[Any]]]:
    """The cases of all rules; visits of different rules are different visits."""
    settlements, details, lists = [], [], defaultdict(list)
    for number in RULES:
        case = importlib.import_module(f"include.rehearsal.settlements.plant_{number.lower()}").plant()
        settlements += [own(row, number) for row in case.settlements]
        details += [own(row, number) for row in case.details]
        for name, rows in case.lists.items():
            lists[name] += rows
    columns = {name: dict.fromkeys(column for row in rows for column in row) for name, rows in lists.items()}
    filled = {name: [dict.fromkeys(columns[name]) | row for row in rows] for name, rows in lists.items()}
    return settlements, details, filled


def own(row: dict[str, Any], number: str) -> dict[str, Any]:
    return {name: f"{number}{value}" if name in KEYS and value else value for name, value in row.items()}


def save(folder: Path, settlements: list[Any], details: list[Any]) -> None:
    places = {
        row["setl_id"]: (row["fixmedins_code"][1:7], f"{row['setl_time']:%Y-%m}") for row in settlements
    }
    for kind, rows, schema in (("settlements", settlements, SETTLEMENT), ("details", details, DETAIL)):
        parts = defaultdict(list)
        for row in rows:
            parts[places[row["setl_id"]]].append(row)
        for place in set(places.values()):
            region, month = place
            file = folder / kind / f"region={region}" / f"month={month}" / "part.parquet"
            file.parent.mkdir(parents=True)
            types = ibis.schema(dict(schema)).to_pyarrow()
            pq.write_table(pa.Table.from_pylist(parts[place], schema=types), file)


Case = tuple[list[Any], list[Any], dict[str, list[Any]]]


def taken_in(folder: Path) -> Case:
    """Prepared in ``w``, with ``lists``; the cases as plain rows."""
    settlements, details, lists = planted()
    save(folder / "raw", settlements, details)
    (folder / "lists").mkdir()
    for name, rows in lists.items():
        pyarrow.csv.write_csv(pa.Table.from_pylist(rows), folder / "lists" / f"{name}.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "failures", lambda frame: {})  # planted amounts do not add up, and need not
        Warehouse(folder / "w", memory="1GB").take_in(str(folder / "raw"))
    return settlements, details, lists
