"""Planted for S29 医师、机构服务量超能力."""

from include.rehearsal.settlements.by_hand import Key, Small, on
from include.rehearsal.settlements.cases import Planted

BUSY, BELOW, SICK, TWICE = (f"D1506260290{n:02d}" for n in range(4))
SCAN = "002103000010000"
CLINICS = tuple(f"H150626029{n:02d}" for n in range(6))


def plant() -> Planted:
    data = Small()
    return data.planted(_cases(data))


def _cases(data: Small) -> set[Key]:
    data.add("doctor_persons", bilg_dr_codg=SICK, psn_no="S29DOC")
    for place in CLINICS[4:]:
        data.add("equipment", fixmedins_code=place, med_list_codg=SCAN, machines=2, daily_capacity=3)
    for number in range(101):
        _signed(data, f"S29A{number}", CLINICS[0], BUSY, on(5, 6, 8 + number % 9))
        if number < 100:
            _signed(data, f"S29N{number}", CLINICS[1], BELOW, on(5, 6, 8 + number % 9))
    data.visit("S29DOC", CLINICS[5], on(5, 6), days=5)
    for day in (6, 8, 11):
        _signed(
            data, f"S29B{day}", CLINICS[2], SICK, on(5, day)
        )  # signs on the days of admission and discharge too
    _signed(data, "S29C1", CLINICS[2], TWICE, on(5, 20, 9, 5))
    _signed(data, "S29C2", CLINICS[3], TWICE, on(5, 20, 9, 55))
    _signed(data, "S29C3", CLINICS[2], TWICE, on(5, 21, 9, 55))
    _signed(data, "S29C4", CLINICS[3], TWICE, on(5, 21, 10, 5))  # the next hour
    for place, count in ((CLINICS[4], 7), (CLINICS[5], 6)):
        visit = data.visit(f"S29D{count}", place, on(5, 6))
        data.line(visit, SCAN, count, 100 * count, list_type="201", med_chrgitm_type="03")
    day = on(5, 6).date()
    both = {(place, "", on(5, 20).date()) for place in CLINICS[2:4]}
    return {(CLINICS[0], "", day), (CLINICS[2], "", on(5, 8).date()), (CLINICS[4], "", day)} | both


def _signed(data: Small, person: str, place: str, doctor: str, at) -> None:
    data.line(data.visit(person, place, at), "S29DRUG", 1, 20, bilg_dr_codg=doctor)
