"""Planted for S03 分解项目收费."""

from include.rehearsal.settlements.by_hand import CLINIC, Key, Small, key
from include.rehearsal.settlements.cases import Planted

PANEL, SMALL = "S03SH20", "S03SH4"
TESTS = tuple(f"S03T{n}" for n in range(5))


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    for test in TESTS:
        data.add("packages", package_codg=PANEL, med_list_codg=test, package_name="生化全套", price=60)
    for test in TESTS[:3]:
        data.add("packages", package_codg=SMALL, med_list_codg=test, package_name="肝功三项", price=40)
    _near_misses(data)
    return {
        key(_tests(data, "S03A1", {PANEL: 60, TESTS[0]: 15})),
        key(_tests(data, "S03A2", {PANEL: 60, SMALL: 40, TESTS[0]: 15, TESTS[4]: 15})),  # both, told once
        key(_tests(data, "S03B1", dict.fromkeys(TESTS, 15))),
        key(_tests(data, "S03B2", dict.fromkeys(TESTS[:3], 15))),
    }


def _tests(data: Small, person: str, amounts: dict[str, int], day: int = 0, visit=None, **facts):
    visit = visit or data.visit(person, **facts)
    for item, amount in amounts.items():
        data.line(visit, item, 1, amount, day=day, list_type="201", med_chrgitm_type="04")
    return visit


def _near_misses(data: Small) -> None:
    _tests(data, "S03N1", {PANEL: 60})
    _tests(data, "S03N2", {TESTS[0]: 15, TESTS[4]: 15})  # two tests on their own
    _tests(data, "S03N3", dict.fromkeys(TESTS, 12))  # not dearer than the panel
    _tests(data, "S03N4", {TESTS[0]: 13, TESTS[1]: 13, TESTS[2]: 14})
    stay = _tests(data, "S03N5", {PANEL: 60}, days=3)
    _tests(data, "S03N5", {TESTS[0]: 15}, day=1, visit=stay)  # the next day, to see whether it rose
    _tests(data, "S03N6", {PANEL: 60})
    _tests(data, "S03N6", {TESTS[0]: 15}, institution=CLINIC)
    corrected = _tests(data, "S03N7", {PANEL: 60})
    data.reverse(data.line(corrected, TESTS[0], 1, 15))
