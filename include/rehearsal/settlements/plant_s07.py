"""Planted for S07 住院期间门诊或药店购药."""

from decimal import Decimal

from include.rehearsal.settlements.by_hand import AWAY, CLINIC, HOSPITAL, PHARMACY, Key, Small, key, on
from include.rehearsal.settlements.cases import Planted


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    _near_misses(data)
    return {
        key(_out(data, "S07A1", 5)),
        key(_out(data, "S07A2", 9, CLINIC)),
        key(_out(data, "S07B1", 6, AWAY)),
        key(_out(data, "S07C1", 6, HOSPITAL)),
    }


def _out(data: Small, person: str, day: int, place: str = PHARMACY, *, stay: str = "21", **facts):
    """A stay from the 4th to the 10th of March and, on a day of March, a visit elsewhere."""
    data.visit(person, HOSPITAL, on(3, 4), days=6, med_type=stay)
    visit = data.visit(person, place, on(3, day, 15), **facts)
    data.line(visit, "S07YP", 1, 30)
    return visit


def _near_misses(data: Small) -> None:
    _out(data, "S07N1", 4)  # before he was admitted
    _out(data, "S07N2", 10)  # after he was discharged
    _out(data, "S07N3", 11)
    _out(data, "S07N4", 6, acct_mulaid_pay=Decimal(30))
    _out(data, "S07N5", 6, stay="52")
    _out(data, "S07N6", 6, stay="28")  # day surgery is no stay
    _out(data, "S07N7", 6, vali_flag="0")
    _out(data, "S07N8", 6, CLINIC)
    data.details[-1]["etip_flag"] = "1"  # a test the hospital sent him for
    data.visit("S07N9", CLINIC, on(3, 6))  # somebody else's
    paid = _out(data, "S07N10", 6)
    back = {name: -paid[name] for name in ("medfee_sumamt", "inscp_scp_amt", "fund_pay_sumamt")}
    data.settlements.append({**paid, "setl_id": "S07BACK", "refd_setl_flag": "1", **back})
