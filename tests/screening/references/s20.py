"""S20 康复理疗时长, slowly."""

from tests.screening.references.reading import Found, Hits, Row, by_item, group, reads, share, total


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    minutes = {code: row["minutes"] for code, row in by_item(tables["item_minutes"]).items()}
    rows = [
        {**line, "minutes": line["cnt"] * minutes[line["med_list_codg"]]}
        for line in lines
        if line["med_list_codg"] in minutes
    ]
    staff = {(row["fixmedins_code"], row["bilg_dept_codg"]): row["staff"] for row in tables["rehab_staff"]}
    hits = Hits()
    for (institution, person, day), found in group(rows, "fixmedins_code", "psn_no", "day").items():
        _over(hits, "a", institution, person, day, found, p["patient_minutes"])
        items = len({r["med_list_codg"] for r in found})
        if items > p["patient_items"]:
            amount = share(total(found, "cents"), items - p["patient_items"], items)
            hits.add("b", institution, person, day, amount)
    for (institution, therapist, day), found in group(
        rows, "fixmedins_code", "orders_dr_code", "day"
    ).items():
        if therapist:
            _over(hits, "c", institution, "", day, found, p["therapist_minutes"])
    for (institution, dept, day), found in group(rows, "fixmedins_code", "bilg_dept_codg", "day").items():
        if (institution, dept) in staff:
            _over(hits, "d", institution, "", day, found, staff[institution, dept] * p["staff_minutes"])
    return hits.result()


def _over(
    hits: Hits, variant: str, institution: str, person: str, day: object, found: list[Row], limit: int
) -> None:
    spent = total(found, "minutes")
    if spent > limit:
        hits.add(variant, institution, person, day, share(total(found, "cents"), spent - limit, spent))  # type: ignore[arg-type]
