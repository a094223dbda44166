"""Planted for S09 死亡后发生费用."""

from datetime import date, timedelta

from include.rehearsal.settlements.by_hand import CLINIC, HOSPITAL, START, Key, Small, on
from include.rehearsal.settlements.cases import Planted

DIED = date(2024, 3, 4)
NUMBER = "15062619640309012X"


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    for person in ("S09A1", "S09A2", "S09N1", "S09N2", "S09N3"):
        data.add("deaths", psn_no=person, certno=None, death_date=DIED)
    data.add("deaths", psn_no=None, certno=NUMBER.lower(), death_date=DIED)
    data.add("deaths", psn_no="S09N4", certno=None, death_date=date(2024, 3, 1))
    data.add("deaths", psn_no="S09N4", certno=None, death_date=DIED)  # corrected
    _near_misses(data)
    _treated(data, "S09A1", 2)
    _treated(data, "S09A1", 9, institution=CLINIC)
    _treated(data, "S09A2", 0, 1, 2, days=8)  # a stay that went on
    _treated(data, "S09A3", 40, certno=NUMBER)
    found = {(place, "S09A1", DIED) for place in (HOSPITAL, CLINIC)}
    return found | {(HOSPITAL, person, DIED) for person in ("S09A2", "S09A3")}


def _treated(data: Small, person: str, first: int, *more: int, days: int = 0, **facts):
    """A visit so many days after the death."""
    visit = data.visit(person, at=START + timedelta(days=first), days=days, **facts)
    for day in (0, *more):
        data.line(visit, "S09TX", 1, 400, day=day)
    return visit


def _near_misses(data: Small) -> None:
    _treated(data, "S09N1", 1)  # the day after, which is given
    late = _treated(data, "S09N2", -3, 3, days=3)
    late["setl_time"] = on(4, 20)  # settled long after
    corrected = _treated(data, "S09N3", 0)
    data.reverse(data.line(corrected, "S09TX", 1, 400, day=5))
    _treated(data, "S09N4", 0)
    _treated(data, "S09N5", 40)  # not on the list
    _treated(data, "S09N6", 40, certno="150626196403090138")
    _treated(data, "S09N7", 40, certno="")
