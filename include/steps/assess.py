"""Score the branches or lower bureaus of a campaign from what the ledgers hold. Nothing is changed or sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from include.domain.assessment import Rate, Score, ranked, score
from include.domain.campaign import Campaign, PhaseKind
from include.domain.errors import GiveUp
from include.domain.forms import Form
from include.domain.obligations import Obligation
from include.domain.registers import STATE, UNIT
from include.domain.units import Unit
from include.steps import inspection_coverage
from include.steps.consolidate import EXCUSED, answers_for
from include.steps.grade_units import Facts, is_done, records
from include.steps.ports import Gateways

FORM = Form.model_validate(
    {
        "key": "assessment",
        "title": "任务完成情况评分表",
        "version": "2026.1",
        "identified": False,
        "purpose": "办公室内部使用：各单位任务完成情况评分，逐项列明依据，供考核参考。",
        "sheets": [
            {
                "key": "scores",
                "title": "评分",
                "layout": "table",
                "rows": 1,
                "note": "评分项目和分值为建议方案，以正式考核办法为准；没有应办事项的不计分，其余按比例折算为百分制。",
                "columns": [
                    {"field": "unit_code", "header": "单位编码", "type": "text", "width": 16},
                    {"field": "unit_name", "header": "单位名称", "type": "text", "width": 28},
                    {"field": "total", "header": "得分", "type": "text", "width": 10},
                    {"field": "why", "header": "逐项依据", "type": "text", "width": 80},
                ],
            }
        ],
    }
)


def scores(campaign: Campaign, *, on: date, using: Gateways) -> list[Score]:
    """The units the notice assesses, the best first. Raise GiveUp for a campaign that assesses nobody."""
    by = campaign.assessment
    if by is None:
        raise GiveUp(f"“{campaign.short_title}”没有规定对下级单位的考核评分（campaign.yaml 中的 assessment）")
    everybody = using.ledger.roster.units(campaign.id, on=on)
    found = _Found(campaign, everybody, on, using)
    return ranked(
        [score(unit.code, unit.name, by, found.rates(unit)) for unit in everybody if unit.kind in by.scored]
    )


def workbook(found: Sequence[Score], using: Gateways) -> bytes:
    """The scores with every line behind them."""
    return using.workbooks.register(
        FORM,
        {
            "scores": [
                {
                    "unit_code": each.unit_code,
                    "unit_name": each.unit_name,
                    "total": str(each.total) if each.total is not None else "不计分",
                    "why": "；".join(line.sentence for line in each.lines),
                }
                for each in found
            ]
        },
    )


class _Found:
    """What the ledgers hold, read once for all units."""

    def __init__(self, campaign: Campaign, everybody: Sequence[Unit], on: date, using: Gateways) -> None:
        self._on = on
        frozen_on = using.ledger.roster.frozen_on(campaign.id)
        self._frozen = using.ledger.roster.units(campaign.id, on=frozen_on) if frozen_on else []
        self._known = {unit.code: unit for unit in [*self._frozen, *everybody]}
        self._to_inspect = inspection_coverage.inspected_kinds(campaign)
        self._inspected = {
            str(each[UNIT])
            for each in records(campaign, inspection_coverage.FORM, using)
            if is_done(each, on)
        }
        self._clues = records(campaign, "clue", using)
        self._rectifications = records(campaign, "rectification", using)
        owed = [
            (phase.kind, each)
            for phase in campaign.phases
            for each in using.ledger.obligations.all(campaign.id, phase.key)
            if each.filled_by == "unit" and each.state not in EXCUSED and each.due_on <= on
        ]
        self._owed = [each for _, each in owed]
        self._self_checks = [each for kind, each in owed if kind is PhaseKind.SELF_CHECK]

    def rates(self, unit: Unit) -> dict[str, Rate]:
        """By measure."""
        to_inspect = [
            each for each in self._frozen if each.kind in self._to_inspect and answers_for(unit, each)
        ]
        checks = [each for each in self._self_checks if self._is_of(unit, each.unit_code)]
        own = [each for each in self._owed if each.unit_code == unit.code]
        clues = [each for each in self._clues if self._is_about(unit, each)]
        repairs = [each for each in self._rectifications if self._is_about(unit, each)]
        return {
            "inspection_coverage": Rate(
                sum(each.code in self._inspected for each in to_inspect), len(to_inspect), "家"
            ),
            "self_check_return": Rate(sum(_is_in(each, self._on) for each in checks), len(checks), "份"),
            "returns_on_time": Rate(
                sum(_is_in(each, self._on) and not each.days_late for each in own), len(own), "份"
            ),
            "clues_closed": Rate(sum(_is_closed(each, self._on) for each in clues), len(clues), "条"),
            "rectified": Rate(sum(each.get(STATE) == "已销号" for each in repairs), len(repairs), "条"),
        }

    def _is_of(self, unit: Unit, code: str) -> bool:
        return code in self._known and answers_for(unit, self._known[code])

    def _is_about(self, unit: Unit, record: Facts) -> bool:
        """Assigned to the unit by name, else about an institution it answers for."""
        return record.get("unit") == unit.name or self._is_of(unit, str(record.get(UNIT)))


def _is_in(owed: Obligation, on: date) -> bool:
    return owed.accepted_on is not None and owed.accepted_on <= on


def _is_closed(clue: Facts, on: date) -> bool:
    closed = clue.get("closed_on")
    return isinstance(closed, date) and closed <= on
