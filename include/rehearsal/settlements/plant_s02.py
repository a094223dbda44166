"""Planted for S02 超标准收费."""

from datetime import date
from decimal import Decimal

from include.rehearsal.settlements.by_hand import CLINIC, HOSPITAL, Key, Small, key, on
from include.rehearsal.settlements.cases import Planted

SCAN, BED, INJECTION, MONITOR, FREE = "S02CT", "S02CW", "S02ZS", "S02JH", "S02FREE"
OPERATIONS = ("S02SS1", "S02SS2")


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    for level, start, end, price in (
        ("01", date(2023, 1, 1), date(2024, 2, 29), 260),
        ("01", date(2024, 3, 1), None, 200),
        ("02", None, None, 160),
    ):
        data.add("price_limits", med_list_codg=SCAN, hosp_lv=level, start=start, end=end, price=price)
    data.add("price_limits", med_list_codg=BED, hosp_lv=None, start=None, end=None, price=30)
    data.add("price_limits", med_list_codg=OPERATIONS[0], hosp_lv=None, start=None, end=None, price=1000)
    data.add("price_limits", med_list_codg=OPERATIONS[1], hosp_lv=None, start=None, end=None, price=600)
    data.add("day_limits", med_list_codg=INJECTION, most=4, unit="次")
    data.add("day_limits", med_list_codg=MONITOR, most=24, unit="小时")
    for item in OPERATIONS:
        data.add("second_items", med_list_codg=item, group_key="同切口手术", percent=50)
    _fair_prices(data)
    _fair_counts(data)
    return _dear(data) | _many(data) | _second(data)


def _charged(data: Small, person: str, *lines: tuple[str, int | str, int], at=None, **facts):
    """A visit with lines of item, count and price, in scope in full."""
    visit = data.visit(person, **{"at": at or on(3, 4), **facts})
    for item, count, price in lines:
        fee = Decimal(count) * price
        data.line(visit, item, count, fee, pric=Decimal(price), list_type="201", med_chrgitm_type="05")
    return visit


def _dear(data: Small) -> set[Key]:
    own = data.visit("S02A1")
    data.line(own, FREE, 2, 24, pric=12, pric_uplmt_amt=10)
    return {
        key(own),
        key(_charged(data, "S02B1", (SCAN, 1, 201))),
        key(_charged(data, "S02B2", (SCAN, 1, 261), at=on(2, 29))),
        key(_charged(data, "S02B3", (SCAN, 1, 200), hosp_lv="02")),
        key(_charged(data, "S02B4", (BED, 5, 35), hosp_lv=None)),
    }


def _many(data: Small) -> set[Key]:
    morning = _charged(data, "S02C1", (INJECTION, 3, 5))
    evening = _charged(data, "S02C1", (INJECTION, 2, 5), institution=CLINIC, at=on(3, 4, 18))
    return {
        key(morning),
        key(evening),
        key(_charged(data, "S02D1", (MONITOR, 20, 6), (MONITOR, "4.5", 6))),
    }


def _second(data: Small) -> set[Key]:
    return {
        key(_charged(data, "S02E1", (OPERATIONS[0], 1, 1000), (OPERATIONS[1], 1, 600))),
        key(_charged(data, "S02E2", (OPERATIONS[0], 2, 1000))),
    }


def _fair_prices(data: Small) -> None:
    _charged(data, "S02N1", (SCAN, 1, 200), (BED, 3, 30))
    _charged(data, "S02N2", (SCAN, 1, 260), at=on(2, 29))  # the old price on its last day
    _charged(data, "S02N3", (FREE, 1, 9000))  # no ceiling
    rounded = data.visit("S02N4")
    data.line(rounded, BED, 3, "90.03", pric=Decimal("30.01"))
    alone = data.visit("S02N5")
    data.line(alone, SCAN, 1, 200, pric=240)  # the person paid the 40 元 above the ceiling
    corrected = _charged(data, "S02N6", (SCAN, 1, 200))
    data.reverse(data.line(corrected, SCAN, 1, 300, pric=300))


def _fair_counts(data: Small) -> None:
    _charged(data, "S02N7", (INJECTION, 4, 5), (MONITOR, 24, 6))
    _charged(data, "S02N8", (INJECTION, 4, 5))
    _charged(data, "S02N8", (INJECTION, 1, 5), at=on(3, 5))  # the next day
    _charged(data, "S02N9", (OPERATIONS[0], 1, 1000), (OPERATIONS[1], 1, 300))  # halved by price
    _charged(data, "S02N10", (OPERATIONS[0], "1.5", 1000))  # halved by count
    _charged(data, "S02N12", (OPERATIONS[0], 1, 500), (OPERATIONS[1], 1, 600))  # the dearer was halved
    _charged(data, "S02N11", (OPERATIONS[0], 1, 1000), at=on(3, 6))
    _charged(data, "S02N11", (OPERATIONS[1], 1, 600), institution=HOSPITAL, at=on(3, 8))
