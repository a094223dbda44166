"""S16 超量开药, slowly."""

from decimal import ROUND_HALF_UP, Decimal

from tests.screening.references.reading import Found, Hits, Row, by_item, group, reads, share, total


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    hits = Hits()
    drugs = by_item(tables["drug_days"])
    exempt = {row["diag_code"] for row in tables["exempt_diagnoses"]}
    fills = []
    for line in lines:
        drug = drugs.get(line["med_list_codg"])
        if drug and line["kind"] in ("OP", "PH") and (line["diag_code"] or "")[:3] not in exempt:
            days = Decimal(line["cnt"]) * drug["pack_size"] / drug["daily_dose"]
            days = days.quantize(Decimal("0.0001"), ROUND_HALF_UP)
            fills.append({**line, "generic": drug["generic"], "long_term": drug["long_term"], "days": days})
    for rows in group(fills, "mdtrt_id", "generic").values():
        days, limit = total(rows, "days"), _limit(rows, p)
        if days > limit:
            first = rows[0]
            amount = share(total(rows, "cents"), days - limit, days)
            hits.add("a", first["fixmedins_code"], first["psn_no"], min(r["day"] for r in rows), amount)
    for (person, _), rows in group(fills, "psn_no", "generic").items():
        daily = group(rows, "day", "fixmedins_code")
        for earlier, later in zip(sorted(daily), sorted(daily)[1:], strict=False):
            left = total(daily[earlier], "days") - (later[0] - earlier[0]).days
            if left > p["overlap_days"]:
                hits.add("b", later[1], person, later[0], total(daily[later], "cents"))
        for day, institution in daily:
            in_window = [r for r in rows if 0 <= (day - r["day"]).days < p["window_days"]]
            supplied = total(in_window, "days")
            if supplied > p["supply_days"]:
                amount = share(total(daily[day, institution], "cents"), supplied - p["supply_days"], supplied)
                hits.add("c", institution, person, day, amount)
    return hits.result()


def _limit(rows: list[Row], p: dict[str, int]) -> int:
    med_type = rows[0]["med_type"]
    if med_type.startswith("13"):
        return p["emergency_days"]
    if med_type.startswith("14") or rows[0]["kind"] == "PH":
        long_term = any(r["long_term"] == "1" for r in rows)
        return p["long_days"] if long_term else p["chronic_days"]
    return p["ordinary_days"]
