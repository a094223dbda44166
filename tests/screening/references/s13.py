"""S13 多卡同时段刷卡, slowly."""

from collections import defaultdict
from datetime import timedelta

from tests.screening.references.reading import Found, Hits, Row, group, reads, total

HARMLESS = {"family", "nursing_home"}


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    cards = [_card(rows) for rows in group(lines, "setl_id").values() if rows[0]["kind"] in ("OP", "PH")]
    homes = group([r for r in tables["person_groups"] if r["kind"] in HARMLESS], "kind", "group_key")
    together = [{r["psn_no"] for r in members} for members in homes.values()]
    met, cards_of = defaultdict(set), defaultdict(list)
    for first in cards:
        event = [first, *(other for other in cards if _follows(first, other, p))]
        persons = {card["person"] for card in event}
        if len(persons) < p["persons"]:
            continue
        for one in persons:
            for other in persons - {one}:
                if not any({one, other} <= home for home in together):
                    met[first["place"], one, other].add(first["day"])
                    own = [(first["day"], card) for card in event if card["person"] == one]
                    cards_of[first["place"], one, other] += own
    mine = defaultdict(list)
    for pair, days in met.items():
        if len(days) >= p["days"]:
            mine[pair[:2]] += cards_of[pair]
    hits = Hits()
    for (place, person), found in mine.items():
        amounts = {card["setl_id"]: card["cents"] for _, card in found}
        hits.add("a", place, person, min(day for day, _ in found), sum(amounts.values()))
    return hits.result()


def _card(rows: list[Row]) -> Row:
    row = rows[0]
    doctor = "" if row["kind"] == "PH" else max(r["bilg_dr_codg"] or "" for r in rows)
    return {
        "setl_id": row["setl_id"],
        "place": row["fixmedins_code"],
        "doctor": doctor,
        "person": row["psn_no"],
        "at": row["setl_time"],
        "day": row["setl_time"].date(),
        "items": {r["med_list_codg"] for r in rows},
        "cents": total(rows, "cents"),
    }


def _follows(first: Row, other: Row, p: dict[str, int]) -> bool:
    if (first["place"], first["doctor"]) != (other["place"], other["doctor"]):
        return False
    if first["person"] == other["person"]:
        return False
    if (other["at"], other["setl_id"]) <= (first["at"], first["setl_id"]):
        return False
    most = max(len(first["items"]), len(other["items"]))
    common = len(first["items"] & other["items"])
    return (
        other["at"] - first["at"] <= timedelta(minutes=p["minutes"]) and common * 100 >= most * p["percent"]
    )
