"""Whatever is sent is read or answered with its own reason; nothing a sender does stops us."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook

from include.domain.returns import FileKind, Reading, Row
from include.gateways.workbooks import Workbooks, identity
from tests.gateways.workbook_builders import (
    compound,
    cover_cell,
    filled,
    forms,
    item,
    item_cell,
    member,
    package,
    prefilled,
    read,
    roster,
    roster_row,
    rules,
    to_bytes,
    unit,
    with_member,
    workbooks,
)

PDF = b"%PDF-1.7\n" + bytes(200)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
JPEG = b"\xff\xd8\xff\xe0" + bytes(200)
HTML = "<html><body><table><tr><td>序号</td></tr></table></body></html>".encode()
CSV = "序号,违规类型,违规金额\r\n1,重复收费,100\r\n".encode("gb18030")
SHEET = "xl/worksheets/sheet3.xml"


def test_no_damage_of_the_bytes_stops_us() -> None:
    data, chance = filled(), random.Random(7)
    for _ in range(60):
        broken = bytearray(data)
        for _ in range(chance.randrange(1, 40)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        reading = read(bytes(broken[: chance.randrange(len(broken) // 2, len(broken) + 1)]))
        assert all(finding.message for finding in reading.findings)


def test_one_cell_far_away_does_not_eat_the_memory() -> None:
    xml = member(filled(), SHEET).decode()
    far = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(200, 20_000))
    reading = read(with_member(filled(), SHEET, xml.replace("</sheetData>", far + "</sheetData>").encode()))
    assert reading.is_readable
    assert len(items(reading)) == 1


def items(reading: Reading) -> list[Row]:
    return list(reading.sheets["items"])


def test_what_was_typed_into_the_issued_workbook_comes_back() -> None:
    reading = read(filled())
    assert reading.findings == ()
    cover, line = reading.sheets["cover"][0], items(reading)[0]
    assert cover.values["has_problem"] is True
    assert cover.cells["has_problem"] == cover_cell("has_problem")
    assert line.values["violation_amt"] == Decimal("12600.50")
    assert line.values["rectified_on"] == date(2024, 5, 18)
    assert line.values["violation_type"] == "重复收费"
    assert line.cells["violation_amt"] == item_cell("violation_amt")
    assert line.cells["memo"] == item_cell("memo")
    assert "lines" in reading.sheets


def test_a_genuine_identity_is_told_from_an_edited_one() -> None:
    found = read(filled()).identity
    assert found is not None
    assert workbooks().is_genuine(found)
    assert not Workbooks(b"another key").is_genuine(found)

    def edit(workbook: Workbook) -> None:
        for row in workbook[identity.SHEET].iter_rows():
            if row[0].value == "unit_code":
                row[1].value = unit(2).code

    edited = read(filled(then=edit)).identity
    assert edited is not None
    assert edited.unit_code == unit(2).code
    assert not workbooks().is_genuine(edited)


def change(act: Callable[[Workbook], None]) -> Reading:
    return read(filled(then=act))


def test_a_workbook_without_our_identity_is_recognised_and_sent_back() -> None:
    reading = change(lambda workbook: workbook.remove(workbook[identity.SHEET]))
    assert rules(reading.findings) == ["identity.missing"]
    assert reading.identity is None
    assert len(items(reading)) == 1


def test_an_old_version_is_told_the_current_one() -> None:
    forms_now = {**forms(), "self_check": forms()["self_check"].model_copy(update={"version": "2099.1"})}
    reading = workbooks().read(filled(), forms_now)
    assert rules(reading.findings) == ["form.version"]
    assert "2099.1" in reading.findings[0].message
    accepted = forms_now["self_check"].model_copy(update={"accepted_versions": ("2026.1",)})
    assert workbooks().read(filled(), {"self_check": accepted}).findings == ()


def test_a_foreign_workbook_is_told_what_was_seen_and_what_is_wanted() -> None:
    foreign = Workbook()
    foreign.active.title = "工资表"
    foreign.active.append(["姓名", "应发"])
    (finding,) = read(to_bytes(foreign)).findings
    assert finding.rule == "form.unknown"
    assert "工资表" in finding.message
    assert "自查自纠情况表" in finding.message


def test_a_missing_sheet_is_named() -> None:
    reading = change(lambda workbook: workbook.remove(workbook["自查问题明细"]))
    assert rules(reading.findings) == ["sheet.missing"]
    assert "自查问题明细" in reading.findings[0].message


def test_an_optional_sheet_may_be_missing() -> None:
    assert change(lambda workbook: workbook.remove(workbook["问题对应结算明细"])).findings == ()


def test_a_missing_column_is_named_with_the_nearest_header_seen() -> None:
    def rename(workbook: Workbook) -> None:
        workbook["自查问题明细"][item_cell("measure", -1)].value = "整改办法"

    (finding,) = change(rename).findings
    assert finding.rule == "column.missing"
    assert "整改措施" in finding.message
    assert "整改办法" in finding.message


def test_a_doubled_column_is_not_guessed_at() -> None:
    def double(workbook: Workbook) -> None:
        workbook["自查问题明细"][item_cell("memo", -1)].value = "整改措施"

    assert rules(change(double).findings) == ["column.doubled"]


def test_a_card_is_read_when_label_and_value_share_a_cell_or_are_merged() -> None:
    def rebuild(workbook: Workbook) -> None:
        rows = [row[:2] for row in workbook["封面"].iter_rows(min_row=4, values_only=True)]
        del workbook["封面"]
        sheet = workbook.create_sheet("封面")
        for number, (label, value) in enumerate(rows, start=5):
            if number % 2:
                sheet.cell(
                    number,
                    2,
                    f"{label}： {value:%Y-%m-%d}" if hasattr(value, "year") else f"{label}：{value or ''}",
                )
            else:
                sheet.cell(number, 2, label)
                sheet.cell(number, 5, value)
                sheet.merge_cells(start_row=number, start_column=2, end_row=number, end_column=4)

    values = change(rebuild).sheets["cover"][0].values
    assert values["unit_code"] == unit().code
    assert values["window_start"] == date(2021, 5, 1)
    assert values["filled_on"] == date(2024, 5, 20)
    assert values["has_problem"] is True


def test_an_empty_answer_is_not_taken_from_the_hint_beside_it() -> None:
    blank = read(prefilled()).sheets["cover"][0]
    assert blank.values["has_problem"] is None
    assert blank.values["signer"] is None


def test_prepared_rows_nobody_filled_are_no_rows() -> None:
    assert items(read(prefilled())) == []


def test_marks_for_nothing_are_nothing() -> None:
    (line,) = items(read(filled(rows={"items": [item(memo="无", dept_name="/", cause="——")]})))
    assert line.values["memo"] is line.values["dept_name"] is line.values["cause"] is None


def test_a_row_without_number_gets_the_next() -> None:
    reading = read(filled(rows={"items": [item(), item(seq=None)]}))
    assert [row.values["seq"] for row in items(reading)] == [1, 2]


@pytest.mark.parametrize(
    ("seen", "meant"), [("串换收费", "串换药品、医用耗材、诊疗项目和服务设施"), ("挂 床住院", "挂床住院")]
)
def test_other_words_for_a_choice_become_its_label(seen: str, meant: str) -> None:
    (line,) = items(read(filled(rows={"items": [item(violation_type=seen)]})))
    assert line.values["violation_type"] == meant
    assert forms()["self_check"].choice_code("violation_type", meant)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("item_code", 3105010020000001, "“文本”格式"),
        ("item_code", 3105010020000, "前面的0"),
        ("item_code", "1.5E+17", "科学计数法"),
        ("violation_amt", "一万二", "不是金额"),
        ("occur_start", "2022年1月", "缺少“日”"),
        ("visits", 3.5, "不能有小数"),
    ],
)
def test_what_cannot_be_read_is_kept_with_its_reason(field: str, typed: object, said: str) -> None:
    (line,) = items(read(filled(rows={"items": [item(**{field: typed})]})))
    assert said in line.problems[field]
    assert line.values[field] is None
    assert line.raw[field]
    assert line.cells[field] == item_cell(field)


def test_an_error_value_is_not_taken_for_an_empty_cell() -> None:
    cell = item_cell("fund_amt")
    data = with_cell(cell, b't="e"><v>#REF!</v></c>')
    (line,) = items(read(data))
    assert "#REF!" in line.problems["fund_amt"]
    assert line.raw["fund_amt"] == "#REF!"


def test_a_formula_is_never_computed_but_asked_to_be_saved() -> None:
    (line,) = items(read(filled(rows={"items": [item(fund_amt="=1+1")]})))
    assert line.problems["fund_amt"] == "是没有计算结果的公式，请用Excel或WPS打开后保存再报"
    assert line.values["fund_amt"] is None


def test_a_formula_with_its_value_is_read_by_its_value() -> None:
    (line,) = items(read(with_cell(item_cell("fund_amt"), b"><f>9000+1</f><v>9001</v></c>")))
    assert line.values["fund_amt"] == Decimal("9001.00")


def with_cell(cell: str, rest: bytes) -> bytes:
    """The filled workbook with one cell of 自查问题明细 replaced in the raw XML; ``rest`` follows its style."""
    data = filled()
    xml, times = re.subn(
        rb'(<c r="%s" s="\d+")[^>]*>.*?</c>' % cell.encode(), rb"\1 " + rest, member(data, SHEET), count=1
    )
    assert times == 1
    return with_member(data, SHEET, xml)


def test_a_thousand_rows_are_fine() -> None:
    reading = read(filled(rows={"items": [item(seq=number + 1) for number in range(1000)]}))
    assert reading.findings == ()
    assert len(items(reading)) == 1000
    assert items(reading)[-1].cells["seq"] == "A1003"


def test_a_long_table_beyond_ten_thousand_rows_is_read() -> None:
    workbook = load_workbook(BytesIO(filled()))
    sheet = workbook["问题对应结算明细"]
    for number in range(12_000):
        sheet.append([1, f"S{number}", None, None, None, "2022-03-15", None, None, None, 1.05])
    reading = read(to_bytes(workbook))
    assert reading.is_readable
    assert len(reading.sheets["lines"]) == 12_000


def test_a_roster_needs_no_identity() -> None:
    reading = read(roster([roster_row()]))
    assert reading.identity is None
    assert reading.findings == ()
    assert reading.sheets["units"][0].values["kind"] == "定点医疗机构"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, FileKind.SCAN),
        (PNG, FileKind.SCAN),
        (JPEG, FileKind.SCAN),
        (CSV, FileKind.WORKBOOK),
        (HTML, FileKind.WORKBOOK),
        (compound("Workbook"), FileKind.WORKBOOK),
        (compound("EncryptedPackage"), FileKind.WORKBOOK),
        (compound("WordDocument"), FileKind.OTHER),
        (package(word__document_dot_xml=b"x"), FileKind.OTHER),
        (b"", FileKind.OTHER),
        (b"\x00\x01\x02" * 50, FileKind.OTHER),
        ("您好，附件是自查报告，请查收。".encode(), FileKind.OTHER),
    ],
)
def test_the_kind_of_a_file_is_told_by_its_content(content: bytes, kind: FileKind) -> None:
    assert workbooks().file_kind(content) is kind


def test_an_issued_workbook_is_a_workbook_even_when_cut_off() -> None:
    assert workbooks().file_kind(prefilled()) is FileKind.WORKBOOK
    assert workbooks().file_kind(prefilled()[:20_000]) is FileKind.WORKBOOK
