"""Write a note about a figure of a report: why it fell, or what to print instead of what the ledgers give."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from include.domain.campaign import Campaign, UpwardReport
from include.domain.groups import TOTAL
from include.domain.indicators import BY_KEY
from include.domain.occasions import Occasion
from include.domain.reports import FigureNote, Scope
from include.domain.tables import faults_of_member
from include.steps import named
from include.steps.ports import Gateways


def figure(
    campaign: Campaign,
    report: UpwardReport,
    occasion: Occasion,
    indicator: str,
    *,
    note: str,
    by: str,
    on: date,
    using: Gateways,
    dimension: str = TOTAL,
    member: str = "",
    scope: Scope = Scope.CUMULATIVE,
    value: Decimal | None = None,
) -> FigureNote:
    """Enter the note; the next edition prints it. Raise ValueError for an unknown figure or an empty note."""
    known = BY_KEY.get(indicator.strip())
    if known is None:
        near = "、".join(named.nearest(indicator, BY_KEY)) or "见编制说明"
        raise ValueError(f"没有指标“{indicator}”，最接近的有：{near}")
    if dimension not in known.dimensions:
        offered = "、".join(each for each in known.dimensions if each) or "没有分组"
        raise ValueError(f"指标“{known.title}”没有按“{dimension}”的分组数，可选：{offered}")
    if (dimension == TOTAL) != (member == ""):
        raise ValueError("分组和成员须同时写明；合计两项都不写")
    for fault in faults_of_member(("member",), dimension, member):
        raise ValueError(fault.sentence)
    if not note.strip():
        raise ValueError("请写明说明：为什么下降，或者为什么与台账不一致")
    if value is not None and value < 0:
        raise ValueError(f"指标“{known.title}”不能为负数，请核对“{value}”")
    entered = FigureNote(known.key, dimension, member, scope, value, note.strip(), named.post(campaign, by))
    using.ledger.snapshots.annotate(campaign.id, report.key, occasion.period, entered, on=on)
    return entered
