"""One region's settlement data through the rules into the clue registers of the campaigns under way there."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.settings import Settings
from include.wiring.dags import log
from include.wiring.running import Running, running

if TYPE_CHECKING:
    from include.wiring.tasks import Run

ACTOR = "系统"


def regions() -> list[str]:
    """Regions (区划) there are settlement data of; none where no data are configured."""
    from include.gateways.warehouse import Warehouse

    source = Settings().settlements
    return Warehouse(Path()).regions(source) if source else []


def screen(run: Run, region: str) -> dict[str, Any]:
    """Clues (条) new, known and left over for each campaign under way that the region belongs to."""
    from include.gateways.warehouse import Warehouse, connect
    from include.steps import screen as step

    settings = Settings()
    here = tuple(each for each in running(run.on).campaigns if region.startswith(each.region.rstrip("0")))
    if not here:
        log.info("区划%s没有进行中的专项行动，不筛查", region)
        return {}
    settings.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.home, prefix="screening_") as scratch:
        warehouse = Warehouse(Path(scratch) / "prepared", memory=settings.screening_memory)
        taken = warehouse.take_in(settings.settlements, region=region)
        log.info("区划%s：结算%s条、明细%s条", region, taken.settlements, taken.lines)
        engine = connect("duckdb", scratch=Path(scratch), memory=settings.screening_memory)
        try:
            found = step.find(warehouse.data(engine, settings.settlement_lists), on=run.on)
        finally:
            engine.disconnect()
    refused = [f"{place.zh}：{why}" for place, why in taken.refused]

    def entered(campaign: Any) -> dict[str, Any]:
        done = step.enter(
            campaign,
            found,
            scope=f"区划{region}",
            on=run.on,
            actor=ACTOR,
            dry_run=run.is_rehearsal,
            using=run.using,
        )
        return {"新线索": len(done.new), "已有": done.known, "未编号": done.left, "拒收": refused}

    return Running(here).each(entered)
