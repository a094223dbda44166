"""The tables owed upward: both periods, official rows, numbers that lead to their rows, notes of what was adjusted."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from include.campaigns.registry import FOLDER, load_campaign
from include.domain.campaign import Campaign, UpwardReport
from include.domain.indicators import BY_KEY, compute, cross_checks
from include.domain.reports import Figure, FigureNote, Scope, Snapshot
from include.domain.tables import TableLayout
from include.gateways.statistics_workbooks import StatisticsWorkbooks, paper
from include.gateways.statistics_workbooks.drill_down import sheet_behind
from include.gateways.statistics_workbooks.fixed_bytes import saved
from include.gateways.statistics_workbooks.layouts import load_layout
from include.gateways.statistics_workbooks.row_blocks import Row, block
from include.gateways.statistics_workbooks.workbooks import TABLES
from tests.domain.snapshot_builders import (
    AFTER_DUE,
    AGENCY,
    BEFORE,
    make_blacklisting,
    make_case,
    make_clue,
    make_inspection,
    make_item,
    make_problem,
    make_rectification,
    make_referral,
    make_roster_unit,
    make_screening,
    make_snapshot,
    make_tip,
    make_unit,
)

SNAPSHOT = make_snapshot(
    [make_unit("H1"), make_unit("J1", unit_kind=AGENCY, form="agency_self_check")],
    [
        make_item("H1", violation_amt=Decimal("123456.78")),
        make_item("J1", "AGENCY_ARREARS", unit_kind=AGENCY),
    ],
    roster=[
        make_roster_unit("H1", ownership="公立"),
        make_roster_unit("H2"),
        make_roster_unit("P1"),
        make_roster_unit("J1"),
    ],
    inspections=[make_inspection("A", "H1"), make_inspection("B", "P1", end_on=BEFORE)],
    problems=[make_problem("A"), make_problem("B", "SUBSTITUTION")],
    rectifications=[make_rectification("Z", "H1")],
    clues=[
        make_clue("XS1"),
        make_clue("XS2", batch=""),
        make_clue("XS3", source="LOCAL_MODEL", model="S05 分解住院", batch="2024年05月筛查"),
    ],
    screenings=[make_screening()],
    tips=[make_tip("1")],
    cases=[
        make_case("AJ1", "H1", "TALK", "ADMIN_PENALTY", fine_amt=Decimal("9000.00")),
        make_case("AJ2", "", "EXPOSE", party="参保人员", conduct="CARD_LENDING", unit_name=""),
    ],
    referrals=[make_referral("YS1", case_no="AJ1")],
    blacklistings=[make_blacklisting()],
)
FIGURES = compute(SNAPSHOT)

OWED = [
    ("wushen_2024", "fund_work_quarterly"),
    ("wushen_2024", "final_summary"),
    ("zhuoni_2019", "action_statistics"),
    ("heshan_2020", "self_check_statistics"),
    ("heshan_2020", "latest_progress"),
    ("quanzhou_2024", "periodic_data"),
    ("anhui_2024", "annual_summary"),
]


def owed(campaign: str, report: str) -> tuple[Campaign, UpwardReport]:
    found = load_campaign(FOLDER / campaign)
    return found, found.report(report)


def build(
    campaign: str,
    report: str,
    snapshot: Snapshot = SNAPSHOT,
    previous: tuple[Figure, ...] = (),
    figures: list[Figure] | None = None,
) -> bytes:
    figures = compute(snapshot) if figures is None else figures
    return StatisticsWorkbooks().build(
        *owed(campaign, report),
        edition=2,
        snapshot=snapshot,
        figures=figures,
        checks=cross_checks(figures, notes=snapshot.notes),
        previous=previous,
    )


@pytest.fixture(scope="module")
def books() -> dict[tuple[str, str], Workbook]:
    """The workbook of every report that names tables, to read only."""
    return {each: load_workbook(io.BytesIO(build(*each))) for each in OWED}


def rows(sheet: Worksheet) -> list[list[object]]:
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def under(sheet: Worksheet, stub: str) -> list[list[object]]:
    """本期 and 累计 of the row with that name."""
    at = next(number for number, row in enumerate(rows(sheet)) if stub in row)
    found = []
    for row in rows(sheet)[at : at + 2]:
        place = next(number for number, cell in enumerate(row) if cell in ("本期", "累计"))
        found.append(row[place:])
    return found


@pytest.mark.parametrize("each", OWED)
def test_every_report_that_names_tables_has_them(
    books: dict[tuple[str, str], Workbook], each: tuple[str, str]
) -> None:
    book = books[each]
    _, report = owed(*each)
    for key in report.table_layouts:
        sheet = book[load_layout(TABLES, key).sheet]
        printed = [cell for row in rows(sheet) for cell in row if isinstance(cell, str)]
        assert {"单位负责人：", "审核人：", "填表人：", "联系电话："} <= set(printed)
        assert any(cell.startswith("填报单位：") for cell in printed)
        assert any(cell.startswith("统计期间：") for cell in printed)
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)


@pytest.mark.parametrize("each", OWED)
def test_every_number_of_a_matrix_leads_to_a_list_that_is_there(
    books: dict[tuple[str, str], Workbook], each: tuple[str, str]
) -> None:
    book = books[each]
    _, report = owed(*each)
    for key in report.table_layouts:
        layout = load_layout(TABLES, key)
        if not isinstance(layout, TableLayout):
            continue
        numbers = [
            c
            for row in book[layout.sheet].iter_rows()
            for c in row
            if c.data_type == "n" and c.value is not None
        ]
        linked = [cell for cell in numbers if cell.hyperlink is not None]
        assert len(linked) >= len(layout.columns)
        for cell in linked:
            assert cell.hyperlink is not None
            assert str(cell.hyperlink.location).split("!")[0].strip("'") in book.sheetnames
    assert {sheet_behind(BY_KEY[key]) for key in ("tips_received",)} == {"举报明细"}


def test_both_periods_stand_one_above_the_other(books: dict[tuple[str, str], Workbook]) -> None:
    sheet = books["zhuoni_2019", "action_statistics"]["处理结果表"]
    this, cumulative = under(sheet, "合计")
    assert this[:6] == ["本期", 3, 1, pytest.approx(100 / 3), 1, 1]
    assert cumulative[:6] == ["累计", 3, 2, pytest.approx(200 / 3), 2, 2]


def test_screening_stands_by_model_and_leads_to_its_runs(books: dict[tuple[str, str], Workbook]) -> None:
    book = books["quanzhou_2024", "periodic_data"]
    this, cumulative = under(book["结算数据筛查"], "模型：S05 分解住院")
    assert this[1:3] == cumulative[1:3] == [4, 1]
    assert under(book["结算数据筛查"], "管辖：示例旗医保中心")[0][1] == "—", "runs are not divided by branch"
    assert any("S05 分解住院" in row for row in rows(book["筛查记录"]))


def test_fines_and_refunds_stand_in_columns_of_their_own(books: dict[tuple[str, str], Workbook]) -> None:
    sheet = books["zhuoni_2019", "action_statistics"]["处理结果表"]
    heads = [[str(cell).replace("\n", "") if cell else "" for cell in row] for row in rows(sheet)]
    refund_row = next(row for row in heads if "追回基金（万元）" in row)
    fine_row = next(row for row in heads if "罚款（万元）" in row)
    lines = [row for row in rows(sheet) if "累计" in row]
    half = len(lines) // 2
    assert lines[half - 1][refund_row.index("追回基金（万元）")] == 0.055
    assert lines[-1][fine_row.index("罚款（万元）")] == 0.9


def test_violations_stand_under_the_rows_of_the_official_table(
    books: dict[tuple[str, str], Workbook],
) -> None:
    sheet = books["zhuoni_2019", "action_statistics"]["违规行为表"]
    assert under(sheet, "冒名顶替")[1][2:5] == [1, 1, 0.09]
    assert under(sheet, "盗刷冒用社会保障卡")[1][1:4] == [0, 0, 0]
    agency = books["heshan_2020", "self_check_statistics"]["经办机构违法违规情况"]
    stubs = [row[1] for row in rows(agency) if isinstance(row[0], int)]
    assert len(stubs) == 12
    assert stubs[0] == "执行新冠肺炎救治医保政策不严格"
    assert under(agency, "违规拖欠定点医药机构费用")[1][1] == 1


def test_ownership_divides_the_hospitals(books: dict[tuple[str, str], Workbook]) -> None:
    sheet = books["heshan_2020", "latest_progress"]["处理情况统计表"]
    assert under(sheet, "其中：公立")[1][1:3] == [1, 1]
    assert under(sheet, "民营")[1][1:3] == [0, 0]


def test_a_figure_that_is_not_divided_by_the_row_is_a_dash(books: dict[tuple[str, str], Workbook]) -> None:
    sheet = books["heshan_2020", "latest_progress"]["定点医疗机构违法违规情况"]
    assert under(sheet, "挂床住院")[1][6] == "—"
    assert under(sheet, "定点医疗机构合计")[1][6] == 1


def test_the_quarter_before_is_printed_where_there_was_one() -> None:
    line = ["件", 1, 1]
    first = load_workbook(io.BytesIO(build("wushen_2024", "fund_work_quarterly")))["基金工作情况"]
    [row] = [row for row in rows(first) if "接收举报" in row]
    assert row[3:7] == [*line, "—"]
    before = (Figure("tips_received", "", "", Decimal(4), Scope.THIS),)
    later = load_workbook(io.BytesIO(build("wushen_2024", "fund_work_quarterly", previous=before)))
    [row] = [row for row in rows(later["基金工作情况"]) if "接收举报" in row]
    assert row[3:7] == [*line, 4]
    heads = next(row for row in rows(later["基金工作情况"]) if "指标" in row)
    assert heads[4:7] == ["本季度", "累计", "上季度"]


def test_a_report_owed_once_speaks_of_periods_and_not_of_quarters(
    books: dict[tuple[str, str], Workbook],
) -> None:
    sheet = books["anhui_2024", "annual_summary"]["基金工作情况"]
    assert next(row for row in rows(sheet) if "指标" in row)[4:7] == ["本期", "累计", "上期"]


def test_the_problem_list_has_every_problem_once(books: dict[tuple[str, str], Workbook]) -> None:
    sheet = books["wushen_2024", "final_summary"]["问题清单"]
    listed = [row[1:9] for row in rows(sheet) if isinstance(row[0], int)]
    assert [(row[0], row[2], row[3], row[6]) for row in listed] == [
        ("H1", "自查", "重复收费", 123456.78),
        ("H1", "全覆盖检查", "超标准收费", 500),
        ("J1", "自查", "违规拖欠定点医药机构费用", 100),
        ("P1", "全覆盖检查", "串换药品、医用耗材、诊疗项目和服务设施", 500),
    ]


def test_what_was_adjusted_is_on_a_sheet_with_its_note() -> None:
    note = FigureNote("tips_received", "", "", Scope.CUMULATIVE, Decimal(3), "两件由市局转来", "基金监管科")
    adjusted = replace(SNAPSHOT, notes=(note,))
    book = load_workbook(io.BytesIO(build("wushen_2024", "fund_work_quarterly", adjusted)))
    [row] = [row for row in rows(book["人工调整"]) if isinstance(row[0], int)]
    assert row[1:] == ["接收举报", "合计", "合计", "累计", "件", 1, 3, "两件由市局转来", "基金监管科"]
    [row] = [row for row in rows(book["基金工作情况"]) if "接收举报" in row]
    assert row[4:6] == [1, 3]
    plain = load_workbook(io.BytesIO(build("wushen_2024", "fund_work_quarterly")))
    words = [cell for row in rows(plain["人工调整"]) for cell in row]
    assert "各统计表的数值均由台账计算，没有人工调整。" in words


@pytest.mark.parametrize("each", OWED)
def test_the_same_snapshot_gives_the_same_bytes(each: tuple[str, str]) -> None:
    assert build(*each) == build(*each)


@pytest.mark.parametrize("each", OWED)
def test_a_workbook_has_nothing_of_who_gave_a_tip(each: tuple[str, str]) -> None:
    with ZipFile(io.BytesIO(build(*each))) as archive:
        text = "".join(archive.read(name).decode(errors="ignore") for name in archive.namelist())
    assert "举报人姓名" not in text
    assert "举报人电话" not in text
    assert "联系方式" not in text


ROWS: list[Row] = [
    (1, "H0001", "示例医院", AFTER_DUE, Decimal("1234567.89"), Decimal("33.3333")),
    (-2, "—", "=1+1", None, Decimal("-0.10"), Decimal(0)),
    ("—", " 前后空格 ", 'a<b>&"c"\n第二行\x0b', AFTER_DUE, "—", None),
]
STYLES = (paper.COUNT, paper.CENTRED, paper.WORDS, paper.DAY, paper.MONEY, paper.RATE)


def cell_by_cell(sheet: Worksheet) -> None:
    for at, row in enumerate(ROWS, 3):
        for column, (value, style) in enumerate(zip(row, STYLES, strict=True), 1):
            own = (
                paper.CENTRED
                if isinstance(value, str) and style not in (paper.WORDS, paper.CENTRED)
                else style
            )
            if value is None:
                sheet.cell(at, column).style = own
            else:
                paper.put(sheet, at, column, value, own)


def read(book_of: bytes) -> list[tuple[object, ...]]:
    sheet = load_workbook(io.BytesIO(book_of)).worksheets[0]
    return [
        (cell.coordinate, cell.value, cell.data_type, cell.style, cell.number_format)
        for row in sheet.iter_rows()
        for cell in row
    ]


@pytest.mark.parametrize("below", [None, "合计"])
def test_spliced_rows_read_as_rows_written_cell_by_cell(below: str | None) -> None:
    contents = []
    for splice in (False, True):
        book = Workbook()
        paper.add_styles(book)
        sheet = book.worksheets[0]
        paper.put(sheet, 1, 1, "明细", paper.TITLE)
        paper.put(sheet, 2, 6, "末栏", paper.HEAD)
        if below:
            paper.put(sheet, 3 + len(ROWS), 1, below, paper.CENTRED)
        if not splice:
            cell_by_cell(sheet)
        blocks = {sheet.title: block(sheet, 3, STYLES, ROWS)} if splice else None
        contents.append(read(saved(book, on=AFTER_DUE, blocks=blocks)))
    assert contents[0] == contents[1]


def test_a_sheet_without_rows_is_left_as_it_is(tmp_path: Path) -> None:
    book = Workbook()
    paper.add_styles(book)
    sheet = book.worksheets[0]
    sheet["A1"] = "没有记录。"
    assert read(saved(book, on=AFTER_DUE, blocks={sheet.title: block(sheet, 2, STYLES, [])})) == read(
        saved(book, on=AFTER_DUE)
    )
