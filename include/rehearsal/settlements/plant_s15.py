"""Planted for S15 频繁购药."""

from datetime import timedelta
from decimal import Decimal

from include.rehearsal.settlements.by_hand import CLINIC, HOSPITAL, PHARMACY, Key, Small, key, on
from include.rehearsal.settlements.cases import Planted

DRUG, SAME, INJECTED = "S15YP1", "S15YP2", "S15ZS"
TABLETS, CHRONIC = "S15YP3", "S15YP4"
MONTH = on(3, 1).date()


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    for item in (DRUG, SAME):
        unknown = dict.fromkeys(("pack_size", "daily_dose", "long_term"))
        data.add("drug_days", med_list_codg=item, generic="阿莫西林", **unknown)
    for item, long_term in ((TABLETS, "0"), (CHRONIC, "1")):
        # Thirty tablets a pack, two a day.
        data.add(
            "drug_days", med_list_codg=item, generic=item, pack_size=30.0, daily_dose=2.0, long_term=long_term
        )
    data.add("exempt_diagnoses", diag_code="C34")
    data.add("per_visit_drugs", med_list_codg=INJECTED)
    _few(data)
    _buys(data, "S15A1", (1, 3, 5, 7, 9))
    _buys(data, "S15A2", (1, 3, 5, 7, 9), items=(DRUG, SAME), places=(PHARMACY, CLINIC))
    _doses(data, "S15C1", TABLETS, (1, 2), (9, 3))  # 75 days
    _doses(data, "S15N12", TABLETS, (1, 2), (9, 2))
    _doses(data, "S15N13", TABLETS, (1, 2), (31, 2), (32, 1))  # 60 days, and 15 in the next month
    _doses(data, "S15N14", CHRONIC, (1, 6))
    often = _pays(data, "S15B1", 51, "500.01")
    once = _pays(data, "S15B2", 51, "20.00", last="2000.01")
    return {(PHARMACY, person, MONTH) for person in ("S15A1", "S15A2", "S15C1")} | {key(often), key(once)}


def _buys(
    data: Small,
    person: str,
    days: tuple[int, ...],
    *,
    items: tuple[str, ...] = (DRUG,),
    places: tuple[str, ...] = (PHARMACY,),
    month: int = 3,
    **facts,
) -> None:
    """A purchase on each day, of the items and at the places in turn."""
    for number, day in enumerate(days):
        visit = data.visit(person, places[number % len(places)], on(month, day), **facts)
        data.line(visit, items[number % len(items)], 1, 25)


def _doses(data: Small, person: str, item: str, *packs: tuple[int, int]) -> None:
    """So many packs on each day of March."""
    for day, number in packs:
        visit = data.visit(person, PHARMACY, on(3, 1) + timedelta(days=day - 1))
        data.line(visit, item, number, 25)


def _pays(data: Small, person: str, times: int, amount: str, *, last: str = "", apart: int = 7, **facts):
    """Account payments a week apart, the last one of another amount if said; return the first."""
    visits = []
    for number in range(times):
        at = on(1, 2) + timedelta(days=number * apart)
        paid = Decimal(last if last and number == times - 1 else amount)
        visits.append(data.visit(person, PHARMACY, at, acct_pay=paid, **facts))
    return visits[0]


def _few(data: Small) -> None:
    _buys(data, "S15N1", (1, 3, 5, 7))
    _buys(data, "S15N2", (28, 29, 30, 31))
    _buys(data, "S15N2", (1, 2), month=4)  # six in a week, four in a month
    _buys(data, "S15N3", (1, 2, 3, 4, 5, 6), items=(INJECTED,), places=(CLINIC,))
    _buys(data, "S15N4", (1, 2, 3, 4, 5), diag_code="C34.1")
    _buys(data, "S15N5", (1, 2, 3, 4, 5), items=(DRUG, "S15YP9"))
    stay = data.visit("S15N6", HOSPITAL, on(3, 1), days=9)
    for day in range(6):
        data.line(stay, DRUG, 1, 25, day=day)  # one stay
    _buys(data, "S15N7", (1, 3, 5, 7, 9))
    data.reverse(data.details[-1])
    _pays(data, "S15N8", 50, "600.00")
    _pays(data, "S15N9", 51, "500.00", last="500.00")
    _pays(data, "S15N10", 51, "600.00", apart=8)  # forty-six in a year
    _pays(data, "S15N11", 51, "600.00", acct_mulaid_pay=Decimal(600))
