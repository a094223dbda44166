"""Settlement data out of a bureau's database into partitions on a folder, so that they are judged like delivered files.

Three queries of the bureau's own (``partitions.sql``, ``settlements.sql``, ``details.sql``) give the national column
names. The first says what there is: region (区划), month (年-月) and settlements (条); the others take ``:region`` and
``:month``, and ``:month_start`` and ``:month_end`` (the first days of that month and of the next). A partition that
is complete is not read again until its number of settlements has changed, so an interrupted reading goes on.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from include.domain.errors import GiveUp
from include.gateways.warehouse.partitions import KINDS, ZH, Partition

if TYPE_CHECKING:
    from include.gateways.sql_source import SqlSource

log = logging.getLogger(__name__)

AT_ONCE = 50_000
"""Rows (条) held in memory."""
DONE = "complete.json"
NEEDED = ("region", "month", "settlements")


@dataclass(frozen=True, slots=True)
class Read:
    """Partitions read, and those that were complete already."""

    read: tuple[Partition, ...]
    known: tuple[Partition, ...]


def read(
    source_of: Callable[[], SqlSource], queries: Path, folder: Path, *, area: str = "", month: str = ""
) -> Read:
    """Bring the partitions of the area (leading digits) and month that are new or have changed onto the folder.

    Raise GiveUp for a missing query file, a result without the columns it needs, and whatever a query raises; what
    was read before that stays.
    """
    statements = {name: _statement(queries, name) for name in ("partitions", *KINDS)}
    wanted = [
        (place, count)
        for place, count in _there(source_of(), statements["partitions"])
        if place.region.startswith(area) and (not month or place.month == month)
    ]
    done = _done(folder)
    fresh = [(place, count) for place, count in wanted if done.get(_key(place)) != count]
    for number, (place, count) in enumerate(fresh, start=1):
        log.info("第%s/%s个分区：%s，结算%s条", number, len(fresh), place.zh, count)
        for kind in KINDS:
            _write(source_of(), statements[kind], folder, kind, place)
        # Written last: a partition that was broken off is read again.
        done[_key(place)] = count
        _keep(folder, done)
    return Read(
        tuple(place for place, _ in fresh), tuple(p for p, _ in wanted if p not in {q for q, _ in fresh})
    )


def _statement(queries: Path, name: str) -> str:
    file = queries / f"{name}.sql"
    if not file.is_file():
        raise GiveUp(f"没有查询语句文件“{file.name}”，请放入结算数据查询语句目录（DUBAN_SETTLEMENT_QUERIES）")
    return file.read_text(encoding="utf-8-sig")


def _there(source: SqlSource, statement: str) -> list[tuple[Partition, int]]:
    with source.query(statement, {}) as (columns, rows):
        place = {name.lower(): number for number, name in enumerate(columns)}
        if missing := [name for name in NEEDED if name not in place]:
            raise GiveUp(
                f"partitions.sql 的结果缺少列：{'、'.join(missing)}；应有 region、month、settlements"
            )
        found = []
        for row in rows:
            region, month = str(row[place["region"]]), str(row[place["month"]])
            if not re.fullmatch(r"\d{6}", region) or not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
                raise GiveUp(
                    f"partitions.sql 给出的区划“{region}”、月份“{month}”无法识别；区划为6位数字，月份如 2024-03"
                )
            found.append((Partition(region, month), int(str(row[place["settlements"]]))))
    return sorted(found)


def _write(source: SqlSource, statement: str, folder: Path, kind: str, place: Partition) -> None:
    """One file of text columns; types are read, and judged, like those of a delivered file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = folder / kind / f"region={place.region}" / f"month={place.month}" / "part-00000.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    with source.query(statement, _days(place)) as (columns, rows):
        names = [name.lower() for name in columns]
        if len(set(names)) < len(names):
            raise GiveUp(f"{kind}.sql（{ZH[kind]}）的结果有重名的列，请逐列写出列名")
        schema = pa.schema([(name, pa.string()) for name in names])
        with pq.ParquetWriter(draft, schema, compression="zstd") as writer:
            for batch in _batches(rows):
                cells = [[None if value is None else str(value) for value in column] for column in batch]
                writer.write_table(pa.table([pa.array(each, pa.string()) for each in cells], schema=schema))
    draft.rename(file)


def _batches(rows: Iterator[Sequence[object]]) -> Iterator[Iterable[tuple[object, ...]]]:
    """Columns of some rows at a time."""
    while batch := list(islice(rows, AT_ONCE)):
        yield zip(*batch, strict=True)


def _days(place: Partition) -> dict[str, object]:
    year, month = map(int, place.month.split("-"))
    following = date(year + month // 12, month % 12 + 1, 1)
    return {
        "region": place.region,
        "month": place.month,
        "month_start": str(date(year, month, 1)),
        "month_end": str(following),
    }


def _key(place: Partition) -> str:
    return f"{place.region}/{place.month}"


def _done(folder: Path) -> dict[str, int]:
    file = folder / DONE
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def _keep(folder: Path, done: dict[str, int]) -> None:
    draft = folder / f".{DONE}"
    draft.write_text(json.dumps(done, indent=1, sort_keys=True), encoding="utf-8")
    draft.rename(folder / DONE)
