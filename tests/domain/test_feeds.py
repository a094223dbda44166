"""Data feeds: what a query may be, and how old is too old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from include.domain.feeds import (
    Feed,
    Pull,
    PullState,
    age,
    getting_old,
    parameters_in,
    stale,
    too_old,
    why_not_run,
)

NOW = datetime(2024, 6, 3, 1, 0, tzinfo=UTC)  # 09:00 in Beijing
FACTS = {"key": "clues", "title": "下发线索", "form": "clue", "connection": "bureau", "query": "SELECT 1"}
FRESH = {"loaded_at": "loaded_at", "warn_after": 24, "error_after": 72}


def feed(**changes: object) -> Feed:
    return Feed.model_validate(FACTS | changes)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("SELECT a FROM t WHERE region = :region AND b <> ';'", None),
        ("-- 下发线索\nWITH x AS (SELECT 1) SELECT * FROM x;", None),
        ("SELECT a::text, '12:30' FROM t", None),
        ("DELETE FROM t", "SELECT"),
        ("SELECT 1; DELETE FROM t", "SELECT"),
        ("", "SELECT"),
        ("SELECT :unit", "参数“:unit”不存在，可用:campaign_id、:region、:starts_on、:on"),
    ],
)
def test_a_query_only_reads_and_asks_for_what_there_is(query: str, sentence: str | None) -> None:
    found = why_not_run(query)
    assert found is None if sentence is None else sentence in str(found)


def test_only_the_parameters_named_are_bound() -> None:
    assert parameters_in("SELECT a::text, ':no' FROM t WHERE r = :region -- :on") == {"region"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"file": "a.sql"}, "只写一项"),
        ({"query": None}, "只写一项"),
        ({"query": "UPDATE t SET a = 1"}, "SELECT"),
        ({"warn_after": 24}, "须同时写 loaded_at"),
        (FRESH | {"error_after": 12}, "error_after（12）小于 warn_after（24）"),
        ({"query": None, "file": "../a.sql"}, "pattern"),
    ],
)
def test_a_feed_that_cannot_be_meant_is_refused(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        feed(**changes)


@pytest.mark.parametrize(
    ("hours", "warns", "refuses"), [(0, False, False), (24, False, False), (25, True, False), (72, True, False), (73, True, True)]
)  # fmt: skip
def test_old_data_is_pointed_at_and_older_data_refused(hours: int, warns: bool, refuses: bool) -> None:
    loaded = NOW - timedelta(hours=hours)
    assert bool(getting_old(feed(**FRESH), loaded, NOW)) is warns
    assert bool(too_old(feed(**FRESH), loaded, NOW)) is refuses


def test_a_refusal_says_since_when_and_how_old() -> None:
    said = too_old(feed(**FRESH), NOW - timedelta(days=4, hours=3), NOW)
    assert said is not None
    assert "最近装载于2024-05-30 06:00，距今4天3小时，超过允许的72小时，没有导入" in said


def test_rows_without_a_time_are_refused_only_where_freshness_is_asked_for() -> None:
    assert too_old(feed(**FRESH), None, NOW) is not None
    assert too_old(feed(), None, NOW) is None


def test_a_time_without_a_zone_is_beijing_s() -> None:
    assert age(datetime(2024, 6, 3, 8, 0), NOW) == timedelta(hours=1)
    assert age(NOW + timedelta(hours=2), NOW) == timedelta(0)


@pytest.mark.parametrize(("hours", "is_stale"), [(None, True), (71, False), (73, True)])
def test_a_report_refuses_what_was_never_pulled_or_has_grown_old(hours: int | None, is_stale: bool) -> None:
    last = (
        None
        if hours is None
        else Pull("clues", NOW, PullState.ENTERED, 1, NOW - timedelta(hours=hours), 0, "")
    )
    assert bool(stale(feed(**FRESH), last, NOW)) is is_stale
    assert stale(feed(), last, NOW) is None
