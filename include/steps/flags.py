"""Red flags of the accepted returns (敷衍了事、避重就轻、隐瞒不报): for staff who choose samples, for nobody else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from include.domain.campaign import Campaign
from include.domain.model import UnitKind
from include.domain.red_flags import RedFlag, SelfCheck, ranked, red_flags
from include.domain.self_check import ITEMS
from include.domain.units import Unit
from include.steps import screened_clues
from include.steps.ports import Gateways


@dataclass(frozen=True, slots=True)
class FlaggedUnit:
    rank: int
    unit: Unit
    weight: int
    flags: tuple[RedFlag, ...]


def of_returns(campaign: Campaign, *, on: date, using: Gateways) -> list[FlaggedUnit]:
    """Units to be looked at, the gravest first, what own screening found at each among the reasons.

    Computed each time, so that no mail, receipt or workbook can come to hold a flag; only the reasons of an
    inspection plan, which stays in the office, keep what a flag said.
    """
    returns = _self_checks(campaign, using)
    units = {unit.code: unit for unit in using.ledger.roster.units(campaign.id, on=on)}
    # A unit that has left since is still answerable for what it reported.
    for code in {each.unit_code for each in returns} - set(units):
        if (left := using.ledger.roster.unit(campaign.id, code)) is not None:
            units[code] = left
    compared = [
        replace(each, peers=peers_of(units[each.unit_code])) for each in returns if each.unit_code in units
    ]
    found = ranked(red_flags(compared, screened_clues.by_unit(campaign, using=using)))
    return [
        FlaggedUnit(rank, units[each.unit_code], each.weight, each.flags)
        for rank, each in enumerate(found, start=1)
    ]


def peers_of(unit: Unit) -> str:
    """The name of the units it is compared with: of its kind and, for hospitals, of its level."""
    if unit.kind is UnitKind.MEDICAL_INSTITUTION and unit.level:
        return f"{unit.kind.zh}（{unit.level}）"
    return unit.kind.zh


def _self_checks(campaign: Campaign, using: Gateways) -> list[SelfCheck]:
    """Of forms that list problems; a written report has nothing to compare."""
    forms = {owed.form for phase in campaign.phases for owed in phase.returns if owed.filled_by == "unit"}
    return [
        each
        for form in sorted(forms)
        if any(sheet.key == ITEMS for sheet in using.forms[form].sheets)
        for each in using.ledger.returns.self_checks(campaign.id, form)
    ]
