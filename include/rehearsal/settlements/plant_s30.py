"""Planted for S30 诊断缺失与数据雷同."""

from decimal import Decimal

from include.rehearsal.settlements.by_hand import Key, Small, on
from include.rehearsal.settlements.cases import Planted


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    blank, alike, whole, night, right, few = (f"H150626030{n:02d}" for n in range(6))
    _month(data, blank, blank=6)
    _month(data, alike, alike=10)
    _month(data, whole, whole=15)
    _month(data, night, night=6)
    _month(data, right, blank=5, alike=9, whole=14, night=5)  # each just below
    _month(data, few, visits=29, blank=29)  # too few to judge
    return {(place, "", on(5, 1).date()) for place in (blank, alike, whole, night)}


def _month(
    data: Small,
    place: str,
    *,
    visits: int = 30,
    blank: int = 0,
    alike: int = 0,
    whole: int = 0,
    night: int = 0,
) -> None:
    for number in range(visits):
        at = on(5, 1 + number % 28, 1 if number < night else 10)
        fee = Decimal("120.00") if number < whole else Decimal("123.45")
        visit = data.visit(
            f"S30{place[-2:]}{number:02d}",
            place,
            at,
            medfee_sumamt=fee,
            diag_code="" if number < blank else "J06.9",
        )
        for item in range(3):
            data.line(visit, f"S30I{item}", 1 if number < alike else number + 2, 10)
