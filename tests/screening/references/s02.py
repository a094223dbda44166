"""S02 超标准收费, slowly."""

from decimal import ROUND_HALF_UP, Decimal
from math import ceil

from tests.screening.references.reading import Found, Hits, Row, cents, group, reads, share, total


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    hits = Hits()
    prices = tables["price_limits"]
    for line in lines:
        own = line.get("pric_uplmt_amt") or 0
        ceiling = own or _listed(line, prices)
        if not ceiling or line["pric"] <= ceiling:
            continue
        over = line["cents"] - cents(Decimal(ceiling) * line["cnt"])
        if over > 0 and over > line["cnt"] * p["tolerance"]:
            hits.add("a" if own else "b", line["fixmedins_code"], line["psn_no"], line["day"], over)
    for limit in tables["day_limits"]:
        here = [line for line in lines if line["med_list_codg"] == limit["med_list_codg"]]
        for (person, day), rows in group(here, "psn_no", "day").items():
            count = total(rows, "cnt")
            if count > limit["most"]:
                for (institution,), own_rows in group(rows, "fixmedins_code").items():
                    amount = share(total(own_rows, "cents"), count - limit["most"], count)
                    hits.add("d" if limit["unit"] == "小时" else "c", institution, person, day, amount)
    _seconds(hits, lines, tables, p)
    return hits.result()


def _seconds(hits: Hits, lines: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> None:
    percents = {row["med_list_codg"]: row for row in tables["second_items"]}
    rows = [
        {**line, **percents[line["med_list_codg"]]} for line in lines if line["med_list_codg"] in percents
    ]
    for found in group(rows, "mdtrt_id", "day", "group_key").values():
        units = []
        for line in found:
            price = line.get("pric_uplmt_amt") or _listed(line, tables["price_limits"]) or line["pric"]
            units += [(cents(price), line["percent"])] * ceil(line["cnt"])
        if len(units) < 2:
            continue
        saved = max(price * (100 - percent) for price, percent in units)
        over = total(found, "cents") * 100 - sum(price * percent for price, percent in units) - saved
        if over > len(units) * p["tolerance"] * 100:
            amount = int((Decimal(over) / 100).quantize(Decimal(1), ROUND_HALF_UP))
            hits.add("e", found[0]["fixmedins_code"], found[0]["psn_no"], found[0]["day"], amount)


def _listed(line: Row, prices: list[Row]) -> Decimal | int:
    return max(
        (
            Decimal(str(row["price"]))
            for row in prices
            if row["med_list_codg"] == line["med_list_codg"]
            and row["hosp_lv"] in (None, "", line["hosp_lv"])
            and (row["start"] is None or row["start"] <= line["day"])
            and (row["end"] is None or line["day"] <= row["end"])
        ),
        default=0,
    )
