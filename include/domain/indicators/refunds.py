"""The indicators of refunds to the fund (退费). Fines go to the treasury and are never added here (条例第四十五条)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from include.domain.groups import CONDUCT_DIMENSIONS, REFUND_SOURCES, SOURCE, UNIT_DIMENSIONS
from include.domain.indicators.definition import Indicator, Moment, Source, State, Sum
from include.domain.indicators.facts import Refund

REFUNDS = Source.REFUNDS
_DIMENSIONS = (*UNIT_DIMENSIONS, *CONDUCT_DIMENSIONS, SOURCE)


def _ordered(row: Refund) -> date | None:
    return row.payable_on or row.paid_on


def _paid(row: Refund) -> date | None:
    return row.paid_on if row.paid else None


def _outstanding(row: Refund, moment: Moment) -> Decimal:
    ordered, paid = _ordered(row), _paid(row)
    if ordered is None or ordered > moment.as_of:
        return Decimal(0)
    return row.payable - (row.paid if paid is not None and paid <= moment.as_of else Decimal(0))


RECOVERY: tuple[Indicator, ...] = (
    Indicator(
        "recouped_amt",
        "追回医保基金",
        "元",
        "检查、线索核查、举报和案件查处所退回医保基金的金额，以退回日期计入；自查退回另计，不含违约金和罚款。",
        Sum(
            REFUNDS, lambda row: _paid(row) if row.source != REFUND_SOURCES[0] else None, lambda row: row.paid
        ),
        _DIMENSIONS,
    ),
    Indicator(
        "refund_payable",
        "应退医保基金",
        "元",
        "整改及退费台账的应退金额之和，以下达日期计入；案件责令退回而台账没有登记的，以决定日期计入。",
        Sum(REFUNDS, _ordered, lambda row: row.payable),
        _DIMENSIONS,
    ),
    Indicator(
        "refund_paid",
        "已退医保基金",
        "元",
        "整改及退费台账和案件的已退金额之和，以退回日期计入；不含违约金和罚款。",
        Sum(REFUNDS, _paid, lambda row: row.paid),
        _DIMENSIONS,
    ),
    Indicator(
        "refund_outstanding",
        "未退医保基金",
        "元",
        "至期末已责令退回而尚未退回的金额。",
        State(REFUNDS, _outstanding),
        _DIMENSIONS,
    ),
)
