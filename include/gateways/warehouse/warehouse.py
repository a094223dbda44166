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

TOGETHER = 2_000_000
"""Lines (条) that are sorted at once."""
PREPARED = ("stays", "visits", "items")
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
        prepared = {name: table(name) for name in PREPARED}
        return Data(table("settlements"), table("lines"), sound, names, refused, prepared)

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
        """Write names_*, settlements, lines and PREPARED; return how many of the second and third."""
        from include.screening.data import Data, net_heads, net_lines

        drafts = self._folder / "drafts"
        drafts.mkdir()
        heads = _written(engine, net_heads(_raw(engine, files, "settlements")), drafts / "heads.parquet")
        coded = heads.mutate(setl_name=heads.setl_id)
        for key in CODED:
            names = _written(engine, _numbered(heads, key), self._folder / f"names_{key}.parquet")
            coded = _coded(coded, key, names)
        coded = _written(engine, coded, drafts / "coded.parquet")
        details = _raw(engine, files, "details")
        parts = int(details.count().to_pyarrow().as_py()) // TOGETHER + 1
        lines = self._sorted(engine, net_lines(details, coded), "lines", parts)
        heads = self._sorted(engine, coded.drop("setl_name"), "settlements", parts)
        shutil.rmtree(drafts)
        data = Data(heads, lines)
        for name in PREPARED:
            _written(engine, getattr(data, name), self._folder / f"{name}.parquet")
        return int(heads.count().to_pyarrow().as_py()), int(lines.count().to_pyarrow().as_py())

    def _sorted(self, engine: BaseBackend, table: Table, name: str, parts: int) -> Table:
        """The table in so many files, each of some persons, in the order of persons and visits.

        Written twice, to be sorted part by part in memory: sorting all of it at once spills many times its size.
        """
        import ibis

        persons = engine.read_parquet(str(self._folder / "names_psn_no.parquet")).count().to_pyarrow().as_py()
        drafts = self._folder / "drafts" / name
        part = (table.psn_no * parts // ibis.literal(max(1, persons), "int64")).cast("int32")
        engine.to_parquet(table.mutate(part=part), drafts, partition_by="part", compression="lz4")
        folders = sorted(drafts.glob("part=*"), key=lambda each: int(each.name.removeprefix("part=")))
        for number, folder in enumerate(folders):
            log.info("%s：排序第%s/%s份", name, number + 1, len(folders))
            rows = engine.read_parquet(str(folder / "*.parquet"), hive_partitioning=False)
            file = self._folder / f"{name}_{number:03}.parquet"
            _written(engine, rows.order_by(["psn_no", "mdtrt_id"]), file)
            shutil.rmtree(folder)
        return engine.read_parquet(str(self._folder / f"{name}_*.parquet"))


def _written(engine: BaseBackend, table: Table, file: Path) -> Table:
    engine.to_parquet(table, file, compression="zstd")
    return engine.read_parquet(str(file))


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
