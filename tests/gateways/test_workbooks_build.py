"""The fill-in workbook: complete, locked where it must be, the same bytes every time."""

from __future__ import annotations

import re
import time
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from include.domain.forms import ColumnType, Form, Layout
from include.gateways.workbooks import Workbooks
from include.gateways.workbooks.instructions import example_of
from tests.gateways.workbook_builders import (
    KEY,
    address,
    campaign,
    cover_cell,
    forms,
    item_cell,
    phase,
    prefilled,
    read,
    unit,
    workbooks,
)


def opened(form: str = "self_check") -> Workbook:
    return load_workbook(BytesIO(prefilled(form)))


def test_the_same_unit_gets_the_same_bytes() -> None:
    again = Workbooks(KEY)
    assert prefilled() == again.prefilled(forms()["self_check"], campaign(), phase(), unit())


def test_another_unit_gets_its_own_name_code_and_token() -> None:
    first, second = read(prefilled()), read(prefilled(for_unit=unit(2)))
    assert second.sheets["cover"][0].values["unit_code"] == unit(2).code
    assert second.sheets["cover"][0].values["unit_name"] == unit(2).name
    assert first.identity is not None
    assert second.identity is not None
    assert first.identity.token != second.identity.token


@pytest.mark.parametrize("name", ["<示例>&“医院”", "=1+1", "{{unit.code}}诊所", "坏\x00字符医院"])
def test_any_name_ends_up_in_the_cell_as_it_is(name: str) -> None:
    odd = unit().model_copy(update={"name": name})
    cell = load_workbook(BytesIO(prefilled(for_unit=odd)))["封面"][cover_cell("unit_name")]
    assert cell.value == name.replace("\x00", "")
    assert cell.data_type != "f"


@pytest.mark.parametrize("form", forms())
def test_every_column_is_in_the_workbook_and_in_its_instructions(form: str) -> None:
    workbook = opened(form)
    explained = {(row[0], row[1]) for row in workbook["填表说明"].iter_rows(max_col=2, values_only=True)}
    for sheet in forms()[form].filled_sheets:
        shown = {
            str(cell.value).lstrip("*").replace("\n", "")
            for row in workbook[sheet.title].iter_rows()
            for cell in row
        }
        for column in sheet.columns:
            assert column.label in shown
            assert (sheet.title, column.label) in explained


def said_in(form: str, made_of: Form | None = None) -> str:
    """Everything the instructions sheet says, row by row."""
    content = workbooks().prefilled(made_of or forms()[form], campaign(), phase(), unit())
    sheet = load_workbook(BytesIO(content))["填表说明"]
    return "\n".join(
        " | ".join(str(word) for word in row if word is not None) for row in sheet.iter_rows(values_only=True)
    )


@pytest.mark.parametrize("form", forms())
def test_every_demand_is_in_the_instructions(form: str) -> None:
    said = said_in(form)
    for rule in forms()[form].rules:
        assert rule.text in said


def test_an_institution_is_told_when_and_how_to_hand_in() -> None:
    said = said_in("self_check")
    for words in (
        "零报告",
        "盖章扫描件",
        "2024年05月31日",
        "直接回复下发本表的邮件",
        "2021年5月1日至2024年4月30日",
    ):
        assert words in said
    assert "include.cli" not in said


@pytest.mark.parametrize("form", [key for key, form in forms().items() if not form.identified])
def test_the_office_is_told_how_to_import_its_ledgers(form: str) -> None:
    said = said_in(form)
    command = f"python -m include.cli {forms()[form].importing} 文件名.xlsx --campaign sample_2024"
    assert f"{command} --dry-run" in said
    assert said.index(f"{command} --dry-run") < said.rindex(command)
    for words in ("回复下发", "退回邮件", "报送时限"):
        assert words not in said


def test_the_roster_has_a_command_of_its_own() -> None:
    assert forms()["roster"].importing == "roster import"
    assert forms()["clue"].importing == "registers import clue"


@pytest.mark.parametrize(
    ("severity", "since", "until", "words"),
    [
        ("error", "2024-05-01", None, "须改正：退回，改正后重新报送 | 2024年5月1日起"),
        ("warning", None, "2024-12-31", "请核对：给出提示，不影响受理 | 至2024年12月31日止"),
        ("info", "2024-05-01", "2024-12-31", "告知：只作提醒，不需改表 | 2024年5月1日起至2024年12月31日止"),
        ("error", None, None, "须改正：退回，改正后重新报送 | 与本表相同"),
    ],
)
def test_a_rule_is_shown_with_what_comes_of_it_and_its_days(
    severity: str, since: str | None, until: str | None, words: str
) -> None:
    facts = forms()["self_check"].model_dump(mode="json")
    facts["rules"] = [facts["rules"][0] | {"severity": severity, "since": since, "until": until}]
    changed = Form.model_validate(facts)
    assert f"{changed.rules[0].text} | {words}" in said_in("self_check", changed)


@pytest.mark.parametrize("form", forms())
def test_every_column_to_fill_in_has_an_example_that_is_accepted(form: str) -> None:
    whole = forms()[form]
    for sheet in whole.filled_sheets:
        for column in sheet.columns:
            if column.locked or column.field == "memo":
                continue
            example = example_of(whole, column)
            assert example, f"{sheet.title} {column.header}"
            if column.type is ColumnType.CHOICE:
                assert whole.option(column, example)
            if column.pattern is not None:
                assert re.fullmatch(column.pattern, example)
            assert len(example) <= (column.max_length or 500)
            assert len(example) >= (column.min_length or 1)


