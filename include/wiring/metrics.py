"""Our figures through Airflow's own metrics, to wherever an office sends those (OpenTelemetry or StatsD)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from include.wiring.dags import log
from include.wiring.running import running

if TYPE_CHECKING:
    from include.steps.ports import Gateways

PREFIX = "duban"


def report_figures(on: date, using: Gateways) -> None:
    """One gauge per figure and campaign under way; nothing is counted while no metrics are collected.

    The campaign is part of the name, for plain StatsD knows no tags. Figures never fail the work they are of.
    """
    from airflow.sdk.observability.stats import gauge

    from include.steps import measure

    if not is_collected():
        return
    for campaign in running(on).campaigns:
        try:
            for name, value in measure.figures(campaign, on=on, using=using).items():
                gauge(f"{PREFIX}.{name}.{campaign.id}", value)
        except Exception:
            log.exception("%s: the figures could not be reported", campaign.id)


def is_collected() -> bool:
    from airflow.sdk.configuration import conf

    return any(conf.getboolean("metrics", f"{kind}_on", fallback=False) for kind in ("otel", "statsd"))
