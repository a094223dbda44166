"""An upper bureau's own workbook is filled in at exactly the cells its mapping names."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font, PatternFill

from include.domain.indicators import compute
from include.domain.reports import Figure, Scope
from include.gateways.statistics_workbooks import BadLayout
from include.gateways.statistics_workbooks.templates import filled
from tests.domain.snapshot_builders import (
    AFTER_DUE,
    make_inspection,
    make_rectification,
    make_roster_unit,
    make_snapshot,
)

SNAPSHOT = make_snapshot(
    roster=[make_roster_unit("H1"), make_roster_unit("P1")],
    inspections=[make_inspection("A", "H1", violation_amt=Decimal("123456.78"))],
    rectifications=[make_rectification("Z", "H1")],
)
FIGURES = compute(SNAPSHOT)
GOOD: list[dict[str, Any]] = [
    {"sheet": "表一", "cell": "B3", "indicator": "units_inspected"},
    {
        "sheet": "表一",
        "cell": "C3",
        "indicator": "units_inspected",
        "dimension": "object",
        "member": "medical_institution",
        "scope": "this",
    },
    {"sheet": "表一", "cell": "B4", "indicator": "inspection_violation_amt", "unit": "万元"},
    {"sheet": "表一", "cell": "C4", "indicator": "units_inspected", "scope": "previous"},
]


def bureau_workbook() -> Workbook:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "表一"
    sheet.merge_cells("A1:C1")
    sheet["A1"] = "某市统计表"
    sheet["A1"].font = Font(name="黑体", size=22)
    sheet["A2"], sheet["B2"], sheet["C2"] = "项目", "合计", "医院"
    sheet["A3"], sheet["A4"], sheet["A5"] = "检查", "金额", "求和"
    sheet["B5"] = "=SUM(B3:B4)"
    sheet["B3"].fill = PatternFill("solid", start_color="FFFF00")
    sheet["B4"].number_format = "0.00"
    sheet.merge_cells("B6:C7")
    sheet.column_dimensions["A"].width = 33
    sheet.row_dimensions[3].height = 41
    sheet.page_setup.orientation = "portrait"
    sheet.print_area = "A1:C7"
    sheet.print_title_rows = "1:2"
    book.create_sheet("说明")["A1"] = "填表说明"
    return book


def look(cell: Any) -> tuple[str, ...]:
    return repr(cell.font), repr(cell.fill), repr(cell.border), cell.number_format


def write(folder: Path, cells: list[dict[str, Any]], book: Workbook | None = None) -> Path:
    path = folder / "form.xlsx"
    (book or bureau_workbook()).save(path)
    (folder / "form.yaml").write_text(
        yaml.safe_dump({"title": "某市统计表", "cells": cells}), encoding="utf-8"
    )
    return path


def test_numbers_go_to_their_cells_and_to_no_others(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    title, content = filled(path, FIGURES, on=AFTER_DUE)
    assert title == "某市统计表"
    before, after = load_workbook(path), load_workbook(io.BytesIO(content))
    assert {cell: after["表一"][cell].value for cell in ("B3", "C3", "B4", "C4")} == {
        "B3": 1,
        "C3": 1,
        "B4": 12.35,
        "C4": "—",
    }
    for sheet in before:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.coordinate not in ("B3", "C3", "B4", "C4") or sheet.title != "表一":
                    assert after[sheet.title][cell.coordinate].value == cell.value


def test_the_layout_stays_as_the_bureau_made_it(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    before, after = load_workbook(path), load_workbook(io.BytesIO(filled(path, FIGURES, on=AFTER_DUE)[1]))
    assert before.sheetnames == after.sheetnames
    for sheet in before:
        other = after[sheet.title]
        assert {str(area) for area in sheet.merged_cells.ranges} == {
            str(area) for area in other.merged_cells.ranges
        }
        assert sheet.print_area == other.print_area
        assert sheet.print_title_rows == other.print_title_rows
        assert sheet.page_setup.orientation == other.page_setup.orientation
        assert {k: v.width for k, v in sheet.column_dimensions.items()} == {
            k: v.width for k, v in other.column_dimensions.items()
        }
        assert {k: v.height for k, v in sheet.row_dimensions.items()} == {
            k: v.height for k, v in other.row_dimensions.items()
        }
        for row in sheet.iter_rows():
            for cell in row:
                twin = other[cell.coordinate]
                assert look(cell) == look(twin)


def test_what_was_reported_before_is_the_period_of_the_occasion_before(tmp_path: Path) -> None:
    previous = [Figure("units_inspected", "", "", Decimal(4), Scope.THIS)]
    content = filled(write(tmp_path, GOOD), FIGURES, on=AFTER_DUE, previous=previous)[1]
    assert load_workbook(io.BytesIO(content))["表一"]["C4"].value == 4


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    assert filled(path, FIGURES, on=AFTER_DUE) == filled(path, FIGURES, on=AFTER_DUE)


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ({"sheet": "表二", "cell": "B3"}, "模板中没有工作表“表二”，可选：表一、说明"),
        ({"cell": "Z99"}, "“表一”的Z99在表格范围（A1:C7）之外，请核对单元格"),
        ({"cell": "B5"}, "“表一”的B5是公式（=SUM(B3:B4)），不能填数"),
        ({"cell": "C7"}, "“表一”的C7在合并单元格B6:C7之内，请改写为左上角的B6"),
        ({"cell": "A3"}, "“表一”的A3已有文字“检查”，不能填数"),
        ({"indicator": "units_inspectd"}, "cells[0].indicator：没有名为“units_inspectd”的指标"),
        ({"unit": "万元"}, "cells[0].unit：指标“已检查数”以“家”计量，不能填成“万元”"),
        ({"dimension": "batch", "member": "1"}, "指标“已检查数”没有按 batch 的分组数"),
        ({"dimension": "object", "member": "hospital"}, "object 没有成员“hospital”"),
        ({"dimension": "object"}, "dimension 和 member 须同时写明"),
        ({"cell": "3B"}, "cells[0].cell：“3B”不符合要求"),
    ],
)
def test_a_wrong_mapping_is_refused_with_file_cell_and_remedy(
    tmp_path: Path, cell: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadLayout) as refused:
        filled(write(tmp_path, [GOOD[0] | cell]), FIGURES, on=AFTER_DUE)
    assert str(refused.value).startswith("form.yaml")
    assert sentence in str(refused.value)


def test_a_cell_is_filled_once(tmp_path: Path) -> None:
    with pytest.raises(BadLayout, match="“表一”的B3写了两次"):
        filled(write(tmp_path, [GOOD[0], GOOD[0]]), FIGURES, on=AFTER_DUE)


def test_a_template_that_would_lose_something_is_refused(tmp_path: Path) -> None:
    book = bureau_workbook()
    chart = BarChart()
    chart.add_data(Reference(book["表一"], min_col=2, min_row=3, max_row=4))
    book["表一"].add_chart(chart, "E2")
    with pytest.raises(BadLayout, match=r"模板 form\.xlsx 含有.*图表，填写时会丢失，请另存一份"):
        filled(write(tmp_path, GOOD, book), FIGURES, on=AFTER_DUE)


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04broken"])
def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path, GOOD)
    path.write_bytes(content)
    with pytest.raises(BadLayout, match=r"模板 form\.xlsx 不是可以打开的"):
        filled(path, FIGURES, on=AFTER_DUE)


def test_a_template_without_a_mapping_says_which_file_is_missing(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    path.with_suffix(".yaml").unlink()
    with pytest.raises(BadLayout, match=r"缺少对应的填报说明文件 form\.yaml"):
        filled(path, FIGURES, on=AFTER_DUE)
