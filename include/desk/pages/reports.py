"""报送: what the bureau owes upward, and every edition that was compiled."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from include.desk import asked as asked_for
from include.desk.paper import address, distance, root_of, show
from include.desk.session import Seen, Visitor
from include.desk.tables import Column, Table, export
from include.domain.campaign import Campaign
from include.domain.reports import Edition, EditionState
from include.steps import report_look, report_page
from include.steps.report_look import Owed

router = APIRouter()

TONES = {
    EditionState.DRAFTED: "warn",
    EditionState.CONTRADICTORY: "bad",
    EditionState.APPROVED: "warn",
    EditionState.REJECTED: "bad",
    EditionState.SENT: "good",
    EditionState.RECEIVED: "good",
}

_OWED = (
    Column("title", "报送事项", width=36),
    Column("to", "报送给", width=26),
    Column("occasion", "期次", width=20),
    Column("due", "截止日", "day"),
    Column("distance", "距今", width=16),
    Column("edition", "最近一版", link="page", width=24),
    Column("state", "状态", width=16),
)
_EDITIONS = (
    Column("title", "报送事项", link="page", width=36),
    Column("occasion", "期次", width=20),
    Column("edition", "版次", link="page", width=24),
    Column("state", "状态", width=16),
    Column("compiled_on", "编制", "day"),
    Column("sent_at", "报送", "moment"),
    Column("received_on", "上级签收", "day"),
    Column("reason", "编制说明", width=40),
)


@router.get("/reports")
def reports(request: Request, who: Seen) -> Response:
    campaign, root = asked_for.campaign(request, who), root_of(request)
    editions = who.using.ledger.editions.all(campaign.id)
    tables = [
        Table(
            "owed",
            "应报事项",
            _OWED,
            [
                _owed(each, campaign, who, root)
                for each in report_look.owed(campaign, on=who.on, using=who.using)
            ],
            empty="通知没有规定向上报送的事项。",
        ),
        Table(
            "editions",
            "已编制的各版",
            _EDITIONS,
            [_edition(each, campaign, who, root) for each in reversed(editions)],
            empty="还没有编制过。",
        ),
    ]
    return export(request, tables, about=f"{campaign.title}；日期：{who.on}") or show(
        request,
        "reports.html.j2",
        who,
        campaign=campaign,
        campaigns=asked_for.campaign_choices(who),
        tables=tables,
    )


def _owed(owed: Owed, campaign: Campaign, who: Visitor, root: str) -> dict[str, Any]:
    report, occasion, latest = owed.report, owed.occasion, owed.latest
    is_late = occasion is not None and not owed.is_done and occasion.due < who.on
    state = latest.state.zh if latest else "待编制" if report.is_compiled else "由人工编制"
    if report.cadence == "on_event" and latest is None:
        state = "遇事即报"
    return {
        "title": report.title,
        "to": report.to,
        "occasion": occasion.title if occasion and report.cadence != "once" else report.due_text,
        "due": occasion.due if occasion else None,
        "distance": "" if occasion is None or owed.is_done else distance(occasion.due, who),
        "edition": latest.title if latest else None,
        "state": state,
        "page": _page(latest, campaign, who, root) if latest else "",
        "dag": campaign.report_dag_id(report) if report.is_compiled else "",
        "tone": "bad" if is_late else TONES.get(latest.state, "") if latest else "",
    }


def _edition(edition: Edition, campaign: Campaign, who: Visitor, root: str) -> dict[str, Any]:
    titles = {each.key: each for each in campaign.reports}
    report = titles.get(edition.report_key)
    occasion = report_page.occasion_of(campaign, report, edition, who.using) if report else None
    return {
        "title": report.title if report else edition.report_key,
        "occasion": occasion.title if occasion and report and report.cadence != "once" else None,
        "edition": edition.title,
        "state": edition.state.zh,
        "compiled_on": edition.compiled_on,
        "sent_at": edition.sent_at,
        "received_on": edition.received_on,
        "reason": edition.reason,
        "page": _page(edition, campaign, who, root) if report else "",
        "tone": TONES.get(edition.state, ""),
    }


def _page(edition: Edition, campaign: Campaign, who: Visitor, root: str) -> str:
    return "" if who.regions else address(f"{root}/reports", campaign.id, edition.id)
