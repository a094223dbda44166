"""Telephone calls: the list that goes out to be called, and what comes back of it. Nothing is sent from here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from include.domain.calls import (
    BY_WORDS,
    CallFault,
    PhoneCall,
    contradiction,
    faults,
    has_wrong_number,
    last_said,
    time_of_day,
)
from include.domain.campaign import Campaign
from include.domain.errors import GiveUp
from include.domain.forms import Sheet
from include.domain.model import Severity
from include.domain.obligations import Obligation
from include.domain.registers import written
from include.domain.returns import Finding, Row, Value
from include.domain.units import Unit
from include.domain.workdays import UnknownYear
from include.steps import named
from include.steps.ports import Gateways
from include.steps.unit_history import form_title

FORM, SHEET = "call", "calls"
TELLS_FOR = 5
"""Working days for which a unit counts as told: one that still owes after them is called again."""
MOST_UNITS = 2_000
"""Units (家) of one list; more nobody calls."""
REASON = "电话催办"
WORKBOOK_NAME = "电话催办表.xlsx"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A list that came back: calls (次) to enter, how many are entered already, lines (行) not filled in, what is wrong."""

    calls: tuple[PhoneCall, ...]
    known: int
    blank: int
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.severity is Severity.ERROR)


def told_since(on: date, using: Gateways) -> date:
    """The first day of the calls by which a unit counts as told on that day."""
    try:
        return using.calendar.shift(on, -TELLS_FOR)
    except UnknownYear:
        return on


def workbook(campaign: Campaign, codes: Sequence[str], *, on: date, using: Gateways) -> bytes:
    """The list of these units to be called, in the order given. Raise GiveUp for none or too many."""
    if not codes:
        raise GiveUp("没有需要电话催办的单位。")
    if len(codes) > MOST_UNITS:
        raise GiveUp(
            f"共{len(codes):,}家，一张电话催办表最多列{MOST_UNITS:,}家；请按区划、类别或报送情况缩小范围。"
        )
    ledger = using.ledger
    units = ledger.roster.known(campaign.id, codes)
    owing = _owing(campaign, codes, using)
    made = ledger.calls.of_units(campaign.id, codes, on=on)
    rows = [_line(units[code], owing[code], made.get(code, ()), using) for code in codes if code in units]
    return using.workbooks.register(using.forms[FORM], {SHEET: rows})


def _owing(campaign: Campaign, codes: Collection[str], using: Gateways) -> defaultdict[str, list[Obligation]]:
    """By unit what it has not settled itself, the earliest due first."""
    found: defaultdict[str, list[Obligation]] = defaultdict(list)
    owed = using.ledger.obligations.owed_by(campaign.id, codes, list(using.forms))
    for each in sorted((each for debts in owed.values() for each in debts), key=lambda each: each.due_on):
        if not each.is_settled and each.filled_by == "unit":
            found[each.unit_code].append(each)
    return found


def _line(
    unit: Unit, owing: Sequence[Obligation], made: Sequence[PhoneCall], using: Gateways
) -> dict[str, Value]:
    said = "；".join(
        f"《{form_title(each.form, using)}》{each.due_on}截止，{each.state.zh}" for each in owing
    )
    return {
        "unit_code": unit.code,
        "unit_name": unit.name,
        "number": unit.contact_phone,
        "owed": said,
        "earlier": last_said(made),
    }


def review(campaign: Campaign, content: bytes, *, by: str, on: date, using: Gateways) -> Reviewed:
    """Read and check a list that came back, entering nothing; ``by`` is the post that called. Raise ValueError."""
    post = named.post(campaign, by)
    form = using.forms[FORM]
    reading = using.workbooks.read(content, {FORM: form}, most_rows=MOST_UNITS)
    rows = list(reading.sheets.get(SHEET, ()))
    if not reading.is_readable:
        return Reviewed((), 0, 0, reading.findings)
    filled = [row for row in rows if _is_filled(row)]
    codes = {written(row.values.get("unit_code")) for row in filled}
    units = using.ledger.roster.known(campaign.id, codes)
    known = {
        _time(call): call
        for calls in using.ledger.calls.of_units(campaign.id, codes, on=on).values()
        for call in calls
    }
    calls: list[PhoneCall] = []
    findings: list[Finding] = []
    doubled = Counter(_time_written(row) for row in filled)
    for row in filled:
        call, wrong = _read(row, units, post, on)
        if call is not None:
            wrong = [*wrong, *_about_time(call, known, doubled[_time_written(row)])]
        findings += [_finding(form.sheet(SHEET), row, each) for each in wrong]
        if call is not None and not wrong:
            calls.append(call)
    new = [call for call in calls if _time(call) not in known]
    return Reviewed(tuple(new), len(calls) - len(new), len(rows) - len(filled), tuple(findings))


def enter(campaign: Campaign, reviewed: Reviewed, *, on: date, actor: str, using: Gateways) -> int:
    """Enter what was reviewed, all of it or nothing; return how many calls (次). Raise GiveUp while there are errors."""
    if reviewed.errors:
        raise GiveUp(f"有{len(reviewed.errors)}处须改正，本次没有登记任何内容，请改正后重新导入")
    return using.ledger.calls.enter(campaign.id, reviewed.calls, on=on, actor=actor, reason=REASON)


