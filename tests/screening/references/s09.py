"""S09 死亡后结算, slowly."""

from datetime import date

from tests.screening.references.reading import Found, Hits, Row, reads


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    hits = Hits()
    numbers: dict[str, set[str]] = {}
    for visit in visits:
        if visit.get("certno"):
            numbers.setdefault(visit["certno"].upper(), set()).add(visit["psn_no"])
    died: dict[str, date] = {}
    for row in tables["deaths"]:
        persons = {row["psn_no"]} if row["psn_no"] else set()
        persons |= numbers.get((row["certno"] or "").upper(), set())
        for person in persons:
            died[person] = max(row["death_date"], died.get(person, date.min))
    for line in lines:
        day = died.get(line["psn_no"])
        if day and (line["day"] - day).days > p["grace"]:
            hits.add("a", line["fixmedins_code"], line["psn_no"], day, line["cents"])
    return hits.result()
