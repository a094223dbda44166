"""Small data on the embedded engine, as a rule sees them."""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa

from tests.screening.references import reading
from tests.screening.references.reading import Row
from include.rehearsal.settlements.by_hand import Small

TABLES = {
    "drug_days": "med_list_codg:s generic:s category:s pack_size:f daily_dose:f long_term:s",
    "exempt_diagnoses": "dise_no:s",
    "split_packs": "med_list_codg:s",
    "dialysis_items": "med_list_codg:s kind:s",
    "dialysis_machines": "fixmedins_code:s machines:i",
    "item_minutes": "med_list_codg:s minutes:i",
    "rehab_staff": "fixmedins_code:s acord_dept_codg:s staff:i",
    "per_day_items": "med_list_codg:s class:s per_day:i",
    "key_items": "med_list_codg:s",
    "person_groups": "psn_no:s kind:s group_key:s",
    "yearly_caps": "insutype:s year:i kind:s cap:i",
    "inventory": "fixmedins_code:s med_list_codg:s period_start:d period_end:d opening:i purchased:i transferred_in:i",
    "minor_diagnoses": "dise_no:s",
    "doctor_persons": "bilg_dr_codg:s psn_no:s",
    "equipment": "fixmedins_code:s med_list_codg:s machines:i daily_capacity:i",
}
KINDS = {"s": pa.string(), "f": pa.float64(), "i": pa.int64(), "d": pa.date32(), "t": pa.timestamp("us")}
VISITS = (
    "mdtrt_id:s setl_id:s psn_no:s fixmedins_code:s med_type:s kind:s insutype:s insu_admdvs:s hosp_lv:s age:i dise_no:s "
    "begin:d end:d setl_time:t fee:i cents:i pool:i account:i"
)
LINES = (
    "mdtrt_id:s setl_id:s psn_no:s fixmedins_code:s med_type:s kind:s dise_no:s begin:d end:d feedetl_sn:s day:d "
    "fee_ocur_time:t med_list_codg:s list_type:s med_chrgitm_type:s cnt_e4:i cents:i bilg_dr_codg:s orders_dr_code:s "
    "acord_dept_codg:s drug_trac_codg:s"
)


class Embedded:
    def __init__(self, small: Small) -> None:
        self._engine = ibis.duckdb.connect()
        lines = reading.lines(small.details, small.settlements)
        for line in lines:
            line["cnt_e4"] = int(line["cnt"] * 10_000)
        self.lines = self._load(LINES, lines)
        self.visits = self._load(VISITS, reading.visits(small.settlements))
        self._tables = small.tables

    def table(self, name: str) -> ibis.Table:
        return self._load(TABLES[name], self._tables.get(name, []))

    def _load(self, layout: str, rows: list[Row]) -> ibis.Table:
        columns: dict[str, Any] = dict(part.split(":") for part in layout.split())
        schema = pa.schema([(column, KINDS[kind]) for column, kind in columns.items()])
        plain = [
            {c: (int(r[c]) if k == "i" else float(r[c]) if k == "f" else r[c]) for c, k in columns.items()} for r in rows
        ]
        return ibis.memtable(pa.Table.from_pylist(plain, schema=schema))

    def run(self, rule: Any, p: dict[str, int]) -> list[Row]:
        return self._engine.to_pyarrow(rule.find(self, p)).to_pylist()
