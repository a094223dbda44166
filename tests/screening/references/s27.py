"""S27 低标准入院, slowly."""

from tests.screening.references.reading import Found, Hits, Row, group, reads, total


def quantile(values: list[int], percent: int) -> float:
    """Linear between neighbours."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    minor = {row["diag_code"] for row in tables["minor_diagnoses"]}
    own = group(lines, "mdtrt_id")
    stays = [{**v, "dx": (v["diag_code"] or "")[:3]} for v in visits if v["kind"] == "IP"]
    hits = Hits()
    for found in group(stays, "dx", "hosp_lv").values():
        low = quantile([v["fee"] for v in found], p["low_percent"])
        for stay in found:
            details = own.get((stay["mdtrt_id"],), [])
            if (
                stay["dx"] not in minor
                or max(1, (stay["end"] - stay["begin"]).days) > p["stay_days"]
                or _age(stay) > p["oldest"]
                or any(r["med_chrgitm_type"] == "06" for r in details)
            ):
                continue
            tests = total([r for r in details if r["med_chrgitm_type"] in ("03", "04")], "cents")
            if total(details, "cents") > 0 and tests * 100 >= total(details, "cents") * p["check_percent"]:
                hits.add("a", stay["fixmedins_code"], stay["psn_no"], stay["begin"], stay["cents"])
            if len(found) >= p["group_size"] and stay["fee"] < low:
                hits.add("b", stay["fixmedins_code"], stay["psn_no"], stay["begin"], stay["cents"])
    return hits.result()


def _age(stay: Row) -> int:
    born, day = stay["brdy"], stay["begin"]
    return int(day.year - born.year - ((day.month, day.day) < (born.month, born.day))) if born else 0
