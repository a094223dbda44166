"""S22 重点药品耗材异常增长, slowly."""

from datetime import date
from statistics import median

from tests.screening.references.reading import Found, Hits, Row, group, reads, total


def months_between(earlier: date, later: date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    watched = {row["med_list_codg"] for row in tables["key_items"]}
    persons: dict[tuple[str, date], set[str]] = {}
    for line in lines:
        month = line["day"].replace(day=1)
        persons.setdefault((line["fixmedins_code"], month), set()).add(line["psn_no"])
    rows = [{**r, "month": r["day"].replace(day=1)} for r in lines if r["med_list_codg"] in watched]
    hits = Hits()
    growth = 1 + p["growth_percent"] / 100
    for (institution, _), found in group(rows, "fixmedins_code", "med_list_codg").items():
        spent = {month: total(part, "cents") for (month,), part in group(found, "month").items()}
        for month, amount in spent.items():
            earlier = {m: a for m, a in spent.items() if 1 <= months_between(m, month) <= 12}
            if len(earlier) < p["history_months"] or amount <= p["floor_amount"] * 100:
                continue
            middle = median(earlier.values())
            spread = median(abs(a - middle) for a in earlier.values())
            rates = median(a / len(persons[institution, m]) for m, a in earlier.items())
            last_year = earlier.get(month.replace(year=month.year - 1))
            if (
                amount > middle + p["deviations"] * 1.4826 * spread
                and amount > growth * middle
                and (last_year is None or amount > growth * last_year)
                and amount / len(persons[institution, month]) > growth * rates
            ):
                hits.add("a", institution, "", month, (2 * amount - int(2 * middle) + 1) // 2)
    return hits.result()
