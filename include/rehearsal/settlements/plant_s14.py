"""Planted for S14 短时跨机构刷卡."""

from datetime import timedelta
from decimal import Decimal

from include.rehearsal.settlements.by_hand import AWAY, CLINIC, HOSPITAL, PHARMACY, Key, Small, key, on
from include.rehearsal.settlements.cases import Planted

ONLINE, DUAL = "H15062600140", "P15062600141"
NEAR, FAR = ("H15062600142", "H15062600143"), "H15062600144"
START = on(3, 4, 9)


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    data.add("places", fixmedins_code=ONLINE, longitude=None, latitude=None, online="1")
    for place, east in ((NEAR[0], 109.0), (NEAR[1], 109.001), (FAR, 110.0)):
        data.add("places", fixmedins_code=place, longitude=east, latitude=39.0, online="0")
    data.add("linked_places", fixmedins_code=HOSPITAL, other_codg=DUAL)
    _near_misses(data)
    _not_in_person(data)
    return {
        key(_settled(data, "S14A1", (HOSPITAL, 0), (CLINIC, 29))[-1]),
        key(_settled(data, "S14A2", (PHARMACY, 0), (AWAY, 0))[-1]),
        key(
            _settled(data, "S14A3", (HOSPITAL, 0), (DUAL, 5), (CLINIC, 20))[-1]
        ),  # the third place is another
        key(_settled(data, "S14B1", (NEAR[0], 0), (FAR, 80))[-1]),  # 86 kilometres
        key(_settled(data, "S14C1", (HOSPITAL, 0), (CLINIC, 60), (PHARMACY, 120))[-1]),
    }


def _settled(data: Small, person: str, *places: tuple[str, int], **facts):
    """Settlements at the places, so many minutes after the start."""
    visits = []
    for place, minute in places:
        at = START + timedelta(minutes=minute)
        visits.append(data.visit(person, place, at, setl_time=at, **facts))
    return visits


def _near_misses(data: Small) -> None:
    _settled(data, "S14N1", (HOSPITAL, 0), (CLINIC, 30))
    _settled(data, "S14N2", (HOSPITAL, 0), (HOSPITAL, 5))
    _settled(data, "S14N3", (NEAR[0], 0), (NEAR[1], 3))  # next door
    _settled(data, "S14N4", (NEAR[0], 0), (FAR, 90))
    _settled(data, "S14N5", (HOSPITAL, 0), (DUAL, 5))
    _settled(data, "S14N5", (DUAL, 60), (HOSPITAL, 65))
    _settled(data, "S14N6", (HOSPITAL, 0), (CLINIC, 60))  # two places in a day
    refunded, _ = _settled(data, "S14N7", (HOSPITAL, 0), (CLINIC, 5))
    back = {name: -refunded[name] for name in ("medfee_sumamt", "inscp_scp_amt", "fund_pay_sumamt")}
    data.settlements.append({**refunded, "setl_id": "S14BACK", "refd_setl_flag": "1", **back})


def _not_in_person(data: Small) -> None:
    _settled(data, "S14N8", (HOSPITAL, 0), (ONLINE, 5))
    _settled(data, "S14N9", (HOSPITAL, 0), (PHARMACY, 5), acct_mulaid_pay=Decimal(10))
    for place in (HOSPITAL, CLINIC, PHARMACY):
        at = on(3, 5, 0)
        data.visit("S14N10", place, at, setl_time=at)  # days without a time
        data.visit("S14N11", place, on(3, 6), setl_time=on(3, 20))  # uploaded later
    data.visit("S14N12", AWAY, on(3, 1), days=3, setl_time=START)
    _settled(data, "S14N12", (CLINIC, 5))  # discharged, which is another rule's
