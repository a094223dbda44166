"""Every rule on prepared data (keys coded, lists as CSV) hits what it hits on plain rows: all planted cases at once."""

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
from include.gateways.warehouse import Warehouse, checks, connect
from include.screening.registry import hits, screens
from tests.screening.tables import data as plain

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


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory):
    """The same cases as prepared data and as plain rows."""
    folder = tmp_path_factory.mktemp("planted")
    settlements, details, lists = planted()
    save(folder / "raw", settlements, details)
    (folder / "lists").mkdir()
    for name, rows in lists.items():
        pyarrow.csv.write_csv(pa.Table.from_pylist(rows), folder / "lists" / f"{name}.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "failures", lambda frame: {})  # planted amounts do not add up, and need not
        Warehouse(folder / "w", memory="1GB").take_in(str(folder / "raw"))
    engine = connect("duckdb", scratch=folder / "scratch", memory="1GB")
    yield Warehouse(folder / "w").data(engine, str(folder / "lists")), plain(settlements, details, lists)
    engine.disconnect()


@pytest.mark.parametrize("number", RULES)
def test_prepared_data_give_the_hits_of_plain_rows(number: str, both) -> None:
    prepared, rows = both
    expected = hits(RULES[number], rows)
    assert expected
    assert [(*each.key, each.amount, each.visits) for each in hits(RULES[number], prepared)] == [
        (*each.key, each.amount, each.visits) for each in expected
    ]
