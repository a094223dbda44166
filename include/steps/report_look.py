"""What the office looks at of its reports upward: what is owed next, what was compiled, a figure and what is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from include.domain.campaign import Campaign, UpwardReport
from include.domain.errors import NotFound
from include.domain.indicators import BY_KEY, Indicator
from include.domain.occasions import Occasion
from include.domain.reports import Edition, EditionFile, Figure, FigureNote, RowsBehind
from include.steps import report as compiling
from include.steps.ports import Gateways

NO_EDITION = "没有编号为{number}的报送材料，或您的账号不能查看它。"
NO_FIGURE = "这一版没有这项指标。"


@dataclass(frozen=True, slots=True)
class Owed:
    """A report upward: the occasion it is due on next, and the latest edition of it. Without one when made on an event."""

    report: UpwardReport
    occasion: Occasion | None
    latest: Edition | None

    @property
    def is_done(self) -> bool:
        return self.latest is not None and self.latest.went_up


@dataclass(frozen=True, slots=True)
class OneFigure:
    """An indicator of an edition: its figures, in all and by member, and what was written about them."""

    indicator: Indicator
    figures: tuple[Figure, ...]
    notes: tuple[FigureNote, ...]


def owed(campaign: Campaign, *, on: date, using: Gateways) -> list[Owed]:
    """Every report of the campaign, in the order of its notice."""
    return [_owed(campaign, report, on, using) for report in campaign.reports]


def _owed(campaign: Campaign, report: UpwardReport, on: date, using: Gateways) -> Owed:
    if report.cadence == "on_event":
        editions = using.ledger.editions.all(campaign.id, report.key)
        return Owed(report, None, editions[-1] if editions else None)
    occasion = compiling.nearest_occasion(campaign, report, on=on, using=using)
    return Owed(
        report, occasion, using.ledger.editions.latest(campaign.id, report.key, occasion=occasion.key)
    )


def edition(campaign: Campaign, number: int, using: Gateways) -> tuple[UpwardReport, Edition]:
    """Raise NotFound, in the same words whether it is not there or another campaign's."""
    try:
        found = using.ledger.editions.get(number)
    except KeyError:
        found = None
    report = next((each for each in campaign.reports if found and each.key == found.report_key), None)
    if found is None or found.campaign_id != campaign.id or report is None:
        raise NotFound(NO_EDITION.format(number=number))
    return report, found


def file(of: Edition, place: int, using: Gateways) -> tuple[EditionFile, bytes]:
    """A file of an edition as it was compiled. Raise NotFound for one it does not have or the archive has lost."""
    if not 0 <= place < len(of.files):
        raise NotFound(f"这一版没有第{place + 1}份文件。")
    try:
        return of.files[place], using.archive.get(of.files[place].sha256)
    except (FileNotFoundError, ValueError) as fault:
        raise NotFound("档案中没有这份文件，或内容与校验值不符，请从备份恢复。") from fault


def figure(
    campaign: Campaign, report: UpwardReport, of: Edition, key: str, occasion: Occasion, using: Gateways
) -> OneFigure:
    """Raise NotFound for an indicator the edition does not have."""
    found = [each for each in using.ledger.snapshots.figures(of.snapshot_id) if each.indicator == key]
    if key not in BY_KEY or not found:
        raise NotFound(NO_FIGURE)
    notes = using.ledger.snapshots.notes(campaign.id, report.key, occasion.period)
    return OneFigure(BY_KEY[key], tuple(found), tuple(each for each in notes if each.indicator == key))


def rows_behind(
    campaign: Campaign, report: UpwardReport, of: Edition, key: str, using: Gateways
) -> Sequence[RowsBehind]:
    """What the figure counts, row by row, out of the edition's frozen data."""
    return using.statistics.rows_behind(
        campaign,
        report,
        edition=of.number,
        snapshot=using.ledger.snapshots.get(of.snapshot_id),
        figures=using.ledger.snapshots.figures(of.snapshot_id),
        indicator=key,
    )
