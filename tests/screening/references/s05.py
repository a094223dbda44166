"""分解住院, from the model card: next admission − previous discharge ≤ N days, same institution, same diagnosis."""

from tests.screening.references.common import stays


def find(settlements, lines, lists, p):
    """The hits as (institution, person, window start, amount)."""
    found, groups = set(), {}
    for stay in stays(settlements):
        if stay["med_type"] not in ("2105", "23", "24", "52"):
            groups.setdefault((stay["psn_no"], stay["fixmedins_code"]), []).append(stay)
    for (person, institution), here in groups.items():
        here.sort(key=lambda each: (each["begin"], each["end"], each["mdtrt_id"]))
        for number in range(1, len(here)):
            before, after = here[number - 1], here[number]
            gap = (after["begin"] - before["end"]).days
            code, other = after["diag_code"][:3], before["diag_code"][:3]
            if (
                code
                and 0 <= gap <= p["days"]
                and code == other
                and code not in ("Z49", "Z51")
                and code[0] != "O"
            ):
                found.add((institution, person, after["begin"], after["fund"]))
    return found
