"""One city's settlement data through the rules into the clue registers of the campaigns under way there."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.domain.campaign import Campaign
from include.domain.codes import region_digits
from include.domain.errors import GiveUp
from include.domain.notices import Attachment
from include.settings import Settings
from include.wiring.dags import log
from include.wiring.running import Running, running

if TYPE_CHECKING:
    from include.screening.data import Data
    from include.screening.key_items import Trend
    from include.steps.screen import Found
    from include.wiring.tasks import Run

ACTOR = "系统"
TRENDS = "重点药品耗材使用趋势"
SCRATCH = "prepared"
"""Folder below ``DUBAN_HOME`` for prepared data while a city is screened; a Spark cluster must see it."""
CITY = 4
"""Digits of a region code that say the city (统筹区), in which a person goes from one county to another."""
COUNTED = ("新线索", "已有", "未编号")
TITLE = "大数据筛查疑点线索佐证附件"


@dataclass(frozen=True, slots=True)
class Screened:
    """A city's data while the engine is open, and what the rules find in them."""

    area: str
    data: Data
    refused: list[str]
    trends: list[Trend]
    _found: dict[str, Found] = field(default_factory=dict)

    def found(self, campaign: Campaign, run: Run) -> Found:
        """What is found with the campaign's parameters; campaigns that have the same share one run."""
        from include.steps import screen as step
        from include.steps import screening_thresholds

        parameters = screening_thresholds.in_force(campaign, on=run.on, using=run.using)
        key = repr(sorted((number, sorted(each.items())) for number, each in parameters.items()))
        if key not in self._found:
            self._found[key] = step.find(self.data, on=run.on, parameters=parameters)
        return step.inside(self._found[key], campaign.region)


def read_database(*, dry_run: bool) -> dict[str, int]:
    """Partitions (个) read from the bureau's database, and complete before; none where no connection is configured."""
    from include.gateways.warehouse import from_database
    from include.wiring.connections import database

    settings = Settings()
    if not settings.settlement_connection:
        return {}
    if not settings.settlements or "://" in settings.settlements:
        raise GiveUp("从数据库读取结算数据的，请把 DUBAN_SETTLEMENTS 设为本机的一个目录，数据读入该目录")
    if dry_run:
        log.info("只预演：不读取数据库，按目录中已有的数据筛查")
        return {}
    folder = Path(settings.settlements)
    folder.mkdir(parents=True, exist_ok=True)
    found = from_database.read(
        lambda: database(settings.settlement_connection, of="结算数据"), settings.settlement_queries, folder
    )
    return {"读入分区": len(found.read), "以前已读": len(found.known)}


def areas() -> list[str]:
    """Cities there are settlement data of, by the digits their regions begin with; none without data configured."""
    from include.gateways.warehouse import Warehouse

    source = Settings().settlements
    return sorted({each[:CITY] for each in Warehouse(Path()).regions(source)}) if source else []


def screen(run: Run, area: str) -> dict[str, Any]:
    """Clues (条) new, known and left over for each campaign under way that has to do with the city, and the annexes.

    A city's counties are screened together, so that a person who is in two of them is seen; a campaign is told of
    the institutions of its own region.
    """
    here = tuple(each for each in running(run.on).campaigns if _concerns(each, area))
    if not here:
        log.info("区划%s没有进行中的专项行动，不筛查", area)
        return {}
    with _screened(run, area) as screened:
        return Running(here).each(lambda campaign: _entered(campaign, screened, run))


def hand_over(run: Run, results: Iterable[Mapping[str, Any] | None] | None) -> dict[str, Any]:
    """Mails (封) to the handling units with their clues of the day, each with the annexes of all cities."""
    from include.steps import clue_batches

    annexes: defaultdict[str, defaultdict[str, list[Attachment]]] = defaultdict(lambda: defaultdict(list))
    # Nothing at all comes from no city.
    for result in results or ():
        for campaign_id, told in (result or {}).items():
            for unit, (name, sha256) in told.get("附件", {}).items():
                annexes[campaign_id][unit].append(Attachment(name, sha256))
    if run.is_rehearsal:
        return {}
    return running(run.on).each(
        lambda campaign: clue_batches.plan(campaign, annexes[campaign.id], on=run.on, using=run.using)
    )


