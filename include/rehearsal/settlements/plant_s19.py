"""Planted for S19 血液透析频次异常."""

from datetime import timedelta

from include.rehearsal.settlements.by_hand import CLINIC, HOSPITAL, Key, Small, on
from include.rehearsal.settlements.cases import Planted

SESSION, FILTER, TUBE = "003110000060000", "C19000001", "C19000002"
CENTRE = "H15062600190"
MONDAY = on(7, 1)


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    for item, kind in ((SESSION, "session"), (FILTER, "透析器"), (TUBE, "管路")):
        data.add("dialysis_items", med_list_codg=item, kind=kind)
    data.add("dialysis_machines", fixmedins_code=CENTRE, machines=1)
    _near_misses(data)
    return _too_often(data) | _elsewhere(data) | _institution(data)


def _session(
    data: Small, person: str, offset: int, count: object = 1, place: str = HOSPITAL, consumables: int = 0
):
    visit = data.visit(person, place, MONDAY + timedelta(days=offset), med_type="14")
    data.line(visit, SESSION, count, 400)
    if consumables:
        data.line(visit, FILTER, consumables, 90)
    return visit


def _too_often(data: Small) -> set[Key]:
    for offset in (0, 2, 4, 5):
        _session(data, "S19A1", offset)
    for offset in (0, 2, 4, 7, 9, 11, 14, 16, 18, 21, 23, 25, 28, 29, 30):  # three a week, fifteen in July
        _session(data, "S19B1", offset)
    _session(data, "S19C1", 1, 2)
    first, second = MONDAY.date(), (MONDAY + timedelta(days=1)).date()
    return {(HOSPITAL, "S19A1", first), (HOSPITAL, "S19B1", first), (HOSPITAL, "S19C1", second)}


def _elsewhere(data: Small) -> set[Key]:
    data.visit("S19D1", CLINIC, MONDAY, days=5)
    _session(data, "S19D1", 2)
    return {(HOSPITAL, "S19D1", (MONDAY + timedelta(days=2)).date())}


def _institution(data: Small) -> set[Key]:
    for number in range(4):
        _session(data, f"S19E{number}", 8, place=CENTRE)
    _session(data, "S19F1", 1, place="H15062600191", consumables=2)
    return {(CENTRE, "", (MONDAY + timedelta(days=8)).date()), ("H15062600191", "", MONDAY.date())}


def _near_misses(data: Small) -> None:
    for offset in (0, 2, 4, 7, 9, 11):
        _session(data, "S19N1", offset)  # three a week
    for offset in (1, 4, 8, 11):
        _session(data, "S19N2", offset)
    data.visit(
        "S19N2", CLINIC, MONDAY + timedelta(days=8), days=3
    )  # dialysed on the days of admission and discharge
    for number in range(3):
        _session(data, f"S19N3{number}", 9, place=CENTRE)  # three shifts
    corrected = _session(data, "S19N4", 3)
    data.reverse(data.line(corrected, SESSION, 1, 400))
    _session(data, "S19N5", 3, place="H15062600192", consumables=1)
