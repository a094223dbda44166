"""S15 频繁购药, slowly."""

from tests.screening.references.reading import Found, Hits, Row, by_item, cents, group, reads, share, total


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    hits = Hits()
    names = by_item(tables["drug_days"])
    per_visit = {row["med_list_codg"] for row in tables["per_visit_drugs"]}
    exempt = {row["diag_code"] for row in tables["exempt_diagnoses"]}
    bought = []
    for line in lines:
        code = line["med_list_codg"]
        if line["kind"] not in ("OP", "PH") or line["list_type"] != "101" or code in per_visit:
            continue
        if (line["diag_code"] or "")[:3] not in exempt:
            drug = names[code]["generic"] if code in names else line["hilist_name"]
            bought.append({**line, "drug": drug, "month": line["day"].replace(day=1)})
    for (person, _, month), rows in group(bought, "psn_no", "drug", "month").items():
        purchases = sorted(
            group(rows, "mdtrt_id").values(), key=lambda own: (own[0]["day"], own[0]["mdtrt_id"])
        )
        for own in purchases[p["purchases"] :]:
            hits.add("a", own[0]["fixmedins_code"], person, month, total(own, "cents"))
    for (person, _, month), rows in group(bought, "psn_no", "drug", "month").items():
        rows = [{**r, "days": _days(r, names)} for r in rows if _days(r, names)]
        supply, most = total(rows, "days"), 31 * p["dose_percent"] * 100
        for (place,), here in group(rows, "fixmedins_code").items():
            if supply > most:
                hits.add("c", place, person, month, share(total(here, "cents"), supply - most, supply))
    paid = [
        {**h, "on": h["setl_time"].date(), "paid": cents(h["acct_pay"])}
        for visit in visits
        for h in visit["heads"]
        if visit["kind"] == "PH" and h["acct_pay"] > 0 and not h.get("acct_mulaid_pay")
    ]
    for (place, person), own in group(paid, "fixmedins_code", "psn_no").items():
        for day in sorted({v["on"] for v in own}):
            recent = [v for v in own if 0 <= (day - v["on"]).days < p["window_days"]]
            money, most = total(recent, "paid"), max(v["paid"] for v in recent)
            dear = money > p["mean_amount"] * 100 * len(recent) or most > p["single_amount"] * 100
            if len(recent) > p["payments"] and dear:
                hits.add("b", place, person, min(v["on"] for v in recent), money)
                break
    return hits.result()


def _days(line: Row, names: dict[str, Row]) -> int:
    """Days (1/10000) the line lasts; none for a drug whose dose is not known or that may be had for months."""
    drug = names.get(line["med_list_codg"], {})
    if not drug.get("pack_size") or not drug.get("daily_dose") or drug.get("long_term") == "1":
        return 0
    return round(int(line["cnt"] * 10_000) * drug["pack_size"] / drug["daily_dose"])
