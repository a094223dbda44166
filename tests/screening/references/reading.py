"""Settlement data as the references read them: valid, settled, refunds netted, money in 分, one plain loop each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Row = dict[str, Any]
Key = tuple[str, str, date]

INPATIENT = {"21", "22", "23", "24", "25", "26", "27", "2101", "2102", "2105", "52"}
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


def visits(settlements: Iterable[Row]) -> list[Row]:
    """One row per ``mdtrt_id``; a visit refunded in full is left out."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in settlements:
        if row["vali_flag"] == "1" and row["setl_id"]:
            groups[row["mdtrt_id"]].append(row)
    return [visit for rows in groups.values() if (visit := _visit(rows))["fee"] > 0]


def _visit(rows: list[Row]) -> Row:
    pool = [r for r in rows if r["setl_type"] != "medical_aid"]
    return {
        **min(rows, key=lambda r: (r["setl_time"], r["setl_id"])),
        "kind": kind(rows[0]["med_type"]),
        "begin": min(r["begndate"] for r in rows).date(),
        "end": max(r["enddate"] for r in rows).date(),
        "fee": sum(cents(r["medfee_sumamt"]) for r in rows),
        "cents": sum(cents(r["inscp_scp_amt"]) for r in rows),
        "pool": sum(cents(r["hifp_pay"]) for r in pool),
        "account": sum(cents(r["acct_pay"]) for r in rows),
    }


def lines(details: Iterable[Row], settlements: Iterable[Row]) -> list[Row]:
    """Settled lines with their visit's facts; a reversal is taken from the line it reverses."""
    known = {visit["mdtrt_id"]: visit for visit in visits(settlements)}
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in details:
        if row["setl_id"] and row["vali_flag"] == "1" and row["mdtrt_id"] in known:
            groups[row["mdtrt_id"], row["init_feedetl_sn"] or row["feedetl_sn"]].append(row)
    netted = []
    for (mdtrt_id, serial), rows in groups.items():
        original = next((r for r in rows if r["feedetl_sn"] == serial), rows[0])
        count = sum(r["cnt"] for r in rows)
        if count > 0:
            facts = {"cnt": count, "cents": sum(cents(r["inscp_scp_amt"]) for r in rows)}
            netted.append({**known[mdtrt_id], **original, **facts, "day": original["fee_ocur_time"].date()})
    return netted


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

    def result(self) -> dict[Key, tuple[str, int]]:
        strongest = {}
        for key, variants in self._found.items():
            variant = min(variants, key=lambda v: (-variants[v], v))
            strongest[key] = (variant, variants[variant])
        return strongest


Found = dict[Key, tuple[str, int]]
