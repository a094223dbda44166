"""Planted for S06 挂床住院."""

from datetime import timedelta

from include.rehearsal.settlements.by_hand import CLINIC, HOSPITAL, PHARMACY, Key, Small, key, on
from include.rehearsal.settlements.cases import Planted

BED, NURSING, DRUG, OPERATION = ("01", "07", "09", "06")
WARD, FULL = "H15062600060", "H15062600061"


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    for ward in (WARD, FULL):
        data.add("approved_beds", fixmedins_code=ward, beds=3)
    _near_misses(data)
    out = _stay(data, "S06A1", 6, range(6))
    data.visit("S06A1", PHARMACY, on(3, 6))
    return {
        key(out),
        key(_stay(data, "S06B1", 6, (0, 1, 5))),
        key(_stay(data, "S06B2", 6, (3, 4, 5))),  # idle from the first day
        key(_stay(data, "S06B3", 6, (0, 1, 2))),  # until the last
        key(_stay(data, "S06C1", 5, range(5), light=True)),
        key(_stay(data, "S06D1", 0, (0,))),
        *_crowd(data),
        *_holiday(data),
    }


def _stay(data: Small, person: str, nights: int, active, *, light: bool = False, fee: int = 200, **facts):
    """Bed and nursing each day; on the active days a drug, cheap on the days between if the stay is light."""
    visit = data.visit(person, days=nights, **{"at": on(3, 4), "med_type": "21", **facts})
    for day in range(max(1, nights)):
        data.line(visit, "S06CW", 1, 30, day=day, med_chrgitm_type=BED)
        data.line(visit, "S06HL", 1, 20, day=day, med_chrgitm_type=NURSING)
    for day in active:
        data.line(visit, "S06YP", 1, 50 if light and day else fee, day=day, med_chrgitm_type=DRUG)
    return visit


def _near_misses(data: Small) -> None:
    _stay(data, "S06N1", 6, (0, 1, 4, 5))  # two days
    _stay(data, "S06N2", 6, (0, 1, 2, 3))  # two days before discharge
    _stay(data, "S06N3", 5, range(5), light=True)
    data.line(data.settlements[-1], "S06JC", 1, 1, day=3, med_chrgitm_type="03")  # 51 元 on one day
    _stay(data, "S06N4", 3, range(3), light=True)  # two days between
    out = _stay(data, "S06N5", 6, range(6))
    data.visit("S06N5", CLINIC, out["begndate"])
    data.visit("S06N5", CLINIC, out["enddate"])
    data.visit("S06N5", HOSPITAL, out["begndate"] + timedelta(days=2))  # the same institution
    billed = data.visit("S06N6", at=on(3, 4), days=6)
    for kind in (BED, DRUG, NURSING):
        data.line(billed, f"S06{kind}", 6, 300, day=6, med_chrgitm_type=kind)  # all entered on one day
    operated = _stay(data, "S06N7", 0, (0,))
    data.line(operated, "S06SS", 1, 900, med_chrgitm_type=OPERATION)
    _stay(data, "S06N8", 0, (0,), med_type="28")


def _crowd(data: Small) -> set[Key]:
    """Four patients in three beds; as many where one leaves on the day another comes."""
    for number in range(4):
        _stay(data, f"S06E{number}", 4, range(4), institution=WARD, at=on(4, 28 + number % 2))
        at = on(4, 10 + (4 if number == 3 else 0))
        _stay(data, f"S06F{number}", 4, range(4), institution=FULL, at=at)
    return {(WARD, "", on(4, 1).date())}


def _holiday(data: Small) -> set[Key]:
    """Three days of a holiday: more than twice as many a day as before, just twice, too few, and nobody before."""
    for day in (7, 8, 9):
        data.add("holidays", day=on(6, day).date(), holiday="2024年端午节")
    busy, twice, few, new = (f"H1506260006{number}" for number in range(2, 6))
    for place, before, during in ((busy, 45, 10), (twice, 50, 10), (few, 3, 9), (new, 0, 12)):
        for number in range(before):
            _seen(data, f"S06G{number}", place, on(5, 8) + timedelta(days=number % 30))
        for number in range(during):
            _seen(data, f"S06H{number}", place, on(6, 7) + timedelta(days=number % 3))
    return {(busy, "", on(6, 7).date())}


def _seen(data: Small, person: str, place: str, at) -> None:
    """Two days in hospital on both of which something was done."""
    _stay(data, f"{person}{place[-1]}", 2, range(2), institution=place, at=at)
