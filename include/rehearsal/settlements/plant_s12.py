"""Planted for S12 超限定支付范围."""

from include.rehearsal.settlements.by_hand import PHARMACY, Key, Small, key, on
from include.rehearsal.settlements.cases import Planted

SECOND, FIRST, OTHER_FIRST = "S12Y7", "S12Y8", "S12Y9"
INJURY, MATERNITY, WARD, LEVEL, TUMOUR, ALBUMIN, FREE = (f"S12Y{n}" for n in range(7))

LATE = on(9, 1)


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    for item, kind, value in (
        (INJURY, "injury", None),
        (MATERNITY, "maternity", None),
        (WARD, "inpatient", None),
        (LEVEL, "level", "01"),
        (LEVEL, "level", "02"),
        (TUMOUR, "diagnosis", "C34"),
        (TUMOUR, "diagnosis", "C50.9"),
        (ALBUMIN, "days", "3"),
        (SECOND, "second_line", FIRST),
        (SECOND, "second_line", OTHER_FIRST),
    ):
        data.add("pay_limits", med_list_codg=item, kind=kind, value=value)
    _met(data)
    _after_the_first_line(data)
    _not_paid(data)
    return _not_met(data)


def _used(data: Small, person: str, item: str, *days: int, amount: int = 120, **facts):
    """A visit with one charge on each day of the stay."""
    visit = data.visit(person, **facts)
    for day in days or (0,):
        data.line(visit, item, 1, amount, day=day)
    return visit


def _not_met(data: Small) -> set[Key]:
    return {
        key(_used(data, "S12A1", INJURY)),
        key(_used(data, "S12A2", MATERNITY)),
        key(_used(data, "S12A3", WARD)),
        key(_used(data, "S12A4", WARD, institution=PHARMACY)),
        key(_used(data, "S12A5", LEVEL, hosp_lv="07")),
        key(_used(data, "S12A6", TUMOUR, diag_code="C50.1")),
        key(_used(data, "S12A8", SECOND, at=LATE)),
        key(_both_on_one_day(data, "S12A9")),
        key(_used(data, "S12A7", ALBUMIN, 0, 1, 4, 5, days=6), day=5),
    }


def _met(data: Small) -> None:
    _used(data, "S12N1", MATERNITY, insutype="510")
    _used(data, "S12N2", MATERNITY, days=3, med_type="52")
    _used(data, "S12N3", WARD, days=3)
    _used(data, "S12N4", WARD, med_type="28")  # day surgery
    _used(data, "S12N5", LEVEL, hosp_lv="02")
    _used(data, "S12N6", LEVEL, hosp_lv=None)
    _used(data, "S12N7", TUMOUR, diag_code="C34.101")
    _used(data, "S12N8", TUMOUR, diag_code="C50.900")
    _used(data, "S12N9", TUMOUR, diag_code=None)
    _used(data, "S12N10", ALBUMIN, 0, 2, 2, 5, days=6)  # three days, one of them twice
    for _ in range(2):
        _used(data, "S12N11", ALBUMIN, 0, 1, 2, days=4)  # two stays


def _both_on_one_day(data: Small, person: str):
    visit = _used(data, person, SECOND, at=LATE)
    data.line(visit, FIRST, 1, 20)
    return visit


def _after_the_first_line(data: Small) -> None:
    _used(data, "S12N15", OTHER_FIRST, at=on(6, 1))
    _used(data, "S12N15", SECOND, at=LATE)
    _used(data, "S12N16", SECOND)  # what was used before the data begin, nobody knows


def _not_paid(data: Small) -> None:
    _used(data, "S12N12", INJURY, amount=0)  # the person paid
    _used(data, "S12N13", FREE)
    corrected = _used(data, "S12N14", FREE)
    data.reverse(data.line(corrected, INJURY, 1, 120))
