"""How many units were inspected: against the frozen roster with the pace to the milestones, and within one phase."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date

from include.domain.campaign import Campaign, Phase, PhaseKind
from include.domain.errors import GiveUp
from include.domain.inspection_plans import COVERAGE, Covered, Pace, covered, pace
from include.domain.model import UnitKind
from include.domain.registers import UNIT
from include.steps.grade_units import INSTITUTIONS, Facts, is_done, records
from include.steps.ports import Gateways
from include.steps.show import recurring

log = logging.getLogger(__name__)

FORM = "inspection"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Coverage against the frozen roster; ``left`` units (家) on it have left since and still count."""

    frozen_on: date
    groups: tuple[Covered, ...]
    paces: tuple[Pace, ...]
    left: int


def against_roster(campaign: Campaign, *, on: date, using: Gateways) -> Coverage:
    """Units inspected by that day, and the pace to the milestones. Raise GiveUp without a frozen roster."""
    frozen_on = using.ledger.roster.frozen_on(campaign.id)
    if frozen_on is None:
        raise GiveUp(
            f"“{campaign.short_title}”的定点医药机构名册尚未导入，检查覆盖率没有基数；"
            f"请先导入名册：python -m include.cli roster import 名册.xlsx --campaign {campaign.id}"
        )
    kinds = inspected_kinds(campaign)
    units = [unit for unit in using.ledger.roster.units(campaign.id, on=frozen_on) if unit.kind in kinds]
    here = {unit.code for unit in using.ledger.roster.units(campaign.id, on=on)}
    done = last_done(records(campaign, FORM, using), on)
    inspected = sum(unit.code in done for unit in units)
    paces = [
        pace(
            milestone,
            total=len(units),
            inspected=inspected,
            days_left=len(list(using.calendar.working_days(on, milestone.due))) if on <= milestone.due else 0,
        )
        for milestone in sorted(campaign.milestones, key=lambda each: each.due)
        if milestone.indicator == COVERAGE
    ]
    left = sum(unit.code not in here for unit in units)
    return Coverage(frozen_on, tuple(covered(units, done)), tuple(paces), left)


def progress(campaign: Campaign, phase: Phase, *, on: date, using: Gateways) -> dict[str, int]:
    """Units (家) to inspect in the phase, inspected since it began, not yet; what recurs (份) behind it.

    Officers inspect and the register says so: nothing is owed by the unit, so no state of a return would tell.
    """
    owed = sum(using.ledger.obligations.counts(campaign.id, phase.key, is_recurring=False).values())
    kinds = inspected_kinds(campaign)
    last = last_done(records(campaign, FORM, using), on)
    since = {code for code, day in last.items() if day >= phase.start}
    done = sum(
        unit.code in since for unit in using.ledger.roster.units(campaign.id, on=on) if unit.kind in kinds
    )
    figures = {"应检查": owed, "已检查": done, "尚未检查": max(owed - done, 0)}
    log.info("%s：%s", phase.title, "，".join(f"{name}{number}家" for name, number in figures.items()))
    return figures | recurring(campaign, phase, using=using)


def inspected_kinds(campaign: Campaign) -> frozenset[UnitKind]:
    """Whom the notice wants inspected; where it names no inspection record, all institutions."""
    owed = {
        kind
        for phase in campaign.phases_of(PhaseKind.INSPECTION)
        for each in phase.returns
        if each.form == FORM
        for kind in each.owed_by
    }
    return frozenset(owed) or INSTITUTIONS


def last_done(inspections: list[Facts], on: date) -> dict[str, date]:
    """The day on which each unit's last inspection was completed."""
    last: dict[str, date] = {}
    for each in inspections:
        end = each.get("end_on")
        if is_done(each, on) and isinstance(end, date):
            code = str(each[UNIT])
            last[code] = max(end, last.get(code, end))
    return last
