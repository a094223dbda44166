"""Our figures among Airflow's own metrics: where those are collected, and only there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from airflow.sdk.observability import stats

from include.campaigns.registry import load_campaigns
from include.steps import measure
from include.wiring import metrics

DAY = date(2024, 5, 24)
CAMPAIGN = load_campaigns().campaigns[0].id


class Recorder:
    def __init__(self) -> None:
        self.gauges: dict[str, float] = {}

    def gauge(self, name: str, value: float, **_: Any) -> None:
        self.gauges[name] = value


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    recorder = Recorder()
    stats.initialize(factory=lambda: recorder, export_legacy_names=False)
    yield recorder
    from airflow.sdk._shared.observability.metrics.base_stats_logger import NoStatsLogger

    stats.initialize(factory=NoStatsLogger, export_legacy_names=False)


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__METRICS__OTEL_ON", "True")


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []

    def figures(campaign: Any, *, on: date, using: Any) -> dict[str, float]:
        asked.append(campaign.id)
        if using == "broken" and len(asked) == 1:
            raise RuntimeError("no such table")
        return {"obligations_open": 7, "report_lead_days": -2}

    monkeypatch.setattr(measure, "figures", figures)
    return asked


def test_every_figure_of_every_campaign_under_way_is_a_gauge(
    recorder: Recorder, collected: None, counted: list[str]
) -> None:
    metrics.report_figures(DAY, using=None)  # type: ignore[arg-type]
    assert counted
    assert recorder.gauges == {
        f"duban.{name}.{campaign}": value
        for campaign in counted
        for name, value in (("obligations_open", 7), ("report_lead_days", -2))
    }


def test_nothing_is_counted_where_nothing_is_collected(recorder: Recorder, counted: list[str]) -> None:
    metrics.report_figures(DAY, using=None)  # type: ignore[arg-type]
    assert counted == []
    assert recorder.gauges == {}


def test_a_figure_that_cannot_be_had_fails_nothing(
    recorder: Recorder, collected: None, counted: list[str]
) -> None:
    metrics.report_figures(DAY, using="broken")  # type: ignore[arg-type]
    assert len(recorder.gauges) == 2 * (len(counted) - 1)


def test_names_are_ones_airflow_lets_through() -> None:
    from airflow.sdk._shared.observability.metrics.validators import stat_name_default_handler

    for name in (*measure.MAILS, "obligations_open", "intake_age_minutes", "report_lead_days"):
        assert stat_name_default_handler(f"airflow.{metrics.PREFIX}.{name}.{CAMPAIGN}")
