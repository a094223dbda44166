"""Screening: the rules over prepared data, and what they hit entered as clues, once each."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from include.domain import rows as row_reading
from include.domain.campaign import Campaign
from include.domain.codes import region_digits
from include.domain.errors import GiveUp
from include.domain.registers import NUMBER, OWN_OFFICE, office_form
from include.domain.screening import (
    Hit,
    Precision,
    RuleRun,
    Run,
    Scored,
    scored,
)
from include.domain.values import Cell
from include.steps import registers, screened_clues
from include.steps.ports import Gateways

if TYPE_CHECKING:
    from include.screening.data import Data

log = logging.getLogger(__name__)

FORM = screened_clues.FORM
WORKING_DAYS = 15
MOST_NUMBERS = 9_999


@dataclass(frozen=True, slots=True)
class Found:
    """Scored hits, the gravest first, and what each rule ran with."""

    hits: tuple[Scored, ...]
    rules: tuple[RuleRun, ...]


@dataclass(frozen=True, slots=True)
class Entered:
    """Clues (条) that are new, were known before, and did not fit into the day's numbers."""

    new: tuple[str, ...]
    known: int
    left: int


def find(
    data: Data,
    *,
    on: date,
    only: Collection[str] = (),
    parameters: Mapping[str, Mapping[str, Decimal]] | None = None,
) -> Found:
    """Run every rule in force that has its lists; one that cannot run says why and stops no other."""
    from include.screening import lists, registry

    for each in data.refused.values():
        log.warning(each)
    hits: list[Hit] = []
    runs = []
    screens = registry.screens()
    for place, screen in enumerate(screens, start=1):
        rule = screen.RULE
        if only and rule.number not in only:
            continue
        frozen = rule.frozen((parameters or {}).get(rule.number))
        missing = registry.missing_lists(screen, data)
        why = "；".join(data.refused.get(name) or lists.lacking(name) for name in missing)
        if rule.effective_from > on:
            why = f"自{rule.effective_from}起执行"
        here = [] if why else registry.hits(screen, data, frozen)
        said = why or f"{len(here)}条疑点"
        log.info("第%s/%s条规则 %s%s：%s", place, len(screens), rule.number, rule.title, said)
        hits += here
        runs.append(RuleRun(rule.number, rule.version, frozen, len(here), why, rule.title))
    order = {"高": 0, "中": 1, "低": 2}
    ranked = sorted(scored(hits), key=lambda each: (order[each.risk], -each.hit.amount, each.hit.key))
    return Found(tuple(ranked), tuple(runs))


def inside(found: Found, region: str) -> Found:
    """The hits at institutions of the region; risks stay those of all data screened together."""
    digits = region_digits(region)
    here = tuple(each for each in found.hits if each.hit.fixmedins_code[1:7].startswith(digits))
    counts = Counter(each.hit.number for each in here)
    return Found(here, tuple(replace(each, hits=counts[each.number]) for each in found.rules))


def enter(
    campaign: Campaign,
    found: Found,
    *,
    scope: str,
    on: date,
    actor: str,
    dry_run: bool,
    trends: str = "",
    using: Gateways,
) -> Entered:
    """Enter what is not in the clue register yet, one clue per hit; the same hits again enter nothing.

    ``trends``: SHA-256 of the run's table of watched items, where there is one. Raise GiveUp when the register would refuse a row; then nothing is entered.
    """
    known = {screened_clues.key_of(each) for each in screened_clues.own(campaign, using=using)}
    new = [each for each in found.hits if screened_clues.key_of_hit(each.hit) not in known]
    numbers = _free_numbers(campaign, on, using)
    taken = new[: len(numbers)]
    lines = [_clue(campaign, each, number, on, using) for each, number in zip(taken, numbers, strict=False)]
    if lines:
        form = office_form(registers.register(FORM, using))
        reading = row_reading.reading(form, {form.record_sheets[0].key: lines})
        content = json.dumps(lines, ensure_ascii=False, sort_keys=True, default=str).encode()
        reviewed = registers.review_rows(
            campaign, FORM, f"筛查{on}.json", reading, content, on=on, using=using
        )
        if reviewed.errors:
            raise GiveUp("；".join(each.message for each in reviewed.errors[:5]))
        if not dry_run:
            registers.enter(
                campaign, reviewed, on=on, actor=actor, reason=f"大数据筛查：{scope}", using=using
            )
    if not dry_run:
        run = Run(on, scope, found.rules, len(found.hits), len(taken), trends)
        using.ledger.screenings.record(campaign.id, run)
    return Entered(tuple(numbers[: len(taken)]), len(found.hits) - len(new), len(new) - len(taken))


def doubtful(rules: Sequence[RuleRun], said: Sequence[Precision]) -> list[str]:
    """A sentence for each rule of the run that verification has mostly rejected in the version that ran."""
    ran = {(each.number, each.version) for each in rules}
    return [each.sentence for each in said if each.is_mostly_wrong and (each.number, each.version) in ran]


def _free_numbers(campaign: Campaign, on: date, using: Gateways) -> list[str]:
    """Numbers of the day that nobody has used."""
    start = f"XS-{campaign.region}-{on:%Y%m%d}-"
    kept = using.ledger.registers.records(campaign.id, using.forms[FORM])[FORM]
    last = max(
        (
            int(str(each.values[NUMBER])[-4:])
            for each in kept.values()
            if str(each.values[NUMBER]).startswith(start)
        ),
        default=0,
    )
    return [f"{start}{number:04}" for number in range(last + 1, MOST_NUMBERS + 1)]


def _clue(campaign: Campaign, each: Scored, number: str, on: date, using: Gateways) -> dict[str, Cell]:
    from include.screening import registry

    hit = each.hit
    rule = registry.rule(hit.number)
    unit = using.ledger.roster.unit(campaign.id, hit.fixmedins_code) if hit.fixmedins_code else None
    handling = (unit.handling_unit if unit else None) or OWN_OFFICE
    kind = {"H": "医疗机构", "P": "零售药店"}.get(hit.fixmedins_code[:1], "参保人员")
    return {
        "clue_no": number,
        "source": screened_clues.SOURCE,
        "batch_no": f"{on:%Y年%m月}筛查",
        "subject_type": kind,
        "fixmedins_code": hit.fixmedins_code or None,
        "fixmedins_name": unit.name if unit else None,
        "psn_no": hit.psn_no or None,
        "model_code": f"{hit.number} {rule.title}",
        "content": hit.sentence,
        "window_start": str(hit.window_start),
        "window_end": str(hit.window_end),
        "suspect_amt": str(hit.amount),
        "occurrences": max(1, len(hit.visits)),
        "risk_level": each.risk,
        "received_on": str(on),
        "unit": handling,
        "due_on": str(using.calendar.shift(on, WORKING_DAYS)),
        "progress": "未启动",
    }
