"""The office's registers (台账) by Excel: looked at, entered, taken out again; checked as every return is."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from include.domain.campaign import Campaign
from include.domain.errors import GiveUp
from include.domain.form_rules import EqualsContext, UniqueInSheet
from include.domain.forms import Form, Layout
from include.domain.model import Severity
from include.domain.registers import (
    RECORD,
    STATE,
    UNIT,
    Change,
    Given,
    Kept,
    Line,
    Part,
    Record,
    change_of,
    counted_numbers,
    given_in,
    illegal_move,
    lines_of,
    office_form,
    parts,
    without_confidential,
    written,
)
from include.domain.returns import CheckContext, Finding, Reading
from include.domain.units import Unit
from include.steps import case_review, check, officer_check
from include.steps.ports import Gateways

BLANK = "空白表"
HIDDEN = "（不显示）"
TAKEN_OUT = "导出举报人信息"


@dataclass(frozen=True, slots=True)
class File:
    """One workbook as it was brought, and what was found in it."""

    name: str
    content: bytes
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What entering a file would do: changes, and rows (条) by table that say what the ledger says."""

    form: Form
    content: bytes
    files: tuple[File, ...]
    changes: tuple[Change, ...]
    unchanged: Mapping[str, int]
    has_personal_data: bool

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for file in self.files for finding in file.errors)


class _Desk:
    """The workbooks on the desk: their readings, and what is found about each."""

    def __init__(self, form: Form, readings: Mapping[int, Reading]) -> None:
        self.form = form
        self.readings = readings
        self.findings = {number: list(reading.findings) for number, reading in readings.items()}
        self._bad: set[tuple[int, str, int]] = set()

    def note(self, file: int, findings: Iterable[Finding]) -> None:
        """Add findings; a row with an error is left out from now on."""
        for finding in findings:
            self.findings[file].append(self._without_person(finding))
            if finding.severity is Severity.ERROR:
                row = int(re.sub(r"\D", "", finding.cell) or 0)
                self._bad.add((file, finding.sheet, row if self._is_table(finding.sheet) else 0))

    def fault(self, given: Given, kept: Kept, rule: str, sentence: str, severity: Severity) -> None:
        """A finding at one cell of a row."""
        row, field = given.rows[kept.sheet.key], kept.column.field
        finding = Finding(
            rule=f"register.{rule}",
            message=sentence,
            severity=severity,
            sheet=kept.sheet.title,
            cell=row.cells.get(field, ""),
            header=kept.column.label,
            value="" if kept.sheet.confidential else row.raw.get(field, ""),
        )
        self.note(given.file, [finding])

    def is_sound(self, part: Part, given: Given) -> bool:
        return all(
            (given.file, sheet.title, given.rows[sheet.key].number if sheet.layout is Layout.TABLE else 0)
            not in self._bad
            for sheet in part.sheets
            if sheet.key in given.rows
        )

    def given(self) -> dict[str, list[Given]]:
        """What all readable workbooks say, by table."""
        found: dict[str, list[Given]] = defaultdict(list)
        for number, reading in self.readings.items():
            if reading.is_readable:
                for table, rows in given_in(self.form, reading, file=number).items():
                    found[table] += rows
        return found

    def _without_person(self, finding: Finding) -> Finding:
        """A finding about personal data says where it is and what is wrong, never what was written."""
        if not any(sheet.confidential and sheet.title == finding.sheet for sheet in self.form.sheets):
            return finding
        message = finding.message.replace(finding.value, HIDDEN) if finding.value else finding.message
        return replace(finding, value="", message=message)

    def _is_table(self, title: str) -> bool:
        return any(sheet.title == title and sheet.layout is Layout.TABLE for sheet in self.form.sheets)


def registers(using: Gateways) -> dict[str, Form]:
    """The forms the office keeps as registers, by key."""
    return {key: form for key, form in using.forms.items() if form.office_register}


