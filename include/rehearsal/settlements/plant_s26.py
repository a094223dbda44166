"""Planted for S26 进销存不符."""

from include.rehearsal.settlements.by_hand import Key, Small, on
from include.rehearsal.settlements.cases import Planted

SHORT, UNKNOWN, ENOUGH, SMALL, MOVED = (f"XR05X2600{n}" for n in range(5))
START, END = on(5, 1).date(), on(5, 30).date()


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    short, unknown, right, without = (f"P150626026{n:02d}" for n in range(4))
    for place in (short, unknown, right):
        for item, moved in ((SHORT, 0), (ENOUGH, 0), (SMALL, 0), (MOVED, 5)):
            data.add(
                "inventory",
                fixmedins_code=place,
                med_list_codg=item,
                period_start=START,
                period_end=END,
                opening=4,
                purchased=6,
                transferred_in=moved,
            )
    _sold(data, short, SHORT, 15)
    _sold(data, unknown, UNKNOWN, 5)
    _sold(data, right, ENOUGH, 10)
    _sold(data, right, MOVED, 15)  # five came from a shop of the chain
    _sold(data, right, SMALL, 15, price=10)  # too little money
    _sold(data, right, ENOUGH, 9, day=31)  # after the period
    _sold(data, without, UNKNOWN, 50)  # has not sent its inventory
    return {(short, "", START), (unknown, "", START)}


def _sold(data: Small, place: str, item: str, count: int, price: int = 30, day: int = 10) -> None:
    visit = data.visit(f"S26{place[-2:]}{item[-1]}{day}", place, on(5, day))
    data.line(visit, item, count, count * price)
