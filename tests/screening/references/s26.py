"""S26 进销存不符, slowly."""

from tests.screening.references.reading import Found, Hits, Row, group, reads, share, total


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    hits = Hits()
    stock = {(s["fixmedins_code"], s["med_list_codg"], s["period_start"]): s for s in tables["inventory"]}
    periods = {(s["fixmedins_code"], s["period_start"], s["period_end"]) for s in tables["inventory"]}
    for institution, start, end in periods:
        sold = [
            r
            for r in lines
            if r["fixmedins_code"] == institution
            and start <= r["day"] <= end
            and r["list_type"] in ("101", "102", "301")
            and r["kind"] in ("OP", "PH")
        ]
        for (item,), found in group(sold, "med_list_codg").items():
            row = stock.get((institution, item, start))
            held = row["opening"] + row["purchased"] + row["transferred_in"] if row else 0
            count, spent = total(found, "cnt"), total(found, "cents")
            if count > held:
                amount = share(spent, count - held, count)
                if amount > p["floor_amount"] * 100:
                    hits.add("a" if row else "b", institution, "", start, amount)
    return hits.result()
