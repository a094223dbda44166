from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from include.domain.campaign import Campaign
from include.domain.errors import GiveUp
from include.domain.indicators import BY_KEY, compute, cross_checks
from include.domain.indicators.self_check import SELF_CHECK
from include.domain.obligations import ObligationState
from include.domain.reports import Figure, Snapshot
from include.domain.tables import TableLayout
from include.gateways.statistics_workbooks import BadLayout, StatisticsWorkbooks
from include.gateways.statistics_workbooks.layouts import load_layout
from include.gateways.statistics_workbooks.list_sheets import MOST_CHECKS
from include.gateways.statistics_workbooks.paper import neutral
from include.gateways.statistics_workbooks.workbooks import TABLES
from tests.domain.snapshot_builders import AFTER_DUE, AGENCY, PHARMACY, make_item, make_snapshot, make_unit

OPEN, RECEIVED, RETURNED, PARTIAL, ACCEPTED, REVIEWED, WAIVED, CLOSED = ObligationState

CAMPAIGN = Campaign.model_validate(
    {
        "id": "sample_2024",
        "title": "2024年示例旗医保基金违法违规问题专项整治",
        "short_title": "2024年医保专项整治",
        "kind": "special_rectification",
        "structure": "phases",
        "level": "county",
        "region": "150626",
        "region_name": "示例旗",
        "notice": {
            "title": "示例通知",
            "issuers": ["示例旗医疗保障局"],
            "addressees": ["各定点医药机构"],
            "publicity": "not_stated",
        },
        "lead": {"name": "示例旗医疗保障局", "short_name": "旗医保局", "region_code": "150626"},
        "goals": ["规范使用医保基金"],
        "supervised": ["medical_institution", "retail_pharmacy"],
        "data_window": {"start": "2021-05-01", "text": "自《条例》实施以来"},
        "span_text": "2024年5月至12月",
        "phases": [
            {
                "key": "self_check",
                "title": "自查自纠阶段",
                "kind": "self_check",
                "start": "2024-05-11",
                "due": "2024-05-31",
                "due_text": "5月底完成",
                "text": "开展自查自纠",
            }
        ],
        "reports": [
            {
                "key": "self_check_statistics",
                "title": "自查自纠情况统计表",
                "to": "示例市医疗保障局",
                "cadence": "once",
                "due": "2024-06-07",
                "due_text": "自查自纠结束后上报",
                "phase": "self_check",
                "tables": ["医保基金工作情况统计表"],
                "table_layouts": ["self_check_units", "self_check_violations"],
            }
        ],
        "focus": [{"subject": "retail_pharmacy", "items": ["串换药品"]}],
        "departments": [{"name": "医保部门", "duty": "牵头", "is_lead": True}],
        "posts": [
            {
                "key": "office_director",
                "role": "office_director",
                "title": "领导小组办公室主任",
                "unit": "示例旗医疗保障局",
            }
        ],
        "ladder": [{"key": "before_3", "offset": -3, "title": "截止前3个工作日提醒"}],
    }
)
REPORT = CAMPAIGN.report("self_check_statistics")

SNAPSHOT = make_snapshot(
    [
        make_unit("H1", ACCEPTED, level="三级甲等"),
        make_unit("H2", REVIEWED, level="二级甲等", days_late=2),
        make_unit("H3", ACCEPTED, level="未定级", is_zero=True),
        make_unit("H4", OPEN, level="一级", has_address=False),
        make_unit("H5", CLOSED, level="一级"),
        make_unit("P1", PARTIAL, unit_kind=PHARMACY, level=""),
        make_unit("P2", RECEIVED, unit_kind=PHARMACY, level=""),
        make_unit("P3", WAIVED, unit_kind=PHARMACY, level=""),
        make_unit("P4", RETURNED, unit_kind=PHARMACY, level="", due_on=date(2024, 6, 28)),
    ],
    [
        make_item("H2", "OVERCHARGE", violation_amt=Decimal("1234567.89"), rectify_status="已整改"),
        make_item("H1", "OVERCHARGE"),
        make_item("H1", "SPLIT_ADMISSION", refunded_amt=Decimal(0)),
    ],
)


