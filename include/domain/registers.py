"""The office's registers (台账): their tables, their records, what an import changes, which moves are allowed.

A register is a form the office keeps itself. Its records come from the form's first table, or from its
cards taken together; a *part* is one table of the ledger: the records, or one kind of details of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from include.domain.form_rules import Numbered
from include.domain.forms import Column, Form, Layout, Sheet
from include.domain.returns import Reading, Row, Value

NUMBER, RECORD, UNIT, STATE, DUE = "number", "record_number", "unit_code", "state", "due_on"
OWN_OFFICE = "基金监管办公室"
"""The handling unit (承办单位) of what the bureau deals with itself."""
"""Columns every register has under one name, whatever its form calls the field."""


class RegisterMoved(ValueError):
    """Somebody else entered something between looking and entering."""

    def __init__(self, title: str) -> None:
        super().__init__(f"核对期间《{title}》已有他人登记的变动，本次没有登记任何内容，请重新导入")


class Kept(NamedTuple):
    """A column of a form and the name under which the ledger keeps it."""

    sheet: Sheet
    column: Column
    name: str


@dataclass(frozen=True, slots=True)
class Part:
    """One table of a register. A detail's ``kept`` names the record it belongs to, if its sheet does."""

    table: str
    sheets: tuple[Sheet, ...]
    key: tuple[str, ...]
    kept: tuple[Kept, ...]
    is_detail: bool = False

    @property
    def is_confidential(self) -> bool:
        return any(sheet.confidential for sheet in self.sheets)

    @property
    def is_numbered(self) -> bool:
        """Whether the ledger gives the numbers, one after the other."""
        return not self.is_detail and len(self.key) == 1 and self.named(self.key[0]).column.counter

    def named(self, field: str) -> Kept:
        """Raise StopIteration for a field the part does not keep."""
        return next(each for each in self.kept if each.column.field == field)

    def called(self, name: str) -> Kept:
        """The column kept under that name. Raise StopIteration when there is none."""
        return next(each for each in self.kept if each.name == name)


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a part; ``values`` by ledger name, choices by label, amounts in 元.

    ``number`` is unique within campaign and part.
    """

    number: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Given:
    """A record as a workbook has it; ``rows`` by sheet key. ``number`` is empty when none was written."""

    number: str
    values: Mapping[str, Value]
    rows: Mapping[str, Row]
    file: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What an import does to one record: adds it (``old`` is None), or gives some of its fields new values."""

    part: Part
    number: str
    old: Mapping[str, Value] | None
    new: Mapping[str, Value]

    @property
    def fields(self) -> tuple[Kept, ...]:
        """The columns that differ."""
        before = self.old or {}
        return tuple(each for each in self.part.kept if before.get(each.name) != self.new.get(each.name))


def office_form(form: Form) -> Form:
    """The form as the office itself fills it in: no identity, nothing locked.

    A register is entered in pieces, so its numbers are counted against the ledger and not within one file.
    """
    key = form.office_register.key if form.office_register else ()
    return form.model_copy(
        update={
            "identified": False,
            "sheets": tuple(_unlocked(sheet) for sheet in form.sheets),
            "rules": tuple(
                rule for rule in form.rules if not (isinstance(rule, Numbered) and rule.field in key)
            ),
        }
    )


def without_confidential(form: Form) -> Form:
    """The form without its sheets of personal data."""
    kept = tuple(sheet for sheet in form.sheets if not sheet.confidential)
    keys = {sheet.key for sheet in kept}
    changes: dict[str, object] = {
        "sheets": kept,
        "rules": tuple(rule for rule in form.rules if rule.sheet in keys),
    }
    if form.office_register is not None:
        details = tuple(each for each in form.office_register.details if each.sheet in keys)
        changes["office_register"] = form.office_register.model_copy(update={"details": details})
    return form.model_copy(update=changes)


def parts(form: Form) -> tuple[Part, ...]:
    """The tables of a register: its records first. Raise ValueError for a form that is none."""
    register = form.office_register
    if register is None:
        raise ValueError(f"《{form.title}》不是办公室台账")
    common = {register.unit: UNIT, register.state: STATE, register.due: DUE}
    if len(register.key) == 1:
        common[register.key[0]] = NUMBER
    sheets = form.record_sheets
    seen = [column.field for sheet in sheets for column in sheet.columns]
    records = Part(
        table=form.key,
        sheets=sheets,
        key=register.key,
        kept=tuple(
            Kept(sheet, column, common.get(column.field) or _own_name(sheet, column, seen))
            for sheet in sheets
            for column in sheet.columns
        ),
    )
    details = (
        Part(
            table=detail.table,
            sheets=(form.sheet(detail.sheet),),
            key=detail.key,
            kept=tuple(
                Kept(form.sheet(detail.sheet), column, RECORD if column.field == detail.of else column.field)
                for column in form.sheet(detail.sheet).columns
            ),
            is_detail=True,
        )
        for detail in register.details
    )
    return (records, *details)


