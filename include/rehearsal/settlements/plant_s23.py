"""Planted for S23 住院费用离群."""

from datetime import timedelta
from decimal import Decimal

from include.rehearsal.settlements.by_hand import Key, Small, key, on
from include.rehearsal.settlements.cases import Planted


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    stays = [_stay(data, f"S23P{n:02d}", 5_000 + n * 10) for n in range(32)]
    dear = _stay(data, "S23A1", 6_000)
    _stay(data, "S23N1", 5_500)  # inside three deviations
    _stay(data, "S23N2", 60_000, diag_code="Q87.4")  # nobody to compare with
    _stay(data, "S23N3", 60_000, diag_code="")
    assert stays
    return {key(dear)} | _uneven(data)


def _uneven(data: Small) -> set[Key]:
    """Thirteen hospitals of another level, of which one charges from little to much."""
    for hospital in range(13):
        for number in range(30):
            spread = 3_000 if hospital == 0 else 90 + hospital
            fee = 5_000 + spread * (1 if number % 2 else -1)
            _stay(
                data,
                f"S23H{hospital:02d}{number:02d}",
                fee,
                institution=f"H150626023{hospital:02d}",
                hosp_lv="02",
                diag_code=f"{chr(65 + number % 26)}{hospital:02d}.{number}",
            )
    return {("H15062602300", "", on(1, 1).date())}


def _stay(data: Small, person: str, fee: int, **facts):
    at = on(6, 3) + timedelta(days=len(data.settlements) % 20)
    money = {"medfee_sumamt": Decimal(fee), "inscp_scp_amt": Decimal(fee) / 2}
    return data.visit(person, at=at, days=4, **{"diag_code": "K35.8", **money, **facts})