def build(
    snapshot: Snapshot = SNAPSHOT,
    figures: list[Figure] | None = None,
    tables: Path = TABLES,
    edition: int = 3,
) -> bytes:
    figures = compute(snapshot) if figures is None else figures
    return StatisticsWorkbooks(tables).build(
        CAMPAIGN, REPORT, edition=edition, snapshot=snapshot, figures=figures, checks=cross_checks(figures)
    )


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def rows(sheet: Worksheet) -> list[list[object]]:
    return [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]


def row_of(sheet: Worksheet, stub: str) -> list[object]:
    found = [row for row in rows(sheet) if stub in row]
    assert len(found) == 1, f"{stub}: {len(found)} rows"
    return found[0][found[0].index(stub) + 1 :]


def texts(book: Workbook) -> list[str]:
    return [
        cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str)
    ]


@pytest.fixture(scope="module")
def book() -> Workbook:
    """The workbook of SNAPSHOT, to read only."""
    return opened(build())


@pytest.mark.parametrize(
    ("key", "stub", "dimension", "member"),
    [
        ("self_check_units", "合计", "", ""),
        ("self_check_units", "定点医疗机构", "unit_kind", "medical_institution"),
        ("self_check_units", "其中：三级", "level", "三级"),
        ("self_check_units", "二级", "level", "二级"),
        ("self_check_units", "一级及以下", "level", "一级及以下"),
        ("self_check_units", "定点零售药店", "unit_kind", "retail_pharmacy"),
        ("self_check_violations", "合计", "", ""),
        ("self_check_violations", "分解住院", "violation_type", "SPLIT_ADMISSION"),
        ("self_check_violations", "超标准收费", "violation_type", "OVERCHARGE"),
    ],
)
def test_every_number_in_a_table_is_the_figure(
    book: Workbook, key: str, stub: str, dimension: str, member: str
) -> None:
    layout = load_layout(TABLES, key)
    numbers = {(f.indicator, f.dimension, f.member): f.value for f in compute(SNAPSHOT)}
    expected = [float(numbers[column.indicator, dimension, member]) for column in layout.columns]
    assert row_of(book[layout.sheet], stub) == expected


def test_rows_stand_in_official_order(book: Workbook) -> None:
    stubs = [row[1] for row in rows(book["违规情况表"]) if row and isinstance(row[0], int)]
    assert stubs == ["分解住院", "超标准收费"]


def test_a_kind_that_owes_nothing_is_not_printed_and_one_that_does_is(book: Workbook) -> None:
    assert "医保经办机构" not in texts(book)
    with_agency = replace(SNAPSHOT, units=(*SNAPSHOT.units, make_unit("J1", OPEN, unit_kind=AGENCY)))
    assert row_of(opened(build(with_agency))["报送情况表"], "医保经办机构")[0] == 1


def test_zero_is_printed_as_zero_and_never_left_blank() -> None:
    nobody = make_snapshot([make_unit("H1", OPEN), make_unit("H2", OPEN)])
    book = opened(build(nobody))
    assert row_of(book["报送情况表"], "合计")[:7] == [2, 0, 0, 0, 0, 0, 0]
    assert row_of(book["违规情况表"], "合计") == [0] * 9
    assert row_of(book["报送情况表"], "定点零售药店") == [0] * 14


def test_an_empty_snapshot_still_gives_a_workbook() -> None:
    book = opened(build(make_snapshot([])))
    assert row_of(book["报送情况表"], "合计") == [0] * 14
    assert "应报单位均已报送，无未报送单位。" in texts(book)


@pytest.mark.parametrize(
    ("sheet", "stub", "place", "number_format"),
    [
        ("报送情况表", "合计", 0, "#,##0"),
        ("报送情况表", "合计", 12, "0.0"),
        ("违规情况表", "超标准收费", 4, "#,##0.00"),
    ],
)
def test_numbers_are_formatted_by_their_unit(
    book: Workbook, sheet: str, stub: str, place: int, number_format: str
) -> None:
    page = book[sheet]
    cell = next(cell for row in page.iter_rows() for cell in row if cell.value == stub)
    assert page.cell(cell.row, cell.column + 1 + place).number_format == number_format


