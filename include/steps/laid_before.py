"""What a hand sees before it signs: figures beside those of the last edition, checks, hands, files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from include.domain.campaign import Campaign, Post, UpwardReport
from include.domain.errors import NotFound
from include.domain.indicators import figure_lines
from include.domain.letters import ChangeLine
from include.domain.occasions import Occasion
from include.domain.reports import CrossCheck, Edition, EditionState
from include.domain.sign_off import Hand, Signing
from include.domain.workdays import UnknownYear
from include.steps import report_page
from include.steps.ports import Gateways


@dataclass(frozen=True, slots=True)
class FigureBeside:
    """A figure as printed, and as it was printed in the edition it is held against; empty when there is none."""

    title: str
    unit: str
    last: str
    now: str

    @property
    def has_changed(self) -> bool:
        return bool(self.last) and self.last != self.now


@dataclass(frozen=True, slots=True)
class HandOn:
    """One hand, the post that is to sign, and what it was asked and decided; None before it is asked."""

    hand: Hand
    post: Post | None
    signing: Signing | None


@dataclass(frozen=True, slots=True)
class LaidBefore:
    """An edition as it lies before its hands. ``against`` names the edition the figures are held against."""

    campaign: Campaign
    report: UpwardReport
    edition: Edition
    occasion: Occasion
    days_overdue: int
    against: str
    figures: tuple[FigureBeside, ...]
    changes: tuple[ChangeLine, ...]
    checks: tuple[CrossCheck, ...]
    hands: tuple[HandOn, ...]

    @property
    def failed_checks(self) -> tuple[str, ...]:
        return report_page.failed(self.checks)

    @property
    def next_hand(self) -> HandOn | None:
        """Who has to decide; None when nobody has to any more."""
        if self.edition.state is not EditionState.DRAFTED:
            return None
        return next((each for each in self.hands if not each.signing or each.signing.approved is None), None)


def edition(edition_id: int, using: Gateways) -> Edition:
    """Raise NotFound."""
    try:
        return using.ledger.editions.get(edition_id)
    except KeyError:
        raise NotFound("没有这一版上报材料，请核对网址，或从“审批”页进入。") from None


def read(campaign: Campaign, found: Edition, *, on: date, using: Gateways) -> LaidBefore:
    report = campaign.report(found.report_key)
    occasion = report_page.occasion_of(campaign, report, found, using)
    last, changed = report_page.changes(campaign, report, found, using)
    is_event = report.cadence == "on_event"
    is_open = not (is_event or found.went_up)
    return LaidBefore(
        campaign=campaign,
        report=report,
        edition=found,
        occasion=occasion,
        days_overdue=_days_overdue(occasion, on, using) if is_open else 0,
        against=report_page.against(found, last) if last else "",
        figures=() if is_event else _beside(found, last, using),
        changes=changed,
        checks=report_page.checks(campaign, report, found, using),
        hands=_hands(campaign, report, found, using),
    )


def _days_overdue(occasion: Occasion, on: date, using: Gateways) -> int:
    """Working days; 0 beyond the known calendar, where nobody can say."""
    try:
        return report_page.days_overdue(occasion, on=on, using=using)
    except UnknownYear:
        return 0


def _beside(found: Edition, last: Edition | None, using: Gateways) -> tuple[FigureBeside, ...]:
    figures = using.ledger.snapshots.figures
    before = {line.title: line.value for line in figure_lines(figures(last.snapshot_id))} if last else {}
    return tuple(
        FigureBeside(line.title, line.unit, before.get(line.title, ""), line.value)
        for line in figure_lines(figures(found.snapshot_id))
    )


def _hands(campaign: Campaign, report: UpwardReport, found: Edition, using: Gateways) -> tuple[HandOn, ...]:
    signed = {each.hand: each for each in using.ledger.editions.signings(found.id)}
    return tuple(HandOn(hand, campaign.signing_post(report, hand), signed.get(hand)) for hand in Hand)
