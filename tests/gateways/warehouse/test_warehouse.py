"""Data in: coded data give the hits of plain ones, bad partitions are refused with a reason and stop no other."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from include.domain.errors import GiveUp
from include.gateways.warehouse import Warehouse, connect
from include.rehearsal.settlements.base import write
from include.screening.registry import evidence, hits, screens
from tests.screening.tables import data as plain

OVERLAP = next(screen for screen in screens() if screen.RULE.number == "S08")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Some hundred visits in two regions, one file per month and kind."""
    raw = tmp_path / "raw"
    write(raw, lines=8_000, seed=5, persons=4, institutions=4)
    for kind in ("settlements", "details"):
        for region in sorted((raw / kind).iterdir())[2:]:
            for file in sorted(region.rglob("*.parquet")):
                file.unlink()
    return raw


def rows(source: Path, kind: str) -> list[dict[str, object]]:
    files = sorted((source / kind).rglob("*.parquet"))
    return [row for file in files for row in pq.read_table(file, partitioning=None).to_pylist()]


def found(folder: Path):
    engine = connect("duckdb", scratch=folder / "scratch", memory="1GB")
    data = Warehouse(folder).data(engine)
    here = hits(OVERLAP, data)
    seen = evidence(data, here)
    engine.disconnect()
    return here, seen


def test_coded_data_give_the_hits_of_plain_data(source: Path, tmp_path: Path) -> None:
    taken = Warehouse(tmp_path / "w", memory="1GB").take_in(str(source))
    assert taken.refused == ()
    here, seen = found(tmp_path / "w")
    assert here == hits(OVERLAP, plain(rows(source, "settlements"), rows(source, "details")))
    assert here
    assert set(seen) == {visit for hit in here for visit in hit.visits}


@pytest.mark.parametrize(
    ("kind", "change", "why"),
    [
        ("settlements", lambda t: t.drop_columns(["psn_no"]), "缺少列：psn_no"),
        ("details", lambda t: t.drop_columns(["cnt"]), "缺少列：cnt"),
        ("settlements", lambda t: t.slice(1), "费用明细合计与结算医疗费总额相差"),
        ("settlements", lambda t: pa.concat_tables([t, t.slice(0, 1)]), "结算ID重复"),
        ("settlements", lambda t: blank(t, "psn_no"), "缺少就诊ID、人员编号"),
        ("settlements", lambda t: put(t, "fixmedins_code", "X1"), "不是H或P加11位数字"),
        ("details", None, "没有费用明细文件"),
    ],
)
def test_a_bad_partition_is_refused_with_a_reason_and_stops_no_other(
    source: Path, tmp_path: Path, kind, change, why
) -> None:
    file = sorted((source / kind).rglob("*.parquet"))[0]
    if change is None:
        file.unlink()
    else:
        pq.write_table(change(pq.read_table(file, partitioning=None)), file)
    taken = Warehouse(tmp_path / "w", memory="1GB").take_in(str(source))
    [(place, said)] = taken.refused
    assert why in said
    assert f"region={place.region}/month={place.month}" in file.as_posix()
    assert taken.taken
    assert why in (tmp_path / "w" / "refused.json").read_text(encoding="utf-8")


def test_csv_is_read_as_parquet_is(source: Path, tmp_path: Path) -> None:
    Warehouse(tmp_path / "parquet", memory="1GB").take_in(str(source))
    for file in sorted(source.rglob("*.parquet")):
        pyarrow.csv.write_csv(pq.read_table(file, partitioning=None), file.with_suffix(".csv"))
        file.unlink()
    taken = Warehouse(tmp_path / "csv", memory="1GB").take_in(str(source))
    assert taken.refused == ()
    here, seen = found(tmp_path / "csv")
    assert here
    assert (here, seen) == found(tmp_path / "parquet")


def test_a_person_in_two_counties_is_seen_where_the_city_is_screened_as_one(
    source: Path, tmp_path: Path
) -> None:
    def hits_of(region: str) -> dict[object, str]:
        folder = tmp_path / f"w{region}"
        Warehouse(folder, memory="1GB").take_in(str(source), region=region)
        return {hit.key: str(hit.facts["other"])[1:7] for hit in found(folder)[0]}

    city, counties = hits_of("3505"), hits_of("350502") | hits_of("350503")
    assert counties.items() <= city.items()
    assert {hit[1][1:7] != other for hit, other in city.items() if hit not in counties} == {True}


def lists_of(source: Path, folder: Path, files: dict[str, bytes]):
    """The lists of these files, as a rule sees them, and what was said of those refused."""
    Warehouse(folder / "w", memory="1GB").take_in(str(source))
    (folder / "lists").mkdir()
    for name, content in files.items():
        (folder / "lists" / name).write_bytes(content)
    engine = connect("duckdb", scratch=folder / "scratch", memory="1GB")
    data = Warehouse(folder / "w").data(engine, str(folder / "lists"))
    rows = {name: table.to_pyarrow().to_pylist() for name, table in data.lists.items()}
    engine.disconnect()
    return rows, dict(data.refused)


def test_codes_of_digits_in_a_list_stay_text(source: Path, tmp_path: Path) -> None:
    good = b"\xef\xbb\xbfmed_list_codg,per,most\n110200001,day,1\n"
    rows, refused = lists_of(source, tmp_path, {"item_times.csv": good})
    assert rows == {"item_times": [{"med_list_codg": "110200001", "per": "day", "most": "1"}]}
    assert refused == {}


def test_a_bad_list_is_refused_with_a_reason_and_stops_no_other(source: Path, tmp_path: Path) -> None:
    rows, refused = lists_of(
        source,
        tmp_path,
        {
            "age_limits.csv": "med_list_codg,unit,least,most\nA,岁,,14\nB,月,1,x\n".encode(),
            "approved_beds.csv": b"fixmedins_code\nH35050200001\n",
            "day_limits.csv": "med_list_codg,most,unit\nA,1,次\n".encode("gbk"),
            "deaths.csv": b"name,death_date\nA,2025-01-01\n",
            "drugs.csv": b"med_list_codg\nA\n",
            "frequency.csv": b"",
            "mutex.csv": b"med_list_codg,part_codg,scope\nA,B,day\nA,,day\n",
            "split_packs.csv": b"med_list_codg\nA\n",
        },
    )
    assert set(rows) == {"split_packs"}
    said = {
        "age_limits": "列unit（岁 或 天）有1行填写有误或未填，应为岁、天；列most（最大年龄（含）；空为不限）有1行",
        "approved_beds": "缺少列：beds（床位（张））",
        "day_limits": "另存为“CSV UTF-8”",
        "deaths": "psn_no、certno至少要有一个",
        "drugs": "没有名为“drugs”的清单",
        "frequency": "清单frequency.csv不能使用",
        "mutex": "列part_codg（其内涵已包含、不得另收的项目编码）有1行",
    }
    assert set(refused) == set(said)
    for name, words in said.items():
        assert words in refused[name]


def test_nothing_to_screen_is_said(tmp_path: Path) -> None:
    with pytest.raises(GiveUp, match="没有结算数据"):
        Warehouse(tmp_path / "w").take_in(str(tmp_path))


def blank(table: pa.Table, name: str) -> pa.Table:
    return put(table, name, "")


def put(table: pa.Table, name: str, value: str) -> pa.Table:
    """The first row's value replaced."""
    mask = pa.array([True] + [False] * (len(table) - 1))
    column = pc.if_else(mask, pa.scalar(value, pa.string()), table[name])
    return table.set_column(table.column_names.index(name), name, column)
