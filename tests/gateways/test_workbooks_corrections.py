"""仅错误行: what a unit puts right there counts, wherever else it did not say otherwise."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from include.domain.model import Severity
from include.domain.returns import Finding, Reading, Row
from include.gateways.workbooks.corrections import compared, main_table, merged
from tests.gateways.workbook_builders import (
    COVER,
    address,
    cover_cell,
    filled,
    forms,
    item,
    item_cell,
    read,
    to_bytes,
    workbooks,
)

ITEMS, PAGE = "自查问题明细", "仅错误行"
SPEC = forms()["self_check"].sheet("items")
MEASURE = Finding(
    "measure.required", "“整改措施”必填", sheet=ITEMS, cell=item_cell("measure", 1), header="整改措施"
)
FUND = Finding(
    "amount_covers_fund",
    "违规金额小于其中医保基金支付金额，请核对两个数",
    sheet=ITEMS,
    cell=item_cell("violation_amt", 1),
    header="违规金额（元）",
    value="1",
)
PHONE = Finding("phone.readable", "“联系电话”不是号码，请核对", sheet="封面", cell=cover_cell("phone"))
WRONG = {"items": [item(), item(measure=None, violation_amt=1), item(memo="三")]}


def sent_back(content: bytes, findings: Sequence[Finding]) -> bytes:
    return workbooks().annotated(content, forms()["self_check"], findings, unit_name="示例医院（样例）")


def changed(content: bytes, then: Callable[[Workbook], None]) -> bytes:
    workbook = load_workbook(BytesIO(content))
    then(workbook)
    return to_bytes(workbook)


def at(title: str, field: str, order: int, value: Any) -> Callable[[Workbook], None]:
    """Type a value into a row of one of the two sheets, counted from zero."""

    def type_in(workbook: Workbook) -> None:
        workbook[title][address(SPEC, field, order)].value = value

    return type_in


@pytest.fixture(scope="module")
def returned() -> bytes:
    """Row 2 of three is wrong, in two of its cells."""
    return sent_back(filled(rows=WRONG), [FUND, MEASURE])


def values(content: bytes, field: str) -> list[Any]:
    return [row.values[field] for row in read(content).sheets["items"]]


def test_only_the_failing_rows_are_on_the_page_with_their_sentences(returned: bytes) -> None:
    sheet = load_workbook(BytesIO(returned))[PAGE]
    assert [cell.value.replace("\n", "") for cell in sheet[3]] == [
        *(_starred(column) for column in SPEC.columns),
        "校验意见",
    ]
    assert sheet.max_row == 4
    assert (sheet["A4"].value, sheet[address(SPEC, "description")].value) == (2, item()["description"])
    assert MEASURE.message in sheet.cell(4, sheet.max_column).value
    assert FUND.message in sheet.cell(4, sheet.max_column).value


def _starred(column: Any) -> str:
    return f"*{column.label}" if column.required else column.label


def test_the_page_is_open_but_for_its_numbers_headers_and_sentences(returned: bytes) -> None:
    sheet = load_workbook(BytesIO(returned))[PAGE]
    assert sheet.protection.sheet
    locked = {cell.coordinate for row in sheet.iter_rows(min_row=4) for cell in row if cell.protection.locked}
    assert locked == {"A4", sheet.cell(4, sheet.max_column).coordinate}
    choices = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert choices[address(SPEC, "area")].startswith(("'选项'", '"'))


def test_a_page_nobody_touched_changes_nothing(returned: bytes) -> None:
    before, after = read(filled(rows=WRONG)), read(returned)
    assert [row.values for row in after.sheets["items"]] == [row.values for row in before.sheets["items"]]
    assert after.findings == ()


def test_what_is_put_right_on_the_page_counts_in_the_table(returned: bytes) -> None:
    content = changed(returned, at(PAGE, "measure", 0, "已经整改到位"))
    assert values(content, "measure") == [item()["measure"], "已经整改到位", item()["measure"]]
    row = read(content).sheets["items"][1]
    assert row.cells["measure"] == item_cell("measure", 1)
    assert row.raw["measure"] == "已经整改到位"
    assert row.values["violation_amt"] == 1


def test_what_is_put_right_in_the_table_counts_as_before(returned: bytes) -> None:
    content = changed(returned, at(ITEMS, "measure", 1, "在原表改正"))
    assert values(content, "measure")[1] == "在原表改正"
    assert read(content).findings == ()


def test_cells_put_right_here_and_there_are_put_together(returned: bytes) -> None:
    content = changed(
        changed(returned, at(PAGE, "measure", 0, "在本页")), at(ITEMS, "violation_amt", 1, 20000)
    )
    row = read(content).sheets["items"][1]
    assert (row.values["measure"], row.values["violation_amt"]) == ("在本页", Decimal("20000.00"))


def test_of_two_different_corrections_the_one_in_the_table_wins_and_is_named(returned: bytes) -> None:
    content = changed(changed(returned, at(PAGE, "measure", 0, "在本页")), at(ITEMS, "measure", 1, "在原表"))
    assert values(content, "measure")[1] == "在原表"
    (said,) = read(content).findings
    assert (said.rule, said.severity, said.cell) == (
        "corrections.twice",
        Severity.WARNING,
        item_cell("measure", 1),
    )
    assert "在本页" in said.message
    same = changed(changed(returned, at(PAGE, "measure", 0, "一样")), at(ITEMS, "measure", 1, "一样"))
    assert read(same).findings == ()


def test_a_cell_emptied_on_the_page_is_empty(returned: bytes) -> None:
    assert values(changed(returned, at(PAGE, "voucher_no", 0, None)), "voucher_no")[1] is None


def test_an_unreadable_correction_is_a_problem_at_the_cell_of_the_table(returned: bytes) -> None:
    row = read(changed(returned, at(PAGE, "visits", 0, "许多"))).sheets["items"][1]
    assert "visits" in row.problems
    assert row.raw["visits"] == "许多"
    assert row.cells["visits"] == item_cell("visits", 1)


def test_a_row_moved_in_the_table_is_found_by_its_number(returned: bytes) -> None:
    def move(workbook: Workbook) -> None:
        workbook[ITEMS].insert_rows(4, 2)
        workbook[PAGE][address(SPEC, "measure")].value = "已经整改到位"

    by_number = {row.values["seq"]: row for row in read(changed(returned, move)).sheets["items"]}
    assert by_number[2].values["measure"] == "已经整改到位"
    assert by_number[1].values["measure"] == item()["measure"]


def test_a_correction_of_a_row_that_is_gone_is_not_lost_silently(returned: bytes) -> None:
    def renumber(workbook: Workbook) -> None:
        workbook[ITEMS][item_cell("seq", 1)].value = 9
        workbook[PAGE][address(SPEC, "measure")].value = "已经整改到位"

    (said,) = read(changed(returned, renumber)).findings
    assert (said.rule, said.severity, said.sheet) == ("corrections.no_row", Severity.ERROR, PAGE)


def test_the_next_round_has_the_corrections_in_the_table(returned: bytes) -> None:
    content = changed(returned, at(PAGE, "measure", 0, "已经整改到位"))
    second = sent_back(content, [FUND])
    sheet = load_workbook(BytesIO(second))[ITEMS]
    assert sheet[item_cell("measure", 1)].value == "已经整改到位"
    assert sheet[item_cell("measure", 1)].comment is None
    assert read(second).sheets["items"][1].values["measure"] == "已经整改到位"


def test_the_third_round_still_works(returned: bytes) -> None:
    second = sent_back(changed(returned, at(PAGE, "measure", 0, "第一次")), [FUND])
    third = sent_back(changed(second, at(PAGE, "violation_amt", 0, 15000)), [MEASURE])
    last = changed(third, at(PAGE, "measure", 0, "第三次"))
    row = read(last).sheets["items"][1]
    assert (row.values["measure"], row.values["violation_amt"]) == ("第三次", Decimal("15000.00"))
    names = load_workbook(BytesIO(third)).sheetnames
    assert names.count(PAGE) == names.count("退回说明") == names.count("_duban_issued") == 1


def test_findings_on_the_cover_alone_make_no_page() -> None:
    assert PAGE not in load_workbook(BytesIO(sent_back(filled(), [PHONE]))).sheetnames


def test_without_the_hidden_record_the_page_is_not_read(returned: bytes) -> None:
    def forget(workbook: Workbook) -> None:
        del workbook["_duban_issued"]
        workbook[PAGE][address(SPEC, "measure")].value = "已经整改到位"

    assert values(changed(returned, forget), "measure")[1] is None


def test_the_page_alone_is_sent_back_with_a_sentence(returned: bytes) -> None:
    def only(workbook: Workbook) -> None:
        for title in ("退回说明", "填表说明", "封面", ITEMS, "问题对应结算明细", "自查汇总"):
            del workbook[title]

    content = changed(returned, only)
    reading = read(content)
    assert not reading.is_readable
    assert PAGE in load_workbook(BytesIO(sent_back(content, reading.findings))).sheetnames
    assert reading.findings[0].rule == "corrections.alone"
    assert "整个文件" in reading.findings[0].message


def test_the_page_alone_names_its_owner_and_the_return_it_was_made_of() -> None:
    sent = filled(rows=WRONG)
    returned = sent_back(sent, [FUND, MEASURE])

    def only(workbook: Workbook) -> None:
        for title in [title for title in workbook.sheetnames if title != PAGE]:
            del workbook[title]

    reading = read(changed(returned, only))
    assert reading.corrects == hashlib.sha256(sent).hexdigest()
    assert reading.identity == read(returned).identity
    assert read(returned).corrects == ""
    cover_too = changed(returned, lambda workbook: workbook.remove(workbook[ITEMS]))
    assert read(cover_too).corrects == "", "what was changed on the cover must not be dropped"


def test_of_several_rows_with_one_number_none_is_changed_when_the_page_does_not_tell_them_apart() -> None:
    table = main_table(forms()["self_check"])
    assert table is not None
    now = [row(4, seq=1, memo="a"), row(5, seq=1, memo="b")]
    taken, [said] = compared(table, now, [row(4, seq=1, memo="c")], now)
    assert taken == []
    assert (said.rule, said.severity) == ("corrections.several_rows", Severity.ERROR)


def test_rows_with_the_same_number_are_told_apart_by_their_order() -> None:
    doubled = {"cover": [COVER], "items": [item(seq=1, memo="甲"), item(seq=1, memo="乙")]}
    findings = [
        Finding("items_seq_once", "序号重复", sheet=ITEMS, cell=item_cell("seq", order), value="1")
        for order in range(2)
    ]
    content = changed(sent_back(filled(rows=doubled), findings), at(PAGE, "memo", 1, "丙"))
    assert values(content, "memo") == ["甲", "丙"]


@pytest.mark.parametrize("evil", ["=1+1", "+1", "@SUM(A1)"])
def test_a_text_like_a_formula_stays_a_text_on_the_page(evil: str) -> None:
    def type_in(workbook: Workbook) -> None:
        cell = workbook[ITEMS][item_cell("memo", 1)]
        cell.value = evil
        cell.data_type = "s"

    returned = sent_back(filled(rows=WRONG, then=type_in), [MEASURE])
    cell = load_workbook(BytesIO(returned))[PAGE][address(SPEC, "memo")]
    assert (cell.data_type, cell.value) == ("s", evil)
    assert cell.quotePrefix
    assert values(returned, "memo")[1] == evil


def row(number: int, problems: Mapping[str, str] | None = None, **fields: Any) -> Row:
    cells = {field: f"{field}{number}" for field in fields}
    raw = {field: str(value) for field, value in fields.items()}
    return Row(number, fields, raw, cells, problems or {})


def test_merging_touches_nothing_but_the_corrected_fields() -> None:
    table = main_table(forms()["self_check"])
    assert table is not None
    now = [row(4, seq=1, memo="a", area="骨科"), row(5, seq=2, memo="b", area="骨科")]
    taken, findings = compared(
        table, now, [row(4, seq=2, memo="c", area="骨科")], [row(4, seq=2, memo="b", area="骨科")]
    )
    assert findings == []
    reading = Reading(None, {"items": now, "cover": [row(1, phone="1")]})
    after = merged(reading, table, taken, findings)
    assert after.sheets["cover"] == reading.sheets["cover"]
    assert [each.values for each in after.sheets["items"]] == [
        now[0].values,
        {"seq": 2, "memo": "c", "area": "骨科"},
    ]
    assert after.sheets["items"][1].cells == now[1].cells
    assert now[1].values["memo"] == "b"
