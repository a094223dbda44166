"""Planted for S20 康复理疗时长异常."""

from include.rehearsal.settlements.by_hand import START, Key, Small, key, on
from include.rehearsal.settlements.cases import Planted

ITEMS = tuple(f"003402000{n:02d}0000" for n in range(7))
CENTRE = "H15062600200"


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    for item in ITEMS:
        data.add("item_minutes", med_list_codg=item, minutes=30)
    data.add("rehab_staff", fixmedins_code=CENTRE, bilg_dept_codg="A20", staff=2)
    data.add("rehab_staff", fixmedins_code=CENTRE, bilg_dept_codg="B20", staff=2)
    hits = {
        key(_treated(data, "S20A1", {ITEMS[0]: 17})),
        key(_treated(data, "S20B1", dict.fromkeys(ITEMS, 1))),
    }
    for number in range(3):
        _treated(data, f"S20C{number}", {ITEMS[0]: 7}, at=on(5, 6), orders_dr_code="HJ15062620001")
        _treated(data, f"S20D{number}", {ITEMS[0]: 11}, at=on(5, 7), bilg_dept_codg="A20")
    _near_misses(data)
    return hits | {(CENTRE, "", on(5, 6).date()), (CENTRE, "", on(5, 7).date())}


def _treated(data: Small, person: str, counts: dict[str, int], at=START, **facts):
    visit = data.visit(person, CENTRE, at)
    for item, count in counts.items():
        data.line(visit, item, count, 20 * count, list_type="201", med_chrgitm_type="05", **facts)
    return visit


def _near_misses(data: Small) -> None:
    _treated(data, "S20N1", {ITEMS[0]: 16})  # 480 minutes
    _treated(data, "S20N2", dict.fromkeys(ITEMS[:6], 2))  # six items
    for number in range(2):
        _treated(
            data, f"S20N3{number}", {ITEMS[0]: 10}, at=on(5, 6), orders_dr_code="HJ15062620002"
        )  # 600 minutes
        _treated(
            data, f"S20N4{number}", {ITEMS[0]: 16}, at=on(5, 7), bilg_dept_codg="B20"
        )  # 960 minutes of two
    undone = _treated(data, "S20N5", {ITEMS[0]: 10})
    data.reverse(data.line(undone, ITEMS[0], 10, 200))
