"""S06 挂床住院, slowly."""

from datetime import date, timedelta

from tests.screening.references.reading import Found, Hits, Row, cents, group, reads, total
from tests.screening.references.s07 import can_be_out

DAY = timedelta(days=1)


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    hits = Hits()
    stays = [v for v in visits if v["kind"] == "IP"]
    outside = can_be_out(lines, visits)
    of_stay = group(lines, "mdtrt_id")
    for stay in stays:
        own = of_stay.get((stay["mdtrt_id"],), [])
        for variant, amount in _signs(stay, own, outside, p):
            hits.add(variant, stay["fixmedins_code"], stay["psn_no"], stay["begin"], amount)
    for row in tables["approved_beds"]:
        here = [s for s in stays if s["fixmedins_code"] == row["fixmedins_code"]]
        for start in {s["begin"] for s in here}:
            patients = sum(s["begin"] <= start < s["end"] for s in here)
            if patients * 100 > row["beds"] * p["census_percent"]:
                hits.add("e", row["fixmedins_code"], "", start.replace(day=1), 0)
    for rows in group(tables["holidays"], "holiday").values():
        first = min(r["day"] for r in rows)
        if not stays or (first - min(s["begin"] for s in stays)).days < 30:
            continue
        days = {r["day"] for r in rows}
        for (place,), own in group(stays, "fixmedins_code").items():
            during = sum(s["begin"] in days for s in own)
            before = sum(0 < (first - s["begin"]).days <= 30 for s in own)
            usual = before * len(days) * p["holiday_percent"]
            if before and during >= p["holiday_stays"] and during * 30 * 100 > usual:
                hits.add("f", place, "", first, 0)
    return hits.result()


def _signs(stay: Row, own: list[Row], outside: list[Row], p: dict[str, int]) -> list[tuple[str, int]]:
    found = []
    away = [
        v
        for v in outside
        if v["psn_no"] == stay["psn_no"]
        and stay["begin"] < v["begin"] < stay["end"]
        and v["fixmedins_code"] != stay["fixmedins_code"]
    ]
    if away and stay["med_type"] != "52":
        found.append(("a", stay["fund"]))
    if stay["begin"] == stay["end"] and not any(r["med_chrgitm_type"] == "06" for r in own):
        found.append(("d", 0))
    if len({r["day"] for r in own}) > 1:
        found += _idle(stay, own, p)
        inner = _days(stay["begin"] + DAY, stay["end"])
        fees = [_fee(own, day) for day in inner]
        done = all(any(_active(r) for r in own if r["day"] == day) for day in inner)
        if len(inner) >= p["idle_days"] and done and max(fees) <= p["light_amount"] * 100:
            found.append(("c", stay["fund"]))
    return found


def _idle(stay: Row, own: list[Row], p: dict[str, int]) -> list[tuple[str, int]]:
    amounts, run = [], []
    for day in [*_days(stay["begin"], stay["end"]), None]:
        if day is not None and not any(_active(r) for r in own if r["day"] == day):
            run.append(day)
            continue
        if len(run) >= p["idle_days"]:
            amounts.append(("b", total([r for r in own if r["day"] in run], "cents")))
        run = []
    return amounts


def _days(first: date, end: date) -> list[date]:
    return [first + number * DAY for number in range((end - first).days)]


def _active(line: Row) -> bool:
    return line["med_chrgitm_type"] not in ("01", "02", "07")


def _fee(own: list[Row], day: date) -> int:
    return sum(cents(r["det_item_fee_sumamt"]) for r in own if r["day"] == day and _active(r))
