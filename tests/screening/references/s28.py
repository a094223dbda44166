"""S28 异地就医异常, slowly."""

from datetime import date
from statistics import median

from tests.screening.references.reading import Found, Hits, Row, group, reads, total
from tests.screening.references.s22 import months_between


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    hits = Hits()
    rows = [
        {
            **v,
            "away": v["insu_admdvs"][:4] != v["fixmedins_code"][1:5],
            "month": v["end"].replace(day=1),
            "year": v["end"].year,
        }
        for v in visits
    ]
    away = [v for v in rows if v["away"]]
    for (person, year), found in group(away, "psn_no", "year").items():
        if len(found) >= p["visits"] and total(found, "fee") > p["amount"] * 100:
            for (institution,), part in group(found, "fixmedins_code").items():
                hits.add("a", institution, person, date(year, 1, 1), total(part, "cents"))
    for (institution,), found in group(rows, "fixmedins_code").items():
        months = {month: part for (month,), part in group(found, "month").items()}
        shares = {month: sum(v["away"] for v in part) / len(part) for month, part in months.items()}
        for month, part in months.items():
            earlier = [s for m, s in shares.items() if 1 <= months_between(m, month) <= 12]
            if len(earlier) < p["history_months"] or len(part) < p["month_visits"]:
                continue
            middle = median(earlier)
            spread = median(abs(s - middle) for s in earlier)
            jump = shares[month] - middle
            if jump > p["deviations"] * 1.4826 * spread and jump * 100 > p["jump_percent"]:
                hits.add("b", institution, "", month, total([v for v in part if v["away"]], "cents"))
    for (person, institution, year), found in group(away, "psn_no", "fixmedins_code", "year").items():
        if found[0]["kind"] == "PH" and len(found) >= p["purchases"]:
            hits.add("c", institution, person, date(year, 1, 1), total(found, "cents"))
    return hits.result()
