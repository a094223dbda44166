"""Random data in which every rule of S01 to S15 finds much: few persons, few places, few items, everything at once."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from include.rehearsal.settlements.by_hand import AWAY, CLINIC, HOSPITAL, PHARMACY, Small, on

ITEMS = tuple(f"I{n}" for n in range(10))
OF_P3 = "15062619640309553X"
SEXES = ("1", "2", "2", None)
TIGHT_CHARGES = {
    "S06": {"idle_days": 2, "light_amount": 150},
    "S15": {"purchases": 2, "payments": 10, "mean_amount": 50, "single_amount": 200},
}


def dense_charges(seed: int) -> Small:
    r = random.Random(seed)
    data = Small()
    _lists(data, r)
    persons = [_person(r, number) for number in range(10)]
    for _ in range(260):
        _visit(data, r, r.choice(persons))
    for _ in range(60):
        visit = data.visit("p1", PHARMACY, on(r.randint(1, 12), r.randint(1, 28), 16))
        visit["acct_pay"] = Decimal(r.randint(0, 20000)) / 100
    for _ in range(20):
        _crowd(data, r, r.sample(persons, 5))
    return data


def _crowd(data: Small, r: random.Random, persons: list[dict[str, Any]]) -> None:
    """Some persons at one place, minutes apart, with much the same items."""
    place, day = r.choice((PHARMACY, CLINIC)), r.randint(1, 4)
    for person in persons:
        at = on(3, day, 14, r.randint(0, 25))
        visit = data.visit(institution=place, at=at, person=person["psn_no"], setl_time=at)
        visit |= {**person, **_head(r)}
        for item in r.sample(ITEMS[:4], 3):
            data.line(visit, item, 1, 20, list_type="101", bilg_dr_codg=r.choice((None, "D1")))


def _person(r: random.Random, number: int) -> dict[str, Any]:
    digit = r.choice("0123456789")
    return {
        "psn_no": f"p{number}",
        "gend": r.choice(SEXES),
        "brdy": r.choice((date(2024, 2, 28), date(2020, 2, 29), date(2010, 3, 9), date(1964, 3, 9), None)),
        "certno": OF_P3
        if number == 3
        else r.choice((None, "", f"15062619640309{r.randint(10, 99)}{digit}X", "15062619")),
    }


def _visit(data: Small, r: random.Random, person: dict[str, Any]) -> None:
    place = r.choice((HOSPITAL, HOSPITAL, CLINIC, PHARMACY, AWAY))
    inpatient = place.startswith("H") and r.random() < 0.5
    at = on(3, r.randint(1, 28), r.randint(8, 11), r.choice((0, 5, 30)))
    visit = data.visit(
        institution=place, at=at, days=r.randint(0, 6) if inpatient else 0, person=person["psn_no"]
    )
    visit |= {**person, **_head(r)}
    if inpatient:
        visit["diag_code"] = r.choice(("K29.7", "K29.6", "K29.7", "Z51.1", "O80.0", "", None))
    if place.startswith("H"):
        visit["med_type"] = r.choice(
            ("21", "21", "21", "24", "52") if inpatient else ("11", "13", "140104", "28", "51")
        )
    paid = [visit, _settled_again(data, r, visit)] if r.random() < 0.2 else [visit]
    for _ in range(r.randint(1, 8)):
        _line(data, r, r.choice(paid), r.choice(ITEMS))
    if r.random() < 0.05:
        _refund(data, visit)


def _settled_again(data: Small, r: random.Random, visit: dict[str, Any]) -> dict[str, Any]:
    """The same visit settled in two parts."""
    later = visit["setl_time"] + timedelta(minutes=r.randint(0, 90))
    money = {"medfee_sumamt": Decimal(r.randint(100, 9000)), "inscp_scp_amt": Decimal(r.randint(1, 90))}
    second = {**visit, "setl_id": f"{visit['setl_id']}B", "setl_time": later, **money}
    data.settlements.append(second)
    return second


def _refund(data: Small, visit: dict[str, Any]) -> None:
    back = {name: -visit[name] for name in ("medfee_sumamt", "inscp_scp_amt", "fund_pay_sumamt")}
    data.settlements.append({**visit, "setl_id": f"{visit['setl_id']}R", "refd_setl_flag": "1", **back})


def _head(r: random.Random) -> dict[str, Any]:
    return {
        "diag_code": r.choice(("", None, "C61.x", "N80.1", "O80.0", "J00.x", "K29.7", "K29.7", "K29.6")),
        "hosp_lv": r.choice(("01", "02", "02", None)),
        "insutype": r.choice(("310", "390", "510")),
        "inscp_scp_amt": Decimal(r.randint(1000, 9000)) / 100,
        "acct_pay": r.choice((Decimal(0), Decimal("35.50"))),
        "acct_mulaid_pay": r.choice((None, Decimal(0), Decimal("5.50"))),
    }


def _line(data: Small, r: random.Random, visit: dict[str, Any], item: str) -> None:
    nights = (visit["enddate"] - visit["begndate"]).days
    count, price = r.choice((1, 1, 2, 3, "0.5", "1.5", 25)), Decimal(r.randint(100, 3000)) / 100
    fee = (Decimal(count) * price).quantize(Decimal("0.01"))
    line = data.line(
        visit,
        item,
        count,
        fee if r.random() < 0.8 else fee / 2 // Decimal("0.01") / 100,
        day=r.randint(0, nights),
        pric=price,
        pric_uplmt_amt=r.choice((None, Decimal(0), Decimal(10))),
        list_type="101" if item < "I3" else "201",
        med_chrgitm_type=r.choice(("01", "07", "05", "09")),
        bilg_dr_codg=r.choice((None, "D1", "D2")),
        etip_flag=r.choice((None, "0", "0", "1")),
    )
    line["fee_ocur_time"] += timedelta(hours=r.randint(-6, 6))
    if r.random() < 0.05:
        data.reverse(line)


def _lists(data: Small, r: random.Random) -> None:
    for item, per, most in (("I0", "day", 1), ("I1", "visit", 2), ("I2", "day", 3), ("I2", "visit", 4)):
        data.add("item_times", med_list_codg=item, per=per, most=most)
    for item, part, scope in (("I3", "I4", "day"), ("I5", "I6", "visit"), ("I7", "I8", "hours")):
        data.add("mutex", med_list_codg=item, part_codg=part, scope=scope)
    for item, level, start, end in (
        ("I0", None, None, date(2024, 3, 10)),
        ("I0", "02", date(2024, 3, 8), None),
        ("I4", "01", date(2024, 3, 2), date(2024, 3, 20)),
        ("I5", None, None, None),
    ):
        price = Decimal(r.randint(300, 1500)) / 100
        data.add("price_limits", med_list_codg=item, hosp_lv=level, start=start, end=end, price=price)
    for item, most, unit in (("I1", 2, "次"), ("I8", 24, "小时"), ("I9", 3, "次")):
        data.add("day_limits", med_list_codg=item, most=most, unit=unit)
    for item, group_key, percent in (("I4", "甲", 50), ("I5", "甲", 33), ("I6", "乙", 80)):
        data.add("second_items", med_list_codg=item, group_key=group_key, percent=percent)
    for item, days, most in (("I3", 10, 2), ("I3", 20, 5), ("I6", 4, 1)):
        data.add("frequency", med_list_codg=item, days=days, most=most)
    data.add("sex_items", med_list_codg="I2", gend="1")
    data.add("sex_items", med_list_codg="I7", gend="2")
    for item, unit, least, most in (("I0", "岁", 3, 14), ("I4", "天", None, 28), ("I9", "岁", 60, None)):
        data.add("age_limits", med_list_codg=item, unit=unit, least=least, most=most)
    for item, kind, value in (
        ("I0", "injury", None),
        ("I1", "maternity", None),
        ("I2", "inpatient", None),
        ("I3", "level", "01"),
        ("I4", "diagnosis", "C61"),
        ("I4", "diagnosis", "K29"),
        ("I4", "inpatient", None),
        ("I5", "days", "1"),
        ("I6", "days", "2"),
    ):
        data.add("pay_limits", med_list_codg=item, kind=kind, value=value)
    for package, name, price, parts in (
        ("I0", "套餐甲", 20, ("I1", "I2", "I3")),
        ("I1", "套餐乙", 10, ("I2", "I4")),
        ("I9", "套餐丙", 5, ("I5", "I6", "I7", "I8")),
        ("PK", "套餐丁", 8, ("I0", "I2", "I5", "I7")),
    ):
        for part in parts:
            data.add("packages", package_codg=package, med_list_codg=part, package_name=name, price=price)
    for person, number, day in (("p1", None, 9), ("p2", "", 12), ("p2", None, 14), (None, OF_P3.lower(), 20)):
        data.add("deaths", psn_no=person, certno=number, death_date=date(2024, 3, day))
    for person, kind in (("p0", "family"), ("p1", "family"), ("p2", "village"), ("p3", "village")):
        data.add("person_groups", psn_no=person, kind=kind, group_key="甲")
    for place, east in ((HOSPITAL, 109.0), (CLINIC, 109.5), (AWAY, None)):
        data.add("places", fixmedins_code=place, longitude=east, latitude=39.0, online="0")
    data.add("linked_places", fixmedins_code=PHARMACY, other_codg=CLINIC)
    for item in ("I0", "I1"):
        data.add("drug_days", med_list_codg=item, generic="药甲")
    data.add("exempt_diagnoses", diag_code="C61")
    data.add("per_visit_drugs", med_list_codg="I2")
    for place in (HOSPITAL, CLINIC):
        data.add("approved_beds", fixmedins_code=place, beds=2)
