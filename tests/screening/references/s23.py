"""S23 次均费用离群, slowly."""

from datetime import date
from statistics import fmean, median, pstdev

from tests.screening.references.reading import Found, Hits, Row, group, reads, share


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    stays = [
        {**v, "dx": (v["diag_code"] or "")[:3], "year": v["end"].year} for v in visits if v["kind"] == "IP"
    ]
    hits = Hits()
    for (dx, _, _), found in group(stays, "dx", "hosp_lv", "year").items():
        if not dx or len(found) < p["group_size"]:
            continue
        middle = median(v["fee"] for v in found)
        spread = median(abs(v["fee"] - middle) for v in found)
        for stay in found:
            if spread > 0 and stay["fee"] - middle > p["deviations"] * 1.4826 * spread:
                amount = share(stay["cents"], stay["fee"] - middle, stay["fee"])
                hits.add("a", stay["fixmedins_code"], stay["psn_no"], stay["begin"], amount)
    for (_, year), found in group(stays, "hosp_lv", "year").items():
        spreads = {}
        for (institution,), own in group(found, "fixmedins_code").items():
            fees = [v["fee"] for v in own]
            if len(fees) >= p["group_size"]:
                spreads[institution] = pstdev(fees) / fmean(fees)
        if len(spreads) >= p["peers"]:
            most = fmean(spreads.values()) + p["deviations"] * pstdev(spreads.values())
            for institution, spread in spreads.items():
                if spread > most:
                    hits.add("b", institution, "", date(year, 1, 1), 0)
    return hits.result()
