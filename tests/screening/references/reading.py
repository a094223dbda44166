"""Visits and lines as the references of S16 to S30 read them: money in 分, one plain loop each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Row = dict[str, Any]
Key = tuple[str, str, date]
Found = dict[Key, tuple[str, int]]

INPATIENT = {"21", "22", "23", "24", "25", "26", "2101", "2102", "2105", "52"}
PHARMACY = {"41", "9929"}


def kind(med_type: str) -> str:
    if med_type in INPATIENT:
        return "IP"
    if med_type in PHARMACY:
        return "PH"
    return "DAY" if med_type == "28" else "OP"


def cents(amount: Any) -> int:
    return int((Decimal(str(amount)) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def share(amount: int, excess: Any, total: Any) -> int:
    """``amount`` × excess ÷ total in 分, half up."""
    part = Decimal(amount) * Decimal(str(excess)) / Decimal(str(total))
    return int(part.quantize(Decimal(1), ROUND_HALF_UP))


def visits(heads: Iterable[Row]) -> list[Row]:
    """One row per ``mdtrt_id``."""
    return [_visit(rows) for rows in group(heads, "mdtrt_id").values()]


def _visit(rows: list[Row]) -> Row:
    return {
        **min(rows, key=lambda r: (r["setl_time"], r["setl_id"])),
        "kind": kind(rows[0]["med_type"]),
        "begin": min(r["begndate"] for r in rows).date(),
        "end": max(r["enddate"] for r in rows).date(),
        "fee": sum(cents(r["medfee_sumamt"]) for r in rows),
        "cents": sum(cents(r["inscp_scp_amt"]) for r in rows),
        "pool": sum(cents(r["hifp_pay"]) for r in rows),
        "account": sum(cents(r["acct_pay"]) for r in rows),
        "fund": sum(cents(r["fund_pay_sumamt"]) for r in rows),
        "heads": rows,
    }


def lines(netted: Iterable[Row], known: list[Row]) -> list[Row]:
    """Lines with their visit's facts."""
    by_number = {visit["mdtrt_id"]: visit for visit in known}
    return [{**by_number[r["mdtrt_id"]], **r, "cents": cents(r["inscp_scp_amt"])} for r in netted]


def reads(find: Callable[..., Found]) -> Callable[..., set[tuple[str, str, date, Decimal]]]:
    """``find`` over lines, visits, lists and whole-number parameters, as the table of rules calls it."""

    def called(
        heads: list[Row], netted: list[Row], lists: dict[str, list[Row]], p: dict[str, float]
    ) -> set[tuple[str, str, date, Decimal]]:
        known = visits(heads)
        whole = {name: int(value) if value == int(value) else value for name, value in p.items()}
        found = find(lines(netted, known), known, defaultdict(list, lists), whole)
        return {(*key, Decimal(amount) / 100) for key, (_, amount) in found.items()}

    return called


def group(rows: Iterable[Row], *names: str) -> dict[Any, list[Row]]:
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in names)].append(row)
    return groups


def total(rows: Iterable[Row], name: str) -> Any:
    return sum(row[name] for row in rows)


def by_item(table: Iterable[Row]) -> dict[str, Row]:
    return {row["med_list_codg"]: row for row in table}


class Hits:
    """Per window the strongest variant; within a variant amounts of different items add up."""

    def __init__(self) -> None:
        self._found: dict[Key, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, variant: str, institution: str, person: str, start: date, amount: int) -> None:
        self._found[institution, person, start][variant] += amount

    def result(self) -> Found:
        strongest = {}
        for key, variants in self._found.items():
            variant = min(variants, key=lambda v: (-variants[v], v))
            strongest[key] = (variant, variants[variant])
        return strongest
