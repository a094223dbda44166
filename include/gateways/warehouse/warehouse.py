"""The prepared data: bad partitions left out, refunds netted, person and visit keys coded as integers, sorted."""

from __future__ import annotations

import json
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from include.domain.errors import GiveUp
from include.gateways.warehouse import checks
from include.gateways.warehouse.engines import DUCKDB, connect
from include.gateways.warehouse.partitions import ZH, Files, Partition, partitions, structural_faults

if TYPE_CHECKING:
    from ibis.backends import BaseBackend
    from ibis.expr.types import Table

    from include.screening.data import Data

log = logging.getLogger(__name__)

BUCKET = 25_000_000
"""Lines (条) that are sorted at once."""
CODED = ("psn_no", "mdtrt_id", "setl_id")
REFUSED = "refused.json"


@dataclass(frozen=True, slots=True)
class Taken:
    """Partitions taken, and those refused with their reasons; ``lines`` after netting (条)."""

    taken: tuple[Partition, ...]
    refused: tuple[tuple[Partition, str], ...]
    settlements: int
    lines: int


class Warehouse:
    """Prepared data in a folder of their own; the source is never changed."""

    def __init__(self, folder: Path, *, memory: str = "6GB", threads: int = 2) -> None:
        self._folder = folder
        self._memory, self._threads = memory, threads

    def regions(self, source: str) -> list[str]:
        """Regions (区划) the source has data of."""
        return sorted({each.region for each in partitions(source)})

    def take_in(self, source: str, *, region: str = "", month: str = "") -> Taken:
        """Judge, net, code and sort the partitions asked for. Raise GiveUp when none is fit to be screened.

        ``region``: a region's code, or the first digits of those of several.
        """
        files = {
            place: found
            for place, found in partitions(source).items()
            if place.region.startswith(region) and (not month or place.month == month)
        }
        refused = {place: "；".join(why) for place, each in files.items() if (why := structural_faults(each))}
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        engine = self._connect(DUCKDB)
        try:
            refused |= self._judged(engine, {key: each for key, each in files.items() if key not in refused})
            sound = {key: each for key, each in files.items() if key not in refused}
            self._keep(refused)
            if not sound:
                raise GiveUp(
                    f"没有可以筛查的数据：{'；'.join(f'{k.zh}：{why}' for k, why in refused.items())}"
                )
            counts = self._prepare(engine, sound)
        finally:
            engine.disconnect()
        return Taken(tuple(sound), tuple(sorted(refused.items())), *counts)

    def data(self, engine: BaseBackend, lists: str = "") -> Data:
        """What was taken in, as rules see it. ``lists``: a folder of the bureau's own lists, CSV with a head row."""
        from include.screening.data import Data

        def table(name: str) -> Table:
            return engine.read_parquet(str(self._folder / f"{name}*.parquet"), table_name=name)

        names = {key: table(f"names_{key}") for key in CODED[:2]}
        sound, refused = self._lists(engine, Path(lists)) if lists else ({}, {})
        for name, each in sound.items():
            if "psn_no" in each.columns:
                sound[name] = _coded(each, "psn_no", names["psn_no"])
        return Data(table("settlements"), table("lines"), sound, names, refused)

    def _lists(self, engine: BaseBackend, folder: Path) -> tuple[dict[str, Table], dict[str, str]]:
        """Lists a rule may use, and why the others are refused; one bad list stops no rule that does not need it."""
        from include.screening.lists import faults

        sound, refused = {}, {}
        for path in sorted(folder.glob("*.csv")):
            try:
                table = _text(engine, path)
                why = faults(path.stem, table)
            except UnicodeDecodeError:
                why = ["不是 UTF-8 编码，请在 Excel 或 WPS 中另存为“CSV UTF-8”"]
            except Exception as fault:
                log.warning("%s", path.name, exc_info=True)
                why = [f"无法读取（{type(fault).__name__}），请检查表头和每行的列数"]
            if why:
                refused[path.stem] = f"清单{path.name}不能使用：{'；'.join(why)}"
            else:
                sound[path.stem] = table
        return sound, refused

    def _connect(self, engine: str) -> BaseBackend:
        return connect(engine, scratch=self._folder, memory=self._memory, threads=self._threads)

    def _judged(self, engine: BaseBackend, files: Files) -> dict[Partition, str]:
        import pandas as pd

        if not files:
            return {}
        frames = {kind: checks.aggregates(_raw(engine, files, kind), kind) for kind in ZH}
        heads = frames["settlements"].assign(kind=ZH["settlements"])
        lines = frames["details"].assign(kind=ZH["details"])
        both = lines.merge(
            heads[["region", "month", "total"]], on=["region", "month"], suffixes=("", "_head")
        )
        size = both["total_head"].abs().clip(lower=1)
        lines = both.assign(difference=(both["total"] - both["total_head"]).abs() / size)
        frame = pd.concat([heads, lines], ignore_index=True)
        return {
            Partition(*place): "；".join(why) + "；请核对后重新导出"
            for place, why in checks.failures(frame).items()
        }

    def _keep(self, refused: dict[Partition, str]) -> None:
        """Refusals beside the prepared data, so that nobody takes a gap for clean data."""
        told = [{"region": k.region, "month": k.month, "why": why} for k, why in sorted(refused.items())]
        (self._folder / REFUSED).write_text(json.dumps(told, ensure_ascii=False, indent=2), encoding="utf-8")
        for place, why in sorted(refused.items()):
            log.warning("%s拒收：%s", place.zh, why)

    def _prepare(self, engine: BaseBackend, files: Files) -> tuple[int, int]:
        """Write names_*, settlements and lines; return how many of the last two."""
        from include.domain.settlements import DETAIL, SETTLEMENT
        from include.screening.data import conform, netted

        heads = conform(_raw(engine, files, "settlements"), SETTLEMENT)
        names = {}
        for key in CODED:
            file = self._folder / f"names_{key}.parquet"
            _numbered(heads, key).to_parquet(str(file))
            names[key] = engine.read_parquet(str(file))
        details = conform(_raw(engine, files, "details"), DETAIL)
        coded = []
        for table in (heads, details):
            for key in CODED:
                table = _coded(table, key, names[key])
            coded.append(table)
        data = netted(*coded)
        data.settlements.order_by(["psn_no", "mdtrt_id"]).to_parquet(
            str(self._folder / "settlements.parquet")
        )
        unsorted = self._folder / "unsorted.parquet"
        data.lines.to_parquet(str(unsorted), compression="zstd")
        lines = engine.read_parquet(str(unsorted))
        count = lines.count().to_pyarrow().as_py()
        buckets = count // BUCKET + 1
        for number in range(buckets):
            log.info("排序：第%s/%s份", number + 1, buckets)
            part = lines.filter(lines.psn_no % buckets == number).order_by(["psn_no", "mdtrt_id"])
            part.to_parquet(str(self._folder / f"lines_{number:03}.parquet"), compression="zstd")
        unsorted.unlink()
        return engine.read_parquet(
            str(self._folder / "settlements.parquet")
        ).count().to_pyarrow().as_py(), count


