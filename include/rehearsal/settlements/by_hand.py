"""Small settlement data by hand: one call a visit, one a line; what is not said has an ordinary value."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from include.rehearsal.settlements.cases import Key, Planted

Row = dict[str, Any]

HOSPITAL, CLINIC, PHARMACY, AWAY = "H15062600001", "H15062600002", "P15062600003", "H11010100004"
START = datetime(2024, 3, 4, 9)  # noqa: DTZ001 - local time, as the interface has it


class Small:
    def __init__(self) -> None:
        self.settlements: list[Row] = []
        self.details: list[Row] = []
        self.tables: dict[str, list[Row]] = {}

    def planted(self, must_hit: set[Key]) -> Planted:
        return Planted(self.settlements, self.details, self.tables, must_hit)

    def add(self, table: str, **columns: Any) -> None:
        """A row of a reference table; the same row twice is one row."""
        rows = self.tables.setdefault(table, [])
        if columns not in rows:
            rows.append(columns)

    def visit(
        self, person: str, institution: str = HOSPITAL, at: datetime = START, *, days: int = 0, **facts: Any
    ) -> Row:
        number = f"{len(self.settlements):06d}"
        pharmacy = institution.startswith("P")
        row = {
            "setl_id": f"S{number}",
            "mdtrt_id": f"M{number}",
            "psn_no": person,
            "fixmedins_code": institution,
            "med_type": "21" if days else "41" if pharmacy else "11",
            "insutype": "310",
            "insu_admdvs": institution[1:7],
            "hosp_lv": "01",
            "brdy": date(1974, 1, 1),
            "diag_code": "I10.x00",
            "begndate": at,
            "enddate": at + timedelta(days=days),
            "setl_time": at + timedelta(days=days, minutes=30),
            "medfee_sumamt": Decimal("100.01"),
            "inscp_scp_amt": Decimal("80.00"),
            "hifp_pay": Decimal("60.00"),
            "fund_pay_sumamt": Decimal("60.00"),
            "acct_pay": Decimal("0.00"),
            "refd_setl_flag": "0",
            "vali_flag": "1",
            **facts,
        }
        self.settlements.append(row)
        return row

    def line(
        self, visit: Row, item: str, count: Any = 1, amount: Any = 10, *, day: int = 0, **facts: Any
    ) -> Row:
        row = {
            "feedetl_sn": f"L{len(self.details):07d}",
            "init_feedetl_sn": None,
            "mdtrt_id": visit["mdtrt_id"],
            "setl_id": visit["setl_id"],
            "psn_no": visit["psn_no"],
            "fee_ocur_time": visit["begndate"] + timedelta(days=day),
            "med_list_codg": item,
            "hilist_name": f"项目{item}",
            "list_type": "101",
            "med_chrgitm_type": "09",
            "cnt": Decimal(str(count)),
            "pric": Decimal(1),
            "det_item_fee_sumamt": Decimal(str(amount)),
            "inscp_scp_amt": Decimal(str(amount)),
            "bilg_dept_codg": None,
            "bilg_dr_codg": None,
            "orders_dr_code": None,
            "drug_trac_codg": None,
            **facts,
        }
        self.details.append(row)
        return row

    def reverse(self, line: Row) -> None:
        number = f"L{len(self.details):07d}"
        turned = {name: -line[name] for name in ("cnt", "det_item_fee_sumamt", "inscp_scp_amt")}
        self.details.append({**line, "feedetl_sn": number, "init_feedetl_sn": line["feedetl_sn"], **turned})


def key(visit: Row, *, day: int = 0) -> Key:
    return visit["fixmedins_code"], visit["psn_no"], (visit["begndate"] + timedelta(days=day)).date()


def on(month: int, day: int, hour: int = 9, minute: int = 0, *, year: int = 2024) -> datetime:
    return datetime(year, month, day, hour, minute)  # noqa: DTZ001
