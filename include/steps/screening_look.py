"""What the office sees of screening: every run, how each rule stands, and the table of watched items of a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from include.domain.campaign import Campaign
from include.domain.errors import NotFound
from include.domain.screening import Precision, RuleRun, Run
from include.steps import screened_clues
from include.steps.ports import Gateways

NO_TRENDS = "没有这张重点品种趋势表，请从“筛查”页进入。"


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule as it last ran: that day's hits (条) in all cities, why it was left out, and what verification said."""

    number: str
    title: str
    version: str
    ran_on: date
    hits: int
    left_out: str
    precision: Precision | None


def runs(campaign: Campaign, *, using: Gateways) -> list[Run]:
    """The newest first."""
    return using.ledger.screenings.runs(campaign.id)[::-1]


def standings(campaign: Campaign, *, using: Gateways) -> list[Standing]:
    """By number; a rule that never ran for the campaign is not among them."""
    said = {(each.number, each.version): each for each in screened_clues.verified(campaign, using=using)}
    latest: defaultdict[str, list[tuple[date, RuleRun]]] = defaultdict(list)
    for run in using.ledger.screenings.runs(campaign.id):
        for rule in run.rules:
            latest[rule.number].append((run.ran_on, rule))
    return [_standing(latest[number], said) for number in sorted(latest)]


def trends(campaign: Campaign, sha256: str, *, using: Gateways) -> tuple[Run, bytes]:
    """The table and the run that made it. Raise NotFound for one that no run of this campaign made."""
    for run in using.ledger.screenings.runs(campaign.id):
        if run.trends and run.trends == sha256:
            return run, using.archive.get(sha256)
    raise NotFound(NO_TRENDS)


def _standing(ran: Iterable[tuple[date, RuleRun]], said: dict[tuple[str, str], Precision]) -> Standing:
    entries = list(ran)
    last = max(day for day, _ in entries)
    of_day = [rule for day, rule in entries if day == last]
    newest = of_day[-1]
    left_out = newest.left_out if all(each.left_out for each in of_day) else ""
    return Standing(
        newest.number,
        newest.title,
        newest.version,
        last,
        sum(each.hits for each in of_day),
        left_out,
        said.get((newest.number, newest.version)),
    )
