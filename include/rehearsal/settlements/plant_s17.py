"""Planted for S17 倒卖药品画像."""

from include.rehearsal.settlements.by_hand import AWAY, CLINIC, HOSPITAL, PHARMACY, Key, Small, key, on
from include.rehearsal.settlements.cases import Planted

DRUG, OTHER = "XL01XEX17001", "XB01ACX17002"


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    for item, name in ((DRUG, "人参皂苷片"), (OTHER, "氯吡格雷片")):
        data.add(
            "drug_days",
            med_list_codg=item,
            generic=name,
            category=name,
            pack_size=7,
            daily_dose=2 if item == OTHER else 7,
            long_term="1",
        )
    places = _buy(data, "S17A1", (HOSPITAL, CLINIC, PHARMACY), 21)
    start = key(places[0])[2]
    many = {(institution, person, start) for institution, person, _ in map(key, places)}
    heavy = _buy(data, "S17B1", (HOSPITAL, HOSPITAL), 53, item=OTHER)
    _near_misses(data)
    return many | {key(heavy[0])} | _many_kinds(data)


def _buy(data: Small, person: str, places: tuple[str, ...], count: int, item: str = DRUG, month: int = 2):
    visits = []
    for number, place in enumerate(places):
        visits.append(
            data.visit(person, place, on(month + number, 5), med_type="41" if place == PHARMACY else "14")
        )
        data.line(visits[-1], item, count, 300)
    return visits


def _many_kinds(data: Small) -> set[Key]:
    visit = data.visit("S17C1", PHARMACY, on(4, 1))
    few = data.visit("S17N4", PHARMACY, on(4, 1))
    for number in range(8):
        item = f"XK{number}X17"
        data.add(
            "drug_days",
            med_list_codg=item,
            generic=f"品种{number}",
            category=f"类别{number}",
            pack_size=7,
            daily_dose=1,
            long_term="1",
        )
        data.line(visit, item, 1, 30)
        if number < 7:
            data.line(few, item, 1, 30)  # seven kinds: many diseases, no suspicion
    return {key(visit)}


def _near_misses(data: Small) -> None:
    _buy(data, "S17N1", (HOSPITAL, CLINIC, PHARMACY), 20)  # 60 packs exactly
    _buy(data, "S17N2", (HOSPITAL, CLINIC, CLINIC), 21)  # two places
    _buy(data, "S17N3", (HOSPITAL, CLINIC), 21, month=1)
    late = data.visit("S17N3", AWAY, on(8, 1), med_type="14")
    data.line(late, DRUG, 40, 300)  # the third place only after half a year
    _buy(data, "S17N5", (HOSPITAL, HOSPITAL), 52, item=OTHER)  # 364 days of 366
