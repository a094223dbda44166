"""S03 分解项目收费, slowly."""

from tests.screening.references.reading import Found, Hits, Row, cents, group, reads, total


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    hits = Hits()
    packages = group(tables["packages"], "package_codg")
    for (_, day), rows in group(lines, "mdtrt_id", "day").items():
        charged = {r["med_list_codg"] for r in rows}
        beside, most = [], 0
        for (package,), parts in packages.items():
            wanted = {part["med_list_codg"] for part in parts}
            found = [r for r in rows if r["med_list_codg"] in wanted]
            over = total(found, "cents") - cents(parts[0]["price"])
            if package in charged:
                beside += [r for r in found if r not in beside]
            elif len({r["med_list_codg"] for r in found}) >= p["parts"]:
                most = max(most, over)
        for variant, amount in (("a", total(beside, "cents")), ("b", most)):
            if beside if variant == "a" else most:
                hits.add(variant, rows[0]["fixmedins_code"], rows[0]["psn_no"], day, amount)
    return hits.result()
