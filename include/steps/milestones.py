"""Milestones followed: what each indicator counts, who is warned of one in danger, and what is still open."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from include.domain.campaign import Campaign, Milestone, Phase, PostRole
from include.domain.forms import Form
from include.domain.inspection_plans import COVERAGE
from include.domain.letters import MilestoneLetter
from include.domain.milestones import (
    LAST,
    Counted,
    Open,
    Projection,
    Standing,
    Told,
    by_group,
    is_to_be_told,
    projection,
    told_by,
    warning_key,
)
from include.domain.notices import NewNotice, Notice, NoticeKind
from include.domain.obligations import REPORTED, ObligationState
from include.domain.registers import NUMBER, UNIT
from include.domain.units import Unit
from include.domain.workdays import UnknownYear
from include.steps import inspection_coverage, reconcile, write
from include.steps.grade_units import is_done, records
from include.steps.ports import Gateways

log = logging.getLogger(__name__)

UNPLANNED = "未排入检查计划"
OPEN_FORM = Form.model_validate(
    {
        "key": "open_items",
        "title": "未完成清单",
        "version": "2026.1",
        "identified": False,
        "purpose": "办公室内部使用：进度节点尚未完成的事项，分管辖单位和检查组。",
        "sheets": [
            {
                "key": f"by_{key}",
                "title": f"按{title}",
                "layout": "table",
                "rows": 1,
                "columns": [
                    {"field": "group", "header": title, "type": "text", "width": 30},
                    {"field": "number", "header": "编号", "type": "text", "width": 26},
                    {"field": "name", "header": "名称", "type": "text", "width": 36},
                    {"field": "kind", "header": "类别", "type": "text", "width": 16},
                    {"field": "other", "header": other, "type": "text", "width": 24},
                    {"field": "note", "header": "情况", "type": "text", "width": 30},
                ],
            }
            for key, title, other in (("branch", "管辖单位", "检查组"), ("team", "检查组", "管辖单位"))
        ],
    }
)


Thing = tuple[str, date | None]
"""What an indicator counts: the code of its unit (empty for none), the day it was done."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What an indicator counts on a day, each in ``unit``, and what of it is still open then."""

    unit: str
    things: Callable[[Campaign, Phase, date, Gateways], list[Thing]]
    still_open: Callable[[Campaign, Phase, date, Gateways], list[Open]]

    def counted(self, campaign: Campaign, phase: Phase, on: date, using: Gateways) -> Counted:
        """All things, and the days of those done."""
        things = self.things(campaign, phase, on, using)
        return Counted(len(things), [day for _, day in things if day is not None], self.unit)


def standing(campaign: Campaign, phase: Phase, *, on: date, using: Gateways) -> list[Projection]:
    """Each milestone of the phase that can be measured, in order of due dates.

    One whose dates lie in a year without a holiday arrangement is left out, and said in the log.
    """
    found = []
    for milestone in sorted(campaign.milestones, key=lambda each: each.due):
        measure = MEASURES.get(milestone.indicator)
        if milestone.phase != phase.key or measure is None:
            continue
        counted = measure.counted(campaign, phase, on, using)
        try:
            found.append(projection(milestone, counted, start=phase.start, on=on, calendar=using.calendar))
        except UnknownYear as unknown:
            log.warning("进度节点“%s”不作推算：%s", milestone.title, unknown)
    return found


def notices(campaign: Campaign, phase: Phase, *, on: date, using: Gateways) -> list[NewNotice]:
    """A warning for each milestone that is to be told of that day; the same day again gives the same."""
    entered = using.ledger.outbox.keys(campaign.id, kind=NoticeKind.MILESTONE)
    mode = using.mail_server.mode
    post = reconcile.office_post(campaign, PostRole.OFFICE_DIRECTOR, PostRole.OFFICE_STAFF)
    return [
        NewNotice(
            key=warning_key(mode, campaign.id, found.milestone.key, Told(found.level, on)),
            mode=mode,
            campaign_id=campaign.id,
            kind=NoticeKind.MILESTONE,
            planned_on=on,
            phase_key=phase.key,
            step_key=found.milestone.key,
            post_key=post.key,
            due_on=found.milestone.due,
            useful_until=found.milestone.due,
        )
        for found in standing(campaign, phase, on=on, using=using)
        if is_to_be_told(
            found,
            told_by(entered, mode, campaign.id, found.milestone.key),
            on=on,
            calendar=using.calendar,
        )
    ]


def letter(campaign: Campaign, notice: Notice, *, on: date, using: Gateways) -> write.Draft | write.Unneeded:
    """The warning as of this moment; not needed any more once the milestone is out of danger."""
    if notice.phase_key is None or notice.post_key is None:
        raise ValueError("a warning must name phase and post")
    phase, post = campaign.phase(notice.phase_key), campaign.post(notice.post_key)
    found = next(
        (
            each
            for each in standing(campaign, phase, on=on, using=using)
            if each.milestone.key == notice.step_key
        ),
        None,
    )
    if found is None or found.standing is not Standing.ENDANGERED:
        return write.Unneeded("进度节点已达到，或按目前进度可以按期达到")
    items = MEASURES[found.milestone.indicator].still_open(campaign, phase, on, using)
    made = write.Made(f"未完成清单_{found.milestone.title}_{on:%Y%m%d}.xlsx", workbook(items, using))
    last_time = using.calendar.shift(using.calendar.on_or_before(found.milestone.due), -LAST)
    text = MilestoneLetter(
        campaign=campaign,
        office=using.office,
        on=on,
        phase=phase,
        post=post,
        projection=found,
        branches=tuple(by_group(items, "branch")),
        teams=tuple(by_group(items, "team")),
        is_last=on >= last_time,
        attachments=(made.name,),
    )
    return write.Draft(write.mailbox(campaign, post, on=on, using=using), text, (made,))