def test_identity_cells_are_locked_and_input_cells_are_open() -> None:
    workbook = opened()
    assert workbook["封面"][cover_cell("unit_code")].protection.locked
    assert not workbook["封面"][cover_cell("has_problem")].protection.locked
    assert not workbook["自查问题明细"][item_cell("description", 3)].protection.locked
    assert workbook["自查问题明细"]["B3"].protection.locked
    assert all(sheet.protection.sheet for sheet in workbook.worksheets)
    assert workbook.security.lockStructure


def test_the_identity_cannot_be_shown_from_the_menus() -> None:
    hidden = [sheet for sheet in opened().worksheets if sheet.sheet_state == "veryHidden"]
    assert len(hidden) == 1


def test_every_choice_has_a_drop_down_with_all_its_options() -> None:
    workbook = opened()
    for sheet in forms()["self_check"].filled_sheets:
        lists = {}
        for rule in workbook[sheet.title].data_validations.dataValidation:
            if rule.type == "list":
                lists[str(rule.sqref).split(":")[0]] = rule.formula1
        for column in sheet.columns:
            if column.type is ColumnType.CHOICE:
                formula = lists[address(sheet, column.field)]
                assert _options(workbook, formula) == forms()["self_check"].options(column)


def _options(workbook: Workbook, formula: str) -> tuple[str, ...]:
    if formula.startswith('"'):
        return tuple(formula.strip('"').split(","))
    sheet, cells = formula.replace("$", "").split("!")
    return tuple(row[0].value for row in workbook[sheet.strip("'")][cells])


@pytest.mark.parametrize("form", forms())
def test_every_sheet_prints_on_a4_with_its_headers_and_page_numbers(form: str) -> None:
    workbook = opened(form)
    for spec in forms()[form].sheets:
        sheet = workbook[spec.title]
        assert sheet.freeze_panes in {"A4", "B4", "C4"}
        assert sheet.print_title_rows == "$3:$3"
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToHeight == 0
        assert "&P" in sheet.oddFooter.center.text
        width = sum(facts.width for facts in sheet.column_dimensions.values())
        assert width / sheet.page_setup.fitToWidth <= 210, "small print cannot be read"


def test_a_title_is_not_cut_off_on_the_second_page_across() -> None:
    """The first column is printed again on each page across, so nothing may run over its edge."""
    sheet = opened()["自查问题明细"]
    assert sheet.print_title_cols == "$A:$A"
    assert sheet["A1"].value is None
    assert sheet["B1"].value == "自查问题明细"
    assert not any(area.min_col == 1 for area in sheet.merged_cells.ranges)


def test_a_list_of_units_names_each_on_every_page_across() -> None:
    sheet = opened("call")["电话催办表"]
    assert (sheet.print_title_cols, sheet.freeze_panes) == ("$A:$B", "C4")
    assert [sheet.cell(1, column).value for column in (1, 2, 3)] == [None, None, "电话催办表"]


def test_a_unit_is_not_torn_from_its_brackets() -> None:
    header = opened()["自查问题明细"][item_cell("fund_amt").replace("4", "3")].value
    assert header == "*其中医保基金支付金额\n（元）"


@pytest.mark.parametrize("form", forms())
def test_an_amount_of_tens_of_millions_and_a_day_fit_into_their_columns(form: str) -> None:
    workbook = opened(form)
    for spec in forms()[form].filled_sheets:
        if spec.layout is not Layout.TABLE:
            continue
        for number, column in enumerate(spec.columns, start=1):
            width = workbook[spec.title].column_dimensions[get_column_letter(number)].width
            assert width >= {ColumnType.MONEY: 15, ColumnType.DATE: 12}.get(column.type, 0)


def test_long_codes_are_kept_as_text() -> None:
    workbook = opened()
    assert workbook["问题对应结算明细"]["B4"].number_format == "@"
    assert workbook["自查问题明细"][item_cell("item_code")].number_format == "@"


@pytest.mark.parametrize("form", ["self_check", "agency_self_check"])
def test_the_summary_is_computed_for_every_group(form: str) -> None:
    spec = next(sheet for sheet in forms()[form].sheets if sheet.layout is Layout.SUMMARY)
    sheet = opened(form)[spec.title]
    labels = [row[0].value for row in sheet.iter_rows(min_row=5)]
    source = forms()[form].sheet(str(spec.source))
    assert tuple(labels) == forms()[form].options(source.column(str(spec.group_by)))
    assert all(
        str(cell.value).startswith("=") for row in sheet.iter_rows(min_row=4, min_col=2) for cell in row
    )


def test_a_workbook_per_unit_costs_no_rebuilding() -> None:
    prefilled()
    began = time.process_time()
    for number in range(20):
        prefilled(for_unit=unit(number))
    assert (time.process_time() - began) / 20 < 0.06


def test_a_changed_form_is_not_served_from_the_old_template() -> None:
    changed = forms()["self_check"].model_copy(update={"version": "2099.1"})
    identity = read(workbooks().prefilled(changed, campaign(), phase(), unit())).identity
    assert identity is not None
    assert identity.form_version == "2099.1"


def test_nothing_is_issued_without_a_key() -> None:
    with pytest.raises(ValueError, match="密钥"):
        Workbooks(b"").prefilled(forms()["self_check"], campaign(), phase(), unit())
