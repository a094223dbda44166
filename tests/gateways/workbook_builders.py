"""Synthetic campaign, units and filled workbooks for the tests of forms and workbooks."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from include.domain.campaign import Campaign, Phase
from include.domain.forms import Form, Layout, Sheet
from include.domain.model import Severity, UnitKind
from include.domain.returns import CheckContext, Finding, Reading
from include.domain.units import Unit
from include.gateways.form_files import load_forms
from include.gateways.quality import Quality
from include.gateways.workbooks import Workbooks

KEY = b"synthetic-key-for-tests-only-0123456789"
ON = date(2024, 5, 24)
RETURNS = ("self_check", "agency_self_check", "written_report")


@cache
def forms() -> Mapping[str, Form]:
    return load_forms()


@cache
def workbooks() -> Workbooks:
    return Workbooks(KEY)


@cache
def campaign() -> Campaign:
    return Campaign.model_validate(
        {
            "id": "sample_2024",
            "title": "示例旗医保基金违法违规问题专项整治（样例）",
            "short_title": "专项整治样例",
            "kind": "special_rectification",
            "structure": "phases",
            "level": "county",
            "region": "150626",
            "region_name": "示例旗",
            "notice": {
                "title": "关于开展专项整治的通知（样例）",
                "issuers": ["示例旗医疗保障局"],
                "addressees": ["各定点医药机构"],
                "publicity": "not_stated",
            },
            "lead": {"name": "示例旗医疗保障局", "short_name": "旗医保局", "region_code": "150626"},
            "goals": ["样例"],
            "supervised": ["medical_institution", "retail_pharmacy"],
            "data_window": {
                "start": "2021-05-01",
                "end": "2024-04-30",
                "text": "自2021年5月1日至2024年4月30日",
            },
            "span_text": "2024年5月至12月",
            "phases": [
                {
                    "key": "self_check",
                    "title": "自查自纠阶段",
                    "kind": "self_check",
                    "start": "2024-05-01",
                    "due": "2024-05-31",
                    "due_text": "5月底完成",
                    "text": "对照问题清单开展自查自纠",
                    "returns": [
                        {
                            "form": "self_check",
                            "title": "自查自纠情况表",
                            "owed_by": ["medical_institution", "retail_pharmacy"],
                            "stamped_scan": True,
                            "text": "样例",
                        }
                    ],
                }
            ],
            "focus": [{"subject": "medical_institution", "items": ["样例"]}],
            "departments": [{"name": "医保部门", "duty": "牵头", "is_lead": True}],
            "posts": [
                {"key": "office_staff", "role": "office_staff", "title": "办公室", "unit": "示例旗医疗保障局"}
            ],
            "ladder": [{"key": "first", "offset": -5, "title": "首次提醒"}],
        }
    )


def phase() -> Phase:
    return campaign().phase("self_check")


def unit(number: int = 1, *, kind: UnitKind = UnitKind.MEDICAL_INSTITUTION) -> Unit:
    letter = {UnitKind.MEDICAL_INSTITUTION: "H", UnitKind.RETAIL_PHARMACY: "P"}.get(kind, "J")
    return Unit(
        code=f"{letter}150626{number:05d}",
        name=f"示例旗第{number}医院（样例）",
        kind=kind,
        region_code="150626",
    )


def context(for_unit: Unit | None = None, **changes: Any) -> CheckContext:
    whose = for_unit or unit()
    window = campaign().data_window
    facts = {
        "unit_code": whose.code,
        "unit_name": whose.name,
        "campaign_start": campaign().starts_on,
        "window_start": window.start if window else None,
        "window_end": window.end if window else None,
        "on": ON,
    }
    return CheckContext(**(facts | changes))


def prefilled(form: str = "self_check", for_unit: Unit | None = None) -> bytes:
    return workbooks().prefilled(forms()[form], campaign(), phase(), for_unit or unit())


COVER = {
    "has_problem": "是",
    "method": "自行自查",
    "problem_list_version": "2024版六领域",
    "signer": "院长岗（样例）",
    "filler": "医保办岗（样例）",
    "phone": "0999-1234567",
    "filled_on": date(2024, 5, 20),
}
REPORT = {
    "report_title": "关于专项整治工作情况的报告",
    "units_to_inspect": 120,
    "units_inspected": 96,
    "inspections": 110,
    "units_with_problems": 14,
    "violation_amt": 356000.5,
    "recovered_amt": 298000,
    "cases_referred": 0,
    "signer": "局长岗（样例）",
    "filler": "科员岗（样例）",
    "phone": "0999-1234567",
    "filled_on": date(2024, 5, 20),
}


def item(**changes: Any) -> dict[str, Any]:
    """One right row of 自查问题明细, fields named as in self_check."""
    return {
        "area": "骨科",
        "violation_type": "重复收费",
        "description": "血液灌流收费时同时收取已包含的连接管费用",
        "occur_start": date(2022, 1, 1),
        "occur_end": date(2023, 12, 31),
        "visits": 35,
        "occurrences": 120,
        "violation_amt": 12600.5,
        "fund_amt": 9800,
        "measure": "已在收费系统增加互斥提示",
        "rectify_status": "已整改",
        "rectified_on": date(2024, 5, 18),
        "refunded_amt": 9800,
        "refunded_on": date(2024, 5, 19),
        "voucher_no": "YH20240519001",
    } | changes


def agency_item(**changes: Any) -> dict[str, Any]:
    line = item(area="待遇审核", violation_type="基金稽核不全面") | changes
    return {field: value for field, value in line.items() if field != "voucher_no"}


def content(form: str) -> dict[str, list[dict[str, Any]]]:
    """What a right return of that form says, by sheet key."""
    if form == "written_report":
        return {"cover": [REPORT]}
    cover = {key: value for key, value in COVER.items() if forms()[form].sheet("cover").has(key)}
    return {"cover": [cover], "items": [item() if form == "self_check" else agency_item()]}


def filled(
    form: str = "self_check",
    rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    *,
    for_unit: Unit | None = None,
    then: Callable[[Workbook], None] | None = None,
) -> bytes:
    """A workbook filled in the way a clerk does it: by typing into the issued file."""
    workbook = load_workbook(BytesIO(prefilled(form, for_unit)))
    for key, lines in (content(form) | dict(rows or {})).items():
        spec = forms()[form].sheet(key)
        write(workbook[spec.title], spec, lines)
    if then is not None:
        then(workbook)
    return to_bytes(workbook)


@cache
def examples(form: str) -> Reading:
    """What is read back when every column is filled in with its own example, one row in each table."""
    workbook = load_workbook(BytesIO(prefilled(form)))
    for spec in forms()[form].filled_sheets:
        line = {column.field: column.example for column in spec.columns if column.example}
        write(workbook[spec.title], spec, [line])
    return workbooks().read(to_bytes(workbook), {form: forms()[form]})


def write(sheet: Worksheet, spec: Sheet, lines: Sequence[Mapping[str, Any]]) -> None:
    for order, line in enumerate(lines):
        for field, value in line.items():
            sheet[address(spec, field, order)].value = value


def address(spec: Sheet, field: str, order: int = 0) -> str:
    """Where the issued workbook has a field: of a card, or of a table's row (counted from zero)."""
    number = [column.field for column in spec.columns].index(field)
    if spec.layout is Layout.CARD:
        return f"B{4 + number}"
    return f"{get_column_letter(number + 1)}{4 + order}"


