"""Planted for S24 结伴聚集就医."""

from include.rehearsal.settlements.by_hand import HOSPITAL, Key, Small, on
from include.rehearsal.settlements.cases import Planted

VILLAGE, HOME, STRANGERS = (
    ("S24A1", "S24A2", "S24A3"),
    ("S24N1", "S24N2", "S24N3"),
    ("S24B1", "S24B2", "S24B3"),
)
CLINIC, WARD = "H15062600240", "H15062600241"


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    for persons, kind, name in (
        (VILLAGE, "village", "甲村"),
        (HOME, "nursing_home", "敬老院"),
        (("S24N4", "S24N5", "S24N6"), "village", "乙村"),
    ):
        for person in persons:
            data.add("person_groups", psn_no=person, kind=kind, group_key=name)
    _together(data, VILLAGE, CLINIC)
    _together(data, STRANGERS, WARD, days=6)
    _together(data, HOME, WARD, days=6)  # a nursing home on days of its own
    for person in ("S24N4", "S24N5", "S24N6"):
        data.visit(person, CLINIC, on(8, 20))  # one occasion only
    for month in (4, 6):
        for person, day in (("S24N7", 1), ("S24N8", 10)):
            data.visit(person, HOSPITAL, on(month, day), days=3)
    village = {(CLINIC, person, day) for person, day in zip(VILLAGE, _first(), strict=True)}
    return village | {(WARD, person, on(4, 10 + n % 2).date()) for n, person in enumerate(STRANGERS)}


def _first():
    return [on(4, 10).date()] * 3


def _together(data: Small, persons: tuple[str, ...], place: str, days: int = 0) -> None:
    apart = 10 if persons == HOME else 0
    for month in (4, 6):
        for number, person in enumerate(persons):
            data.visit(person, place, on(month, 10 + apart + number % 2), days=days)
