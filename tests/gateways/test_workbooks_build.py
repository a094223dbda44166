"""The fill-in workbook: complete, locked where it must be, the same bytes every time."""

from __future__ import annotations

import time
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook

from include.domain.forms import ColumnType, Layout
from include.gateways.workbooks import Workbooks
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
        shown = {str(cell.value).lstrip("*") for row in workbook[sheet.title].iter_rows() for cell in row}
        for column in sheet.columns:
            assert column.label in shown
            assert (sheet.title, column.label) in explained


def test_every_demand_is_in_the_instructions() -> None:
    said = "\n".join(str(row[0]) for row in opened()["填表说明"].iter_rows(max_col=1, values_only=True))
    for rule in forms()["self_check"].rules:
        assert rule.text in said
    assert "零报告" in said
    assert "盖章扫描件" in said
    assert "2024年05月31日" in said


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


def test_headers_stay_in_sight_and_are_repeated_in_print() -> None:
    sheet = opened()["自查问题明细"]
    assert sheet.freeze_panes == "B4"
    assert sheet.print_title_rows == "$3:$3"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")


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
