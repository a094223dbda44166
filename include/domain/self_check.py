"""What a self-check return says, out of its rows: is it a zero return, and which problems does it list."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from include.domain.forms import Form
from include.domain.returns import Reading, SelfCheckItem, Value

COVER, ITEMS = "cover", "items"

SELF_CHECK_FORMS = ("self_check", "agency_self_check")
"""The returns in which units report what they found themselves, whatever the phase that asks for them."""


def is_zero_return(reading: Reading) -> bool:
    """Whether the unit declares that it found nothing (零报告): a return like any other."""
    return any(row.values.get("has_problem") is False for row in reading.sheets.get(COVER, ()))


def self_check_items(form: Form, reading: Reading) -> tuple[SelfCheckItem, ...]:
    """The problems listed, amounts in 元. Empty for a form without an items sheet.

    Only for a return that was judged without errors: required fields are taken to be there.
    """
    return tuple(_item(form, row.values) for row in reading.sheets.get(ITEMS, ()))


def _item(form: Form, values: Mapping[str, Value]) -> SelfCheckItem:
    choice_list = form.sheet(ITEMS).column("violation_type").choice_list
    return SelfCheckItem(
        seq=_count(values.get("seq")),
        area=_text(values.get("area")),
        violation_type=form.choice_code(str(choice_list), _text(values.get("violation_type"))),
        description=_text(values.get("description")),
        visits=_count(values.get("visits")),
        occurrences=_count(values.get("occurrences")),
        violation_amt=_money(values.get("violation_amt")),
        fund_amt=_money(values.get("fund_amt")),
        refunded_amt=_money(values.get("refunded_amt")),
        rectify_status=_text(values.get("rectify_status")),
    )


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _count(value: Value) -> int:
    return int(value) if isinstance(value, int | Decimal) else 0


def _money(value: Value) -> Decimal:
    return Decimal(value) if isinstance(value, int | Decimal) else Decimal(0)
