"""S21 按日项目超住院天数, slowly."""

from tests.screening.references.reading import Found, Hits, Row, by_item, group, reads, share, total


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    items = by_item(tables["per_day_items"])
    rows = [
        {
            **line,
            "class": items[line["med_list_codg"]]["class"],
            "per_day": items[line["med_list_codg"]]["per_day"],
        }
        for line in lines
        if line["kind"] == "IP" and line["med_list_codg"] in items
    ]
    hits = Hits()
    for found in group(rows, "mdtrt_id", "class").values():
        stay = found[0]
        days = max(1, (stay["end"] - stay["begin"]).days + p["count_discharge_day"])
        changes = len({r["med_list_codg"] for r in found}) - 1
        limit = (days + changes) * stay["per_day"]
        count = total(found, "cnt")
        if count > limit:
            amount = share(total(found, "cents"), count - limit, count)
            hits.add("a", stay["fixmedins_code"], stay["psn_no"], stay["begin"], amount)
    return hits.result()
