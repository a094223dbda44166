"""One city's settlement data through the rules into the clue registers of the campaigns under way there."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.domain.campaign import Campaign
from include.domain.codes import region_digits
from include.settings import Settings
from include.wiring.dags import log
from include.wiring.running import Running, running

if TYPE_CHECKING:
    from include.wiring.tasks import Run

ACTOR = "系统"

CITY = 4
"""Digits of a region code that say the city (统筹区), in which a person goes from one county to another."""


def areas() -> list[str]:
    """Cities there are settlement data of, by the digits their regions begin with; none without data configured."""
    from include.gateways.warehouse import Warehouse

    source = Settings().settlements
    return sorted({each[:CITY] for each in Warehouse(Path()).regions(source)}) if source else []


def screen(run: Run, area: str) -> dict[str, Any]:
    """Clues (条) new, known and left over for each campaign under way that has to do with the city.

    A city's counties are screened together, so that a person who is in two of them is seen; a campaign is told of
    the institutions of its own region.
    """
    from include.gateways.warehouse import Warehouse, connect
    from include.steps import screen as step

    settings = Settings()
    here = tuple(each for each in running(run.on).campaigns if _concerns(each, area))
    if not here:
        log.info("区划%s没有进行中的专项行动，不筛查", area)
        return {}
    settings.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.home, prefix="screening_") as scratch:
        warehouse = Warehouse(Path(scratch) / "prepared", memory=settings.screening_memory)
        taken = warehouse.take_in(settings.settlements, region=area)
        log.info("区划%s：结算%s条、明细%s条", area, taken.settlements, taken.lines)
        engine = connect("duckdb", scratch=Path(scratch), memory=settings.screening_memory)
        try:
            data = warehouse.data(engine, settings.settlement_lists)
            found = step.find(data, on=run.on)
        finally:
            engine.disconnect()
    refused = [f"{place.zh}：{why}" for place, why in taken.refused] + list(data.refused.values())

    def entered(campaign: Campaign) -> dict[str, Any]:
        done = step.enter(
            campaign,
            step.inside(found, campaign.region),
            scope=f"区划{area}",
            on=run.on,
            actor=ACTOR,
            dry_run=run.is_rehearsal,
            using=run.using,
        )
        return {"新线索": len(done.new), "已有": done.known, "未编号": done.left, "拒收": refused}

    return Running(here).each(entered)


def _concerns(campaign: Campaign, area: str) -> bool:
    """A campaign of the city, of a county of it, or of the whole province."""
    digits = region_digits(campaign.region)
    return digits.startswith(area) or area.startswith(digits)
