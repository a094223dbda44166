"""Five screening rules as a careful analyst would write them: as hand-tuned SQL for DuckDB and as vectorised pandas.

Each rule gives rows of institution, person, window start and amount in 分, as the rule file does. pandas reads the data
as they were delivered, their keys text, or as they are prepared, persons and visits coded as numbers. Of delivered data it
nets no refunds: there are none in what is measured.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from include.domain.settlements import INPATIENT

Rows = list[tuple[Any, ...]]

CENTS = "sum(cents)::bigint"
STAYS = """v as materialized (select psn_no, fixmedins_code, mdtrt_id, min(med_type) kind, min(diag_code)[:3] dx,
    min(begndate)::date b, max(enddate)::date e, sum(fund_pay_sumamt * 100)::bigint cents
    from settlements where scene = 'inpatient' group by all)"""

SQL = {
    "S01": f"""with g as (select any_value(fixmedins_code) f, any_value(psn_no) p, day, {CENTS} a,
        sum(cnt_e4)::bigint c, any_value(most)::bigint * 10000 m
        from lines join item_times using (med_list_codg) where per = 'day'
        group by mdtrt_id, med_list_codg, day having c > m)
        select f, p, day, sum((a * (c - m) * 2 + c) // (c * 2))::bigint from g group by all""",
    "S04": f"""with d as (select distinct psn_no, med_list_codg, day, days::int n, most::int m
        from lines join frequency using (med_list_codg)),
        o as (select psn_no, med_list_codg, day from d
        qualify day - lag(day, m) over (partition by psn_no, med_list_codg order by day) < n)
        select fixmedins_code, psn_no, day, {CENTS} from lines join o using (psn_no, med_list_codg, day) group by all""",
    "S05": f"""with {STAYS}, w as (select *, b - lag(e) over same gap, lag(dx) over same before
        from v where kind not in ('2105', '23', '24', '52')
        window same as (partition by psn_no, fixmedins_code order by b, e, mdtrt_id))
        select fixmedins_code, psn_no, b, cents from w where gap between 0 and 15 and dx = before
        and dx not in ('Z49', 'Z51', '') and dx not like 'O%'""",
    "S08": f"""with {STAYS} select a.fixmedins_code, a.psn_no, a.b, a.cents from v a join v o
        on a.psn_no = o.psn_no and a.fixmedins_code <> o.fixmedins_code and a.b < o.e and o.b < a.e
        and (o.b < a.b or (o.b = a.b and o.mdtrt_id < a.mdtrt_id))""",
    "S09": f"""with d as (select code psn_no, max(death_date::date) died from deaths
        join names_psn_no on name = deaths.psn_no group by all)
        select fixmedins_code, psn_no, died, {CENTS} from lines join d using (psn_no) where day > died + 1 group by all""",
}


def with_sql(lists: Path, engine: Any) -> dict[str, Rows]:
    """On the tables ``settlements``, ``lines`` and ``names_psn_no`` of the engine."""
    for file in lists.glob("*.csv"):
        engine.raw_sql(
            f"create or replace view {file.stem} as from read_csv('{file}', header = true, all_varchar = true)"
        )
    return {name: engine.raw_sql(text).fetchall() for name, text in SQL.items()}


def with_pandas(raw: Path, lists: Path) -> dict[str, Rows]:
    s = _delivered_settlements(raw / "settlements")
    places = s.drop_duplicates("mdtrt_id").set_index("mdtrt_id").fixmedins_code
    return _of_frames(_delivered_lines(raw / "details", places), s, lists)


def with_pandas_coded(folder: Path, lists: Path) -> dict[str, Rows]:
    import pandas as pd

    codes = pd.read_parquet(folder / "names_psn_no.parquet").set_index("name").code
    return _of_frames(_lines(folder), _settlements(folder), lists, codes)


def _of_frames(d: Any, s: Any, lists: Path, codes: Any = None) -> dict[str, Rows]:
    """``codes``: of each person's name, where persons are coded."""
    import pandas as pd

    stays = (
        s[s.scene == "inpatient"]
        .groupby("mdtrt_id", sort=False, observed=True)
        .agg(
            psn_no=("psn_no", "first"),
            place=("fixmedins_code", "first"),
            kind=("med_type", "first"),
            dx=("diag_code", "first"),
            b=("begndate", "min"),
            e=("enddate", "max"),
            cents=("cents", "sum"),
        )
    )
    stays = stays.reset_index().assign(
        mdtrt_id=lambda x: x.mdtrt_id.astype(str if codes is None else int),
        b=lambda x: x.b.dt.normalize(),
        e=lambda x: x.e.dt.normalize(),
        dx=lambda x: x.dx.str[:3],
    )
    of_list = {file.stem: pd.read_csv(file, dtype=str) for file in lists.glob("*.csv")}
    return {
        "S01": _repeated(d, s, of_list["item_times"]),
        "S04": _too_often(d, of_list["frequency"]),
        "S05": _split(stays),
        "S08": _overlapping(stays),
        "S09": _after_death(d, of_list["deaths"], codes),
    }


def _delivered_lines(folder: Path, places: Any) -> Any:
    """``places``: the institution of each visit."""
    columns = ["psn_no", "mdtrt_id", "med_list_codg", "fee_ocur_time"]
    d = _read(
        folder,
        "**/*.parquet",
        [*columns, "cnt", "inscp_scp_amt"],
        {"cnt": ("cnt_e4", 10_000), "inscp_scp_amt": ("cents", 100)},
    )
    d["day"] = d.pop("fee_ocur_time").dt.normalize()
    d["fixmedins_code"] = places.reindex(d.mdtrt_id.cat.categories).take(d.mdtrt_id.cat.codes).array
    return d


