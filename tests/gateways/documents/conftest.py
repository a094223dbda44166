from __future__ import annotations

from datetime import date

import pytest

from include.campaigns.registry import load_calendar, load_campaigns
from include.domain.campaign import Campaign, UpwardReport
from include.domain.occasions import Occasion, occasions, on_event
from include.gateways import charts

CAMPAIGNS = {campaign.id: campaign for campaign in load_campaigns().campaigns}
WITH_DOCUMENT = [
    (campaign.id, report.key)
    for campaign in CAMPAIGNS.values()
    for report in campaign.reports
    if report.document is not None
]

Owed = tuple[Campaign, UpwardReport, Occasion]


def owed(campaign_id: str, report_key: str) -> Owed:
    """A report and the last occasion of those it has."""
    campaign = CAMPAIGNS[campaign_id]
    report = campaign.report(report_key)
    if report.cadence == "on_event":
        return campaign, report, on_event(campaign, report, on=date(campaign.starts_on.year, 9, 10))
    return campaign, report, occasions(campaign, report, load_calendar())[-1]


@pytest.fixture
def without_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a Chinese font, which is also the quicker one."""
    monkeypatch.setattr(charts, "chinese_font", lambda: None)