def test_the_sheet_has_the_furniture_of_an_official_table(book: Workbook) -> None:
    sheet = book["报送情况表"]
    printed = [value for row in rows(sheet) for value in row]
    for expected in (
        "第3版",
        "填报单位：示例旗医疗保障局（盖章）",
        "填报时间：2024年6月5日",
        "统计期间：自2024年5月11日至2024年6月5日（累计）",
        "单位负责人：",
        "审核人：",
        "填表人：",
        "联系电话：",
    ):
        assert expected in printed
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth) == (9, 1)
    assert "&P" in sheet.oddFooter.center.text
    assert next(cell for row in sheet.iter_rows() for cell in row if cell.value == "合计").font.b


def test_columns_under_a_common_heading_are_merged_in_two_lines(book: Workbook) -> None:
    merged = {str(span) for span in book["报送情况表"].merged_cells.ranges}
    assert {"A5:A6", "B5:B6", "C5:G5", "H5:L5", "M5:M6"} <= merged


def test_units_that_have_not_reported_are_listed_by_name(book: Workbook) -> None:
    sheet = book["未报送单位"]
    listed = [row[1:] for row in rows(sheet) if row and isinstance(row[0], int)]
    assert [(row[0], row[3], row[5], row[6]) for row in listed] == [
        ("H4", "未报", "已逾期", "无，须电话联系"),
        ("P1", "材料不全", "已逾期", "有"),
        ("P4", "已退回待重报", "未到期", "有"),
    ]
    assert (
        "注：共3家：未报1家，退回待重报1家，材料不全1家，其中已逾期2家。已收待校验和免报单位不列入。"
        in texts(book)
    )


def test_with_everything_overdue_everything_is_listed() -> None:
    overdue = make_snapshot([make_unit(f"H{number}", OPEN) for number in range(12)])
    book = opened(build(overdue))
    assert [row[6] for row in rows(book["未报送单位"]) if row and isinstance(row[0], int)] == ["已逾期"] * 12
    assert row_of(book["封面"], "逾期未完成单位")[0] == 12


def test_the_rows_behind_the_amounts_add_up_to_them(book: Workbook) -> None:
    sheet = book["问题明细"]
    listed = [row for row in rows(sheet) if row and isinstance(row[0], int)]
    assert [(row[1], row[4]) for row in listed] == [
        ("H1", "分解住院"),
        ("H1", "超标准收费"),
        ("H2", "超标准收费"),
    ]
    amount = sum(Decimal(str(row[8])) for row in listed)
    assert amount == Decimal(str(row_of(sheet, "合计")[5])) == Decimal("1234767.89")


def test_a_list_that_is_cut_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("include.gateways.statistics_workbooks.detail_sheets.MOST_ITEMS", 2)
    book = opened(build())
    assert len([row for row in rows(book["问题明细"]) if row and isinstance(row[0], int)]) == 2
    assert any(text.startswith("注：自查问题明细共3条，本表列出前2条，其余1条未列出") for text in texts(book))


def test_agreement_is_stated_on_the_cover(book: Workbook) -> None:
    assert any("项勾稽关系全部通过。" in text for text in texts(book))
    assert "不符" not in [cell.value for cell in book["勾稽核对"]["F"]]


def test_a_failed_check_is_red_on_the_cover_and_stops_nothing() -> None:
    tampered = [
        replace(f, value=f.value + 1) if (f.indicator, f.dimension) == ("units_missing", "") else f
        for f in compute(SNAPSHOT)
    ]
    book = opened(build(figures=tampered))
    warning = next(
        cell
        for row in book["封面"].iter_rows()
        for cell in row
        if isinstance(cell.value, str) and "项不符，不得报送" in cell.value
    )
    assert warning.font.color.rgb.endswith("C00000")
    assert any("应报单位＝已报＋" in text and "8 应等于 9" in text for text in texts(book))
    first = next(row for row in rows(book["勾稽核对"]) if row and row[0] == 1)
    assert first[-1] == "不符"


