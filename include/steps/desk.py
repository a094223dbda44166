"""Change one record of a register by hand: said first, entered when wanted, refused as a workbook would be."""

from __future__ import annotations

import json
from collections.abc import Mapping

from include.domain import rows
from include.domain.desk import Act, Outcome, personal_data_in
from include.domain.errors import GiveUp
from include.domain.forms import Form
from include.domain.model import Severity
from include.domain.record_changes import cell, field_changes, two_steps_at_once
from include.domain.registers import Change, Part, Record, office_form, parts, written
from include.domain.returns import Finding
from include.domain.values import Cell
from include.steps import named, plan_inspections, registers
from include.steps.registers import Reviewed
from include.steps.slips import Slip

INSPECTION = "inspection"
Lines = dict[str, list[dict[str, Cell]]]


def record(act: Act, slip: Slip) -> Outcome:
    """Add a record, or give some fields of one new values. Raise GiveUp with the rule for what may not be."""
    using, campaign = slip.using, slip.campaign
    form = office_form(registers.register(act.register, using))
    records = parts(form)[0]
    _about_answers(act, records, slip)
    found = using.ledger.registers.records(campaign.id, form)
    number = "" if act.adds else _number(act, records, found[records.table], slip)
    lines = _lines(act, form, records, found, number, slip)
    content = _slip_content(act, slip)
    reviewed = registers.review_rows(
        campaign,
        act.register,
        f"{act.title}.json",
        rows.reading(form, lines),
        content,
        on=slip.on,
        using=using,
    )
    change = _only_change(act, reviewed, slip)
    if change is None:
        return Outcome(f"{form.title} {number}", (), ("台账已是所填内容，没有变动",))
    _about_person(act, form, change, slip)
    if not slip.dry_run:
        registers.enter(campaign, reviewed, on=slip.on, actor=slip.by, reason=slip.reason, using=using)
    called = f"第{change.number}号" if records.is_numbered else change.number
    return Outcome(
        f"{'新增' if change.old is None else '修改'} {form.title} {called}",
        tuple(field_changes(change)),
        tuple(_sentence(each) for file in reviewed.files for each in file.findings),
    )


def _about_answers(act: Act, records: Part, slip: Slip) -> None:
    headers = {each.column.field: each.column.header for each in records.kept}
    missing = [headers[field] for field in act.fields if field in act.needed and not slip[field]]
    if missing:
        raise GiveUp(f"请填写{'、'.join(missing)}")
    personal = [headers[name] for name in personal_data_in(slip.answers) if name in headers]
    if personal:
        raise GiveUp(
            f"{'、'.join(personal)}中有身份证号或手机号码，这里不得填写，请删去；确需登记的用台账工作簿导入"
        )


def _number(act: Act, records: Part, known: Mapping[str, Record], slip: Slip) -> str:
    """The record meant. A planned inspection is a record to come."""
    if act.found_by:
        return _found(act, records, known, slip)
    number = slip["number"].strip()
    if number in known:
        return number
    if act.register == INSPECTION and _planned(number, slip) is not None:
        return number
    title = records.sheets[0].title
    near = named.nearest(number, known)
    raise GiveUp(
        f"《{title}》中没有编号“{number}”，请核对编号" + (f"；最接近的有：{'、'.join(near)}" if near else "")
    )


def _found(act: Act, records: Part, known: Mapping[str, Record], slip: Slip) -> str:
    asked = {records.named(field): slip[field].strip() for field in act.found_by if slip[field].strip()}
    same = [
        number
        for number, each in known.items()
        if all(written(each.values.get(kept.name)) == text for kept, text in asked.items())
    ]
    if len(same) == 1:
        return same[0]
    said = "、".join(f"{kept.column.header}“{text}”" for kept, text in asked.items())
    title = records.sheets[0].title
    if not same:
        raise GiveUp(f"《{title}》中没有{said}的记录，请核对")
    raise GiveUp(
        f"《{title}》中{said}的记录有{len(same)}条，无法确定是哪一条，请补充其他栏目，或用台账工作簿办理"
    )


