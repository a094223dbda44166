"""Lists of a made-up bureau for the synthetic settlement data, so that every rule has what it reads."""

from __future__ import annotations

from datetime import date

from include.rehearsal.settlements.base import ITEMS, REGIONS

Rows = list[dict[str, object]]

INSTITUTIONS = 3_000
DEAD_EVERY = 101


def item(number: int) -> str:
    return f"XM{number:08}"


def price(number: int) -> float:
    """元, as in the data."""
    return (100 + number * 7919 % 50_000) / 100


def persons_of(size: int) -> int:
    """As many as the generator makes for so many lines."""
    return max(1_000, size // 150)


def person(number: int) -> str:
    return f"3505{number:012}"


def place(number: int, letter: str = "H") -> str:
    return f"{letter}{REGIONS[number % len(REGIONS)]}{number:05}"


def of_five_rules(size: int) -> dict[str, Rows]:
    """Services ten times a day, some of them once a month, one person in a hundred dead."""
    died = date(2025, 10, 1)
    return {
        "item_times": [{"med_list_codg": item(n), "per": "day", "most": 10} for n in range(2, ITEMS, 4)],
        "frequency": [{"med_list_codg": item(n), "days": 30, "most": 1} for n in range(2, ITEMS, 20)],
        "deaths": [
            {"psn_no": each, "certno": None, "death_date": died} for each in _persons(size, DEAD_EVERY)
        ],
    }


def _persons(size: int, every: int) -> list[str]:
    return [person(number) for number in range(0, persons_of(size), every)]


def of_all_rules(size: int) -> dict[str, Rows]:
    places = range(INSTITUTIONS)
    return of_five_rules(size) | _of_items() | {
        "approved_beds": [{"fixmedins_code": place(n), "beds": 40} for n in places],
        "person_groups": [
            {"psn_no": each, "kind": kind, "group_key": f"{kind}{number // members}"}
            for kind, members in (("family", 2), ("village", 70))
            for number, each in enumerate(_persons(size, 7))
        ],
        "places": [
            {
                "fixmedins_code": place(n, letter),
                "longitude": 118 + n % 97 / 100,
                "latitude": 24 + n % 89 / 100,
                "online": "0",
            }
            for n in places
            for letter in "HP"
        ],
        "linked_places": [{"fixmedins_code": place(n), "other_codg": place(n, "P")} for n in range(0, INSTITUTIONS, 10)],
        "dialysis_machines": [{"fixmedins_code": place(n), "machines": 10} for n in places],
        "yearly_caps": [
            {"insutype": insurance, "year": 2025, "kind": "pool", "cap": 250_000} for insurance in ("310", "390")
        ],
        "inventory": [
            {
                "fixmedins_code": place(n, "P"),
                "med_list_codg": item(4 * n % ITEMS),
                "period_start": date(2025, 1, 1),
                "period_end": date(2025, 12, 31),
                "opening": 1,
                "purchased": 5,
                "transferred_in": 0,
            }
            for n in places
        ],
        "doctor_persons": [{"bilg_dr_codg": f"D350502{n:06}", "psn_no": person(n * 7)} for n in range(20)],
        "equipment": [
            {"fixmedins_code": place(n), "med_list_codg": item(10), "machines": 1, "daily_capacity": 40}
            for n in places
        ],
        "minor_diagnoses": [{"diag_code": "K29"}],
        "exempt_diagnoses": [{"diag_code": "Z51"}],
    }  # fmt: skip


def _of_items() -> dict[str, Rows]:
    def rows(step: int, first: int, **more: object) -> Rows:
        return [{"med_list_codg": item(n), **more} for n in range(first, ITEMS, step)]

    return {
        "mutex": rows(200, 2, part_codg=item(3), scope="day"),
        "price_limits": [
            {"med_list_codg": item(n), "hosp_lv": None, "start": None, "end": None, "price": price(n) * 0.9}
            for n in range(6, ITEMS, 1000)
        ],
        "day_limits": rows(20, 3, most=15, unit="次"),
        "second_items": rows(1000, 7, group_key="样例", percent=50),
        "packages": [
            {"package_codg": item(n), "med_list_codg": item(n + k), "package_name": "样例套餐", "price": 20}
            for n in range(10, ITEMS, 500)
            for k in (1, 2, 3)
        ],
        "sex_items": rows(5000, 8, gend="1"),
        "age_limits": rows(1000, 9, unit="岁", least=18, most=None),
        "pay_limits": [
            row
            for n, (kind, value) in enumerate(
                {"injury": None, "maternity": None, "level": "01", "diagnosis": "I10", "days": "7"}.items()
            )
            for row in rows(2500, 12 + n, kind=kind, value=value)
        ],
        "per_visit_drugs": rows(1000, 16),
        "drug_days": [
            {
                "med_list_codg": item(n),
                "generic": f"样例药{n // 40}",
                "category": f"类{n % 9}",
                "pack_size": 1,
                "daily_dose": 2,
                "long_term": "0",
            }
            for n in range(0, ITEMS, 20)
        ],
        "split_packs": rows(1000, 24),
        "dialysis_items": [
            {"med_list_codg": item(34), "kind": "session"},
            {"med_list_codg": item(35), "kind": "透析器"},
        ],
        "item_minutes": rows(50, 18, minutes=30),
        "rehab_staff": [{"fixmedins_code": place(0), "bilg_dept_codg": "K1", "staff": 3}],
        "per_day_items": rows(1000, 22, **{"class": "床位", "per_day": 1}),
        "key_items": rows(500, 40),
    }
