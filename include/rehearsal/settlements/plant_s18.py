"""Planted for S18 药品追溯码重复结算."""

from include.rehearsal.settlements.by_hand import CLINIC, PHARMACY, Key, Small, key, on
from include.rehearsal.settlements.cases import Planted

DRUG, SPLIT = "XJ01CAX18001", "XN02BEX18002"


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    data.add("split_packs", med_list_codg=SPLIT)
    same = [_sold(data, f"S18A{n}", 1, on(3, n), PHARMACY) for n in (1, 2, 3)]
    moved = [_sold(data, f"S18B{n}", 2, on(3, n), place) for n, place in ((1, PHARMACY), (2, CLINIC))]
    _near_misses(data)
    return {key(visit) for visit in [*same[1:], moved[1]]}


def _sold(
    data: Small, person: str, number: int, at, place: str, item: str = DRUG, count: object = 1, code: str = ""
):
    visit = data.visit(person, place, at)
    data.line(visit, item, count, 45, drug_trac_codg=code or f"8118{number:016d}")
    return visit


def _near_misses(data: Small) -> None:
    for n in (1, 2):
        _sold(data, f"S18N{n}", 3, on(4, n), PHARMACY, item=SPLIT)  # one box for many patients
        _sold(data, f"S18N{n}", 4, on(4, n), PHARMACY, count="0.5")  # a part of a box
        _sold(data, f"S18N{n}", 5, on(4, n), PHARMACY, code="81180000000000000")  # no valid code
    again = data.visit("S18N3", PHARMACY, on(4, 3))
    data.reverse(data.line(again, DRUG, 1, 45, drug_trac_codg=f"8118{6:016d}"))
    _sold(data, "S18N3", 6, on(4, 4), PHARMACY)  # refunded and settled again
    twice = data.visit("S18N4", PHARMACY, on(4, 5))
    for _ in range(2):
        data.line(twice, DRUG, 1, 45, drug_trac_codg=f"8118{7:016d}")  # two lines of one settlement
