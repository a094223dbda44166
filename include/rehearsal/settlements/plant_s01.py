"""Planted for S01 重复收费."""

from datetime import timedelta

from include.rehearsal.settlements.by_hand import CLINIC, Key, Small, key
from include.rehearsal.settlements.cases import Planted

VISIT_FEE, MONITOR, EYE = "S01GHF", "S01JH", "S01YD"
OPERATION, DRESSING, ANAESTHESIA, PUNCTURE, SCAN, FILM = (f"S01X{n}" for n in range(6))


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    for item, per, most in ((VISIT_FEE, "visit", 1), (MONITOR, "day", 1), (EYE, "day", 2)):
        data.add("item_times", med_list_codg=item, per=per, most=most)
    for item, part, scope in (
        (OPERATION, DRESSING, "day"),
        (ANAESTHESIA, PUNCTURE, "visit"),
        (SCAN, FILM, "hours"),
    ):
        data.add("mutex", med_list_codg=item, part_codg=part, scope=scope)
    _near_misses(data)
    return _too_often(data) | _parts(data)


def _charged(data: Small, person: str, *lines: tuple[str, object, int], days: int = 5, **facts):
    """A visit with lines of item, count and day of the stay."""
    visit = data.visit(person, days=days, **facts)
    for item, count, day in lines:
        data.line(visit, item, count, 40, day=day, list_type="201", med_chrgitm_type="05")
    return visit


def _too_often(data: Small) -> set[Key]:
    return {
        key(_charged(data, "S01A1", (MONITOR, 2, 1)), day=1),
        key(_charged(data, "S01A2", (MONITOR, 1, 3), (MONITOR, 1, 3)), day=3),
        key(_charged(data, "S01A3", (EYE, 3, 0))),
        key(_charged(data, "S01B1", (VISIT_FEE, 1, 1), (VISIT_FEE, 1, 4)), day=1),
    }


def _parts(data: Small) -> set[Key]:
    return {
        key(_charged(data, "S01C1", (OPERATION, 1, 2), (DRESSING, 1, 2)), day=2),
        key(_charged(data, "S01C2", (PUNCTURE, 1, 1), (ANAESTHESIA, 1, 3)), day=1),
        key(_hours_apart(data, "S01C3", 23)),
    }


def _hours_apart(data: Small, person: str, hours: int):
    visit = _charged(data, person, (FILM, 1, 0))
    data.line(visit, SCAN, 1, 200, fee_ocur_time=visit["begndate"] + timedelta(hours=hours))
    return visit


def _near_misses(data: Small) -> None:
    _charged(data, "S01N1", (MONITOR, 1, 1), (MONITOR, 1, 2), (EYE, 2, 1))
    _charged(data, "S01N2", (MONITOR, "0.5", 1), (MONITOR, "0.5", 1))  # one item in two batches
    for _ in range(2):
        _charged(data, "S01N3", (VISIT_FEE, 1, 0), days=0)  # two visits
    corrected = _charged(data, "S01N4", (MONITOR, 1, 1))
    data.reverse(data.line(corrected, MONITOR, 1, 40, day=1))
    _charged(data, "S01N5", (OPERATION, 1, 2), (DRESSING, 1, 3))  # the next day's dressing
    _charged(data, "S01N6", (DRESSING, 1, 2), (PUNCTURE, 1, 2))  # parts on their own
    _charged(data, "S01N7", (OPERATION, 1, 2))
    _charged(data, "S01N7", (DRESSING, 1, 2), institution=CLINIC)
    undone = _charged(data, "S01N8", (DRESSING, 1, 2))
    data.reverse(data.line(undone, OPERATION, 1, 800, day=2))
    _hours_apart(data, "S01N10", 24)
    _charged(data, "S01N9", (MONITOR, 3, 1), vali_flag="0")