def given_in(form: Form, reading: Reading, *, file: int = 0) -> dict[str, list[Given]]:
    """What a workbook says, by table. A column the file does not have is not among the values."""
    records, *details = parts(form)
    found = {records.table: [_given(records, rows, file) for rows in _rows(records, reading)]}
    alone = found[records.table][0].number if _is_of_cards(records) and found[records.table] else ""
    for part in details:
        found[part.table] = [_given(part, rows, file, of=alone) for rows in _rows(part, reading)]
    return found


Line = Mapping[str, Value]
"""Values by field."""


def lines_of(part: Part, records: Iterable[Record]) -> dict[str, list[Line]]:
    """Records as a workbook's lines, by sheet key."""
    lines: dict[str, list[Line]] = {sheet.key: [] for sheet in part.sheets}
    for record in records:
        for sheet in part.sheets:
            lines[sheet.key].append(
                {
                    each.column.field: record.values.get(each.name)
                    for each in part.kept
                    if each.sheet.key == sheet.key
                }
            )
    return lines


def change_of(part: Part, known: Record | None, given: Given) -> Change | None:
    """What entering the row would do; None when it says what the ledger says."""
    old = known.values if known else None
    new = {**(old or {}), **given.values}
    change = Change(part, given.number, old, new)
    return change if old is None or change.fields else None


def detail_number(record: str, key: Iterable[Value]) -> str:
    """The number of a detail within its campaign."""
    return "#".join([record, *(written(value) for value in key)])


def written(value: Value) -> str:
    """A value as numbers and sentences have it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value)


def counted_numbers(
    part: Part, given: Sequence[Given], known: Mapping[str, Record]
) -> tuple[list[Given], list[tuple[Given, str]]]:
    """The rows with the numbers the ledger gives, and the rows whose number cannot be, each with a sentence.

    A register without gaps: a number that was written must be known or the very next; where none was
    written the row is the record that says the same, or gets the next number.
    """
    following = max((int(number) for number in known), default=0) + 1
    named = sorted({int(each.number) for each in given if each.number and each.number not in known})
    faults = [
        (each, sentence)
        for each in given
        if each.number and (sentence := _wrong_number(part, each, known, named, following))
    ]
    following += len(named)
    written_numbers = {each.number for each in given}
    alike: dict[tuple[Value, ...], list[Record]] = defaultdict(list)
    for record in known.values():
        if record.number not in written_numbers:
            alike[_telling(part, record.values)].append(record)
    counted = []
    for each in given:
        if not each.number:
            candidates = alike[_telling(part, each.values)]
            same = next((record for record in candidates if _says_the_same(each, record)), None)
            if same is not None:
                candidates.remove(same)
            elif candidates:
                like = candidates[0].number
                faults.append(
                    (each, f"与台账第{like}号是同一件，请填写登记编号{like}；确为另一件的请写明区别")
                )
            number = same.number if same else str(following)
            following += same is None
            each = replace(each, number=number, values={**each.values, NUMBER: int(number)})
        counted.append(each)
    return counted, faults


def _wrong_number(
    part: Part, given: Given, known: Mapping[str, Record], new: Sequence[int], following: int
) -> str | None:
    number = int(given.number)
    header = part.named(part.key[0]).column.header
    if given.number in known:
        if not _is_another(part, given, known[given.number]):
            return None
        return f"台账第{number}号已登记为另一件；新的请把{header}留空，由系统接着编为{following}号"
    expected = following + new.index(number)
    if number == expected:
        return None
    return f"{header}填写的是“{number}”，台账已编到{following - 1}号，按顺序应为{expected}，请改正；留空则由系统编号"


def _says_the_same(given: Given, record: Record) -> bool:
    return all(record.values.get(name) == value for name, value in given.values.items() if name != NUMBER)


def _is_another(part: Part, given: Given, record: Record) -> bool:
    """Whether more than half of what makes out the record is different: then it is no correction."""
    pairs = list(zip(_telling(part, given.values), _telling(part, record.values), strict=True))
    return sum(new != old for new, old in pairs) * 2 > len(pairs)


def _telling(part: Part, values: Mapping[str, Value]) -> tuple[Value, ...]:
    """What makes out a record: required fields that do not change in the course of the work."""
    return tuple(
        values.get(each.name)
        for each in part.kept
        if each.column.required and each.name not in {NUMBER, STATE}
    )


def _unlocked(sheet: Sheet) -> Sheet:
    columns = tuple(column.model_copy(update={"locked": False}) for column in sheet.columns)
    return sheet.model_copy(update={"columns": columns})


def _own_name(sheet: Sheet, column: Column, seen: Sequence[str]) -> str:
    """The field; of several cards with the same field, with the card's name before it."""
    return column.field if seen.count(column.field) == 1 else f"{sheet.key}_{column.field}"


def _is_of_cards(part: Part) -> bool:
    return part.sheets[0].layout is Layout.CARD


