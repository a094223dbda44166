"""Refunds to the fund (退费): payable, paid and outstanding by unit, account and source. Amounts are 元.

Only money that goes back to the fund is counted. Fines go to the treasury and liquidated damages are a matter of
the agreement (条例第四十五条): neither is ever added here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from include.domain.returns import Value

Values = Mapping[str, Value]

UNSTATED = "未注明"
CASE, SELF_CHECK, CHECK = "案件", "自查", "检查"
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Balance:
    """What is owed and what has come; ``outstanding`` is never negative where the register's rules hold."""

    payable: Decimal = ZERO
    paid: Decimal = ZERO

    @property
    def outstanding(self) -> Decimal:
        return self.payable - self.paid

    def __add__(self, other: Balance) -> Balance:
        return Balance(self.payable + other.payable, self.paid + other.paid)


@dataclass(frozen=True, slots=True)
class Refund:
    """One sum to be refunded. ``case_no`` is empty when no case ordered it."""

    number: str
    unit_code: str
    unit_name: str
    account: str
    source: str
    balance: Balance
    due_on: date | None
    case_no: str = ""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A case whose order and whose lines in the refund register differ."""

    case_no: str
    ordered: Balance
    registered: Balance


def refunds(rectifications: Iterable[Values], cases: Iterable[Values]) -> list[Refund]:
    """Every sum once: a case with lines of its own in the refund register is counted there, else by its order."""
    lines = [_line(values) for values in rectifications]
    entered = {line.case_no for line in lines if line.case_no}
    return [*lines, *(_of_case(values) for values in cases if values.get("number") not in entered)]


def by(found: Iterable[Refund], *fields: str) -> dict[tuple[str, ...], Balance]:
    """Balances by the given fields of a refund (``unit_code``, ``account``, ``source``), in order of the keys."""
    balances: dict[tuple[str, ...], Balance] = defaultdict(Balance)
    for refund in found:
        key = tuple(str(getattr(refund, field)) for field in fields)
        balances[key] += refund.balance
    return dict(sorted(balances.items()))


def total(found: Iterable[Refund]) -> Balance:
    """The sum of all."""
    return sum((refund.balance for refund in found), Balance())


def outstanding(found: Iterable[Refund]) -> list[Refund]:
    """What has not come back, the earliest due first; sums without a due date last."""
    return sorted(
        (refund for refund in found if refund.balance.outstanding > 0),
        key=lambda refund: (refund.due_on or date.max, refund.unit_code, refund.number),
    )


def disagreements(rectifications: Iterable[Values], cases: Iterable[Values]) -> Iterator[Disagreement]:
    """Cases whose lines in the refund register do not add up to what was ordered and paid."""
    registered = by((_line(values) for values in rectifications), "case_no")
    for values in cases:
        number = str(values.get("number"))
        ordered, lines = _of_case(values).balance, registered.get((number,))
        if lines is not None and lines != ordered:
            yield Disagreement(number, ordered, lines)


def _line(values: Values) -> Refund:
    case_no = _text(values, "case_no")
    found_by = SELF_CHECK if values.get("source") == SELF_CHECK else CHECK
    return Refund(
        number=_text(values, "number"),
        unit_code=_text(values, "unit_code"),
        unit_name=_text(values, "fixmedins_name"),
        account=_text(values, "insurance") or UNSTATED,
        source=CASE if case_no else found_by,
        balance=Balance(_money(values, "payable"), _money(values, "paid")),
        due_on=_day(values, "due_on"),
        case_no=case_no,
    )


def _of_case(values: Values) -> Refund:
    number = _text(values, "number")
    return Refund(
        number=number,
        unit_code=_text(values, "unit_code"),
        unit_name=_text(values, "party_name"),
        account=UNSTATED,
        source=CASE,
        balance=Balance(_money(values, "recoup_due"), _money(values, "recoup_paid")),
        due_on=None,
        case_no=number,
    )


def _text(values: Values, name: str) -> str:
    value = values.get(name)
    return "" if value is None else str(value)


def _day(values: Values, name: str) -> date | None:
    value = values.get(name)
    return value if isinstance(value, date) else None


def _money(values: Values, name: str) -> Decimal:
    value = values.get(name)
    return value if isinstance(value, Decimal) else ZERO
