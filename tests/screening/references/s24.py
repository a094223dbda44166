"""S24 结伴就医, slowly."""

from datetime import date

from tests.screening.references.reading import Found, Hits, Row, group, reads, total

HARMLESS = {"family", "nursing_home"}


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    hits = Hits()
    groups = group(tables["person_groups"], "kind", "group_key")
    for (kind, _), members in groups.items():
        if kind not in HARMLESS:
            persons = {m["psn_no"] for m in members}
            own = [v for v in visits if v["psn_no"] in persons]
            for (institution,), found in group(own, "fixmedins_code").items():
                _together(hits, institution, found, p)
    together = [{m["psn_no"] for m in members} for (kind, _), members in groups.items() if kind in HARMLESS]
    for (institution,), stays in group([v for v in visits if v["kind"] == "IP"], "fixmedins_code").items():
        for (person,), own in group(stays, "psn_no").items():
            partners = _partners(person, own, stays, together, p)
            if len(partners) >= p["persons"] - 1:
                days = set().union(*partners.values())
                amount = total([v for v in own if v["begin"] in days], "cents")
                hits.add("b", institution, person, min(days), amount)
    return hits.result()


def _together(hits: Hits, institution: str, found: list[Row], p: dict[str, int]) -> None:
    busy = []
    for day in sorted({v["begin"] for v in found}):
        near = {v["psn_no"] for v in found if abs((v["begin"] - day).days) <= p["days"]}
        if len(near) >= p["persons"]:
            busy.append(day)
    occasions = [d for i, d in enumerate(busy) if i == 0 or (d - busy[i - 1]).days > 2 * p["days"]]
    if len(occasions) < p["occasions"]:
        return
    for (person,), own in group(found, "psn_no").items():
        present = [v for v in own if v["begin"] in busy]
        if present:
            hits.add("a", institution, person, busy[0], total(present, "cents"))


def _partners(
    person: str, own: list[Row], stays: list[Row], together: list[set[str]], p: dict[str, int]
) -> dict[str, set[date]]:
    days: dict[str, set[date]] = {}
    for mine in own:
        for other in stays:
            if other["psn_no"] != person and abs((other["begin"] - mine["begin"]).days) <= p["days"]:
                days.setdefault(other["psn_no"], set()).add(mine["begin"])
    return {
        other: shared
        for other, shared in days.items()
        if len(shared) >= p["occasions"] and not any({person, other} <= home for home in together)
    }
