"""S10 性别限制, slowly."""

from tests.screening.references.reading import Found, Hits, Row, reads

MEN = {"C60", "C61", "C62", "C63", "D29", *(f"N{n}" for n in range(40, 52))}
WOMEN = {
    *(f"C{n}" for n in range(51, 59)),
    *(f"D{n}" for n in range(25, 29)),
    *(f"N{n}" for n in range(70, 99)),
    *(f"O{n:02d}" for n in range(100)),
}


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    hits = Hits()
    only = {row["med_list_codg"]: row["gend"] for row in tables["sex_items"]}
    for line in lines:
        wanted = only.get(line["med_list_codg"])
        if wanted and _sex(line) not in (None, wanted):
            hits.add("a", line["fixmedins_code"], line["psn_no"], line["day"], line["cents"])
    for visit in visits:
        category = (visit["diag_code"] or "")[:3]
        wanted = "1" if category in MEN else "2" if category in WOMEN else None
        if wanted and _sex(visit) not in (None, wanted):
            hits.add("b", visit["fixmedins_code"], visit["psn_no"], visit["begin"], visit["cents"])
    return hits.result()


def _sex(row: Row) -> str | None:
    """1 or 2, or None where it is not known or contradicts the identity number."""
    sex, number = row.get("gend"), row.get("certno") or ""
    if sex not in ("1", "2"):
        return None
    if len(number) == 18 and number[16].isdigit() and int(number[16]) % 2 != int(sex) % 2:
        return None
    return sex
