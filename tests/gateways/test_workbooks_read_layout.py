"""Sheets as people lay them out: other headers and titles, lines above and below, hidden rows, totals."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook

from include.domain.model import Severity
from include.domain.returns import Reading, Row
from tests.gateways.workbook_builders import filled, read


def items(reading: Reading) -> list[Row]:
    return list(reading.sheets["items"])


def change(act: Callable[[Workbook], None]) -> Reading:
    return read(filled(then=act))


HEADERS = ("序号", "领域", "违规类型", "问题描述")


def rebuilt(*above: Sequence[object], rows: Sequence[Sequence[object]], title: str = "Sheet1") -> Reading:
    """自查问题明细 as an office lays it out itself: lines above the rows, and the rows."""

    def rebuild(workbook: Workbook) -> None:
        del workbook["自查问题明细"]
        sheet = workbook.create_sheet(title)
        for line in (*above, *rows):
            sheet.append(list(line))

    return change(rebuild)


def right_row(order: int = 1, amount: object = 100) -> list[object]:
    return [
        order,
        "骨科",
        "重复收费",
        "血液灌流重复收取连接管费",
        "2022-1-1",
        "2022.12.31",
        3,
        5,
        amount,
        80,
        "已退",
        "已整改",
    ]


REST = (
    "发生期间起",
    "发生期间止",
    "涉及人次",
    "涉及例次",
    "违规金额",
    "其中医保基金支付金额",
    "整改措施",
    "整改状态",
)


def test_a_header_in_two_lines_is_read_as_one() -> None:
    upper = (*HEADERS, "发生期间", None, "涉及", None, "违规金额", "其中医保基金支付金额", "整改", None)
    lower = (None, None, None, None, "起", "止", "人次", "例次", None, None, "措施", "状态")
    reading = rebuilt(("某院自查表",), upper, lower, rows=[right_row()])
    assert reading.findings == ()
    (line,) = items(reading)
    assert line.values["occur_start"] == date(2022, 1, 1)
    assert (line.values["visits"], line.values["occurrences"]) == (3, 5)
    assert line.values["rectify_status"] == "已整改"


def test_a_group_above_whole_headers_is_not_taken_for_one() -> None:
    group = ("基本情况", None, None, None, "数量和金额", *[None] * 7)
    reading = rebuilt(group, (*HEADERS, *REST), rows=[right_row()])
    assert reading.findings == ()
    assert items(reading)[0].values["violation_amt"] == Decimal("100.00")


def test_the_unit_in_a_line_above_the_table_holds_for_every_amount() -> None:
    reading = rebuilt(("某院自查表", "单位：万元"), (*HEADERS, *REST), rows=[right_row(amount=1.2)])
    assert items(reading)[0].values["violation_amt"] == Decimal("12000.00")


def test_the_unit_in_a_header_goes_before_the_one_above() -> None:
    rest = [f"{name}（元）" if name == "违规金额" else name for name in REST]
    reading = rebuilt(("单位：万元",), (*HEADERS, *rest), rows=[right_row(amount=1.2)])
    assert items(reading)[0].values["violation_amt"] == Decimal("1.20")
    assert items(reading)[0].values["fund_amt"] == Decimal("800000.00")


@pytest.mark.parametrize(
    "below",
    [
        ("小计", None, None, None, None, None, None, None, 200),
        ("合 计", None, None, None, None, None, None, None, 200),
        (2, "总计：", None, None, None, None, None, None, 200),
        ("注：1.金额以元为单位。",),
        ("填表说明：略", None, None),
        ("备注1：略",),
        ("填表人：某岗", None, None, "联系电话：略"),
        (*HEADERS, *REST),
        (None, None, None),
    ],
    ids=lambda line: str(line[0]),
)
def test_what_stands_below_the_rows_is_no_row(below: Sequence[object]) -> None:
    reading = rebuilt((*HEADERS, *REST), rows=[right_row(), right_row(2), below])
    assert reading.findings == ()
    assert len(items(reading)) == 2


def test_a_line_of_column_numbers_is_no_row() -> None:
    numbers = ("甲", "乙", "丙", "丁", *range(1, 9))
    assert len(items(rebuilt((*HEADERS, *REST), numbers, rows=[right_row()]))) == 1


def test_a_row_about_a_note_stays_a_row() -> None:
    row = right_row()
    row[0], row[3] = None, "注：违规收费的说明，共计三项"
    assert len(items(rebuilt((*HEADERS, *REST), rows=[row]))) == 1


def test_a_total_that_is_not_the_sum_is_mentioned_and_the_rows_count() -> None:
    total = ("合计", *[None] * 7, 300)
    reading = rebuilt((*HEADERS, *REST), rows=[right_row(), right_row(2), total])
    (finding,) = reading.findings
    assert (finding.rule, finding.severity, finding.cell) == ("total.differs", Severity.WARNING, "I4")
    assert "300" in finding.message
    assert "200.00元" in finding.message
    assert [line.values["violation_amt"] for line in items(reading)] == [Decimal("100.00")] * 2


def test_hidden_rows_are_read_and_mentioned() -> None:
    def hide(workbook: Workbook) -> None:
        workbook["自查问题明细"].row_dimensions[4].hidden = True

    reading = change(hide)
    assert len(items(reading)) == 1
    assert [(finding.rule, finding.severity) for finding in reading.findings] == [
        ("sheet.hidden_rows", Severity.INFO)
    ]
    assert "第4行" in reading.findings[0].message


def test_a_second_copy_nobody_filled_is_left_alone() -> None:
    def copy(workbook: Workbook) -> None:
        sheet = workbook.copy_worksheet(workbook["自查问题明细"])
        sheet.title = "空表"
        sheet.delete_rows(4)

    assert change(copy).findings == ()


def messy(workbook: Workbook) -> None:
    sheet = workbook["自查问题明细"]
    sheet.protection.sheet = False
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3, max_row=5)]
    headers, first, blank = rows
    del workbook["自查问题明细"]
    renamed = workbook.create_sheet("Sheet1")
    renamed.append(["××医院自查自纠情况"])
    renamed.append(["填报单位：××医院", None, "单位：万元"])
    renamed.append([])
    renamed.append([None, "自加的列", *reversed([_in_ten_thousands(header) for header in headers])])
    renamed.append([])
    renamed.append([None, "随手写的", *reversed(_ten_thousandths(headers, first))])
    renamed.append([None, None, *reversed(blank)])
    renamed.append([None, "合 计", *reversed(_ten_thousandths(headers, first))])
    renamed.append([None, "单位负责人：", None, "填表人："])


def _in_ten_thousands(header: str) -> str:
    return header.replace("（元）", " (万元)").replace("*", "")


def _ten_thousandths(headers: list[str], row: list[object]) -> list[object]:
    return [
        float(value) / 10000 if header.endswith("（元）") and isinstance(value, (int, float)) else value
        for header, value in zip(headers, row, strict=True)
    ]


def test_moved_renamed_and_extended_sheets_are_read_all_the_same() -> None:
    reading = change(messy)
    assert reading.findings == ()
    (line,) = items(reading)
    assert line.number == 6
    assert line.values["violation_amt"] == Decimal("12600.50")
    assert line.values["description"] == "血液灌流收费时同时收取已包含的连接管费用"
    assert re.fullmatch(r"[A-Z]+6", line.cells["violation_amt"])
