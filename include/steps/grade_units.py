"""Credit grades from what the ledgers hold: for staff and for the inspection plan, for nobody else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from include.domain.campaign import Campaign, PhaseKind
from include.domain.credit_grades import SCORECARD, CreditFacts, Grading, SelfCheckRecord, graded
from include.domain.errors import GiveUp
from include.domain.forms import Form
from include.domain.model import UnitKind
from include.domain.obligations import REPORTED, Obligation, ObligationState
from include.domain.registers import STATE, UNIT
from include.domain.returns import Value, Verdict
from include.domain.units import Unit
from include.steps import flags
from include.steps.flags import FlaggedUnit
from include.steps.ports import Gateways

Facts = Mapping[str, Value]
FORM = Form.model_validate(
    {
        "key": "credit_grade",
        "title": "信用等级评定表",
        "version": SCORECARD.version,
        "identified": False,
        "purpose": "办公室内部使用，据以确定检查间隔；不发送机构，不公开。",
        "sheets": [
            {
                "key": "grades",
                "title": "信用等级评定",
                "layout": "table",
                "columns": [
                    {"field": "unit_code", "header": "机构编码", "type": "text", "width": 16},
                    {"field": "unit_name", "header": "机构名称", "type": "text", "width": 28},
                    {"field": "grade", "header": "信用等级", "type": "text", "width": 10},
                    {"field": "points", "header": "得分", "type": "count", "unit": "分", "width": 8},
                    {"field": "interval", "header": "检查间隔", "type": "count", "unit": "日", "width": 10},
                    {"field": "why", "header": "逐项依据", "type": "text", "width": 60},
                    {"field": "missing", "header": "未计入的事项", "type": "text", "width": 50},
                    {"field": "version", "header": "评分规则版本", "type": "text", "width": 14},
                ],
            }
        ],
    }
)


def grades(
    campaign: Campaign, *, on: date, using: Gateways, only: Collection[str] | None = None
) -> list[Grading]:
    """The institutions on the roster, the worst first. Raise GiveUp for a code the roster does not have."""
    units = [unit for unit in using.ledger.roster.units(campaign.id, on=on) if unit.kind in INSTITUTIONS]
    if only is not None:
        unknown = sorted(set(only) - {unit.code for unit in units})
        if unknown:
            raise GiveUp(f"名册中没有编码为“{'、'.join(unknown)}”的定点医药机构，请核对编码")
    checks = self_checks(campaign, flags.of_returns(campaign, on=on, using=using), on=on, using=using)
    facts = _facts(campaign, units, checks, on, using)
    found = [graded(each) for each in facts if only is None or each.unit_code in only]
    return sorted(found, key=lambda each: (each.grade is None, each.points, each.unit_code))


INSTITUTIONS = frozenset({UnitKind.MEDICAL_INSTITUTION, UnitKind.RETAIL_PHARMACY})


def workbook(found: Sequence[Grading], using: Gateways) -> bytes:
    """The grades as a workbook for staff."""
    return using.workbooks.register(
        FORM,
        {
            "grades": [
                {
                    "unit_code": each.unit_code,
                    "unit_name": each.unit_name,
                    "grade": each.grade or "暂不评级",
                    "points": each.points,
                    "interval": SCORECARD.interval(each.grade),
                    "why": "；".join(map(str, each.lines)) or "没有扣分事项",
                    "missing": "；".join(each.missing),
                    "version": each.version,
                }
                for each in found
            ]
        },
    )


def self_checks(
    campaign: Campaign, flagged: Sequence[FlaggedUnit], *, on: date, using: Gateways
) -> dict[str, SelfCheckRecord]:
    """How each unit's self-check came in, by code; units from which none is wanted are absent."""
    sent_back = Counter(
        file.unit_code for file in using.ledger.returns.judged(campaign.id, verdicts={Verdict.RETURNED})
    )
    weights = {each.unit.code: each.weight for each in flagged}
    owed: defaultdict[str, list[Obligation]] = defaultdict(list)
    for phase in campaign.phases_of(PhaseKind.SELF_CHECK):
        for each in using.ledger.obligations.all(campaign.id, phase.key):
            if each.filled_by == "unit" and each.state not in _NOT_WANTED:
                owed[each.unit_code].append(each)
    return {
        code: SelfCheckRecord(
            is_missing=any(each.state is ObligationState.OPEN and each.due_on < on for each in all_of_it),
            is_accepted=all(each.state in REPORTED for each in all_of_it),
            days_late=max(each.days_late for each in all_of_it),
            sent_back=sent_back[code],
            flag_weight=weights.get(code, 0),
        )
        for code, all_of_it in owed.items()
    }


_NOT_WANTED = frozenset({ObligationState.WAIVED, ObligationState.CLOSED})


def records(campaign: Campaign, key: str, using: Gateways) -> list[Facts]:
    """The records of a register, by ledger name, in the order of entry."""
    found = using.ledger.registers.records(campaign.id, using.forms[key])[key]
    return [record.values for record in found.values()]


def is_done(inspection: Facts, on: date) -> bool:
    """Whether an inspection was completed by that day."""
    end = inspection.get("end_on")
    return inspection.get("status") == "完成" and isinstance(end, date) and end <= on


def amount(value: Value) -> Decimal:
    return Decimal(value) if isinstance(value, int | Decimal) else Decimal(0)


def _facts(
    campaign: Campaign,
    units: Sequence[Unit],
    checks: Mapping[str, SelfCheckRecord],
    on: date,
    using: Gateways,
) -> list[CreditFacts]:
    found = {unit.code: CreditFacts(unit.code, unit.name, self_check=checks.get(unit.code)) for unit in units}
    for each in _of(found, records(campaign, "inspection", using)):
        if is_done(each, on):
            known = found[str(each[UNIT])]
            found[known.unit_code] = replace(
                known,
                inspections=known.inspections + 1,
                problems=known.problems + int(amount(each.get("problem_count"))),
                suspected_fraud=known.suspected_fraud + (each.get("conclusion") == "涉嫌骗保"),
            )
    for each in _of(found, records(campaign, "rectification", using)):
        known, due = found[str(each[UNIT])], each.get("due_on")
        left = amount(each.get("payable")) - amount(each.get("paid"))
        is_overdue = isinstance(due, date) and due < on and each.get(STATE) != "已销号"
        found[known.unit_code] = replace(
            known,
            rectifications=known.rectifications + 1,
            overdue_refund=known.overdue_refund + (left if is_overdue else 0),
        )
    for each in _of(found, records(campaign, "case", using)):
        decided = each.get("decided_on")
        if isinstance(decided, date) and decided <= on:
            known = found[str(each[UNIT])]
            found[known.unit_code] = replace(known, cases=known.cases + 1)
    for each in _of(found, records(campaign, "blacklist", using)):
        if _is_in_force(each, on):
            code = str(each[UNIT])
            found[code] = replace(
                found[code], blacklisted=f"已列入“黑名单”（依据{each.get('basis_doc_no')}）"
            )
    return list(found.values())


def _of(units: Mapping[str, object], rows: Sequence[Facts]) -> list[Facts]:
    return [each for each in rows if each.get(UNIT) in units]


def _is_in_force(entry: Facts, on: date) -> bool:
    listed, removed, until = (entry.get(name) for name in ("listed_on", "removed_on", "ban_until"))
    return (
        isinstance(listed, date)
        and listed <= on
        and not (isinstance(removed, date) and removed <= on)
        and not (isinstance(until, date) and until < on)
    )