def register(key: str, using: Gateways) -> Form:
    """The form of a register. Raise GiveUp for any other."""
    known = registers(using)
    if key not in known:
        listed = "、".join(f"{each}（{form.title}）" for each, form in known.items())
        raise GiveUp(f"没有台账“{key}”；可选：{listed}")
    return known[key]


def review(campaign: Campaign, key: str, name: str, content: bytes, *, on: date, using: Gateways) -> Reviewed:
    """Read and check a workbook, or a zip of several, and compare it with the ledger; enter nothing.

    Content is validated in one batch. Rows with an error are in no change.
    """
    form = office_form(register(key, using))
    files = using.workbooks.unpack(name, content)
    readings = {
        number: using.workbooks.read(inner, {form.key: form}) for number, (_, inner) in enumerate(files)
    }
    return _reviewed(campaign, form, content, files, readings, on, using)


def review_rows(
    campaign: Campaign, key: str, name: str, reading: Reading, content: bytes, *, on: date, using: Gateways
) -> Reviewed:
    """The same for rows that come from no workbook; ``content`` is what is to be kept of them, under that name."""
    form = office_form(register(key, using))
    return _reviewed(campaign, form, content, [(name, content)], {0: reading}, on, using)


def _reviewed(
    campaign: Campaign,
    form: Form,
    content: bytes,
    files: Sequence[tuple[str, bytes]],
    readings: Mapping[int, Reading],
    on: date,
    using: Gateways,
) -> Reviewed:
    units = _units(campaign, on, using)
    desk = _Desk(form, readings)
    contexts = {number: _context(campaign, form, reading, units, on) for number, reading in readings.items()}
    for number, findings in using.quality.judge(form, readings, contexts).items():
        desk.note(number, findings)
    changes, unchanged, has_personal_data = _compared(campaign, desk, units, using)
    return Reviewed(
        form=form,
        content=content,
        files=tuple(
            File(file, inner, tuple(desk.findings[number])) for number, (file, inner) in enumerate(files)
        ),
        changes=tuple(changes),
        unchanged=unchanged,
        has_personal_data=has_personal_data,
    )


def enter(
    campaign: Campaign, reviewed: Reviewed, *, on: date, actor: str, reason: str = "", using: Gateways
) -> dict[str, int]:
    """Enter what was reviewed, all of it or nothing; return records and details (条) added and changed.

    The file is kept in the archive, unless it holds personal data: that lies in the ledger alone, encrypted.
    Raise GiveUp while there are errors, RegisterMoved when somebody entered something since the review.
    """
    if reviewed.errors:
        raise GiveUp(f"有{len(reviewed.errors)}处须改正，本次没有登记任何内容，请改正后重新导入")
    if reviewed.changes:
        if reviewed.has_personal_data:
            sha256 = hashlib.sha256(reviewed.content).hexdigest()
        else:
            sha256 = using.archive.put(reviewed.content)
        using.ledger.registers.enter(
            campaign.id,
            reviewed.form,
            reviewed.changes,
            on=on,
            actor=actor,
            source_sha256=sha256,
            reason=reason,
        )
    added = sum(change.old is None for change in reviewed.changes)
    return {"新增": added, "修改": len(reviewed.changes) - added, "未变": sum(reviewed.unchanged.values())}


def workbook(
    campaign: Campaign,
    key: str,
    *,
    entered_until: date | None,
    confidential: bool,
    on: date,
    actor: str,
    reason: str = "",
    using: Gateways,
) -> bytes:
    """The register in the form's own layout, to be edited and imported again.

    A form of cards, one workbook per record, comes as a zip. Taking out personal data needs a reason, and is put
    on record before anything is handed over.
    """
    if confidential and not reason.strip():
        raise GiveUp("导出举报人信息须写明理由")
    form = office_form(register(key, using))
    if not confidential:
        form = without_confidential(form)
    found = using.ledger.registers.records(
        campaign.id, form, confidential=confidential, entered_until=entered_until
    )
    taken = {part.table: len(found[part.table]) for part in parts(form) if part.is_confidential}
    if taken:
        using.ledger.registers.disclosed(
            campaign.id, form, taken, on=on, actor=actor, reason=f"{TAKEN_OUT}：{reason.strip()}"
        )
    if not form.cards:
        return using.workbooks.register(form, lines(form, found))
    records = parts(form)[0]
    single = [
        (_file_name(form, number), lines(form, of_record(found, records, number)))
        for number in found[records.table]
    ]
    return using.workbooks.packed(
        [
            (name, using.workbooks.register(form, rows))
            for name, rows in single or [(f"{form.title}_{BLANK}.xlsx", {})]
        ]
    )


