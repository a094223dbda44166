"""Planted for S16 超量开药."""

from include.rehearsal.settlements.by_hand import CLINIC, PHARMACY, START, Key, Small, key, on
from include.rehearsal.settlements.cases import Planted

DAILY, LONG = "XC08CAX16001", "XA10BAX16002"


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    data.add("exempt_diagnoses", diag_code="C34")
    for item, name, long_term in ((DAILY, "氨氯地平片", "0"), (LONG, "二甲双胍片", "1")):
        data.add(
            "drug_days",
            med_list_codg=item,
            generic=name,
            category=name,
            pack_size=7,
            daily_dose=1,
            long_term=long_term,
        )
    return _violations(data) | _early_again(data) | _piled_up(data) | _near_misses(data)


def _bought(data: Small, person: str, item: str, count: object, at=START, **facts):
    visit = data.visit(person, at=at, **facts)
    data.line(visit, item, count, 70)
    return visit


def _violations(data: Small) -> set[Key]:
    return {
        key(_bought(data, "S16A1", DAILY, 2)),
        key(_bought(data, "S16A2", DAILY, 1, med_type="13")),
        key(_bought(data, "S16A3", DAILY, 5, med_type="14")),
        key(_bought(data, "S16A4", LONG, 13, med_type="140104")),
        key(_bought(data, "S16A5", DAILY, 5, institution=PHARMACY)),
    }


def _early_again(data: Small) -> set[Key]:
    _bought(data, "S16B1", DAILY, 4, on(3, 1), med_type="14")
    return {key(_bought(data, "S16B1", DAILY, 1, on(3, 21), med_type="14", institution=CLINIC))}


def _piled_up(data: Small) -> set[Key]:
    for month, day in ((1, 1), (1, 23), (2, 14), (3, 7)):
        _bought(data, "S16C1", DAILY, 4, on(month, day), med_type="14")
    return {key(_bought(data, "S16C1", DAILY, 4, on(3, 29), med_type="14"))}


def _near_misses(data: Small) -> set[Key]:
    _bought(data, "S16N1", DAILY, 1)  # 7 days exactly
    _bought(data, "S16N2", LONG, 12, med_type="14")  # 12 weeks of a long prescription
    _bought(data, "S16N3", DAILY, 4, diag_code="C34.1")  # tumour
    _bought(data, "S16N4", DAILY, 4, days=5)  # in hospital
    _bought(data, "S16N5", DAILY, 4, on(3, 1), med_type="14")
    _bought(data, "S16N5", DAILY, 1, on(3, 22), med_type="14")  # 7 days left, which is allowed
    returned = data.visit("S16N6", at=on(3, 4))
    data.line(returned, DAILY, 1, 70)
    data.reverse(data.line(returned, DAILY, 1, 70))
    for month, day in ((1, 1), (1, 23), (2, 14), (3, 7)):
        _bought(data, "S16N7", DAILY, 4, on(month, day), med_type="14")
    _bought(data, "S16N7", DAILY, 1, on(3, 30), med_type="14")  # 119 days in ninety days
    return set()
