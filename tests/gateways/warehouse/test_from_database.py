"""A bureau's database becomes partitions on a folder: the hits of delivered files, read once, going on where it stopped."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, create_engine, text

from include.domain.errors import GiveUp
from include.domain.settlements import DETAIL, SETTLEMENT
from include.gateways.sql_source import SqlSource
from include.gateways.warehouse import Warehouse, connect, from_database
from include.gateways.warehouse.partitions import Partition
from include.rehearsal.settlements.base import write
from include.screening.registry import hits, screens
from include.settings import ROOT
from tests.gateways.postgres import Server

QUERIES = ROOT / "include" / "screening" / "queries"
RULE = next(screen for screen in screens() if screen.RULE.number == "S07")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("delivered")
    write(folder, lines=2_000, seed=5, persons=6, institutions=2)
    return folder


TABLES = {"settlements": ("setl_d", SETTLEMENT), "details": ("fee_list_d", DETAIL)}


@pytest.fixture(scope="module")
def bureau(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The same rows in the tables of a database."""
    engine = create_engine(f"sqlite:///{tmp_path_factory.mktemp('bureau') / 'bureau.db'}")
    fill(engine, raw)
    return engine


@pytest.fixture(scope="module")
def postgres_bureau(raw: Path, postgres_server: Server) -> Iterator[Engine]:
    """The same rows in columns that have their types."""
    engine = create_engine(postgres_server.create("bureau"))
    fill(engine, raw)
    yield engine
    engine.dispose()
    postgres_server.drop("bureau")


def fill(engine: Engine, raw: Path) -> None:
    kinds = {"string": "VARCHAR(200)", "date": "DATE", "timestamp(6)": "TIMESTAMP"}
    with engine.begin() as connection:
        for kind, (table, schema) in TABLES.items():
            files = sorted((raw / kind).rglob("*.parquet"))
            rows = [row for file in files for row in pq.read_table(file, partitioning=None).to_pylist()]
            columns = ", ".join(f"{name} {kinds.get(of, of)}" for name, of in schema.items())
            connection.execute(text(f"CREATE TABLE {table} ({columns})"))
            cells = [{k: None if v is None else str(v) for k, v in row.items()} for row in rows]
            values = ", ".join(f"CAST(:{name} AS {kinds.get(of, of)})" for name, of in schema.items())
            # SQLite keeps days as text; a cast would leave their year alone.
            plain = ", ".join(f":{name}" for name in schema)
            of_engine = plain if engine.dialect.name == "sqlite" else values
            connection.execute(text(f"INSERT INTO {table} VALUES ({of_engine})"), cells)


def read(bureau: Engine, folder: Path, **asked: str) -> from_database.Read:
    return from_database.read(lambda: SqlSource(bureau, connection="bureau"), QUERIES, folder, **asked)


def found(source: Path, folder: Path) -> list[object]:
    warehouse = Warehouse(folder, memory="1GB")
    taken = warehouse.take_in(str(source))
    assert taken.refused == ()
    engine = connect("duckdb", scratch=folder / "scratch", memory="1GB")
    here = hits(RULE, warehouse.data(engine))
    engine.disconnect()
    return list(here)


@pytest.mark.parametrize("database", ["bureau", "postgres_bureau"])
def test_data_from_a_database_give_the_hits_of_delivered_files(
    database: str, raw: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    assert read(request.getfixturevalue(database), tmp_path / "db").read
    from_files = found(raw, tmp_path / "a")
    assert found(tmp_path / "db", tmp_path / "b") == from_files
    assert from_files


def test_what_is_complete_is_not_read_again_until_it_changes(bureau: Engine, tmp_path: Path) -> None:
    first = read(bureau, tmp_path)
    again = read(bureau, tmp_path)
    assert (again.read, set(again.known)) == ((), set(first.read))
    changed = first.read[0]
    done = from_database._done(tmp_path)
    from_database._keep(tmp_path, done | {f"{changed.region}/{changed.month}": 1})
    assert read(bureau, tmp_path).read == (changed,)


def test_an_interrupted_reading_goes_on_where_it_stopped(
    bureau: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole, calls = from_database._write, []

    def broken(*given: object) -> None:
        calls.append(given)
        if len(calls) == 4:
            raise GiveUp("连接中断")
        whole(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(from_database, "_write", broken)
    with pytest.raises(GiveUp, match="中断"):
        read(bureau, tmp_path)
    monkeypatch.setattr(from_database, "_write", whole)
    with caplog.at_level(logging.INFO):
        rest = read(bureau, tmp_path)
    assert len(rest.known) == 1
    assert f"第1/{len(rest.read)}个分区" in caplog.text


def test_one_area_and_one_month_can_be_asked_for(bureau: Engine, tmp_path: Path) -> None:
    every = read(bureau, tmp_path / "all").read
    one = every[0]
    assert read(bureau, tmp_path / "one", area=one.region, month=one.month).read == (one,)
    assert read(bureau, tmp_path / "none", area="99").read == ()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("SELECT 1 AS region", "缺少列：month、settlements"),
        ("SELECT '35' AS region, '2025-01' AS month, 1 AS settlements", "区划“35”"),
        ("SELECT '350502' AS region, '202501' AS month, 1 AS settlements", "月份“202501”"),
        ("SELECT nothing", "请核对查询语句"),
        (None, "没有查询语句文件“partitions.sql”"),
    ],
)
def test_a_query_that_does_not_serve_is_told(
    bureau: Engine, tmp_path: Path, statement: str | None, said: str
) -> None:
    for kind in ("settlements", "details"):
        (tmp_path / f"{kind}.sql").write_text("SELECT 1", encoding="utf-8")
    if statement:
        (tmp_path / "partitions.sql").write_text(statement, encoding="utf-8")
    with pytest.raises(GiveUp, match=said):
        from_database.read(lambda: SqlSource(bureau, connection="b"), tmp_path, tmp_path / "out")


@pytest.mark.parametrize(("month", "end"), [("2024-12", "2025-01-01"), ("2024-02", "2024-03-01")])
def test_the_month_ends_where_the_next_begins(month: str, end: str) -> None:
    assert from_database._days(Partition("350502", month))["month_end"] == end
