"""S05: readmissions on both sides of the limit, and each case that is no splitting."""

from __future__ import annotations

from datetime import date

from include.rehearsal.settlements.cases import Planted

HERE, THERE = "H35050200001", "H35050200002"


def plant() -> Planted:
    case = Planted()

    def pair(person: str, begin: date, *, there: str = HERE, first: str = "I10", **second: object) -> None:
        case.visit(person, HERE, begin=date(2025, 3, 1), days=9, med_type="21", diag_code=first)
        case.visit(person, there, begin=begin, days=5, **{"med_type": "21", "diag_code": first, **second})  # type: ignore[arg-type]

    pair("P1", date(2025, 3, 25))
    case.must(HERE, "P1", date(2025, 3, 25))
    pair("P2", date(2025, 3, 10), diag_code="I10.x02")
    case.must(HERE, "P2", date(2025, 3, 10))
    pair("P3", date(2025, 3, 26))  # a day too late
    pair("P4", date(2025, 3, 20), there=THERE)
    pair("P5", date(2025, 3, 20), diag_code="J18.9")
    pair("P6", date(2025, 3, 20), first="Z51.1")
    pair("P7", date(2025, 3, 20), first="O80.0")
    pair("P8", date(2025, 3, 20), med_type="2105")
    pair("P9", date(2025, 3, 20), med_type="24")
    pair("P10", date(2025, 3, 20))
    last = case.settlements[-1]
    case.settlements.append(
        {**last, "setl_id": "S9", "refd_setl_flag": "1", "medfee_sumamt": -1000, "fund_pay_sumamt": -700}
    )
    pair("P11", date(2025, 3, 20), vali_flag="0")
    return case
