"""Planted for S11 年龄限制."""

from datetime import date

from include.rehearsal.settlements.by_hand import Key, Small, key, on
from include.rehearsal.settlements.cases import Planted

SYRUP, SURFACTANT, SCREENING, FREE = "S11ET", "S11XSE", "S11LN", "S11PT"
AT = on(3, 4)


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    for item, unit, least, most in (
        (SYRUP, "岁", None, 14),
        (SURFACTANT, "天", None, 28),
        (SCREENING, "岁", 65, None),
    ):
        data.add("age_limits", med_list_codg=item, unit=unit, least=least, most=most)
    _near_misses(data)
    return {
        key(_given(data, "S11A1", SYRUP, date(2009, 3, 4))),  # fifteen today
        key(_given(data, "S11A2", SURFACTANT, date(2024, 2, 4))),  # the twenty-ninth day
        key(_given(data, "S11A3", SCREENING, date(1959, 3, 5))),  # sixty-five tomorrow
        key(_given(data, "S11A4", SYRUP, date(2009, 2, 28))),
    }


def _given(data: Small, person: str, item: str, born: date | None, amount: int = 48, **facts):
    visit = data.visit(person, at=AT, brdy=born, **facts)
    data.line(visit, item, 1, amount)
    return visit


def _near_misses(data: Small) -> None:
    _given(data, "S11N1", SYRUP, date(2009, 3, 5))  # fifteen tomorrow
    _given(data, "S11N2", SURFACTANT, date(2024, 2, 5))  # the twenty-eighth day
    _given(data, "S11N3", SCREENING, date(1959, 3, 4))
    _given(data, "S11N4", SYRUP, None)
    _given(data, "S11N5", SYRUP, date(2024, 3, 5))  # born after the charge: a wrong entry
    _given(data, "S11N6", SYRUP, date(1964, 3, 4), amount=0)  # paid by the person alone
    _given(data, "S11N7", FREE, date(1964, 3, 4))
    leap = data.visit("S11N8", at=on(2, 28, year=2023), brdy=date(2008, 2, 29))
    data.line(leap, SYRUP, 1, 48)  # fifteen on the first of March
    corrected = _given(data, "S11N9", FREE, date(1964, 3, 4))
    data.reverse(data.line(corrected, SYRUP, 1, 48))
