"""Every fact of a campaign has a sentence of its notice behind it, and every sentence is carried out by something."""

from __future__ import annotations

import re

import pytest

from docs.notice_page import broken_references, sentences, without_a_sentence
from include.campaigns.registry import load_campaigns

CAMPAIGNS = {campaign.id: campaign for campaign in load_campaigns().campaigns}
PHONE = re.compile(r"(?<!\d)(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?!\d)")


@pytest.mark.parametrize("campaign_id", CAMPAIGNS)
def test_no_fact_is_without_a_sentence(campaign_id: str) -> None:
    assert without_a_sentence(CAMPAIGNS[campaign_id]) == []


@pytest.mark.parametrize("campaign_id", CAMPAIGNS)
def test_what_a_sentence_points_to_is_there(campaign_id: str) -> None:
    assert broken_references(CAMPAIGNS[campaign_id]) == {}


@pytest.mark.parametrize("campaign_id", CAMPAIGNS)
def test_no_sentence_is_listed_twice_or_shows_a_person(campaign_id: str) -> None:
    said = [sentence.says for sentence in sentences(campaign_id)]
    assert len(said) == len(set(said))
    assert not [text for text in said if PHONE.search(text) or "@" in text]
