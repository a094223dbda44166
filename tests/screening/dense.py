"""Random data in which every rule of S16 to S30 finds much: few persons, few places, few items, everything at once."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

from include.rehearsal.settlements.by_hand import AWAY, CLINIC, HOSPITAL, PHARMACY, Small, on

DRUGS = tuple(f"X{n}" for n in range(6))
REHAB = tuple(f"R{n}" for n in range(8))
SERVICES = ("HD", "TUBE", "MEM", *REHAB, "BED", "N1", "N2", "MON", "CT", "OP")
PER_DAY = (("BED", "床位", 1), ("N1", "护理", 1), ("N2", "护理", 1), ("MON", "监护", 24))
TIGHT = {
    "S17": {"packs": 10, "categories": 3, "supply_percent": 130},
    "S20": {"patient_items": 3, "patient_minutes": 200, "therapist_minutes": 360, "staff_minutes": 360},
    "S22": {"floor_amount": 100, "history_months": 3, "growth_percent": 10, "deviations": 2},
    "S23": {"group_size": 10, "deviations": 2},
    "S24": {"persons": 2, "days": 3},
    "S25": {"late_percent": 20},
    "S27": {"check_percent": 50, "low_percent": 25, "group_size": 10, "stay_days": 5},
    "S28": {"visits": 3, "amount": 1000, "purchases": 3, "history_months": 3, "month_visits": 10},
    "S29": {"patients": 40},
    "S30": {"month_visits": 10, "alike_persons": 3, "round_percent": 10, "alike_lines": 1},
}
"""Parameters, inside their bounds, with which small data are enough."""


def dense(seed: int) -> Small:
    r = random.Random(seed)
    data = Small()
    _lists(data, r)
    for _ in range(260):
        _visit(data, r)
    return data


def _visit(data: Small, r: random.Random) -> None:
    place = r.choice((HOSPITAL, HOSPITAL, CLINIC, PHARMACY, AWAY))
    inpatient = place.startswith("H") and r.random() < 0.35
    visit = data.visit(
        f"p{r.randint(0, 14)}", place, _day(r), days=r.randint(1, 6) if inpatient else 0, **_head(r)
    )
    if not inpatient and place.startswith("H"):
        visit["med_type"] = r.choice(("11", "13", "14", "140104"))
    items = DRUGS + (SERVICES if place.startswith("H") else ())
    for _ in range(r.randint(1, 9)):
        _line(data, r, visit, r.choice(items), r.randint(0, 6) if inpatient else 0)


def _day(r: random.Random):
    clock = (r.randint(1, 27), r.randint(0, 23), r.randint(0, 59))
    if r.random() < 0.2:
        return on(r.randint(1, 12), *clock, year=2023)
    return on(r.choice((1, 2, 3, 3, 3, 11, 12)), *clock)


def _head(r: random.Random) -> dict[str, Any]:
    return {
        "diag_code": r.choice(("", None, "C34.1", "J00.x", "J00.x", "K29.7", "K29.7")),
        "brdy": r.choice((date(2004, 2, 29), date(1964, 3, 15), date(1939, 1, 1), None)),
        "insu_admdvs": r.choice(("150626", "150626", "110101")),
        "hosp_lv": "02",
        "medfee_sumamt": Decimal(r.randint(1000, 90000)) / 100 if r.random() < 0.8 else Decimal(200),
        "inscp_scp_amt": Decimal(r.randint(1000, 9000)) / 100,
        "hifp_pay": Decimal(r.randint(0, 9000)) / 100,
        "acct_pay": Decimal(r.randint(0, 3000)) / 100,
    }


def _line(data: Small, r: random.Random, visit: dict[str, Any], item: str, day: int) -> None:
    many = item in REHAB or item == "MON"
    code = f"{r.randint(1, 60):020d}" if r.random() < 0.9 else "12"
    line = data.line(
        visit,
        item,
        r.choice((1, 1, 2, 3, "0.5", 5, 12 if many else 4)),
        Decimal(r.randint(1, 30000)) / 100,
        day=day,
        bilg_dr_codg=r.choice(("", None, "D1", "D2", "D3")),
        orders_dr_code=r.choice(("", None, "T1", "T2")),
        bilg_dept_codg=r.choice(("K1", "K2")),
        drug_trac_codg=code if item in DRUGS else None,
        med_chrgitm_type=r.choice(("03", "04", "04", "09", "06")),
    )
    if r.random() < 0.05:
        data.reverse(line)


def _lists(data: Small, r: random.Random) -> None:
    for n, item in enumerate(DRUGS):
        data.add(
            "drug_days",
            med_list_codg=item,
            generic=f"药{n // 2}",
            category=f"类{n // 2}",
            pack_size=r.choice((7, 10, 28)),
            daily_dose=r.choice((1, 2, 3)),
            long_term=str(n % 2),
        )
    data.add("exempt_diagnoses", diag_code="C34")
    data.add("split_packs", med_list_codg="X5")
    for item, kind in (("HD", "session"), ("TUBE", "管路"), ("MEM", "透析器")):
        data.add("dialysis_items", med_list_codg=item, kind=kind)
    data.add("dialysis_machines", fixmedins_code=HOSPITAL, machines=1)
    for n, item in enumerate(REHAB):
        data.add("item_minutes", med_list_codg=item, minutes=20 + 5 * n)
    data.add("rehab_staff", fixmedins_code=HOSPITAL, bilg_dept_codg="K1", staff=1)
    for item, name, per_day in PER_DAY:
        data.add("per_day_items", **{"med_list_codg": item, "class": name, "per_day": per_day})
    for item in ("X1", "X2"):
        data.add("key_items", med_list_codg=item)
    for n in range(12):
        data.add(
            "person_groups",
            psn_no=f"p{n}",
            kind=("village", "village", "family")[n % 3],
            group_key=f"g{n % 3}",
        )
    for kind, cap in (("pool", 400), ("outpatient", 300), ("account", 60)):
        data.add("yearly_caps", insutype="310", year=2024, kind=kind, cap=cap)
    for month in (2, 3, 11):
        for item in DRUGS[:4]:
            data.add(
                "inventory",
                fixmedins_code=PHARMACY,
                med_list_codg=item,
                period_start=date(2024, month, 1),
                period_end=date(2024, month, 28),
                opening=r.randint(0, 3),
                purchased=r.randint(0, 5),
                transferred_in=r.randint(0, 2),
            )
    for diagnosis in ("J00", "K29"):
        data.add("minor_diagnoses", diag_code=diagnosis)
    for doctor, person in (("D1", "p1"), ("D2", "p2")):
        data.add("doctor_persons", bilg_dr_codg=doctor, psn_no=person)
    data.add("equipment", fixmedins_code=HOSPITAL, med_list_codg="CT", machines=1, daily_capacity=2)
