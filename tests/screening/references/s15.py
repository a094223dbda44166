"""S15 频繁购药, slowly."""

from tests.screening.references.reading import Found, Hits, Row, by_item, cents, group, reads, total


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
