"""Rows written by hand: what a planted case is made of. All persons and institutions are synthetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

Row = dict[str, object]
Key = tuple[str, str, date]
"""Institution, person (empty where the hit is about the institution), window start."""


@dataclass
class Planted:
    """Rows and the keys that must be hit; whatever else is in the rows must not be."""

    settlements: list[Row] = field(default_factory=list)
    details: list[Row] = field(default_factory=list)
    lists: dict[str, list[Row]] = field(default_factory=dict)
    must_hit: set[Key] = field(default_factory=set)

    def visit(
        self,
        person: str = "P1",
        institution: str = "H35050200001",
        *,
        begin: date,
        days: int = 0,
        med_type: str = "11",
        fund: int | str = 700,
        **other: object,
    ) -> str:
        """One settled visit of so many nights; return its mdtrt_id. ``other`` are columns of the head."""
        number = len(self.settlements) + 1
        end = begin + timedelta(days=days)
        self.settlements.append(
            {
                "setl_id": f"S{number:06}",
                "mdtrt_id": f"M{number:06}",
                "psn_no": person,
                "gend": "1",
                "brdy": date(1970, 1, 1),
                "insutype": "310",
                "insu_admdvs": "350502",
                "fixmedins_code": institution,
                "hosp_lv": "02",
                "med_type": med_type,
                "begndate": datetime.combine(begin, time(9)),
                "enddate": datetime.combine(end, time(10)),
                "setl_time": datetime.combine(end, time(11)),
                "diag_code": "I10",
                "medfee_sumamt": Decimal(1000),
                "inscp_scp_amt": Decimal(900),
                "fund_pay_sumamt": Decimal(fund),
                "hifp_pay": Decimal(fund),
                "acct_pay": Decimal(0),
                "acct_mulaid_pay": Decimal(0),
                "refd_setl_flag": "0",
                "vali_flag": "1",
                **other,
            }
        )
        return f"M{number:06}"

    def line(
        self,
        visit: str,
        item: str,
        *,
        cnt: int | str = 1,
        pric: int | str = 100,
        at: datetime | None = None,
        **other: object,
    ) -> str:
        """One line of a visit, in scope in full, by default when the visit begins; return its feedetl_sn."""
        head: Mapping[str, object] = next(each for each in self.settlements if each["mdtrt_id"] == visit)
        fee = (Decimal(cnt) * Decimal(pric)).quantize(Decimal("0.01"))
        sn = f"F{len(self.details) + 1:06}"
        self.details.append(
            {
                "feedetl_sn": sn,
                "init_feedetl_sn": None,
                "mdtrt_id": visit,
                "setl_id": head["setl_id"],
                "psn_no": head["psn_no"],
                "fee_ocur_time": at or head["begndate"],
                "med_list_codg": item,
                "hilist_name": f"项目{item}",
                "list_type": "201",
                "med_chrgitm_type": "05",
                "cnt": Decimal(cnt),
                "pric": Decimal(pric),
                "det_item_fee_sumamt": fee,
                "inscp_scp_amt": fee,
                "chrgitm_lv": "01",
                **other,
            }
        )
        return sn

    def must(self, institution: str, person: str, window_start: date) -> None:
        self.must_hit.add((institution, person, window_start))
