"""同时住院, from the model card: A.beg < B.end and B.beg < A.end, different institutions."""

from tests.screening.references.common import stays


def find(settlements, lines, lists, p):
    found, all_stays = {}, stays(settlements)
    for a in all_stays:
        for b in all_stays:
            if a["psn_no"] != b["psn_no"] or a["fixmedins_code"] == b["fixmedins_code"]:
                continue
            if (b["begin"], b["mdtrt_id"]) > (a["begin"], a["mdtrt_id"]):
                continue
            if (min(a["end"], b["end"]) - a["begin"]).days >= p["days"]:
                key = (a["fixmedins_code"], a["psn_no"], a["begin"])
                found[key] = max(found.get(key, 0), a["fund"])
    return {(*key, amount) for key, amount in found.items()}
