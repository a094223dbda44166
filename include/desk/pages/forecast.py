"""发送预测: what is still to be sent, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from include.desk.paper import show
from include.desk.session import Seen, Visitor
from include.desk.tables import Column, Table, export
from include.domain.campaign import Campaign
from include.domain.glances import UnitsAsked
from include.steps import forecast
from include.steps.forecast import Planned

router = APIRouter()

MOST_UNITS = 100_000
_FORECAST = (
    Column("day", "日期", "day"),
    Column("phase", "阶段", width=22),
    Column("title", "事项", width=30),
    Column("count", "最多（份）", "count"),
)


@router.get("/outbox/{campaign_id}/forecast")
def coming(request: Request, who: Seen, campaign_id: str) -> Response:
    campaign = who.campaign(campaign_id)
    reckoned_at, found = who.office.answers.reckoned(
        ("forecast", campaign.id, who.on, who.regions), lambda: (who.using.now(), _forecast(campaign, who))
    )
    table = Table(
        "forecast",
        "逐日发送预测",
        _FORECAST,
        [
            {"day": each.day, "phase": phase, "title": each.title, "count": each.count}
            for phase, each in found
        ],
        empty="没有尚待发送的通知：报送任务尚未开列，或各档次都已发送。",
        note="按目前尚未报送的单位计，报送一家少一家；收件回执、退回重报等随来件发送的邮件不在其中。",
    )
    return export(request, [table], about=f"{campaign.title}；自{who.on}起") or show(
        request,
        "forecast.html.j2",
        who,
        campaign=campaign,
        table=table,
        days=_by_day([each for _, each in found]),
        reckoned_at=reckoned_at,
    )


def _forecast(campaign: Campaign, who: Visitor) -> list[tuple[str, Planned]]:
    """Title of the phase and what it still sends, by day."""
    units = None
    if who.regions:
        asked = UnitsAsked(campaign.id, who.on, who.regions)
        found = who.using.ledger.glances.units(asked, limit=MOST_UNITS, offset=0)
        units = frozenset(each.code for each in found)
    planned = [
        (phase.title, each)
        for phase in campaign.phases
        for each in forecast.mails(campaign, phase, on=who.on, using=who.using, units=units)
    ]
    return sorted(planned, key=lambda each: each[1].day)


def _by_day(planned: Sequence[Planned]) -> list[dict[str, Any]]:
    """Each day's total with its share of the fullest day, for the bars."""
    totals: dict[Any, int] = {}
    for each in planned:
        totals[each.day] = totals.get(each.day, 0) + each.count
    most = max(totals.values(), default=1)
    return [{"day": day, "count": count, "share": 100 * count / most} for day, count in totals.items()]
