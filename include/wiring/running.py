"""The campaigns under way on a day, for the DAGs that serve all of them at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from airflow.sdk.exceptions import AirflowException

from include.campaigns.registry import load_calendar, load_campaigns
from include.domain.campaign import Campaign
from include.domain.run_days import last_day
from include.settings import Settings
from include.wiring.dags import log


@dataclass(frozen=True, slots=True)
class Running:
    """Campaigns under way, in order."""

    campaigns: tuple[Campaign, ...]

    def each(self, step: Callable[..., Any], **given: Any) -> dict[str, Any]:
        """The step's result per campaign; empty ones are left out.

        A fault of one campaign stops none of the others; raise AirflowException at the end when there was one,
        with the sentence of each, so that the task is tried again.
        """
        results: dict[str, Any] = {}
        faults: list[str] = []
        for campaign in self.campaigns:
            try:
                result = step(campaign, **given)
            except Exception as fault:
                log.exception("%s: %s", campaign.id, step.__module__)
                faults.append(f"{campaign.short_title}：{fault}")
            else:
                if result:
                    results[campaign.id] = _shown(result)
        if faults:
            raise AirflowException("；".join(faults))
        return results


def running(on: date) -> Running:
    """From the day a campaign starts until a few working days after its last rung or report."""
    calendar = load_calendar()
    campaigns = load_campaigns(Settings().campaigns).campaigns
    return Running(tuple(each for each in campaigns if each.starts_on <= on <= last_day(each, calendar)))


def begun(on: date) -> Running:
    """From the day a campaign starts, without an end: what its registers hold is followed until it is done."""
    campaigns = load_campaigns(Settings().campaigns).campaigns
    return Running(tuple(each for each in campaigns if each.starts_on <= on))


def _shown(result: Any) -> Any:
    """In words where the counts are by a word of ours."""
    if isinstance(result, dict):
        return {getattr(key, "zh", key): value for key, value in result.items()}
    return result
