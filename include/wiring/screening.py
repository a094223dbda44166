"""One region's settlement data through the rules into the clue registers of the campaigns under way there."""

from __future__ import annotations

import secrets
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.domain.notices import Attachment
from include.settings import Settings
from include.wiring.dags import log
from include.wiring.running import Running, running

if TYPE_CHECKING:
    from include.domain.campaign import Campaign
    from include.screening.data import Data
    from include.steps.screen import Found
    from include.wiring.tasks import Run

ACTOR = "系统"
TRENDS = "重点药品耗材使用趋势"
TITLE = "大数据筛查疑点线索佐证附件"


@dataclass(frozen=True, slots=True)
class Screened:
    """A region's hits with the data behind them, while the engine is open."""

    region: str
    found: Found
    data: Data
    refused: list[str]


def regions() -> list[str]:
    """Regions (区划) there are settlement data of; none where no data are configured."""
    from include.gateways.warehouse import Warehouse

    source = Settings().settlements
    return Warehouse(Path()).regions(source) if source else []


def screen(run: Run, region: str) -> dict[str, Any]:
    """Clues (条) new, known and left over for each campaign under way that the region belongs to, and the annexes."""
    here = tuple(each for each in running(run.on).campaigns if region.startswith(each.region.rstrip("0")))
    if not here:
        log.info("区划%s没有进行中的专项行动，不筛查", region)
        return {}
    with _screened(run, region) as screened:
        _tell_trends(here, screened, run)
        return Running(here).each(lambda campaign: _entered(campaign, screened, run))


def hand_over(run: Run, results: Iterable[Mapping[str, Any] | None]) -> dict[str, Any]:
    """Mails (封) to the handling units with their clues of the day, each with the annexes of all regions."""
    from include.steps import clue_batches

    annexes: defaultdict[str, defaultdict[str, list[Attachment]]] = defaultdict(lambda: defaultdict(list))
    for result in results:
        for campaign_id, told in (result or {}).items():
            for unit, (name, sha256) in told.get("附件", {}).items():
                annexes[campaign_id][unit].append(Attachment(name, sha256))
    if run.is_rehearsal:
        return {}
    return running(run.on).each(
        lambda campaign: clue_batches.plan(campaign, annexes[campaign.id], on=run.on, using=run.using)
    )


@contextmanager
def _screened(run: Run, region: str) -> Iterator[Screened]:
    from include.gateways.warehouse import Warehouse, connect
    from include.steps import screen as step

    settings = Settings()
    settings.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.home, prefix="screening_") as scratch:
        warehouse = Warehouse(Path(scratch) / "prepared", memory=settings.screening_memory)
        taken = warehouse.take_in(settings.settlements, region=region)
        log.info("区划%s：结算%s条、明细%s条", region, taken.settlements, taken.lines)
        engine = connect("duckdb", scratch=Path(scratch), memory=settings.screening_memory)
        try:
            data = warehouse.data(engine, settings.settlement_lists)
            found = step.find(data, on=run.on)
            yield Screened(region, found, data, [f"{place.zh}：{why}" for place, why in taken.refused])
        finally:
            engine.disconnect()


def _entered(campaign: Campaign, screened: Screened, run: Run) -> dict[str, Any]:
    from include.steps import screen as step
    from include.steps import screened_clues

    done = step.enter(
        campaign,
        screened.found,
        scope=f"区划{screened.region}",
        on=run.on,
        actor=ACTOR,
        dry_run=run.is_rehearsal,
        using=run.using,
    )
    doubtful = step.doubtful(screened.found.rules, screened_clues.verified(campaign, using=run.using))
    for sentence in doubtful:
        log.warning(sentence)
    return {
        "新线索": len(done.new),
        "已有": done.known,
        "未编号": done.left,
        "拒收": screened.refused,
        "规则提示": doubtful,
        "附件": {} if run.is_rehearsal else _annexes(campaign, screened, run),
    }


def _tell_trends(campaigns: Iterable[Campaign], screened: Screened, run: Run) -> None:
    """The table of watched items beside the other files of the office, where the bureau lists any."""
    from include.gateways.key_item_trends import workbook
    from include.screening.key_items import trends

    if found := trends(screened.data):
        folder = Settings().home / "screening"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{TRENDS}_{screened.region}_{run.on:%Y%m%d}.xlsx"
        codes = sorted({each.fixmedins_code for each in found})
        names = {
            code: unit.name
            for campaign in campaigns
            for code, unit in run.using.ledger.roster.known(campaign.id, codes).items()
        }
        file.write_bytes(workbook(TRENDS, run.on, found, names))
        log.info("区划%s：%s已写到%s", screened.region, TRENDS, file)


def _annexes(campaign: Campaign, screened: Screened, run: Run) -> dict[str, tuple[str, str]]:
    """Name and SHA-256 of the evidence annex of each handling unit; persons under a pseudonym."""
    from include.gateways.screening_annex import workbook
    from include.screening.registry import evidence
    from include.steps import clue_batches, screened_clues

    key = Settings().token_key.get_secret_value() or secrets.token_hex(32)
    verified = screened_clues.verified(campaign, using=run.using)
    found = {}
    for batch in clue_batches.of_hits(campaign, screened.found.hits, on=run.on, using=run.using):
        content = workbook(
            TITLE,
            run.on,
            batch.clues,
            evidence(screened.data, [each.hit for _, each in batch.clues]),
            key=key,
            rules=screened.found.rules,
            verified=verified,
        )
        name = f"{TITLE}_{screened.region}_{run.on:%Y%m%d}.xlsx"
        found[batch.unit] = (name, run.using.archive.put(content))
    return found
