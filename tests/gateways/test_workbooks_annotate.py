"""What goes back: the sender's own workbook, every finding marked and listed, nothing of theirs lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

import PIL.Image
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.styles import PatternFill

from include.domain.model import Severity
from include.domain.returns import Finding
from tests.gateways.workbook_builders import (
    compound,
    cover_cell,
    filled,
    forms,
    item,
    item_cell,
    package,
    prefilled,
    read,
    to_bytes,
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
PHONE = Finding("phone.readable", "不是号码，请核对", sheet="封面", cell=cover_cell("phone"))
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


def test_a_picture_in_the_senders_workbook_survives() -> None:
    stamp = BytesIO()
    PIL.Image.new("RGB", (60, 60), "red").save(stamp, "PNG")

    def sealed(workbook: Workbook) -> None:
        workbook["封面"].add_image(Image(BytesIO(stamp.getvalue())), "D4")

    workbook = opened(annotated(filled(then=sealed), [AMOUNT]), [MEASURE])
    [picture] = workbook["封面"]._images
    assert (picture.anchor._from.col, picture.anchor._from.row) == (3, 3)
    assert picture._data() == stamp.getvalue()


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


@pytest.mark.parametrize("text", ["=1+1", "请财务核对"])
def test_a_comment_of_the_sender_comes_back_word_for_word(text: str) -> None:
    def own(workbook: Workbook) -> None:
        workbook[ITEMS][AMOUNT.cell].comment = Comment(text, "医保办")

    again = opened(annotated(filled(then=own), [AMOUNT]), [MEASURE])[ITEMS][AMOUNT.cell].comment
    assert (again.text, again.author) == (text, "医保办")


def test_a_mark_that_moved_with_its_row_is_taken_away_too() -> None:
    def delete_above(workbook: Workbook) -> None:
        workbook[ITEMS].delete_rows(4)
        workbook[ITEMS]["M4"].comment = Comment("【须改正】\n规则：…", "")
        workbook[ITEMS]["M4"].fill = PatternFill("solid", fgColor="FFC7CE")

    second = item_cell("violation_amt", 1)
    first = annotated(filled(rows={"items": [item(), item()]}), [replace(AMOUNT, cell=second)])
    moved = load_workbook(BytesIO(first))
    delete_above(moved)
    sheet = opened(to_bytes(moved), [MEASURE])[ITEMS]
    untouched = load_workbook(BytesIO(prefilled()))[ITEMS][AMOUNT.cell].fill.fgColor.rgb
    assert sheet[AMOUNT.cell].comment is None
    assert sheet[AMOUNT.cell].fill.fgColor.rgb == untouched


def test_each_bad_row_says_at_its_end_what_is_wrong_with_it() -> None:
    sheet = opened(filled(), [AMOUNT, MEASURE])[ITEMS]
    last = sheet.max_column
    assert sheet.cell(3, last).value == "校验意见"
    assert AMOUNT.message in sheet.cell(4, last).value
    assert MEASURE.message in sheet.cell(4, last).value
    assert sheet.cell(5, last).value is None
    assert sheet.cell(4, last).protection.locked


def test_the_sentences_go_beside_what_the_sender_wrote_beyond_the_form() -> None:
    def beyond(workbook: Workbook) -> None:
        workbook[ITEMS].cell(4, 33).value = "我们自己的备注"

    sheet = opened(filled(then=beyond), [AMOUNT])[ITEMS]
    assert sheet.cell(4, 33).value == "我们自己的备注"
    assert sheet.cell(3, 34).value == "校验意见"


def test_the_sentences_of_the_last_round_are_gone_and_are_never_read_as_content() -> None:
    first = annotated(filled(), [AMOUNT])
    assert read(first).sheets["items"][0].values == read(filled()).sheets["items"][0].values
    sheet = opened(first, [PHONE])[ITEMS]
    assert all(cell.value != "校验意见" for cell in sheet[3])
    assert not any(AMOUNT.message in str(cell.value) for row in sheet.iter_rows() for cell in row)
    heads = [cell.value for cell in opened(first, [MEASURE])[ITEMS][3]]
    assert heads.count("校验意见") == 1


def test_heights_of_rows_are_as_before_when_the_marks_are_gone() -> None:
    def low(workbook: Workbook) -> None:
        workbook[ITEMS].row_dimensions[4].height = 15

    long = replace(AMOUNT, message="请核对两个数" * 30)
    first = annotated(filled(then=low), [long])
    assert load_workbook(BytesIO(first))[ITEMS].row_dimensions[4].height > 60
    assert opened(first, [PHONE])[ITEMS].row_dimensions[4].height == 15
    grown = annotated(filled(), [long])
    assert opened(grown, [PHONE])[ITEMS].row_dimensions[4].height is None


def test_three_hundred_findings_are_all_listed_and_marked() -> None:
    rows = {"items": [item(measure=None) for _ in range(300)]}
    findings = [replace(MEASURE, cell=item_cell("measure", order)) for order in range(300)]
    workbook = opened(filled(rows=rows), findings)
    assert workbook["退回说明"].max_row == 5 + 300
    assert workbook["仅错误行"].max_row == 3 + 300
    assert all(workbook[ITEMS][finding.cell].comment is not None for finding in findings)


def test_the_rule_is_told_in_the_words_of_the_instructions() -> None:
    text = opened(filled(), [AMOUNT])[ITEMS][AMOUNT.cell].comment.text
    rule = next(rule for rule in forms()["self_check"].rules if rule.key == AMOUNT.rule)
    assert f"规则：{rule.text}（{rule.key}）" in text
    assert "填写内容：100" in text
    assert f"应如何改正：{AMOUNT.message}" in text


def test_an_old_format_goes_back_as_xlsx_with_its_content_and_marks() -> None:
    old = ods(
        {
            "自查问题明细": [
                ["自查问题明细"],
                [""],
                [""],
                ["序号", "领域", "违规金额（元）", "整改措施"],
                ["1", "骨科", "100", "加强"],
            ]
        }
    )
    finding = replace(AMOUNT, cell="C5")
    workbook = opened(old, [finding])
    sheet = workbook[ITEMS]
    assert sheet[item_cell("area")].value == "骨科"
    assert sheet[item_cell("measure")].value == "加强"
    assert AMOUNT.message in sheet[item_cell("violation_amt")].comment.text
    assert workbook["退回说明"]["C6"].value == item_cell("violation_amt")
    assert sheet.protection.sheet


def ods(sheets: dict[str, list[list[str]]]) -> bytes:
    """A minimal OpenDocument spreadsheet (ODF 1.2) of text cells."""
    tables = ""
    for title, rows in sheets.items():
        lines = "".join(
            "<table:table-row>"
            + "".join(
                f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
                for cell in row
            )
            + "</table:table-row>"
            for row in rows
        )
        tables += f'<table:table table:name="{title}">{lines}</table:table>'
    names = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content office:version="1.2"'
        f' xmlns:office="{names}:office:1.0" xmlns:table="{names}:table:1.0" xmlns:text="{names}:text:1.0">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = f'<manifest:manifest xmlns:manifest="{names}:manifest:1.0"/>'
    members = {"content_dot_xml": content, "META-INF__manifest_dot_xml": manifest}
    return package(
        mimetype=b"application/vnd.oasis.opendocument.spreadsheet",
        **{name: text.encode() for name, text in members.items()},
    )


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", compound("Workbook"), prefilled()[:9000]])
def test_a_file_that_cannot_be_opened_is_not_annotated(content: bytes) -> None:
    with pytest.raises(ValueError, match="请"):
        annotated(content, [WHOLE])


def test_the_same_findings_give_the_same_bytes() -> None:
    data = filled(rows={"items": [item()]})
    assert annotated(data, [AMOUNT, NUMBER]) == annotated(data, [AMOUNT, NUMBER])