def tally(results: Iterable[Mapping[str, Any] | None] | None) -> dict[str, dict[str, int]]:
    """Clues (条) new, known and left over for each campaign, in all cities together."""
    sums: defaultdict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTED, 0))
    for result in results or ():
        for campaign_id, told in (result or {}).items():
            for name in COUNTED:
                sums[campaign_id][name] += told.get(name, 0)
    return dict(sums)


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A new folder in that one. What a run that was killed has left there goes: one city is screened at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.iterdir():
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        yield Path(scratch)


@contextmanager
def _screened(run: Run, area: str) -> Iterator[Screened]:
    from include.gateways.warehouse import Warehouse, connect
    from include.screening.key_items import trends

    settings = Settings()
    with _scratch(settings.home / SCRATCH) as scratch:
        warehouse = Warehouse(scratch / "prepared", memory=settings.screening_memory)
        taken = warehouse.take_in(settings.settlements, region=area)
        log.info("区划%s：结算%s条、明细%s条", area, taken.settlements, taken.lines)
        engine = connect(settings.screening_engine, scratch=scratch, memory=settings.screening_memory)
        try:
            data = warehouse.data(engine, settings.settlement_lists)
            refused = [f"{place.zh}：{why}" for place, why in taken.refused] + list(data.refused.values())
            yield Screened(area, data, refused, trends(data))
        finally:
            engine.disconnect()


def _entered(campaign: Campaign, screened: Screened, run: Run) -> dict[str, Any]:
    from include.steps import clue_batches, screened_clues
    from include.steps import screen as step

    found = screened.found(campaign, run)
    done = step.enter(
        campaign,
        found,
        scope=f"区划{screened.area}",
        on=run.on,
        actor=ACTOR,
        dry_run=run.is_rehearsal,
        trends=_trends(campaign, screened, run),
        using=run.using,
    )
    doubtful = step.doubtful(found.rules, screened_clues.verified(campaign, using=run.using))
    without_post = clue_batches.without_post(campaign, on=run.on, using=run.using)
    for sentence in (*doubtful, *without_post):
        log.warning(sentence)
    return {
        "新线索": len(done.new),
        "已有": done.known,
        "未编号": done.left,
        "拒收": screened.refused,
        "规则提示": doubtful,
        "承办提示": without_post,
        "附件": {} if run.is_rehearsal else _annexes(campaign, screened, found, run),
    }


def _trends(campaign: Campaign, screened: Screened, run: Run) -> str:
    """SHA-256 of the table of watched items at institutions of the campaign's region; empty where there are none."""
    from include.gateways.key_item_trends import workbook

    digits = region_digits(campaign.region)
    found = [each for each in screened.trends if each.fixmedins_code[1:7].startswith(digits)]
    if not found or run.is_rehearsal:
        return ""
    codes = sorted({each.fixmedins_code for each in found})
    names = {code: unit.name for code, unit in run.using.ledger.roster.known(campaign.id, codes).items()}
    return run.using.archive.put(workbook(TRENDS, run.on, found, names))


def _concerns(campaign: Campaign, area: str) -> bool:
    """A campaign of the city, of a county of it, or of the whole province."""
    digits = region_digits(campaign.region)
    return digits.startswith(area) or area.startswith(digits)


def _annexes(campaign: Campaign, screened: Screened, found: Found, run: Run) -> dict[str, tuple[str, str]]:
    """Name and SHA-256 of the evidence annex of each handling unit; persons under a pseudonym."""
    from include.gateways.screening_annex import workbook
    from include.screening.registry import evidence
    from include.steps import clue_batches, screened_clues

    key = Settings().token_key.get_secret_value() or secrets.token_hex(32)
    verified = screened_clues.verified(campaign, using=run.using)
    annexes = {}
    for batch in clue_batches.of_hits(campaign, found.hits, on=run.on, using=run.using):
        content = workbook(
            TITLE,
            run.on,
            batch.clues,
            evidence(screened.data, [each.hit for _, each in batch.clues]),
            key=key,
            rules=found.rules,
            verified=verified,
        )
        name = f"{TITLE}_{screened.area}_{run.on:%Y%m%d}.xlsx"
        annexes[batch.unit] = (name, run.using.archive.put(content))
    return annexes