def test_every_check_is_listed_with_both_sides(book: Workbook) -> None:
    checks = cross_checks(compute(SNAPSHOT))
    listed = [row for row in rows(book["勾稽核对"]) if row and isinstance(row[0], int)]
    assert len(checks) > len(listed) == MOST_CHECKS
    assert [row[1] for row in listed] == [check.title for check in checks[:MOST_CHECKS]]
    assert [row[2] for row in listed] == pytest.approx([float(check.left) for check in checks[:MOST_CHECKS]])
    assert any(f"其余{len(checks) - MOST_CHECKS}项均通过" in text for text in texts(book))
    assert {row[3] for row in listed} <= {"等于", "不大于", "不小于"}


def test_the_notes_name_snapshot_edition_day_and_every_definition(book: Workbook) -> None:
    printed = texts(book)
    assert f"SHA-256：{SNAPSHOT.sha256}" in printed
    assert "第3版" in printed
    assert "《医保基金工作情况统计表》" in printed
    for indicator in SELF_CHECK:
        assert any(text.startswith(indicator.definition) for text in printed)
    assert not [text for text in printed if text.startswith(BY_KEY["clues_received"].definition)]


def test_charts_are_native_and_the_second_needs_amounts(book: Workbook) -> None:
    assert len(book["图表"]._charts) == 2
    without = opened(build(make_snapshot([make_unit("H1", OPEN)])))
    assert len(without["图表"]._charts) == 1
    assert "已报单位均未填报自查问题，无违规金额图。" in texts(without)


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert build() == build()
    assert build() != build(edition=4)


def test_no_moment_of_saving_is_kept() -> None:
    with ZipFile(io.BytesIO(build())) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2024, 6, 5, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert core.count("2024-06-05T00:00:00Z") == 2


@pytest.mark.parametrize(
    "name", ["=1+1", "+8610", "-2+3", "@SUM(A1)", "\t=1", "=HYPERLINK(“x”)", "＝1+1", "#REF!", "\x0b\x01=2"]
)
def test_text_from_outside_never_becomes_a_formula(name: str) -> None:
    snapshot = make_snapshot(
        [make_unit("H1", OPEN, unit_name=name), make_unit("H2", ACCEPTED, unit_name=name)],
        [make_item("H2", rectify_status=name, violation_type=name)],
    )
    book = opened(build(snapshot))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type in ("f", "e")]
    assert not [text for text in texts(book) if text[:1] in set("=+-@\t\r")]
    assert neutral(name) in texts(book)


def test_a_negative_number_stays_a_number() -> None:
    refund = make_item(
        "H1", violation_amt=Decimal("-12.50"), fund_amt=Decimal("-12.50"), refunded_amt=Decimal(0)
    )
    snapshot = make_snapshot([make_unit("H1")], [refund])
    assert row_of(opened(build(snapshot))["违规情况表"], "重复收费")[4] == -12.5


def test_an_unknown_layout_is_refused_with_what_there_is() -> None:
    report = REPORT.model_copy(update={"table_layouts": ("self_check_unit",)})
    figures = compute(SNAPSHOT)
    with pytest.raises(
        BadLayout, match=r"没有名为“self_check_unit”的统计表.*self_check_units、self_check_viol"
    ):
        StatisticsWorkbooks().build(
            CAMPAIGN, report, edition=1, snapshot=SNAPSHOT, figures=figures, checks=()
        )


def test_a_figure_that_was_not_computed_is_never_printed_as_zero() -> None:
    incomplete = [f for f in compute(SNAPSHOT) if (f.indicator, f.dimension) != ("units_missing", "")]
    with pytest.raises(GiveUp, match="没有指标“未报单位”的数值"):
        build(figures=incomplete)


