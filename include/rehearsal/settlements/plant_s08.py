"""S08: stays that share a day, and those that only touch."""

from __future__ import annotations

from datetime import date

from include.rehearsal.settlements.cases import Planted

HERE, THERE = "H35050200001", "H35050200002"


def plant() -> Planted:
    case = Planted()

    def pair(person: str, begin: date, *, there: str = THERE, **second: object) -> None:
        case.visit(person, HERE, begin=date(2025, 3, 1), days=9, med_type="21")
        case.visit(person, there, begin=begin, days=5, **{"med_type": "21", **second})  # type: ignore[arg-type]

    pair("P1", date(2025, 3, 9))
    case.must(THERE, "P1", date(2025, 3, 9))
    pair("P2", date(2025, 3, 1))
    case.must(THERE, "P2", date(2025, 3, 1))
    pair("P3", date(2025, 3, 10))  # transferred the same day
    pair("P4", date(2025, 3, 5), there=HERE)
    pair("P5", date(2025, 3, 5), med_type="11")
    pair("P6", date(2025, 3, 5), med_type="28")
    return case
