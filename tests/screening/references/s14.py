"""S14 短时跨机构刷卡, slowly."""

from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

from tests.screening.references.reading import Found, Hits, Row, cents, group, kind, reads


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    hits = Hits()
    online = {r["fixmedins_code"] for r in tables["places"] if r["online"] == "1"}
    heads = [head for visit in visits for head in visit["heads"]]
    cards = [head for head in heads if _in_person(head) and head["fixmedins_code"] not in online]
    for (person,), rows in group(cards, "psn_no").items():
        rows.sort(key=lambda r: (r["setl_time"], r["setl_id"]))
        for before, after in pairwise(rows):
            variant = _too_soon(before, after, tables, p)
            if variant:
                amount = cents(after["inscp_scp_amt"])
                hits.add(variant, after["fixmedins_code"], person, after["setl_time"].date(), amount)
        for day in {r["setl_time"].date() for r in rows}:
            here = [r for r in rows if r["setl_time"].date() == day]
            if len({r["fixmedins_code"] for r in here}) >= p["institutions"]:
                hits.add("c", here[-1]["fixmedins_code"], person, day, 0)
    return hits.result()


def _in_person(head: Row) -> bool:
    at = head["setl_time"]
    return (
        kind(head["med_type"]) in ("OP", "PH")
        and at.date() == head["enddate"].date()
        and (at.hour, at.minute, at.second) != (0, 0, 0)
        and not head.get("acct_mulaid_pay")
    )


def _too_soon(before: Row, after: Row, tables: dict[str, list[Row]], p: dict[str, int]) -> str:
    here, there = after["fixmedins_code"], before["fixmedins_code"]
    linked = {frozenset((r["fixmedins_code"], r["other_codg"])) for r in tables["linked_places"]}
    if here == there or frozenset((here, there)) in linked:
        return ""
    seconds = (after["setl_time"] - before["setl_time"]).total_seconds()
    known = {r["fixmedins_code"]: r for r in tables["places"] if r["longitude"] is not None}
    if here in known and there in known:
        return "b" if seconds < _km(known[here], known[there]) / p["speed"] * 3600 else ""
    return "a" if seconds < p["minutes"] * 60 else ""


def _km(a: Row, b: Row) -> float:
    north, other = radians(a["latitude"]), radians(b["latitude"])
    east = radians(a["longitude"] - b["longitude"])
    return 2 * 6371 * asin(sqrt(sin((north - other) / 2) ** 2 + cos(north) * cos(other) * sin(east / 2) ** 2))
