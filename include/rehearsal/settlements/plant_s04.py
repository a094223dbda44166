"""Planted for S04 超频次收费."""

from include.rehearsal.settlements.by_hand import AWAY, CLINIC, HOSPITAL, Key, Small, key, on
from include.rehearsal.settlements.cases import Planted

SCAN, THERAPY, OTHER = "S04MRI", "S04LL", "S04QT"


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    data.add("frequency", med_list_codg=SCAN, days=30, most=1)
    data.add("frequency", med_list_codg=THERAPY, days=7, most=3)
    data.add("frequency", med_list_codg=THERAPY, days=30, most=5)
    _near_misses(data)
    return _too_often(data)


def _on_days(data: Small, person: str, item: str, *days: int, places: tuple[str, ...] = (HOSPITAL,)):
    """A visit on each day of March, at the places in turn."""
    visits = []
    for number, day in enumerate(days):
        visits.append(data.visit(person, places[number % len(places)], on(3, day)))
        data.line(visits[-1], item, 1, 60, list_type="201", med_chrgitm_type="05")
    return visits


def _too_often(data: Small) -> set[Key]:
    again = _on_days(data, "S04A1", SCAN, 1, 30)  # the thirtieth day
    elsewhere = _on_days(data, "S04A2", SCAN, 1, 8, places=(HOSPITAL, CLINIC))
    week = _on_days(data, "S04A3", THERAPY, 1, 3, 5, 7, places=(HOSPITAL, CLINIC, AWAY))
    month = _on_days(data, "S04A4", THERAPY, 1, 6, 11, 16, 21, 26)
    both = _on_days(data, "S04A5", THERAPY, 1, 6, 8, 9, 10, 11)  # too often by either limit, told once
    return {*map(key, (again[-1], elsewhere[-1], week[-1], month[-1])), key(both[-2]), key(both[-1])}


def _near_misses(data: Small) -> None:
    _on_days(data, "S04N1", SCAN, 1, 31)  # thirty days later
    _on_days(data, "S04N2", SCAN, 4, 4)  # twice in one day is another rule's
    _on_days(data, "S04N3", THERAPY, 1, 3, 5, 8, 10)
    _on_days(data, "S04N4", OTHER, 1, 2, 3, 4, 5)
    corrected = _on_days(data, "S04N5", SCAN, 1)[0]
    data.reverse(data.details[-1])
    assert corrected
    _on_days(data, "S04N5", SCAN, 3)
    for person in ("S04N6", "S04N7"):
        _on_days(data, person, SCAN, 5)