def is_zip(key: str, using: Gateways) -> bool:
    """Whether the register comes as a zip: a workbook per record."""
    return bool(register(key, using).cards)


def counts(campaign: Campaign, key: str, *, using: Gateways) -> dict[str, dict[str, int]]:
    """Records (条) by what the register counts by: header → value → number."""
    return using.ledger.registers.counts(campaign.id, register(key, using))


def _compared(
    campaign: Campaign, desk: _Desk, units: Mapping[str, Unit], using: Gateways
) -> tuple[list[Change], dict[str, int], bool]:
    """Changes, unchanged rows by table, and whether there is personal data."""
    form, given = desk.form, desk.given()
    has_personal_data = any(given[part.table] for part in parts(form) if part.is_confidential)
    can_keep = not has_personal_data or using.ledger.registers.can_seal
    known = using.ledger.registers.records(campaign.id, form, confidential=has_personal_data and can_keep)
    records = parts(form)[0]
    numbers = {*known[records.table], *(each.number for each in given[records.table])}
    changes: list[Change] = []
    unchanged: dict[str, int] = {}
    for part in parts(form):
        rows, here = given[part.table], known[part.table]
        if part.is_confidential and not can_keep:
            _refuse_personal_data(desk, part, rows)
        _about_numbers(desk, part, rows)
        if part.is_numbered:
            rows, faults = counted_numbers(part, rows, here)
            for each, sentence in faults:
                desk.fault(each, part.named(part.key[0]), "number", sentence, Severity.ERROR)
        if part.is_detail:
            _about_records(desk, part, rows, numbers)
        else:
            _about_units(desk, part, rows, units)
        sound = [each for each in rows if desk.is_sound(part, each)]
        found = [change for each in sound if (change := change_of(part, here.get(each.number), each))]
        _about_moves(desk, part, sound, found)
        _about_law(desk, part, sound, found, using)
        changes += found
        unchanged[part.table] = len(sound) - len(found)
    return changes, unchanged, has_personal_data


def _about_numbers(desk: _Desk, part: Part, rows: Sequence[Given]) -> None:
    """Two rows of one number, unless a rule of the form has said so already."""
    if not part.key:
        return
    kept = part.named(part.key[-1])
    asked = {(rule.sheet, rule.field) for rule in desk.form.rules if isinstance(rule, UniqueInSheet)}
    is_asked = len(part.key) == 1 and (kept.sheet.key, kept.column.field) in asked
    alike: dict[str, list[Given]] = defaultdict(list)
    for each in rows:
        if each.number and desk.is_sound(part, each):
            alike[each.number].append(each)
    for number, same in alike.items():
        if len(same) > 1 and not (is_asked and len({each.file for each in same}) == 1):
            for each in same:
                sentence = f"与另一行同是“{number}”，无法确定以哪行为准，请合并为一行，或改为不同的编号"
                desk.fault(each, kept, "doubled", sentence, Severity.ERROR)


def _about_records(desk: _Desk, part: Part, rows: Sequence[Given], numbers: set[str]) -> None:
    """Details belong to a record that is in the ledger, or comes with them."""
    for each in rows:
        of = written(each.values.get(RECORD))
        if of not in numbers and desk.is_sound(part, each):
            kept = next((kept for kept in part.kept if kept.name == RECORD), part.kept[0])
            sentence = f"“{of}”在台账和本文件中都没有，请先登记，或核对{kept.column.header}"
            desk.fault(each, kept, "record", sentence, Severity.ERROR)