GOOD_LAYOUT = yaml.safe_load((TABLES / "self_check_units.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"columns": [{"title": "应报", "indicator": "units_expectd"}]},
            "table.yaml 的 columns[0].indicator：没有名为“units_expectd”的指标，请改为已定义的指标，如 units_expected",
        ),
        (
            {"columns": [{"title": "应报", "indicator": "units_expected", "unit": "元"}]},
            "table.yaml 的 columns[0].unit：指标“应报单位”以“家”计量，不能印成“元”",
        ),
        (
            {"rows": [{"each": "violation_type"}]},
            "table.yaml 的 columns[0].indicator：指标“应报单位”没有按 violation_type 的分组数",
        ),
        (
            {"rows": [{"title": "医院", "dimension": "unit_kind", "member": "hospital"}]},
            "table.yaml 的 rows[0].member：unit_kind 没有成员“hospital”，可选：",
        ),
        (
            {"rows": [{"title": "医院", "dimension": "unit_kind"}]},
            "table.yaml 的 rows[0]：dimension 和 member 须同时写明",
        ),
        ({"rows": [{"title": "医院", "each": "level"}]}, "table.yaml 的 rows[0]：each 行自动取名"),
        ({"rows": [{"title": "医院", "dimension": "kind"}]}, "table.yaml 的 rows[0].dimension：不能写“kind”"),
        ({"rows": [{"indent": 1}]}, "table.yaml 的 rows[0].title：请写明行名"),
        ({"titel": "表"}, "table.yaml 的 titel：没有这一项"),
        ({"unit_line": None}, "table.yaml 的 unit_line：“None”不符合要求"),
        ({"sheet": "a/b"}, "table.yaml 的 sheet：“a/b”不符合要求"),
        (
            {
                "columns": [
                    {"title": "一", "indicator": "units_expected", "group": "甲"},
                    {"title": "二", "indicator": "units_accepted"},
                    {"title": "三", "indicator": "units_missing", "group": "甲"},
                ]
            },
            "table.yaml 的 columns[2].group：表头“甲”下的各栏须相邻",
        ),
    ],
)
def test_a_broken_layout_is_refused_with_file_field_and_remedy(
    tmp_path: Path, change: dict[str, object], sentence: str
) -> None:
    (tmp_path / "table.yaml").write_text(yaml.safe_dump(GOOD_LAYOUT | change), encoding="utf-8")
    with pytest.raises(BadLayout) as refused:
        load_layout(tmp_path, "table")
    assert sentence in str(refused.value)


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    layout = {key: value for key, value in GOOD_LAYOUT.items() if key != "stub"}
    (tmp_path / "table.yaml").write_text(yaml.safe_dump(layout), encoding="utf-8")
    with pytest.raises(BadLayout, match=r"table.yaml 的 stub：缺少此项，请补充"):
        load_layout(tmp_path, "table")


@pytest.mark.parametrize("content", [b"rows: [", b"\xff\xfe\x00", b"", b"- 1"])
def test_a_file_that_is_no_layout_is_refused_and_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "table.yaml").write_bytes(content)
    with pytest.raises(BadLayout, match=r"table\.yaml"):
        load_layout(tmp_path, "table")


@pytest.mark.parametrize("path", sorted(TABLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_layout_in_the_project_can_be_printed(path: Path) -> None:
    layout = load_layout(TABLES, path.stem)
    assert set(layout.indicators) <= set(BY_KEY)
    assert not isinstance(layout, TableLayout) or any(row.is_total for row in layout.rows)


def test_amounts_can_be_printed_in_ten_thousands(tmp_path: Path) -> None:
    layout = GOOD_LAYOUT | {
        "sheet": "万元表",
        "rows": [{"title": "合计"}],
        "columns": [{"title": "违规金额（万元）", "indicator": "violation_amt", "unit": "万元"}],
    }
    (tmp_path / "in_wan.yaml").write_text(yaml.safe_dump(layout), encoding="utf-8")
    report = REPORT.model_copy(update={"table_layouts": ("in_wan",)})
    figures = compute(SNAPSHOT)
    content = StatisticsWorkbooks(tmp_path).build(
        CAMPAIGN, report, edition=1, snapshot=SNAPSHOT, figures=figures, checks=cross_checks(figures)
    )
    assert row_of(opened(content)["万元表"], "合计") == [123.476789]


def test_the_filing_day_is_the_snapshots_and_not_today(book: Workbook) -> None:
    assert book.properties.created.date() == AFTER_DUE