def _rows(part: Part, reading: Reading) -> Iterator[dict[str, Row]]:
    if not _is_of_cards(part):
        (sheet,) = part.sheets
        for row in reading.sheets.get(sheet.key, ()):
            yield {sheet.key: row}
        return
    cards = {
        sheet.key: reading.sheets[sheet.key][0] for sheet in part.sheets if reading.sheets.get(sheet.key)
    }
    if cards:
        yield cards


def _given(part: Part, rows: Mapping[str, Row], file: int, *, of: str = "") -> Given:
    values = {
        each.name: rows[each.sheet.key].values.get(each.column.field)
        for each in part.kept
        if each.sheet.key in rows and each.column.field in rows[each.sheet.key].cells
    }
    if part.is_detail:
        if of:
            values[RECORD] = of
        key = [values.get(field) for field in part.key]
        return Given(detail_number(written(values.get(RECORD)), key), values, rows, file)
    if part.is_numbered:
        row = rows[part.sheets[0].key]
        return Given(written(values.get(NUMBER)) if row.raw.get(part.key[0]) else "", values, rows, file)
    key = [values.get(part.named(field).name) for field in part.key]
    return Given(" / ".join(written(value) for value in key if value is not None), values, rows, file)


@dataclass(frozen=True, slots=True)
class Machine:
    """The allowed moves of a state. A ``pause`` may be entered and left, but is no way to another state."""

    moves: Mapping[str, tuple[str, ...]]
    pauses: frozenset[str] = frozenset()

    @property
    def states(self) -> frozenset[str]:
        return frozenset(self.moves)

    def leads(self, old: str, new: str) -> bool:
        """Whether moves lead from one state to the other: an import may hold several moves at once."""
        ahead, seen = [old], {old}
        while ahead:
            for state in self.moves[ahead.pop()]:
                if state == new:
                    return True
                if state not in seen and state not in self.pauses:
                    seen.add(state)
                    ahead.append(state)
        return False

    def after(self, state: str) -> tuple[str, ...]:
        """The states that moves lead to, in the order of the machine."""
        return tuple(other for other in self.moves if other != state and self.leads(state, other))


_CASE_STAGES = ("立案", "调查", "调查终结", "告知", "听证", "法制审核", "集体讨论", "决定", "送达", "执行")

MACHINES: Mapping[str, Machine] = {
    "rectification": Machine(
        {
            "未启动": ("整改中", "逾期"),
            "整改中": ("待验收", "逾期"),
            "待验收": ("已销号", "退回重改"),
            "退回重改": ("整改中", "逾期"),
            "逾期": ("整改中", "待验收"),
            "已销号": (),
        }
    ),
    "clue": Machine(
        {
            "未启动": ("核查中",),
            "核查中": ("待复核",),
            "待复核": ("已办结",),
            "已办结": ("已反馈",),
            "已反馈": (),
        }
    ),
    "tip": Machine(
        {
            "已登记": ("已受理", "不予受理"),
            "已受理": ("转线索", "办结"),
            "转线索": ("办结",),
            "办结": ("已回复",),
            "不予受理": ("已回复",),
            "已回复": (),
        }
    ),
    "case": Machine(
        {
            "立案": ("调查", "中止", "终止"),
            "调查": ("调查终结", "中止", "终止"),
            "调查终结": ("告知", "中止", "终止"),
            "告知": ("听证", "法制审核", "中止", "终止"),
            "听证": ("法制审核", "中止", "终止"),
            "法制审核": ("集体讨论", "决定", "中止", "终止"),
            "集体讨论": ("决定", "中止", "终止"),
            "决定": ("送达", "中止", "终止"),
            "送达": ("执行", "中止", "终止"),
            "执行": ("结案", "中止", "终止"),
            "中止": (*_CASE_STAGES, "终止"),
            "结案": (),
            "终止": (),
        },
        pauses=frozenset({"中止"}),
    ),
}
"""The state machines of rectification, clue, tip and case by form key, in the words of lists.yaml."""

WAYS: Mapping[str, str] = {
    "rectification": "整改台账“退清应退金额、验收后销号”的要求",
    "clue": "通知“逐条核查、逐条反馈”的要求",
    "tip": "《医疗保障基金使用监督管理举报处理暂行办法》",
    "case": "《医疗保障行政处罚程序暂行规定》",
}
"""What prescribes each machine's order."""


def illegal_move(form: Form, change: Change) -> str | None:
    """Why the state cannot change like this; None when it can. A record may be taken over in any state."""
    machine = MACHINES.get(form.key)
    old, new = (change.old or {}).get(STATE), change.new.get(STATE)
    if machine is None or old is None or old == new or machine.leads(str(old), str(new)):
        return None
    header = change.part.called(STATE).column.header
    after = "、".join(machine.after(str(old)))
    may = f"之后只能是“{after}”" if after else "是最后一步，不能再改"
    return f"{header}由“{old}”改为“{written(new) or '空白'}”不符合办理流程（依{WAYS[form.key]}）：“{old}”{may}，请改正"