def _delivered_settlements(folder: Path) -> Any:
    columns = ["psn_no", "mdtrt_id", "fixmedins_code", "med_type", "diag_code", "begndate", "enddate"]
    wholes = {"fund_pay_sumamt": ("cents", 100)}
    s = _read(folder, "**/*.parquet", [*columns, "fund_pay_sumamt"], wholes)
    return s.assign(scene=s.med_type.isin(INPATIENT).map({True: "inpatient", False: ""}))


def _lines(folder: Path) -> Any:
    columns = ["psn_no", "mdtrt_id", "fixmedins_code", "med_list_codg", "day", "cnt_e4", "cents"]
    return _read(folder, "lines_*.parquet", columns, {}).assign(day=lambda x: x.day.astype("datetime64[s]"))


def _settlements(folder: Path) -> Any:
    columns = [
        "psn_no",
        "mdtrt_id",
        "fixmedins_code",
        "med_type",
        "diag_code",
        "scene",
        "begndate",
        "enddate",
    ]
    return _read(
        folder, "settlements_*.parquet", [*columns, "fund_pay_sumamt"], {"fund_pay_sumamt": ("cents", 100)}
    )


def _read(folder: Path, names: str, columns: list[str], wholes: dict[str, tuple[str, int]]) -> Any:
    """Columns as pandas, decimals as whole numbers and repeated words as categories."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    files = sorted(folder.glob(names))
    table = pa.concat_tables([pq.read_table(file, columns=columns, partitioning=None) for file in files])
    for name, (new, scale) in wholes.items():
        whole = pc.round(pc.multiply(table[name].cast(pa.float64()), float(scale))).cast(pa.int64())
        table = table.drop_columns([name]).append_column(new, whole)
    return table.to_pandas(strings_to_categorical=True)


def _by_item(d: Any, table: Any, column: str) -> Any:
    """The list's number for each line's item, by the item's category."""
    known = table.set_index("med_list_codg")[column].astype(int)
    return known.reindex(d.med_list_codg.cat.categories, fill_value=0).to_numpy()[d.med_list_codg.cat.codes]


def _told(frame: Any) -> Rows:
    """Sums per institution, person and day."""
    found = frame.groupby(["place", "psn_no", "start"], observed=True).cents.sum().reset_index()
    return list(zip(found.place, found.psn_no, found.start.dt.date, found.cents, strict=True))


def _repeated(d: Any, s: Any, item_times: Any) -> Rows:
    keys = ["mdtrt_id", "med_list_codg", "day"]
    d = d[d.med_list_codg.isin(item_times.med_list_codg)]
    sums = d.groupby(keys, observed=True, sort=False)[["cnt_e4", "cents"]].sum().reset_index()
    most = _by_item(sums, item_times, "most") * 10_000
    over = sums.assign(most=most)[sums.cnt_e4 > most]
    places = s[["mdtrt_id", "psn_no", "fixmedins_code"]].drop_duplicates("mdtrt_id")
    over = over.merge(places, on="mdtrt_id").rename(columns={"fixmedins_code": "place", "day": "start"})
    over["cents"] = (over.cents * (over.cnt_e4 - over.most) * 2 + over.cnt_e4) // (over.cnt_e4 * 2)
    return _told(over)


def _too_often(d: Any, frequency: Any) -> Rows:
    """For items that may be charged once in so many days."""
    keys = ["psn_no", "med_list_codg", "day"]
    d = d[d.med_list_codg.isin(frequency.med_list_codg)]
    days = d[keys].drop_duplicates().sort_values(keys)
    item = days.med_list_codg.cat.codes
    same = (days.psn_no == days.psn_no.shift()) & (item == item.shift())
    near = days.day.diff().dt.days < _by_item(days, frequency, "days")
    found = d.merge(days[same & near], on=keys)
    return _told(found.rename(columns={"fixmedins_code": "place", "day": "start"}))


def _split(stays: Any) -> Rows:
    a = stays[~stays.kind.isin(["2105", "23", "24", "52"])].sort_values(
        ["psn_no", "place", "b", "e", "mdtrt_id"]
    )
    before = a.groupby(["psn_no", "place"], observed=True)[["e", "dx"]].shift()
    again = (a.b - before.e).dt.days.between(0, 15) & (a.dx == before.dx) & ~a.dx.isin(["Z49", "Z51", ""])
    found = a[again & ~a.dx.str.startswith("O")]
    return list(zip(found.place, found.psn_no, found.b.dt.date, found.cents, strict=True))


def _overlapping(stays: Any) -> Rows:
    j = stays.merge(stays, on="psn_no", suffixes=("", "_o"))
    earlier = (j.b_o < j.b) | ((j.b_o == j.b) & (j.mdtrt_id_o < j.mdtrt_id))
    apart = j.place.astype(str) != j.place_o.astype(str)
    j = j[apart & (j.b < j.e_o) & (j.b_o < j.e) & earlier]
    return list(zip(j.place, j.psn_no, j.b.dt.date, j.cents, strict=True))


def _after_death(d: Any, deaths: Any, codes: Any) -> Rows:
    import pandas as pd

    persons = deaths.psn_no if codes is None else codes.reindex(deaths.psn_no)
    died = pd.Series(pd.to_datetime(deaths.death_date).to_numpy(), index=persons)
    died = died[died.index.notna()].groupby(level=0).max()
    here = d[d.psn_no.isin(died.index)]
    here = here.assign(start=here.psn_no.map(died).astype("datetime64[s]")).rename(
        columns={"fixmedins_code": "place"}
    )
    return _told(here[(here.day - here.start).dt.days > 1])
