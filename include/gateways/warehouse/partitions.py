"""Where settlement data lie: ``settlements/`` and ``details/``, below them region=…/month=…/*.parquet or *.csv."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from upath import UPath

from include.domain.errors import GiveUp
from include.domain.settlements import REQUIRED

KINDS = ("settlements", "details")
ZH = {"settlements": "结算信息", "details": "费用明细"}
_PLACE = re.compile(r"region=(\d{6})/month=(\d{4}-\d{2})/[^/]+\.(parquet|csv)$")


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    region: str
    month: str

    @property
    def zh(self) -> str:
        return f"区划{self.region}、{self.month}月份"


Files = dict[Partition, dict[str, list[str]]]


def partitions(source: str) -> Files:
    """Files of each partition by kind, in order. Raise GiveUp for a folder without any."""
    root = UPath(source)
    found: defaultdict[Partition, dict[str, list[str]]] = defaultdict(lambda: {kind: [] for kind in KINDS})
    for kind in KINDS:
        for path in sorted((root / kind).glob("**/*.*")):
            if place := _PLACE.search(path.as_posix()):
                found[Partition(place[1], place[2])][kind].append(str(path))
    if not found:
        raise GiveUp(
            f"“{source}”下没有结算数据；请按 settlements/region=区划代码/month=年-月/文件.parquet（或 .csv）"
            "和 details/region=…/month=…/ 存放"
        )
    return dict(sorted(found.items()))


def structural_faults(files: dict[str, list[str]]) -> list[str]:
    """What is wrong with the files themselves, before anything is counted."""
    faults = []
    for kind in KINDS:
        if not files[kind]:
            faults.append(f"没有{ZH[kind]}文件，请补送")
        for file in files[kind]:
            try:
                columns = _columns(file)
            except (OSError, ValueError) as fault:
                faults.append(
                    f"{ZH[kind]}文件{UPath(file).name}无法读取（{type(fault).__name__}），请重新导出"
                )
                continue
            if missing := [name for name in REQUIRED[kind] if name not in columns]:
                faults.append(
                    f"{ZH[kind]}文件{UPath(file).name}缺少列：{'、'.join(missing)}，请补充后重新导出"
                )
    return faults


def _columns(file: str) -> set[str]:
    import pyarrow.parquet as pq

    path = UPath(file)
    with path.open("rb") as stream:
        if path.suffix == ".csv":
            return set(stream.readline().decode("utf-8-sig").strip().replace('"', "").split(","))
        return set(pq.read_schema(stream).names)
