"""Publication (曝光) of typical cases: which may be published, and what of them; persons by surname only.

Nothing is published without the approval of two different posts, before its decision, or for a campaign that is not public.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from include.domain.bans import APPROVERS, PERSONS
from include.domain.officers import numbers_in
from include.domain.registers import STATE
from include.domain.returns import Value

Values = Mapping[str, Value]

EXPOSE = "公开曝光"
SERVED = frozenset({"送达", "执行", "结案"})


@dataclass(frozen=True, slots=True)
class Published:
    """A case as the public reads it; amounts in 元. ``hindrance`` says why it may not be, if it may not."""

    number: str
    party: str
    conduct: str
    basis: str
    dispositions: str
    fund: Decimal
    fine: Decimal
    decided_on: date | None
    hindrance: str


def typical(cases: Iterable[Values]) -> list[Published]:
    """The cases meant for exposure, in the order of the register."""
    return [_published(values) for values in cases if EXPOSE in _text(values, "dispositions")]


def _published(values: Values) -> Published:
    is_person = values.get("party_type") in PERSONS
    party = f"{_text(values, 'party_name')[:1]}某" if is_person else _text(values, "party_name")
    decided = values.get("decided_on")
    return Published(
        number=_text(values, "number"),
        party=party,
        # The facts of a case are written for the file and may describe a patient: the conduct is enough.
        conduct=_text(values, "violation_types"),
        basis=_text(values, "legal_basis"),
        dispositions=_text(values, "dispositions"),
        fund=_money(values, "recoup_due"),
        fine=_money(values, "fine_amt"),
        decided_on=decided if isinstance(decided, date) else None,
        hindrance=_hindrance(values),
    )


def _hindrance(values: Values) -> str:
    if not values.get("decided_on") or values.get(STATE) not in SERVED:
        return "尚未作出处理决定并送达，不得曝光"
    missing = APPROVERS - len(numbers_in(_text(values, "publish_approvers")))
    return f"还差{missing}个不同岗位审批，请在“曝光审批岗位”填写" if missing > 0 else ""


def _text(values: Values, name: str) -> str:
    value = values.get(name)
    return "" if value is None else str(value)


def _money(values: Values, name: str) -> Decimal:
    value = values.get(name)
    return value if isinstance(value, Decimal) else Decimal(0)