def item_cell(field: str, order: int = 0) -> str:
    return address(forms()["self_check"].sheet("items"), field, order)


def cover_cell(field: str) -> str:
    return address(forms()["self_check"].sheet("cover"), field)


def to_bytes(workbook: Workbook) -> bytes:
    buffer = BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def read(data: bytes) -> Reading:
    return workbooks().read(data, forms())


def judge(data: bytes, form: str = "self_check", checked: CheckContext | None = None) -> list[Finding]:
    """Everything wrong with a file, structure and content."""
    reading = read(data)
    if not reading.is_readable:
        return list(reading.findings)
    found = Quality().judge(forms()[form], {1: reading}, {1: checked or context()})
    return [*reading.findings, *found[1]]


def rules(findings: Sequence[Finding], severity: Severity | None = None) -> list[str]:
    return [finding.rule for finding in findings if severity in {None, finding.severity}]


def roster(rows: Sequence[Mapping[str, Any]], posts: Sequence[Mapping[str, Any]] = ()) -> bytes:
    """A roster as an office keeps it: its own workbook, headers and rows."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for key, lines in (("units", rows), ("posts", posts)):
        spec = forms()["roster"].sheet(key)
        sheet = workbook.create_sheet(spec.title)
        sheet.append([column.header for column in spec.columns])
        for line in lines:
            sheet.append([line.get(column.field) for column in spec.columns])
    return to_bytes(workbook)


def roster_row(**changes: Any) -> dict[str, Any]:
    return {
        "code": "H15062600001",
        "name": "示例旗第1医院（样例）",
        "kind": "定点医疗机构",
        "uscc": "12990000400000000P",
        "region_code": "150626",
        "contact_email": "yibao@hospital.example",
    } | changes


def with_member(data: bytes, name: str, member: bytes) -> bytes:
    """The package with one more member, or another content of one it has."""
    buffer = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(buffer, "w", ZIP_DEFLATED) as new:
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
        new.writestr(name, member)
    return buffer.getvalue()


def member(data: bytes, name: str) -> bytes:
    with ZipFile(BytesIO(data)) as package:
        return package.read(name)


def package(**members: bytes) -> bytes:
    """Any zip; ``__`` in a name stands for a slash and ``_dot_`` for a dot."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as new:
        for name, content_of in members.items():
            new.writestr(name.replace("__", "/").replace("_dot_", "."), content_of)
    return buffer.getvalue()


def compound(*streams: str) -> bytes:
    """A minimal OLE compound file (MS-CFB) with empty streams of these names: .xls, encrypted, .doc."""
    free, end, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    header += struct.pack("<108I", *([free] * 108))
    table = struct.pack("<128I", fat, end, *([free] * 126))
    names = ["Root Entry", *streams]
    directory = b""
    for number in range(4):
        name = names[number] if number < len(names) else ""
        kind = 0 if not name else 5 if number == 0 else 2
        child = 1 if number == 0 and streams else free
        right = number + 1 if 0 < number < len(streams) else free
        coded = (name + "\0").encode("utf-16-le") if name else b""
        directory += coded.ljust(64, b"\0") + struct.pack("<HBBIII", len(coded), kind, 1, free, right, child)
        directory += bytes(36) + struct.pack("<IQ", end, 0)
    return header + table + directory
