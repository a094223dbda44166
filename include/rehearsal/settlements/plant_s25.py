"""Planted for S25 年末冲顶消费. An insurance of its own, so that nobody else's cap is touched."""

from decimal import Decimal

from include.rehearsal.settlements.by_hand import HOSPITAL, PHARMACY, Key, Small, on
from include.rehearsal.settlements.cases import Planted

INSURED = {"pool": "S25P", "outpatient": "S25O", "account": "S25A"}
YEAR = on(1, 1).date()


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    for kind, insurance in INSURED.items():
        data.add("yearly_caps", insutype=insurance, year=2024, kind=kind, cap=1000)
    for kind, insurance in INSURED.items():
        column = "acct_pay" if kind == "account" else "hifp_pay"
        _spend(data, f"S25{kind}1", insurance, column, 550, 400)
        _spend(data, f"S25{kind}2", insurance, column, 550, 399)  # 94.9 % of the cap
        _spend(data, f"S25{kind}3", insurance, column, 600, 390)  # not at the end of the year
    _severely_ill(data)
    _pay(
        data, "S25N2", PHARMACY, on(12, 1), INSURED["pool"], "fund_pay_sumamt", 990
    )  # medical aid: nothing of the pool
    return {(PHARMACY, f"S25{kind}1", YEAR) for kind in INSURED}


def _spend(data: Small, person: str, insurance: str, column: str, early: int, late: int) -> None:
    _pay(data, person, HOSPITAL, on(3, 1), insurance, column, early)
    _pay(data, person, PHARMACY, on(11, 1), insurance, column, late)


def _severely_ill(data: Small) -> None:
    stay = _pay(data, "S25N1", HOSPITAL, on(11, 3), INSURED["pool"], "hifp_pay", 990)
    stay["med_type"] = "21"


def _pay(data: Small, person: str, place: str, at, insurance: str, column: str, amount: int):
    nothing = {"acct_pay": Decimal(0), "hifp_pay": Decimal(0)}
    return data.visit(person, place, at, insutype=insurance, **{**nothing, column: Decimal(amount)})
