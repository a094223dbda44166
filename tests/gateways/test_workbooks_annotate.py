"""What goes back: the sender's own workbook, every finding marked and listed, nothing of theirs lost."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from include.domain.model import Severity
from include.domain.returns import Finding
from tests.gateways.workbook_builders import (
    compound,
    filled,
    forms,
    item,
    item_cell,
    prefilled,
    read,
    workbooks,
)

ITEMS = "自查问题明细"
AMOUNT = Finding(
    "amount_covers_fund",
    "违规金额小于其中医保基金支付金额，请核对",
    sheet=ITEMS,
    cell=item_cell("violation_amt"),
    header="违规金额（元）",
    value="100",
)
MEASURE = Finding(
    "measure.required", "“整改措施”必填", sheet=ITEMS, cell=item_cell("measure"), header="整改措施"
)
NUMBER = Finding("items_numbered", "序号不连续", Severity.WARNING, ITEMS, item_cell("seq"), "序号", "3")
WHOLE = Finding("sheet.missing", "缺少工作表")


def annotated(content: bytes, findings: Sequence[Finding]) -> bytes:
    return workbooks().annotated(content, forms()["self_check"], findings, unit_name="示例医院（样例）")


def opened(content: bytes, findings: Sequence[Finding]) -> Workbook:
    return load_workbook(BytesIO(annotated(content, findings)))


def test_every_finding_is_listed_on_the_first_sheet_with_a_link_to_its_cell() -> None:
    sheet = opened(filled(), [AMOUNT, NUMBER, WHOLE]).worksheets[0]
    assert sheet.title == "退回说明"
    listed = [row[:6] for row in sheet.iter_rows(min_row=6, values_only=True)]
    assert listed == [
        ("1", ITEMS, item_cell("violation_amt"), "违规金额（元）", "100", AMOUNT.message),
        ("2", ITEMS, item_cell("seq"), "序号", "3", NUMBER.message),
        ("3", "整个文件", None, None, None, WHOLE.message),
    ]
    assert sheet["C6"].hyperlink.location == f"'{ITEMS}'!{item_cell('violation_amt')}"
    assert "示例医院（样例）" in sheet["A2"].value


def test_a_bad_cell_is_coloured_and_says_what_to_write() -> None:
    sheet = opened(filled(), [AMOUNT, NUMBER])[ITEMS]
    bad, doubtful, good = (sheet[item_cell(field)] for field in ("violation_amt", "seq", "measure"))
    assert AMOUNT.message in bad.comment.text
    assert AMOUNT.rule in bad.comment.text
    assert "100" in bad.comment.text
    assert len({cell.fill.fgColor.rgb for cell in (bad, doubtful, good)}) == 3
    assert good.comment is None


def test_several_findings_of_one_cell_share_its_comment() -> None:
    other = Finding("another", "另一条", sheet=ITEMS, cell=AMOUNT.cell)
    comment = opened(filled(), [AMOUNT, other])[ITEMS][AMOUNT.cell].comment.text
    assert AMOUNT.message in comment
    assert other.message in comment


def test_the_second_round_leaves_no_mark_of_the_first() -> None:
    original = load_workbook(BytesIO(filled()))[ITEMS][item_cell("violation_amt")]
    workbook = opened(annotated(filled(), [AMOUNT, NUMBER]), [MEASURE])
    corrected = workbook[ITEMS][item_cell("violation_amt")]
    assert corrected.comment is None
    assert corrected.fill.fgColor.rgb == original.fill.fgColor.rgb
    assert workbook[ITEMS][MEASURE.cell].comment is not None
    assert [title for title in workbook.sheetnames if title.startswith("退回说明")] == ["退回说明"]
    assert workbook["退回说明"].max_row == 6


def test_the_marked_file_can_be_corrected_and_sent_back() -> None:
    before, after = read(filled()), read(annotated(filled(), [AMOUNT, NUMBER]))
    assert after.findings == ()
    assert after.identity == before.identity
    assert after.identity is not None
    assert workbooks().is_genuine(after.identity)
    assert after.sheets["items"][0].values == before.sheets["items"][0].values


def test_the_senders_own_comment_colour_and_layout_stay() -> None:
    def own(workbook: Workbook) -> None:
        cell = workbook[ITEMS][AMOUNT.cell]
        cell.comment = Comment("请财务核对", "医保办")
        cell.fill = PatternFill("solid", fgColor="00B0F0")
        workbook[ITEMS].column_dimensions["E"].width = 77

    first = annotated(filled(then=own), [AMOUNT])
    marked = load_workbook(BytesIO(first))[ITEMS]
    assert marked.column_dimensions["E"].width == 77
    assert marked[AMOUNT.cell].fill.fgColor.rgb != "0000B0F0"
    sheet = opened(first, [MEASURE])[ITEMS]
    assert sheet[AMOUNT.cell].comment.text == "请财务核对"
    assert sheet[AMOUNT.cell].fill.fgColor.rgb == "0000B0F0"


@pytest.mark.parametrize(
    "evil", ['=HYPERLINK("http://x.example")', "+1+1", "-2+3", "@SUM(A1)", "＝1+1", "\t=1+1", "a\x07b"]
)
def test_nothing_a_sender_typed_becomes_a_formula_of_ours(evil: str) -> None:
    finding = Finding("choice", f"填写的是“{evil}”", sheet=ITEMS, cell=AMOUNT.cell, header=evil, value=evil)
    sheet = opened(filled(), [finding])["退回说明"]
    for cell in sheet[6]:
        assert cell.data_type != "f"
        assert not str(cell.value or "").strip().startswith(("=", "+", "-", "@", "＝"))


def test_a_renamed_sheet_is_marked_all_the_same() -> None:
    def rename(workbook: Workbook) -> None:
        workbook[ITEMS].title = "明细表"

    workbook = opened(filled(then=rename), [AMOUNT])
    assert workbook["明细表"][AMOUNT.cell].comment is not None
    assert workbook["退回说明"]["B6"].value == "明细表"


def test_a_merged_cell_is_marked_where_it_begins() -> None:
    def merge(workbook: Workbook) -> None:
        workbook[ITEMS].merge_cells("L4:M4")

    workbook = opened(filled(then=merge), [AMOUNT])
    assert workbook[ITEMS]["L4"].comment is not None


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", compound("Workbook"), prefilled()[:9000]])
def test_a_file_that_cannot_be_opened_is_not_annotated(content: bytes) -> None:
    with pytest.raises(ValueError, match="请"):
        annotated(content, [WHOLE])


def test_the_same_findings_give_the_same_bytes() -> None:
    data = filled(rows={"items": [item()]})
    assert annotated(data, [AMOUNT, NUMBER]) == annotated(data, [AMOUNT, NUMBER])