def workbook(items: list[Open], using: Gateways) -> bytes:
    """What is open, once by area and once by inspection team."""
    return using.workbooks.register(
        OPEN_FORM,
        {
            f"by_{group}": [
                {
                    "group": getattr(each, group),
                    "number": each.number,
                    "name": each.name,
                    "kind": each.kind,
                    "other": each.team if group == "branch" else each.branch,
                    "note": each.note,
                }
                for each in sorted(items, key=lambda each: (getattr(each, group), each.number))
            ]
            for group in ("branch", "team")
        },
    )


def open_items(campaign: Campaign, milestone: Milestone, *, on: date, using: Gateways) -> list[Open]:
    """What a milestone still lacks. Raise KeyError for an indicator nobody can measure."""
    phase = campaign.phase(milestone.phase)
    return MEASURES[milestone.indicator].still_open(campaign, phase, on, using)


def _inspected(campaign: Campaign, on: date, using: Gateways) -> tuple[list[Unit], dict[str, date]]:
    """The units to inspect on the frozen roster, and the day each was first inspected to the end."""
    frozen_on = using.ledger.roster.frozen_on(campaign.id)
    if frozen_on is None:
        return [], {}
    kinds = inspection_coverage.inspected_kinds(campaign)
    units = [unit for unit in using.ledger.roster.units(campaign.id, on=frozen_on) if unit.kind in kinds]
    first: dict[str, date] = {}
    for each in records(campaign, inspection_coverage.FORM, using):
        end = each.get("end_on")
        if is_done(each, on) and isinstance(end, date):
            code = str(each[UNIT])
            first[code] = min(end, first.get(code, end))
    return units, first


def _coverage(campaign: Campaign, phase: Phase, on: date, using: Gateways) -> list[Thing]:
    units, first = _inspected(campaign, on, using)
    return [(unit.code, first.get(unit.code)) for unit in units]


def _not_inspected(campaign: Campaign, phase: Phase, on: date, using: Gateways) -> list[Open]:
    units, first = _inspected(campaign, on, using)
    teams = {
        each.unit_code: each.team
        for each in using.ledger.inspection_plans.all(campaign.id)
        if each.state.is_open
    }
    here = {unit.code for unit in using.ledger.roster.units(campaign.id, on=on)}
    return [
        Open(
            unit.code,
            unit.name,
            unit.kind.zh,
            area(unit),
            teams.get(unit.code, UNPLANNED),
            "" if unit.code in here else "已退出名册，仍计入基数",
        )
        for unit in units
        if unit.code not in first
    ]


def _clues(campaign: Campaign, phase: Phase, on: date, using: Gateways) -> list[Thing]:
    return [
        (str(each.get(UNIT) or ""), day if isinstance(day := each.get("closed_on"), date) else None)
        for each in records(campaign, "clue", using)
    ]


def _open_clues(campaign: Campaign, phase: Phase, on: date, using: Gateways) -> list[Open]:
    return [
        Open(
            str(each[NUMBER]),
            str(each.get("fixmedins_name") or each.get("subject_type") or ""),
            "疑点线索",
            str(each.get("unit") or "未指定承办单位"),
            "—",
            f"{each.get('progress') or ''}，期限{each.get('due_on') or '未定'}",
        )
        for each in records(campaign, "clue", using)
        if not isinstance(closed := each.get("closed_on"), date) or closed > on
    ]


_NOT_WANTED = frozenset({ObligationState.WAIVED, ObligationState.CLOSED})


def _returns(campaign: Campaign, phase: Phase, on: date, using: Gateways) -> list[Thing]:
    return [
        (each.unit_code, each.accepted_on if each.state in REPORTED else None)
        for each in using.ledger.obligations.all(campaign.id, phase.key)
        if each.filled_by == "unit" and each.state not in _NOT_WANTED
    ]


def _open_returns(campaign: Campaign, phase: Phase, on: date, using: Gateways) -> list[Open]:
    owed = using.ledger.obligations.all(campaign.id, phase.key)
    units = using.ledger.roster.known(campaign.id, {each.unit_code for each in owed})
    return [
        Open(
            each.unit_code,
            each.unit_name,
            each.unit_kind.zh,
            area(units[each.unit_code]) if each.unit_code in units else "",
            "—",
            f"{using.forms[each.form].title}：{each.state.zh}",
        )
        for each in owed
        if each.filled_by == "unit" and not each.is_settled
    ]


def area(unit: Unit) -> str:
    """Who answers for the unit: its handling unit or branch, else its region."""
    return unit.handling_unit or f"区划{unit.region_code}"


MEASURES: Mapping[str, Measure] = {
    COVERAGE: Measure("家", _coverage, _not_inspected),
    "clue_check_rate": Measure("条", _clues, _open_clues),
    "return_rate": Measure("份", _returns, _open_returns),
}
"""Indicators a milestone may name: 检查覆盖率, 线索办结率, 报送率."""