def record(
    campaign: Campaign,
    call: PhoneCall,
    *,
    signed_by: str = "",
    reason: str = REASON,
    dry_run: bool = False,
    on: date,
    using: Gateways,
) -> tuple[Unit, PhoneCall, bool]:
    """Enter one call, unless it is a dry run; return the unit, the call as kept, and whether it is new.

    Raise ValueError for what cannot be: an unknown unit or post, a day to come, another call at the same time.
    """
    unit = named.unit(campaign, call.unit_code, on=on, using=using)
    post = named.post(campaign, call.post)
    kept = replace(call, unit_code=unit.code, post=post, number=unit.contact_phone or "")
    for fault in faults(kept, on=on):
        raise ValueError(fault.sentence)
    same = [each for each in using.ledger.calls.of_unit(campaign.id, unit.code) if _time(each) == _time(kept)]
    for each in same:
        if why := contradiction(kept, each):
            raise ValueError(why)
    if not same and not dry_run:
        actor = named.signed(post, signed_by)
        using.ledger.calls.enter(campaign.id, [kept], on=on, actor=actor, reason=reason)
    return unit, kept, not same


def unusable_numbers(campaign: Campaign, codes: Collection[str], *, on: date, using: Gateways) -> set[str]:
    """Those of the units whose number on the roster was dialled last and turned out wrong."""
    made = using.ledger.calls.of_units(campaign.id, codes, on=on)
    units = using.ledger.roster.known(campaign.id, list(made))
    return {
        code
        for code, calls in made.items()
        if code in units and has_wrong_number(calls[-1], units[code].contact_phone)
    }


def _is_filled(row: Row) -> bool:
    """A line nobody called is not a call that says nothing."""
    asked = ("called_on", "called_at", "result", "spoken_to", "next_on", "note")
    return any(written(row.values.get(name)) or row.problems.get(name) for name in asked)


def _read(
    row: Row, units: Mapping[str, Unit], post: str, on: date
) -> tuple[PhoneCall | None, list[CallFault]]:
    """The call a line tells of, None when it does not say enough, and what is wrong with it."""
    said = {name: written(row.values.get(name)) for name in row.values}
    wrong = [CallFault(name, f"{why}，请改写") for name, why in row.problems.items() if name != "number"]
    unit = units.get(said.get("unit_code", ""))
    wrong += _about_unit(said, unit)
    day, next_on = row.values.get("called_on"), row.values.get("next_on")
    if not isinstance(day, date) and "called_on" not in row.problems:
        wrong.append(CallFault("called_on", "已填写通话情况，请填写通话日期；没有拨打的请把本行各栏清空"))
    result = BY_WORDS.get(said.get("result", ""))
    if result is None and "result" not in row.problems:
        listed = "、".join(BY_WORDS)
        wrong.append(CallFault("result", f"请从下拉列表中选择通话结果：{listed}"))
    try:
        at = time_of_day(said.get("called_at", ""))
    except ValueError as fault:
        wrong.append(CallFault("called_at", str(fault)))
        at = ""
    if wrong or unit is None or result is None or not isinstance(day, date):
        return None, wrong
    call = PhoneCall(
        unit_code=unit.code,
        called_on=day,
        result=result,
        post=post,
        called_at=at,
        spoken_to=said.get("spoken_to", ""),
        next_on=next_on if isinstance(next_on, date) else None,
        note=said.get("note", ""),
        number=unit.contact_phone or "",
    )
    return call, list(faults(call, on=on))


def _about_unit(said: Mapping[str, str], unit: Unit | None) -> Iterator[CallFault]:
    """A list sorted by one column alone would book the call for another unit."""
    if unit is None:
        yield CallFault("unit_code", f"机构编码“{said.get('unit_code', '')}”不在名册中，请核对编码")
    elif said.get("unit_name") and said["unit_name"] != unit.name:
        yield CallFault(
            "unit_name",
            f"单位名称与编码不符：{unit.code}在名册中是“{unit.name}”，请核对本行是不是错位",
        )


def _about_time(
    call: PhoneCall, known: Mapping[tuple[str, date, str], PhoneCall], lines: int
) -> Iterator[CallFault]:
    if lines > 1:
        yield CallFault(
            "called_at", "本表中该单位同一时间的通话填了不止一行，请写明不同的通话时间或删去重复的行"
        )
    elif (there := known.get(_time(call))) and (why := contradiction(call, there)):
        yield CallFault("called_at", why)


def _time(call: PhoneCall) -> tuple[str, date, str]:
    return call.unit_code, call.called_on, call.called_at


def _time_written(row: Row) -> tuple[str, ...]:
    return tuple(written(row.values.get(name)) for name in ("unit_code", "called_on", "called_at"))


def _finding(sheet: Sheet, row: Row, fault: CallFault) -> Finding:
    """What was written is not repeated: a note may name a person."""
    return Finding(
        rule=f"call.{fault.field}",
        message=fault.sentence,
        sheet=sheet.title,
        cell=row.cells.get(fault.field) or f"A{row.number}",
        header=sheet.column(fault.field).label,
    )
