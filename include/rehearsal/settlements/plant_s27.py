"""Planted for S27 低标准入院."""

from datetime import date
from decimal import Decimal

from include.rehearsal.settlements.by_hand import Key, Small, key
from include.rehearsal.settlements.cases import Planted


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    for diagnosis in ("J00", "K30"):
        data.add("minor_diagnoses", diag_code=diagnosis)
    for number in range(35):
        _stay(data, f"S27P{number:02d}", 20, 80, diag_code="K30.x", medfee_sumamt=Decimal(2000 + number))
    _stay(data, "S27N1", 69, 31)
    _stay(data, "S27N2", 80, 20, days=4)
    _stay(data, "S27N3", 80, 20, brdy=date(1939, 1, 1))
    _stay(data, "S27N4", 80, 20, diag_code="I21.9")
    operated = _stay(data, "S27N5", 80, 1)
    data.line(operated, "S27OP", 1, 19, med_chrgitm_type="06", list_type="201")
    _stay(data, "S27N6", 20, 80, days=6, diag_code="K30.x", medfee_sumamt=Decimal(100))  # cheap, but six days
    cheap = [f"S27P{number:02d}" for number in range(3)]
    low = {key(row) for row in data.settlements if row["psn_no"] in cheap}
    return {key(_stay(data, "S27A1", 70, 30))} | low


def _stay(data: Small, person: str, tests: int, other: int, days: int = 3, **facts):
    visit = data.visit(person, days=days, **{"diag_code": "J00.x", **facts})
    data.line(visit, "S27CT", 1, tests, med_chrgitm_type="03", list_type="201")
    data.line(visit, "S27DRUG", 1, other)
    return visit
