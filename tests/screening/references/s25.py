"""S25 冲顶消费, slowly."""

from datetime import date

from tests.screening.references.reading import Found, Hits, Row, group, reads, total


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    hits = Hits()
    rows = [{**v, "year": v["end"].year} for v in visits]
    first_late_month = 13 - p["last_months"]
    for cap in tables["yearly_caps"]:
        column = "account" if cap["kind"] == "account" else "pool"
        kinds = {"OP", "PH"} if cap["kind"] == "outpatient" else {"IP", "OP", "PH", "DAY"}
        own = [
            v
            for v in rows
            if v["insutype"] == cap["insutype"] and v["year"] == cap["year"] and v["kind"] in kinds
        ]
        for (person,), found in group(own, "psn_no").items():
            used = total(found, column)
            late = [v for v in found if v["end"].month >= first_late_month and v["kind"] in ("OP", "PH")]
            if (
                used * 100 >= cap["cap"] * 100 * p["cap_percent"]
                and total(late, column) * 100 >= used * p["late_percent"]
            ):
                for (institution,), part in group(late, "fixmedins_code").items():
                    variant = {"pool": "a", "outpatient": "b", "account": "c"}[cap["kind"]]
                    hits.add(variant, institution, person, date(cap["year"], 1, 1), total(part, column))
    return hits.result()
