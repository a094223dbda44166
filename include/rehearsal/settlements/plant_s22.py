"""Planted for S22 重点药品耗材异常增长."""

from include.rehearsal.settlements.by_hand import Key, Small, on
from include.rehearsal.settlements.cases import Planted

ITEM = "XB05AAX22001"


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    data.add("key_items", med_list_codg=ITEM)
    surge = "H15062600220"
    _history(data, surge, {9: 16_000})
    _history(data, "H15062600221", {9: 14_800})  # below +50 %
    _history(data, "H15062600222", {9: 16_000}, persons={9: 6})  # as many more patients
    _history(data, "H15062600223", {9: 1_600}, usual=1_000)  # small money
    _history(data, "H15062600224", {9: 16_000}, first=6)  # three months of history only
    _history(data, "H15062600225", {9: 16_000}, last_year=12_000)  # every September
    return {(surge, "", on(9, 1).date())}


def _history(
    data: Small,
    institution: str,
    months: dict[int, int],
    *,
    usual: int = 10_000,
    persons: dict[int, int] | None = None,
    first: int = 1,
    last_year: int = 0,
) -> None:
    if last_year:
        _month(data, institution, on(9, 5, year=2023), last_year, 3)
    for month in range(first, 10):
        _month(data, institution, on(month, 5), months.get(month, usual), (persons or {}).get(month, 3))


def _month(data: Small, institution: str, at, amount: int, persons: int) -> None:
    for number in range(persons):
        visit = data.visit(f"S22{institution[-3:]}{number}", institution, at)
        if number == 0:
            data.line(visit, ITEM, amount // 100, amount)
        else:
            data.line(visit, "XOTHER22", 1, 10)
