"""S01 重复收费, slowly."""

from tests.screening.references.reading import Found, Hits, Row, group, reads, share, total


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    hits = Hits()
    for variant, per, keys in (("a", "day", ("day",)), ("b", "visit", ())):
        most = {}
        for row in tables["item_times"]:
            if row["per"] == per:
                most[row["med_list_codg"]] = max(row["most"], most.get(row["med_list_codg"], 0))
        for rows in group(lines, "mdtrt_id", "med_list_codg", *keys).values():
            first, count = rows[0], total(rows, "cnt")
            allowed = most.get(first["med_list_codg"])
            if allowed is not None and count > allowed:
                amount = share(total(rows, "cents"), count - allowed, count)
                start = min(r["day"] for r in rows)
                hits.add(variant, first["fixmedins_code"], first["psn_no"], start, amount)
    for part in lines:
        if any(_belongs(part, whole, tables["mutex"], p) for whole in lines):
            hits.add("c", part["fixmedins_code"], part["psn_no"], part["day"], part["cents"])
    return hits.result()


def _belongs(part: Row, whole: Row, pairs: list[Row], p: dict[str, int]) -> bool:
    if part["mdtrt_id"] != whole["mdtrt_id"]:
        return False
    apart = abs((part["fee_ocur_time"] - whole["fee_ocur_time"]).total_seconds())
    return any(
        pair["scope"] == "visit"
        or (pair["scope"] == "day" and part["day"] == whole["day"])
        or (pair["scope"] == "hours" and apart < p["hours"] * 3600)
        for pair in pairs
        if (pair["med_list_codg"], pair["part_codg"]) == (whole["med_list_codg"], part["med_list_codg"])
    )
