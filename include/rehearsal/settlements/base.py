"""The base population: institutions, persons, visits, heads and lines in real code formats, seeded, by columns.

No real person or institution: region codes are real, serial numbers are not. Written to Parquet piece by piece, so
that a hundred million lines need no more memory than one piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from include.domain.settlements import DETAIL, SETTLEMENT

REGIONS = ("350502", "350503", "350504", "350505", "350521", "350524")
LINES_PER_VISIT = 8
DOCTORS = 30
"""Doctors of an institution."""
ITEMS = 5_000
PIECE = 250_000
DIAGNOSES = ("I10", "I25.1", "J18.9", "K29.5", "E11.9", "M51.2", "Z51.1", "N18.5", "O80.0", "H25.9")
MED_TYPES = ("21", "2105", "11", "13", "140104", "41", "28")
SHARES = (0.11, 0.01, 0.48, 0.05, 0.15, 0.18, 0.02)
NEAR, STAYS_NEAR = 3, 0.6
"""Institutions near a person's home, and the share of visits made there."""
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and when: regions (区划), the first serial number of an institution, the first day, different items (种), diagnoses."""

    regions: tuple[str, ...] = REGIONS
    first_serial: int = 0
    first_day: str = "2025-01-01"
    items: int = ITEMS
    diagnoses: tuple[str, ...] = DIAGNOSES


QUANZHOU = Setting()


def rows(
    *, visits: int, persons: int, institutions: int, seed: int
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """A small population as plain rows: settlements and details."""
    rng = np.random.default_rng(seed)
    heads, lines = _piece(rng, 0, visits, persons, institutions, QUANZHOU)
    return heads.to_pylist(), lines.to_pylist()


def write(
    folder: Path,
    *,
    lines: int,
    seed: int,
    persons: int | None = None,
    institutions: int = 3_000,
    setting: Setting = QUANZHOU,
) -> None:
    """About so many detail lines of a year under settlements/ and details/, partitioned region=…/month=…."""
    visits = max(1, lines // LINES_PER_VISIT)
    people = persons or max(1_000, lines // 150)
    for number, first in enumerate(range(0, visits, PIECE)):
        rng = np.random.default_rng([seed, number])
        heads, details = _piece(rng, first, min(PIECE, visits - first), people, institutions, setting)
        month = pc.strftime(heads["setl_time"], format="%Y-%m")
        region = pc.utf8_slice_codeunits(heads["fixmedins_code"], 1, 7)
        _save(folder / "settlements", heads, region, month, number)
        _save(folder / "details", details, _repeat(region), _repeat(month), number)


def _save(folder: Path, table: pa.Table, region: pa.Array, month: pa.Array, number: int) -> None:
    pq.write_to_dataset(
        table.append_column("region", region).append_column("month", month),
        folder,
        partition_cols=["region", "month"],
        basename_template=f"part-{number:05}-{{i}}.parquet",
        existing_data_behavior="overwrite_or_ignore",
        compression="zstd",
    )


def _repeat(values: pa.Array) -> pa.Array:
    return pc.take(values, pa.array(np.repeat(np.arange(len(values)), LINES_PER_VISIT)))


def _piece(
    rng: np.random.Generator, first: int, visits: int, persons: int, institutions: int, setting: Setting
) -> tuple[pa.Table, pa.Table]:
    number = np.arange(first, first + visits)
    person = rng.integers(0, persons, visits)
    near = (person * 31 + rng.integers(0, NEAR, visits)) % institutions
    place = np.where(rng.random(visits) < STAYS_NEAR, near, rng.integers(0, institutions, visits))
    kind = rng.choice(len(MED_TYPES), visits, p=SHARES)
    begin = rng.integers(0, 340, visits) * DAY + rng.integers(8 * 3600, 17 * 3600, visits)
    nights = np.where(kind < 2, rng.integers(1, 13, visits), 0)
    end = begin + nights * DAY + 1800
    line = _lines(rng, visits, begin, nights, setting.items) | {"place": np.repeat(place, LINES_PER_VISIT)}
    fee = line["fee"].reshape(visits, LINES_PER_VISIT).sum(axis=1)
    fund = fee * 7 // 10
    columns = {
        "setl_id": _code("S", number, 12),
        "mdtrt_id": _code("M", number, 12),
        "psn_no": _code("3505", person, 12),
        "gend": _words(("1", "2"), person % 2),
        "brdy": pa.array(np.datetime64("1935-01-01", "D") + (person * 7919) % 32_000),
        "insutype": _words(("310", "390"), person % 2),
        "insu_admdvs": _words(setting.regions, person % len(setting.regions)),
        "fixmedins_code": _institutions(place, kind, setting),
        "fixmedins_name": _code("样例机构", place, 5),
        "hosp_lv": _words(("01", "04", "07"), place % 3),
        "med_type": _words(MED_TYPES, kind),
        "begndate": _time(begin, setting),
        "enddate": _time(end, setting),
        "setl_time": _time(end + 600, setting),
        "diag_code": _words(setting.diagnoses, rng.integers(0, len(setting.diagnoses), visits)),
        "medfee_sumamt": _money(fee),
        "inscp_scp_amt": _money(fee),
        "act_pay_dedc": _money(np.where(kind < 2, 50_000, 0)),
        "hifp_pay": _money(fund),
        "fund_pay_sumamt": _money(fund),
        "acct_pay": _money(fee - fund),
        "acct_mulaid_pay": _money(np.zeros(visits, dtype=np.int64)),
        "psn_part_amt": _money(fee - fund),
        "refd_setl_flag": _words(("0",), np.zeros(visits, dtype=np.int64)),
        "vali_flag": _words(("1",), np.zeros(visits, dtype=np.int64)),
    }
    return _table(columns, SETTLEMENT), _details(columns, line, setting)


def _lines(
    rng: np.random.Generator, visits: int, begin: np.ndarray, nights: np.ndarray, items: int
) -> dict[str, np.ndarray]:
    """Numbers of the lines. One in two hundred visits repeats its first item on the same day."""
    size = visits * LINES_PER_VISIT
    item = rng.integers(0, items, size)
    cnt = rng.integers(1, 11, size)
    late = (rng.random(size) * np.repeat(nights + 1, LINES_PER_VISIT)).astype(np.int64)
    again = np.flatnonzero(rng.random(visits) < 0.005) * LINES_PER_VISIT
    item[again + LINES_PER_VISIT - 1] = item[again]
    late[again + LINES_PER_VISIT - 1] = late[again]
    cents = 100 + (item * 7919) % 50_000
    at = np.repeat(begin, LINES_PER_VISIT) + late * DAY
    return {"item": item, "cnt": cnt, "cents": cents, "fee": cnt * cents, "at": at}


def _details(head: dict[str, pa.Array], line: dict[str, np.ndarray], setting: Setting) -> pa.Table:
    size = len(line["item"])
    serial = np.tile(np.arange(LINES_PER_VISIT), size // LINES_PER_VISIT)
    kind = line["item"] % 4
    doctor = line["place"] * DOCTORS + (line["item"] * 31 + line["cnt"]) % DOCTORS
    fee = _money(line["fee"])
    columns = {
        "feedetl_sn": _code("F", serial, 3),
        "mdtrt_id": _repeat(head["mdtrt_id"]),
        "setl_id": _repeat(head["setl_id"]),
        "psn_no": _repeat(head["psn_no"]),
        "fee_ocur_time": _time(line["at"], setting),
        "med_list_codg": _code("XM", line["item"], 8),
        "hilist_name": _code("样例项目", line["item"], 4),
        "list_type": _words(("101", "102", "201", "301"), kind),
        "med_chrgitm_type": _words(("09", "10", "05", "08"), kind),
        "cnt": _decimal(line["cnt"], 0, pa.decimal128(16, 4)),
        "pric": _decimal(line["cents"], 2, pa.decimal128(16, 6)),
        "det_item_fee_sumamt": fee,
        "inscp_scp_amt": fee,
        "chrgitm_lv": _words(("01", "02"), line["item"] % 2),
        "bilg_dr_codg": _code("D350502", doctor, 6),
        "orders_dr_code": _code("D350502", doctor, 6),
    }
    return _table(columns, DETAIL)


def _table(columns: dict[str, pa.Array], schema: object) -> pa.Table:
    import ibis

    target = ibis.schema(dict(schema)).to_pyarrow()  # type: ignore[call-overload]
    size = len(next(iter(columns.values())))
    return pa.table(
        {
            each.name: columns[each.name].cast(each.type)
            if each.name in columns
            else pa.nulls(size, each.type)
            for each in target
        },
        schema=target,
    )


def _code(prefix: str, numbers: np.ndarray, width: int) -> pa.Array:
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def _institutions(place: np.ndarray, kind: np.ndarray, setting: Setting) -> pa.Array:
    letter = _words(("H", "P"), (kind == MED_TYPES.index("41")).astype(np.int64))
    region = _words(setting.regions, place % len(setting.regions))
    return pc.binary_join_element_wise(letter, region, _code("", setting.first_serial + place, 5), "")


def _words(words: tuple[str, ...], index: np.ndarray) -> pa.Array:
    return pc.take(pa.array(words), pa.array(index))


def _time(seconds: np.ndarray, setting: Setting) -> pa.Array:
    return pa.array(
        (np.datetime64(setting.first_day, "s") + seconds.astype("timedelta64[s]")).astype("datetime64[us]")
    )


def _money(cents: np.ndarray) -> pa.Array:
    return _decimal(cents, 2, pa.decimal128(16, 2))


def _decimal(numbers: np.ndarray, places: int, kind: pa.Decimal128Type) -> pa.Array:
    """Integers of that many decimal places as decimals, by their bytes: an exact, fast reinterpretation."""
    whole = numbers.astype(np.int64) * 10 ** (kind.scale - places)
    wide = np.empty((len(whole), 2), dtype=np.int64)
    wide[:, 0], wide[:, 1] = whole, np.where(whole < 0, -1, 0)
    return pa.Array.from_buffers(kind, len(whole), [None, pa.py_buffer(wide.tobytes())])
