"""S11 年龄限制, slowly."""

from datetime import date

from tests.screening.references.reading import Found, Hits, Row, by_item, reads


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    hits = Hits()
    limits = by_item(tables["age_limits"])
    for line in lines:
        limit, born, day = limits.get(line["med_list_codg"]), line["brdy"], line["day"]
        if limit is None or born is None or born > day or line["cents"] <= 0:
            continue
        age = (day - born).days if limit["unit"] == "天" else _birthdays(born, day)
        unit = "d" if limit["unit"] == "天" else "y"
        if limit["least"] is not None and age < limit["least"]:
            hits.add(f"{unit}1", line["fixmedins_code"], line["psn_no"], day, line["cents"])
        elif limit["most"] is not None and age > limit["most"]:
            hits.add(f"{unit}2", line["fixmedins_code"], line["psn_no"], day, line["cents"])
    return hits.result()


def _birthdays(born: date, day: date) -> int:
    years = 0
    while True:
        year = born.year + years + 1
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        birthday = (
            date(year, 3, 1) if (born.month, born.day) == (2, 29) and not leap else born.replace(year=year)
        )
        if birthday > day:
            return years
        years += 1