def _about_units(desk: _Desk, part: Part, rows: Sequence[Given], units: Mapping[str, Unit]) -> None:
    kept = next((kept for kept in part.kept if kept.name == UNIT), None)
    if kept is None or not units:
        return
    for each in rows:
        code = written(each.values.get(UNIT))
        if code and code not in units:
            sentence = f"{kept.column.header}“{code}”不在名册中，或已退出，请核对；确不在名册内的可不改"
            desk.fault(each, kept, "roster", sentence, Severity.WARNING)


def _about_moves(desk: _Desk, part: Part, rows: Sequence[Given], changes: Sequence[Change]) -> None:
    if part.is_detail or not desk.form.office_register or not desk.form.office_register.state:
        return
    by_number = {each.number: each for each in rows}
    for change in changes:
        sentence = illegal_move(desk.form, change)
        if sentence:
            desk.fault(by_number[change.number], part.called(STATE), "move", sentence, Severity.ERROR)


def _about_law(
    desk: _Desk, part: Part, rows: Sequence[Given], changes: Sequence[Change], using: Gateways
) -> None:
    """What articles and time limits have against a record as it would then be."""
    by_number = {each.number: each for each in rows}
    held = officer_check.known(using) if part.table in officer_check.STARTED else []
    for change in changes:
        given = by_number[change.number]
        if desk.is_sound(part, given):
            for fault in (
                *case_review.faults(desk.form.key, change, using),
                *officer_check.faults(part.table, change.new, held),
            ):
                kept = part.called(fault.name)
                desk.fault(given, kept, fault.rule, fault.sentence, fault.severity)


def _refuse_personal_data(desk: _Desk, part: Part, rows: Sequence[Given]) -> None:
    for each in rows:
        sentence = (
            "举报人信息须加密保存，但系统没有设置密钥 DUBAN_TIPSTER_KEY，不能导入；"
            "请管理员设置密钥，或清空本表后再导入"
        )
        desk.fault(each, part.kept[0], "no_key", sentence, Severity.ERROR)


def _units(campaign: Campaign, on: date, using: Gateways) -> dict[str, Unit]:
    return {unit.code: unit for unit in using.ledger.roster.units(campaign.id, on=on)}


def _context(
    campaign: Campaign, form: Form, reading: Reading, units: Mapping[str, Unit], on: date
) -> CheckContext:
    """What a workbook is judged against; one about a unit by the unit's name on the roster, if it is there."""
    said = {
        rule.to: written(reading.sheets[rule.sheet][0].values.get(rule.field))
        for rule in form.rules
        if isinstance(rule, EqualsContext) and reading.sheets.get(rule.sheet)
    }
    code = said.get("unit_code", "")
    name = units[code].name if code in units else said.get("unit_name", "")
    return check.context(campaign, code, name, on)


def lines(form: Form, found: Mapping[str, Mapping[str, Record]]) -> dict[str, list[Line]]:
    """Records with their details as a workbook's lines, by sheet key."""
    said: dict[str, list[Line]] = {}
    for part in parts(form):
        said |= lines_of(part, _in_order(part, found[part.table]))
    return said


def _in_order(part: Part, records: Mapping[str, Record]) -> list[Record]:
    """As entered; what the ledger numbers, by number."""
    if part.is_numbered:
        return sorted(records.values(), key=lambda record: int(record.number))
    return list(records.values())


def of_record(
    found: Mapping[str, Mapping[str, Record]], records: Part, number: str
) -> dict[str, dict[str, Record]]:
    """One record with its details."""
    return {
        table: {
            each: record
            for each, record in rows.items()
            if (each if table == records.table else record.values.get(RECORD)) == number
        }
        for table, rows in found.items()
    }


def _file_name(form: Form, number: str) -> str:
    words = [re.sub(r'[\\/:*?"<>|\s]+', "-", word) for word in number.split(" / ")]
    return f"{'_'.join(words)}_{form.title}.xlsx"
