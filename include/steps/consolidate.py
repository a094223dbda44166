"""What branches and departments reported for one occasion, put into one table: sums, who is missing, what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from include.domain.campaign import Campaign, Owed, Phase, PhaseKind
from include.domain.collecting import Call, calls
from include.domain.cumulative import Difference, Part, differences, items, numbers, totals
from include.domain.errors import GiveUp
from include.domain.forms import ColumnType, Form
from include.domain.model import UnitKind
from include.domain.obligations import REPORTED, Obligation, ObligationState
from include.domain.registers import UNIT
from include.domain.returns import ReturnFile, Value, Verdict
from include.domain.units import Unit
from include.steps import inspection_coverage
from include.steps.grade_units import amount, is_done, records
from include.steps.ports import Gateways

ACCEPTED = frozenset({Verdict.ACCEPTED, Verdict.ACCEPTED_WITH_WARNINGS})
EXCUSED = frozenset({ObligationState.WAIVED, ObligationState.CLOSED})


@dataclass(frozen=True, slots=True)
class Table:
    """One occasion of one form. ``totals`` are sums of ``parts`` alone; ``missing`` units are no part and no 0.

    Amounts in 元. ``differences`` are from our own ledger as of the period's end, where it has the number too.
    """

    form: Form
    call: Call
    parts: tuple[Part, ...]
    missing: tuple[Obligation, ...]
    totals: Mapping[str, Decimal]
    differences: tuple[Difference, ...]

    @property
    def sentence(self) -> str:
        """Who is in the sums and who is not, for a report: a missing unit is named."""
        counted = f"{self.form.title}（{self.call.title}）已报{len(self.parts)}家"
        if not self.missing:
            return f"{counted}，全部报齐。"
        names = "、".join(each.unit_name for each in self.missing)
        return f"{counted}，未报{len(self.missing)}家（{names}），其数据未计入合计。"


def table(
    campaign: Campaign, phase: Phase, form_key: str, occasion: str, *, on: date, using: Gateways
) -> Table:
    """The consolidated table as of now. Raise GiveUp for a return or an occasion the notice does not know."""
    call = _call(campaign, phase, form_key, occasion, using)
    form = using.forms[form_key]
    owed = [
        each
        for each in using.ledger.obligations.all(campaign.id, phase.key, form=form_key, occasion=occasion)
        if each.state not in EXCUSED
    ]
    files = using.ledger.returns.newest(
        {each.id for each in owed if each.state in REPORTED}, verdicts=ACCEPTED
    )
    parts = tuple(
        Part(each.unit_code, each.unit_name, _numbers(form, files[each.id], using))
        for each in owed
        if each.id in files
    )
    until = min(on, call.period.end) if call.period else on
    own = _own(campaign, [part.unit_code for part in parts], until, using)
    return Table(
        form=form,
        call=call,
        parts=parts,
        missing=tuple(each for each in owed if each.id not in files),
        totals=totals(form, parts),
        differences=tuple(differences(form, parts, own)),
    )


def recurring(phase: Phase) -> tuple[Owed, ...]:
    """What is collected in the phase again and again."""
    return tuple(owed for owed in phase.returns if owed.recurring is not None)


def workbook(found: Table, using: Gateways) -> bytes:
    """The table as a workbook: each card of the form with a row per unit and the sum, the missing, the differences."""
    form = _workbook_form(found.form)
    rows: dict[str, list[dict[str, Value]]] = {}
    for sheet in form.sheets[:-2]:
        fields = [column.field for column in sheet.columns if column.type is not ColumnType.TEXT]
        lines: list[dict[str, Value]] = [
            {"unit_code": part.unit_code, "unit_name": part.unit_name}
            | {field: part.values.get(field) for field in fields}
            for part in found.parts
        ]
        left_out = f"，未报{len(found.missing)}家不计入" if found.missing else ""
        summed: dict[str, Value] = {
            "unit_code": "合计",
            "unit_name": f"已报{len(found.parts)}家{left_out}",
        }
        rows[sheet.key] = [summed | {field: found.totals.get(field) for field in fields}, *lines]
    rows["missing"] = [
        {
            "unit_code": each.unit_code,
            "unit_name": each.unit_name,
            "state": each.state.zh,
            "due_on": each.due_on,
        }
        for each in found.missing
    ]
    rows["differences"] = [
        {
            "unit_code": each.unit_code,
            "unit_name": each.unit_name,
            "title": each.title,
            "reported": f"{each.reported:,f}{each.unit}",
            "own": f"{each.own:,f}{each.unit}",
        }
        for each in found.differences
    ]
    return using.workbooks.register(form, rows)


def _call(campaign: Campaign, phase: Phase, form_key: str, occasion: str, using: Gateways) -> Call:
    for owed in recurring(phase):
        if owed.form == form_key:
            found = calls(campaign, phase, owed, using.calendar)
            for call in found:
                if call.occasion == occasion:
                    return call
            known = "、".join(f"{call.occasion}（{call.title}）" for call in found)
            raise GiveUp(f"“{owed.title}”没有期次“{occasion}”；可选：{known}")
    known = "、".join(f"{owed.form}（{owed.title}）" for owed in recurring(phase)) or "没有按期次报送的表"
    raise GiveUp(f"“{phase.title}”不按期次收取“{form_key}”；可选：{known}")


def _numbers(form: Form, file: ReturnFile, using: Gateways) -> dict[str, Decimal]:
    return numbers(form, using.workbooks.read(using.archive.get(file.sha256), using.forms))


def _own(
    campaign: Campaign, unit_codes: Sequence[str], until: date, using: Gateways
) -> dict[str, dict[str, Decimal]]:
    """What our own ledger has of the institutions each reporting unit answers for, as of that day."""
    reporting = using.ledger.roster.known(campaign.id, unit_codes)
    institutions = using.ledger.roster.units(campaign.id, on=until)
    frozen_on = using.ledger.roster.frozen_on(campaign.id)
    frozen = using.ledger.roster.units(campaign.id, on=frozen_on) if frozen_on else []
    done = [each for each in records(campaign, inspection_coverage.FORM, using) if is_done(each, until)]
    owed = [
        each
        for phase in campaign.phases_of(PhaseKind.SELF_CHECK)
        for each in using.ledger.obligations.all(campaign.id, phase.key)
        if each.filled_by == "unit" and each.state not in EXCUSED
    ]
    kinds = inspection_coverage.inspected_kinds(campaign)
    found = {}
    for code, unit in reporting.items():
        here = [each for each in institutions if answers_for(unit, each)]
        codes = {each.code for each in here} | {each.code for each in frozen if answers_for(unit, each)}
        if not codes:
            continue
        inspections = [each for each in done if each.get(UNIT) in codes]
        checks = [each for each in owed if each.unit_code in codes]
        received = [each for each in checks if each.accepted_on is not None and each.accepted_on <= until]
        counts = {
            "medical_institutions": sum(each.kind is UnitKind.MEDICAL_INSTITUTION for each in here),
            "pharmacies": sum(each.kind is UnitKind.RETAIL_PHARMACY for each in here),
            "units_to_inspect": sum(each.kind in kinds and answers_for(unit, each) for each in frozen),
            "units_inspected": len({each[UNIT] for each in inspections}),
            "inspections": len(inspections),
            "units_with_problems": len(
                {each[UNIT] for each in inspections if amount(each.get("problem_count"))}
            ),
            "self_check_due": len(checks),
            "self_check_received": len(received),
            "self_check_zero": sum(each.is_zero for each in received),
        }
        found[code] = {key: Decimal(number) for key, number in counts.items()} | {
            "violation_amt": sum((amount(each.get("violation_amt")) for each in inspections), Decimal(0))
        }
    return found


def answers_for(branch: Unit, institution: Unit) -> bool:
    """By the handling unit the roster names, else by region."""
    if institution.kind not in (UnitKind.MEDICAL_INSTITUTION, UnitKind.RETAIL_PHARMACY):
        return False
    if institution.handling_unit:
        return institution.handling_unit == branch.name
    return institution.region_code == branch.region_code


def _workbook_form(form: Form) -> Form:
    """The office's own sheets: the form's numbers, a column each."""
    unit = [
        {"field": "unit_code", "header": "单位编码", "type": "text", "width": 16},
        {"field": "unit_name", "header": "单位名称", "type": "text", "width": 30},
    ]
    cards = {item.sheet.key: item.sheet for item in items(form)}
    sheets = [
        {
            "key": key,
            "title": card.title,
            "layout": "table",
            "rows": 1,
            "note": "各单位所报累计数的合计；未报单位的数据不计入。",
            "columns": unit
            + [
                {
                    "field": item.key,
                    "header": item.title,
                    "type": item.column.type.value,
                    "unit": item.column.unit,
                    "width": 14,
                }
                for item in items(form)
                if item.sheet.key == key
            ],
        }
        for key, card in cards.items()
    ]
    sheets += [
        {
            "key": "missing",
            "title": "未报单位",
            "layout": "table",
            "rows": 1,
            "columns": [
                *unit,
                {"field": "state", "header": "报送状态", "type": "text", "width": 16},
                {"field": "due_on", "header": "截止日期", "type": "date", "width": 14},
            ],
        },
        {
            "key": "differences",
            "title": "与台账不一致",
            "layout": "table",
            "rows": 1,
            "columns": [
                *unit,
                {"field": "title", "header": "项目", "type": "text", "width": 24},
                {"field": "reported", "header": "所报数", "type": "text", "width": 20},
                {"field": "own", "header": "台账数", "type": "text", "width": 20},
            ],
        },
    ]
    return Form.model_validate(
        {
            "key": f"{form.key}_consolidated",
            "title": f"{form.title}汇总",
            "version": form.version,
            "identified": False,
            "purpose": "办公室内部使用：下级单位和成员单位所报数据的汇总、未报单位和与台账不一致之处。",
            "sheets": sheets,
        }
    )
