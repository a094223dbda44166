"""The task by which a flow ends: the pages of the desk show what it has changed."""

from __future__ import annotations

from typing import Any

from include.domain.campaign import Campaign
from include.wiring.tasks import Run, work

TITLE = "更新看板数据"


def surveyed(campaign: Campaign) -> Any:
    """The task that surveys one campaign; a rehearsal has changed nothing and surveys nothing."""

    @work(TITLE)
    def take_survey(run: Run) -> dict[str, int]:
        """What is owed, came in and was found, counted once for all who look at it."""
        from include.steps import survey

        return {} if run.is_rehearsal else survey.take(campaign, on=run.on, using=run.using)

    return take_survey()