def _text(engine: BaseBackend, path: Path) -> Table:
    """A list, all of it as text: a code of digits alone stays the code it is. Raise UnicodeDecodeError."""
    with path.open(encoding="utf-8") as stream:
        for _ in stream:
            pass
    if engine.name == DUCKDB:
        return engine.read_csv(str(path), all_varchar=True)
    return engine.read_csv(str(path), inferSchema=False)


def _raw(engine: BaseBackend, files: Files, kind: str) -> Table:
    """The files of these partitions with their region and month; both formats may stand side by side."""
    import ibis

    paths = [path for each in files.values() for path in each[kind]]
    tables = []
    parquet = [path for path in paths if path.endswith(".parquet")]
    if parquet:
        tables.append(engine.read_parquet(parquet, hive_partitioning=True, union_by_name=True))
    csv = [path for path in paths if path.endswith(".csv")]
    if csv:
        tables.append(engine.read_csv(csv, hive_partitioning=True, union_by_name=True, all_varchar=True))
    table = tables[0]
    if len(tables) == 2:
        schema = checks.SCHEMAS[kind]
        table = ibis.union(
            *(
                each.select(
                    *(
                        each[n].cast("string").name(n)
                        for n in schema
                        if n in tables[0].columns and n in tables[1].columns
                    ),
                    region=each.region.cast("string"),
                    month=each.month.cast("string"),
                )
                for each in tables
            )
        )
    return table.mutate(region=table.region.cast("string"), month=table.month.cast("string"))


def _numbered(table: Table, key: str) -> Table:
    """Each key with its number, in the order of the keys."""
    import ibis

    distinct = table.filter(table[key].notnull()).select(name=key).distinct()
    return distinct.mutate(code=ibis.row_number().over(order_by=distinct.name))


def _coded(table: Table, key: str, names: Table) -> Table:
    """The key as its number; a key without one is a line nobody settled, and empty."""
    pair = names.select(**{f"{key}_name": names.name, f"{key}_code": names.code})
    joined = table.left_join(pair, table[key] == pair[f"{key}_name"])
    return joined.mutate(**{key: joined[f"{key}_code"]}).drop(f"{key}_name", f"{key}_code")
