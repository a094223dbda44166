"""S18 追溯码重复, slowly."""

from tests.screening.references.reading import Found, Hits, Row, group, reads


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    split = {row["med_list_codg"] for row in tables["split_packs"]}
    coded = [
        line
        for line in lines
        if line["drug_trac_codg"]
        and len(line["drug_trac_codg"]) == p["code_length"]
        and line["med_list_codg"] not in split
        and line["cnt"] == int(line["cnt"])
    ]
    hits = Hits()
    for rows in group(coded, "drug_trac_codg").values():
        if len({r["setl_id"] for r in rows}) < p["times"]:
            continue
        first = min(rows, key=lambda r: (r["fee_ocur_time"], r["setl_id"]))
        variant = "b" if len({r["fixmedins_code"] for r in rows}) > 1 else "a"
        for row in rows:
            if row["setl_id"] != first["setl_id"]:
                hits.add(variant, row["fixmedins_code"], row["psn_no"], row["day"], row["cents"])
    return hits.result()
