"""Planted for S10 性别限制."""

from include.rehearsal.settlements.by_hand import Key, Small, key
from include.rehearsal.settlements.cases import Planted

PROSTATE, CERVIX, NEUTRAL = "S10QLX", "S10GJ", "S10TY"
MAN, WOMAN = "1", "2"


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    data.add("sex_items", med_list_codg=PROSTATE, gend=MAN)
    data.add("sex_items", med_list_codg=CERVIX, gend=WOMAN)
    _near_misses(data)
    return {
        key(_visit(data, "S10A1", MAN, CERVIX)),
        key(_visit(data, "S10A2", WOMAN, PROSTATE)),
        key(_visit(data, "S10A3", WOMAN, PROSTATE, certno="150626196403090124")),
        key(_visit(data, "S10B1", MAN, NEUTRAL, diag_code="N80.1")),
        key(_visit(data, "S10B2", MAN, NEUTRAL, diag_code="O80.000")),
        key(_visit(data, "S10B3", WOMAN, NEUTRAL, diag_code="N40.x00", days=4)),
        key(_visit(data, "S10B4", WOMAN, NEUTRAL, diag_code="C61")),
    }


def _visit(data: Small, person: str, sex: str | None, item: str, **facts):
    visit = data.visit(person, gend=sex, **facts)
    data.line(visit, item, 1, 85, list_type="201", med_chrgitm_type="05")
    return visit


def _near_misses(data: Small) -> None:
    _visit(data, "S10N1", WOMAN, CERVIX, diag_code="N80.1")
    _visit(data, "S10N2", MAN, PROSTATE, diag_code="N40")
    _visit(data, "S10N3", MAN, NEUTRAL, diag_code="N39.0")  # the urinary system is everybody's
    _visit(data, "S10N4", WOMAN, NEUTRAL, diag_code="N60.1")  # so is the breast
    _visit(data, "S10N5", MAN, CERVIX, certno="150626196403090124")  # the number says woman: a wrong entry
    _visit(data, "S10N6", WOMAN, PROSTATE, certno="150626196403090116")
    _visit(data, "S10N7", None, CERVIX)
    _visit(data, "S10N8", "9", CERVIX, diag_code="N80.1")
    _visit(data, "S10N9", MAN, NEUTRAL, diag_code=None)
    corrected = _visit(data, "S10N10", MAN, NEUTRAL)
    data.reverse(data.line(corrected, CERVIX, 1, 85))