def _lines(
    act: Act,
    form: Form,
    records: Part,
    found: Mapping[str, Mapping[str, Record]],
    number: str,
    slip: Slip,
) -> Lines:
    """The record with its details as they would be, as a workbook's lines."""
    said: Lines = {sheet.key: [] for sheet in records.sheets}
    if number in found[records.table]:
        said = {
            sheet: [{field: cell(value) for field, value in line.items()} for line in there]
            for sheet, there in registers.lines(form, registers.of_record(found, records, number)).items()
        }
    elif number:
        said[records.sheets[0].key] = [_planned(number, slip) or {}]
    answers = {field: slip[field] for field in act.fields if slip[field]}
    answers |= _brought(act, slip)
    state = act.state_after(slip.answers)
    register = form.office_register
    if state and register is not None and register.state is not None:
        answers[register.state] = state
    for sheet in records.sheets:
        blank: dict[str, Cell] = {column.field: None for column in sheet.columns}
        line = said[sheet.key][0] if said[sheet.key] else {}
        own = {field: text for field, text in answers.items() if sheet.has(field)}
        said[sheet.key] = [{**blank, **line, **own}]
    return said


def _planned(number: str, slip: Slip) -> dict[str, Cell] | None:
    """What the weekly plan knows of an inspection nobody has registered yet."""
    known = plan_inspections.planned_record(slip.campaign, number, on=slip.on, using=slip.using)
    return {field: cell(value) for field, value in known.items()} if known is not None else None


def _brought(act: Act, slip: Slip) -> dict[str, str]:
    """What comes from the records the answers refer to. Raise GiveUp for a number its register does not have."""
    brought: dict[str, str] = {}
    for field, register in act.refers.items():
        if not slip[field]:
            continue
        other = slip.using.forms[register]
        known = slip.using.ledger.registers.records(slip.campaign.id, other)[register]
        if slip[field] not in known:
            near = named.nearest(slip[field], known)
            hint = f"；最接近的有：{'、'.join(near)}" if near else ""
            raise GiveUp(f"《{other.title}》中没有编号“{slip[field]}”，请先登记，或核对编号{hint}")
        values = known[slip[field]].values
        brought |= {here: written(values.get(there)) for here, there in act.brings.items()}
    return brought


def _only_change(act: Act, reviewed: Reviewed, slip: Slip) -> Change | None:
    """Raise GiveUp, naming every rule, unless the record would be in order."""
    if reviewed.errors:
        asked = {rule.key: rule.text for rule in reviewed.form.rules}
        raise GiveUp("不能登记：" + "；".join(_refusal(each, asked) for each in reviewed.errors))
    if not reviewed.changes:
        return None
    (change,) = reviewed.changes
    if act.adds and change.old is not None:
        raise GiveUp(f"{change.number}已经登记过，不能重复登记；需要修改的请办理相应事项")
    sentence = two_steps_at_once(act.register, change)
    if sentence:
        raise GiveUp(f"不能登记：{sentence}")
    return change


def _about_person(act: Act, form: Form, change: Change, slip: Slip) -> None:
    if not act.by_another:
        return
    if slip.by in slip.using.ledger.registers.changed_by(slip.campaign.id, form, change.number):
        raise GiveUp(
            f"不能登记：{change.number}的整改或退回情况由“{slip.by}”登记，验收不得由同一人办理，请由另一人验收"
        )


def _refusal(finding: Finding, asked: Mapping[str, str]) -> str:
    """The sentence, and what the form asks for where it says so in words of its own."""
    rule = asked.get(finding.rule, "").rstrip("。")
    return f"{_sentence(finding)}（要求：{rule}）" if rule else _sentence(finding)


def _sentence(finding: Finding) -> str:
    return finding.message if finding.severity is Severity.ERROR else f"提示：{finding.message}"


def _slip_content(act: Act, slip: Slip) -> bytes:
    """The slip as it is kept. The same slip makes the same bytes."""
    facts = {
        "act": act.key,
        "campaign": slip.campaign.id,
        "answers": dict(slip.answers),
        "reason": slip.reason,
        "by": slip.by,
        "on": str(slip.on),
    }
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, indent=1).encode()
