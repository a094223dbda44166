"""Planted for S21 按日计费项目超住院天数."""

from include.rehearsal.settlements.by_hand import Key, Small, key
from include.rehearsal.settlements.cases import Planted

BED, FIRST, SECOND, MONITOR, COMPANION = (
    "001109000010000",
    "001201000030000",
    "001201000040000",
    "003107010220000",
    "S21PZC",
)


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    for item, name, per_day in (
        (BED, "床位", 1),
        (FIRST, "护理", 1),
        (SECOND, "护理", 1),
        (MONITOR, "监护", 24),
    ):
        data.add("per_day_items", **{"med_list_codg": item, "class": name, "per_day": per_day})
    _stay(
        data, "S21N1", {BED: 5, FIRST: 2, SECOND: 4, MONITOR: 120, COMPANION: 5}
    )  # one day of both nursing levels
    _stay(data, "S21N2", {BED: 1}, days=0, med_type="21")  # in and out on one day
    corrected = _stay(data, "S21N3", {BED: 5})
    data.reverse(data.line(corrected, BED, 1, 20))
    return {
        key(_stay(data, "S21A1", {BED: 6})),
        key(_stay(data, "S21A2", {FIRST: 3, SECOND: 4})),
        key(_stay(data, "S21A3", {MONITOR: 121})),
        key(_stay(data, "S21A4", {BED: 2}, days=0, med_type="21")),
    }


def _stay(data: Small, person: str, counts: dict[str, int], days: int = 5, **facts):
    visit = data.visit(person, days=days, **facts)
    for item, count in counts.items():
        data.line(visit, item, count, 20 * count, list_type="201", med_chrgitm_type="01")
    return visit
