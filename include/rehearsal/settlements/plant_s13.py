"""Planted for S13 多卡同时段刷卡."""

from datetime import timedelta

from include.rehearsal.settlements.by_hand import CLINIC, PHARMACY, Key, Small, on
from include.rehearsal.settlements.cases import Planted

GOODS = tuple(f"S13Y{n}" for n in range(10))
FIRST, AGAIN = on(3, 4), on(3, 11)


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    _near_misses(data)
    shop = _cards(data, "A", (0, 4, 10), FIRST) and _cards(data, "A", (0, 9, 10), AGAIN)
    doctor = _cards(data, "B", (0, 1, 2), FIRST, CLINIC) and _cards(data, "B", (0, 1, 2), AGAIN, CLINIC)
    first, again = FIRST + timedelta(hours=3), AGAIN + timedelta(hours=3)
    _cards(data, "C", (0, 1, 2), first)
    _cards(data, "C", (0, 1), again)
    _cards(data, "D", (3,), again)  # a third person, another one than the first time
    data.visit("S13C9", PHARMACY, again)  # somebody in between who buys nothing of theirs
    found = {(PHARMACY, person, FIRST.date()) for person in (*shop, "S13C0", "S13C1")}
    return found | {(CLINIC, person, FIRST.date()) for person in doctor}


def _cards(
    data: Small,
    group: str,
    minutes: tuple[int, ...],
    day,
    place: str = PHARMACY,
    goods: tuple[tuple[str, ...], ...] = (),
    doctors: tuple[str, ...] = (),
) -> list[str]:
    """The cards of a group, one after so many minutes; seven goods of ten alike, or those given."""
    persons = [f"S13{group}{number}" for number in range(len(minutes))]
    for number, (person, minute) in enumerate(zip(persons, minutes, strict=True)):
        at = day + timedelta(minutes=minute)
        visit = data.visit(person, place, at, setl_time=at)
        for item in (
            goods[number] if goods else (*GOODS[:7], f"S13P{number}", f"S13Q{number}", f"S13R{number}")
        ):
            doctor = doctors[number] if doctors else "D1" if place == CLINIC else None
            data.line(visit, item, 1, 10, bilg_dr_codg=doctor)
    return persons


def _near_misses(data: Small) -> None:
    _cards(data, "E", (0, 4, 8), FIRST + timedelta(days=1))  # one day only
    for day in (on(4, 1), on(4, 8)):
        _cards(data, "F", (0, 1), day)  # two persons
        _cards(data, "G", (60, 65, 71), day)  # eleven minutes
        _cards(data, "H", (120, 121, 122), day, goods=(GOODS[:6], GOODS[:6] + GOODS[7:], GOODS[:6]))
    for day in (on(4, 2), on(4, 9)):
        _cards(data, "I", (0, 1, 2), day, CLINIC, doctors=("D1", "D2", "D3"))  # three doctors
        _cards(data, "J", (0, 1, 2), day, "H15062600131", goods=(("S13Z",),) * 2 + (("S13X",),))
        _cards(data, "K", (0, 1, 2), day)
        _cards(data, "L", (60, 61, 62), day)
    for group, kind in (("K", "family"), ("L", "nursing_home")):
        for number in range(3):
            data.add("person_groups", psn_no=f"S13{group}{number}", kind=kind, group_key=group)
    for person in range(3):
        data.add("person_groups", psn_no=f"S13A{person}", kind="village", group_key="甲村")
