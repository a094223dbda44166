"""Workbooks made by splicing bytes: read again, they are what openpyxl would have written."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from include.gateways.workbooks import Workbooks, identity
from include.gateways.workbooks.build import cells_of, drawn
from include.gateways.workbooks.package import saved
from tests.gateways.workbook_builders import (
    KEY,
    RETURNS,
    address,
    campaign,
    forms,
    item_cell,
    phase,
    prefilled,
    read,
    unit,
    workbooks,
)

HEADINGS = (1, 2, 3)
Rows = Mapping[str, Sequence[Mapping[str, Any]]]
ITEM = {
    "area": "骨科",
    "description": "  前有空格\n后有换行 <b>&amp;</b>",
    "occur_start": date(2022, 1, 1),
    "visits": 35,
    "violation_amt": Decimal("12600.50"),
}


def patched(form: str, rows: Rows) -> bytes:
    return workbooks().prefilled(forms()[form], campaign(), phase(), unit(), rows)


def built(form: str, rows: Rows) -> bytes:
    """The same by openpyxl alone."""
    spec, whose = forms()[form], unit()
    token = identity.token(KEY, campaign().id, phase().key, form, spec.version, whose.code)
    words = {"unit.code": whose.code, "unit.name": whose.name, "token": token}
    workbook = drawn(spec, campaign(), phase(), words)
    for title, lines in cells_of(spec, rows).items():
        for number, values in lines.items():
            for column, value in values.items():
                if value is not None:
                    shown = {True: "是", False: "否"}[value] if isinstance(value, bool) else value
                    workbook[title].cell(number, column).value = shown
    return saved(workbook)


def contents(content: bytes) -> Iterator[object]:
    workbook: Workbook = load_workbook(BytesIO(content))
    yield workbook.sheetnames, workbook.security.lockStructure, workbook.calculation.fullCalcOnLoad
    for sheet in workbook.worksheets:
        yield sheet.title, sheet.sheet_state, sheet.protection.sheet, sheet.freeze_panes
        yield sorted(str(area) for area in sheet.merged_cells.ranges)
        yield [(str(rule.sqref), rule.type, rule.formula1) for rule in sheet.data_validations.dataValidation]
        yield {
            cell.coordinate: (cell.value, cell.style_id, cell.protection.locked)
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        }
        yield {number: line.height for number, line in sheet.row_dimensions.items() if number in HEADINGS}


@pytest.mark.parametrize("form", RETURNS)
def test_an_identity_alone_reads_like_what_openpyxl_writes(form: str) -> None:
    assert list(contents(patched(form, {}))) == list(contents(built(form, {})))


@pytest.mark.parametrize("count", [1, 29, 30, 31, 75])
def test_rows_read_like_what_openpyxl_writes(count: int) -> None:
    rows = {
        "items": [{**ITEM, "visits": number} for number in range(count)],
        "cover": [{"has_problem": True}],
    }
    ours, theirs = patched("self_check", rows), built("self_check", rows)
    for sheet, other in zip(load_workbook(BytesIO(ours)), load_workbook(BytesIO(theirs)), strict=True):
        values = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert values == [[cell.value for cell in row] for row in other.iter_rows()]
    if count <= forms()["self_check"].sheet("items").rows:
        assert list(contents(ours)) == list(contents(theirs))


def test_rows_beyond_the_prepared_ones_are_open_framed_and_numbered() -> None:
    spec = forms()["self_check"].sheet("items")
    sheet = load_workbook(BytesIO(patched("self_check", {"items": [ITEM] * (spec.rows + 5)})))[spec.title]
    last = sheet[address(spec, "violation_amt", spec.rows + 4)]
    assert sheet.dimensions.endswith(str(last.row))
    assert not last.protection.locked
    assert last.border.left.style == "thin"
    assert last.number_format == "#,##0.00"
    assert sheet[address(spec, "seq", spec.rows + 4)].value == spec.rows + 5


def test_the_zip_is_whole_and_its_checksums_are_right() -> None:
    content = patched("self_check", {"items": [ITEM] * 30})
    with zipfile.ZipFile(BytesIO(content)) as package:
        assert package.testzip() is None
        assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert len(set(package.namelist())) == len(package.namelist())


def test_the_same_rows_give_the_same_bytes_whatever_was_made_before() -> None:
    rows = {"items": [ITEM] * 3}
    first = patched("self_check", rows)
    patched("self_check", {"items": [ITEM] * 7})
    prefilled(for_unit=unit(5))
    again = Workbooks(KEY).prefilled(forms()["self_check"], campaign(), phase(), unit(), rows)
    assert first == patched("self_check", rows) == again


def test_nothing_of_one_unit_is_left_in_the_workbook_of_the_next() -> None:
    patched("self_check", {"items": [{**ITEM, "description": "只属于第一家单位的内容"}]})
    second = read(prefilled(for_unit=unit(2)))
    assert not second.sheets["items"]
    with zipfile.ZipFile(BytesIO(prefilled(for_unit=unit(2)))) as package:
        assert not any("只属于".encode() in package.read(name) for name in package.namelist())


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "{{unit.code}}", "坏\x00字符", "</t></is>"])
def test_a_text_stays_a_text(evil: str) -> None:
    sheet = load_workbook(BytesIO(patched("self_check", {"items": [{**ITEM, "measure": evil}]})))[
        "自查问题明细"
    ]
    cell = sheet[item_cell("measure")]
    assert cell.value == evil.replace("\x00", "")
    assert cell.data_type == "s"


def test_prefilled_rows_are_read_back_as_they_were_given() -> None:
    row = read(patched("self_check", {"items": [ITEM]})).sheets["items"][0]
    assert (row.values["violation_amt"], row.values["occur_start"]) == (Decimal("12600.50"), date(2022, 1, 1))
    assert row.cells["violation_amt"] == item_cell("violation_amt")


@pytest.mark.parametrize("rows", [{"nowhere": [{}]}, {"items": [{"no_such_field": 1}]}])
def test_a_sheet_or_field_the_form_does_not_have_is_refused(rows: Rows) -> None:
    with pytest.raises(KeyError):
        patched("self_check", rows)


def rows_of(content: bytes, title: str) -> dict[int, str]:
    """The start of each row in a sheet's XML."""
    number = load_workbook(BytesIO(content)).sheetnames.index(title) + 1
    with zipfile.ZipFile(BytesIO(content)) as package:
        xml = package.read(f"xl/worksheets/sheet{number}.xml").decode()
    return {int(row[1]): row[0] for row in re.finditer(r'<row r="(\d+)"[^>]*>', xml)}


@pytest.mark.parametrize(
    ("words", "height"),
    [("血液灌流" * 3, None), ("血液灌流" * 5, 35), ("血液灌流" * 20, 80), ("长" * 17 + "\n短", 35)],
)
def test_a_row_is_as_high_as_its_longest_text(words: str, height: int | None) -> None:
    """Not every program works the height out by itself when it opens a file."""
    content = patched(
        "self_check", {"items": [ITEM | {"description": words}, ITEM | {"description": "短" * 10}]}
    )
    rows = rows_of(content, "自查问题明细")
    assert (f'ht="{height}"' in rows[4]) if height else ("ht=" not in rows[4])
    assert "ht=" not in rows[5]


def test_no_row_is_kept_from_growing_with_what_is_typed_into_it() -> None:
    content = patched(
        "self_check", {"items": [ITEM] * 40, "cover": [{"third_party": "某某会计师事务所" * 12}]}
    )
    for title in ("封面", "自查问题明细", "填表说明"):
        assert not any("customHeight" in row for row in rows_of(content, title).values())
    assert 'ht="80"' in rows_of(content, "封面")[11]
