"""S17 倒卖药品画像, slowly."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from tests.screening.references.reading import Found, Hits, Row, by_item, group, reads, total


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    drugs = by_item(tables["drug_days"])
    fills = []
    for line in lines:
        drug = drugs.get(line["med_list_codg"])
        if drug and line["kind"] in ("OP", "PH"):
            days = Decimal(line["cnt"]) * drug["pack_size"] / drug["daily_dose"]
            fills.append({**line, **drug, "days": days})
    hits = Hits()
    most = p["window_days"] * p["supply_percent"] / Decimal(100)

    def many_places(rows: list[Row]) -> bool:
        return (
            len({r["fixmedins_code"] for r in rows}) >= p["institutions"] and total(rows, "cnt") > p["packs"]
        )

    for rows in group(fills, "psn_no", "generic").values():
        _earliest(hits, "a", rows, many_places, p)
        _earliest(hits, "b", rows, lambda found: total(found, "days") > most, p)
    for rows in group(fills, "psn_no").values():
        _earliest(hits, "c", rows, lambda found: len({r["category"] for r in found}) >= p["categories"], p)
    return hits.result()


def _earliest(
    hits: Hits, variant: str, rows: list[Row], wrong: Callable[[list[Row]], bool], p: dict[str, int]
) -> None:
    """The first window of each year that is wrong; every institution in it gets its own part."""
    years = set()
    for start in sorted({r["day"] for r in rows}):
        found = [r for r in rows if start <= r["day"] < start + timedelta(days=p["window_days"])]
        if start.year not in years and wrong(found):
            years.add(start.year)
            for (institution,), part in group(found, "fixmedins_code").items():
                hits.add(variant, institution, rows[0]["psn_no"], start, total(part, "cents"))
