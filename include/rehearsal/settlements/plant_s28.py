"""Planted for S28 异地就医异常."""

from decimal import Decimal

from include.rehearsal.settlements.by_hand import AWAY, PHARMACY, Key, Small, on
from include.rehearsal.settlements.cases import Planted

HOME = "150626"
YEAR = on(1, 1).date()


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    _travels(data, "S28A1", 5, 10_001)
    _travels(data, "S28N1", 4, 20_000)  # four visits
    _travels(data, "S28N2", 5, 10_000)  # 50 000 元 exactly
    _travels(data, "S28N3", 6, 20_000, home="110105")  # another district of the same city
    _buys(data, "S28C1", 6)
    _buys(data, "S28N4", 5)
    jump, steady = "H15062600280", "H15062600281"
    for month in range(1, 9):
        _month(data, jump, month, away=10 if month == 8 else 2)
        _month(data, steady, month, away=3 if month == 8 else 2)
    return {(AWAY, "S28A1", YEAR), ("P11010100284", "S28C1", YEAR), (jump, "", on(8, 1).date())}


def _travels(data: Small, person: str, times: int, fee: int, home: str = HOME) -> None:
    for month in range(1, times + 1):
        data.visit(person, AWAY, on(month, 9), insu_admdvs=home, medfee_sumamt=Decimal(fee))


def _buys(data: Small, person: str, times: int) -> None:
    for month in range(1, times + 1):
        data.visit(person, "P11010100284", on(month, 9), insu_admdvs=HOME)
        data.visit(person, PHARMACY, on(month, 19))


def _month(data: Small, institution: str, month: int, away: int) -> None:
    for number in range(40):
        home = "110101" if number < away else HOME
        data.visit(
            f"S28{institution[-3:]}{month}{number:02d}",
            institution,
            on(month, 1 + number % 27),
            insu_admdvs=home,
        )
