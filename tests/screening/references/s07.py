"""S07 住院期间门诊购药, slowly."""

from tests.screening.references.reading import Found, Hits, Row, reads


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    hits = Hits()
    for visit, stay in inside_stays(lines, visits, p["margin"]):
        here, there = visit["fixmedins_code"], stay["fixmedins_code"]
        variant = "c" if here == there else "a" if here[1:5] == there[1:5] else "b"
        hits.add(variant, here, visit["psn_no"], visit["begin"], visit["fund"])
    return hits.result()


def inside_stays(lines: list[Row], visits: list[Row], margin: int) -> list[tuple[Row, Row]]:
    """Each visit to a clinic or pharmacy with the first stay around it."""
    stays = sorted(
        (v for v in visits if v["kind"] == "IP" and v["med_type"] != "52"),
        key=lambda v: (v["begin"], v["mdtrt_id"]),
    )
    found = []
    for visit in can_be_out(lines, visits):
        around = [
            stay
            for stay in stays
            if stay["psn_no"] == visit["psn_no"]
            and (visit["begin"] - stay["begin"]).days >= margin
            and (stay["end"] - visit["begin"]).days >= margin
        ]
        found += [(visit, stay) for stay in around[:1]]
    return found


def can_be_out(lines: list[Row], visits: list[Row]) -> list[Row]:
    """Visits to a clinic or pharmacy, without tests on referral and purchases by a relative's account."""
    referred = {line["mdtrt_id"] for line in lines if line.get("etip_flag") == "1"}
    return [
        v
        for v in visits
        if v["kind"] in ("OP", "PH")
        and v["mdtrt_id"] not in referred
        and not any(h.get("acct_mulaid_pay") for h in v["heads"])
    ]
