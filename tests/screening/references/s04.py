"""S04 超频次, slowly."""

from tests.screening.references.reading import Found, Hits, Row, group, reads


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    over = set()
    for limit in tables["frequency"]:
        item = limit["med_list_codg"]
        here = [line for line in lines if line["med_list_codg"] == item]
        for (person,), rows in group(here, "psn_no").items():
            days = {r["day"] for r in rows}
            for day in days:
                recent = [each for each in days if 0 <= (day - each).days < limit["days"]]
                if len(recent) > limit["most"]:
                    over.add((person, item, day))
    hits = Hits()
    for line in lines:
        if (line["psn_no"], line["med_list_codg"], line["day"]) in over:
            hits.add("a", line["fixmedins_code"], line["psn_no"], line["day"], line["cents"])
    return hits.result()
