"""Watched drugs and consumables (重点药品耗材) by institution and month: what was charged, against what is usual.

The same months and middles that S22 judges by; here all of them, not only those that stand out.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from include.screening import s22_key_item_surge as s22
from include.screening.data import Data

CENT = Decimal("0.01")
LIST = "key_items"


@dataclass(frozen=True, slots=True)
class Month:
    """In-scope 元 of one month and patients (人) the institution had in it."""

    month: date
    amount: Decimal
    persons: int


@dataclass(frozen=True, slots=True)
class Trend:
    """One item at one institution, months in order. ``middle`` is the median (元) of up to twelve months before the last.

    ``middle`` is None for an item that is new at the institution.
    """

    fixmedins_code: str
    med_list_codg: str
    name: str
    months: tuple[Month, ...]
    middle: Decimal | None

    @property
    def last(self) -> Month:
        return self.months[-1]

    @property
    def growth(self) -> Decimal | None:
        """The last month above its middle, in percent; None where there is nothing to compare with."""
        return _growth(self.last.amount, self.middle)

    @property
    def growth_on_year(self) -> Decimal | None:
        """The last month above the same month of the year before, in percent; None where that has none."""
        then = self.last.month.replace(year=self.last.month.year - 1)
        return _growth(self.last.amount, next((m.amount for m in self.months if m.month == then), None))


def trends(data: Data) -> list[Trend]:
    """Every watched item of every institution, the largest last month first; none without the bureau's list."""
    if LIST not in data.lists:
        return []
    months = s22.monthly(data).drop("visits", "end")
    usual = {
        (row["fixmedins_code"], row["med_list_codg"], row["number"]): row["middle"]
        for row in s22.usual(months).to_pyarrow().to_pylist()
    }
    found: defaultdict[tuple[str, str], list[dict[str, object]]] = defaultdict(list)
    for row in months.order_by(["fixmedins_code", "med_list_codg", "number"]).to_pyarrow().to_pylist():
        found[row["fixmedins_code"], row["med_list_codg"]].append(row)
    made = [_trend(key, rows, usual.get((*key, rows[-1]["number"]))) for key, rows in found.items()]
    return sorted(made, key=lambda each: (-each.last.amount, each.fixmedins_code, each.med_list_codg))


def _trend(key: tuple[str, str], rows: list[dict[str, object]], middle: float | None) -> Trend:
    months = tuple(
        Month(_day(row["month"]), Decimal(str(row["cents"])) * CENT, int(str(row["persons"]))) for row in rows
    )
    usual = None if middle is None else (Decimal(str(middle)) * CENT).quantize(CENT)
    return Trend(*key, str(rows[-1]["name"] or ""), months, usual)


def _day(value: object) -> date:
    assert isinstance(value, date)
    return value


def _growth(now: Decimal, before: Decimal | None) -> Decimal | None:
    return ((now - before) * 100 / before).quantize(Decimal("0.1")) if before else None
