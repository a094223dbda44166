"""Small rehearsals, each played once and looked at by many tests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from include.campaigns.registry import load_campaigns
from include.domain.campaign import Campaign
from include.gateways.ledger import Ledger
from include.rehearsal.play import Outcome, rehearse
from include.settings import Settings

CAMPAIGNS = {campaign.id: campaign for campaign in load_campaigns().campaigns}
UNITS = {"wushen_2024": 16, "quanzhou_2024": 14, "heshan_2020": 12, "anhui_2024": 14, "zhuoni_2019": 12}


@dataclass(frozen=True)
class Played:
    campaign: Campaign
    home: Path
    outcome: Outcome

    @property
    def ledger(self) -> Ledger:
        """The rehearsal's own, opened again after it."""
        return Ledger(f"sqlite:///{self.home / 'ledger.db'}")


_kept: list[TemporaryDirectory[str]] = []


@cache
def whole(campaign_id: str) -> Played:
    """A rehearsal of the whole campaign; a worker of the test run plays each at most once."""
    folder = TemporaryDirectory(prefix=campaign_id)
    _kept.append(folder)
    home = Path(folder.name) / "home"
    campaign = CAMPAIGNS[campaign_id]
    return Played(campaign, home, rehearse(campaign, home, deployed=Settings(), units=UNITS[campaign_id]))


QUICK = ("wushen_2024", "zhuoni_2019")
"""Rehearsed whole in every test run; the others take minutes together: ``make test-rehearsals``."""


@pytest.fixture(
    params=[
        pytest.param(each, marks=() if each in QUICK else pytest.mark.slow, id=each) for each in CAMPAIGNS
    ],
    scope="session",
)
def played(request: pytest.FixtureRequest) -> Played:
    return whole(request.param)
