"""The first sheet: what this is, whether its numbers agree, the numbers in short, and where to find them."""

from __future__ import annotations

from collections.abc import Collection

from openpyxl import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from include.domain.dates import zh_date
from include.domain.indicators import BY_KEY, Source
from include.gateways.statistics_workbooks import paper
from include.gateways.statistics_workbooks.compilation import RELATION_ZH, Compilation

COVER_SHEET = "封面"

_WIDTHS = (26, 20, 8, 26, 20, 8)
_MOST_LISTED = 8

_KEY_FIGURES = (
    ("units_expected", "problem_count"),
    ("units_accepted", "units_with_problems"),
    ("return_rate", "zero_returns"),
    ("units_overdue", "violation_amt"),
    ("units_missing", "fund_amt"),
    ("units_returned", "refunded_amt"),
    ("units_partial", "outstanding_amt"),
    ("units_received", "rectified_count"),
)
"""Left how far reporting has come, overdue among it; right what it has found."""

_WORK_FIGURES = (
    ("units_to_inspect", "found_amt"),
    ("units_inspected", "recouped_amt"),
    ("inspection_coverage", "damages_amt"),
    ("inspected_with_problems", "fine_amt"),
    ("units_handled", "units_penalised"),
    ("clues_received", "clues_confirmed"),
    ("tips_received", "tips_confirmed"),
    ("referred_police", "cases_exposed"),
)
"""Left how far the work has come; right what came of it. Refunds and fines are lines of their own."""


def add_cover_sheet(book: Workbook, edition: Compilation, sources: Collection[Source]) -> None:
    sheet = book.create_sheet(COVER_SHEET, 0)
    last = len(_WIDTHS)
    paper.set_widths(sheet, _WIDTHS)
    paper.put_across(sheet, 1, 1, last, edition.draft_mark, paper.MARK)
    for row, title in ((2, edition.campaign.title), (3, edition.report.title)):
        paper.put_across(sheet, row, 1, last, title, paper.TITLE)
        sheet.row_dimensions[row].height = 10 + 1.5 * paper.height_for(title, sum(_WIDTHS) / 1.9)
    row = _put_facts(sheet, edition, 5)
    row = _put_verdict(sheet, edition, row)
    if Source.UNITS in sources:
        row = _put_figures(sheet, edition, row + 1, ("报送情况", "自查结果"), _KEY_FIGURES)
    if set(sources) - {Source.UNITS, Source.ITEMS}:
        row = _put_figures(sheet, edition, row + 1, ("工作进展（累计）", "查处结果（累计）"), _WORK_FIGURES)
    _put_contents(sheet, book, row + 1)
    paper.set_page(sheet, one_page=True)


def _put_facts(sheet: Worksheet, edition: Compilation, row: int) -> int:
    due = (
        f"{zh_date(edition.report.due)}（{edition.report.due_text}）"
        if edition.report.due
        else edition.report.due_text
    )
    for name, text in (
        ("填报单位", f"{edition.campaign.lead.name}（盖章）"),
        ("报送对象", edition.report.to),
        ("报送时限", due),
        ("统计期间", edition.both_periods),
        ("数据截至", f"{zh_date(edition.snapshot.taken_on)}（快照编号{edition.snapshot.id}）"),
    ):
        paper.put(sheet, row, 1, name, paper.HEAD)
        paper.put_across(sheet, row, 2, len(_WIDTHS), text, paper.WORDS)
        sheet.row_dimensions[row].height = 4 + paper.height_for(text, sum(_WIDTHS[1:]))
        row += 1
    return row


def _put_verdict(sheet: Worksheet, edition: Compilation, row: int) -> int:
    """Whether the numbers agree; in red, check by check, where they do not."""
    failed = edition.failed
    if not failed:
        sentences, style = [f"{len(edition.checks)}项勾稽关系全部通过。"], paper.WORDS
    else:
        sentences = [
            f"{len(edition.checks)}项勾稽关系中有{len(failed)}项不符，不得报送，请查明原因后重新编制："
        ]
        sentences += [
            f"{check.title}：{check.left:,} 应{RELATION_ZH[check.relation]} {check.right:,}"
            for check in failed[:_MOST_LISTED]
        ]
        if len(failed) > _MOST_LISTED:
            sentences.append(f"其余{len(failed) - _MOST_LISTED}项见“勾稽核对”。")
        style = paper.WRONG
    paper.put_down(sheet, row, row + len(sentences) - 1, 1, "勾稽核对", paper.HEAD)
    for sentence in sentences:
        paper.put_across(sheet, row, 2, len(_WIDTHS), sentence, style)
        sheet.row_dimensions[row].height = 4 + paper.height_for(sentence, sum(_WIDTHS[1:]))
        row += 1
    return row


def _put_figures(
    sheet: Worksheet,
    edition: Compilation,
    row: int,
    titles: tuple[str, str],
    figures: tuple[tuple[str, str], ...],
) -> int:
    for column, title in enumerate((titles[0], "数值", "单位", titles[1], "数值", "单位"), 1):
        paper.put(sheet, row, column, title, paper.HEAD)
    for keys in figures:
        row += 1
        for first, key in zip((1, 4), keys, strict=True):
            indicator = BY_KEY[key]
            paper.put(sheet, row, first, indicator.title, paper.WORDS)
            paper.put(sheet, row, first + 1, edition.value(key), paper.STYLE_BY_UNIT[indicator.unit])
            paper.put(sheet, row, first + 2, indicator.unit, paper.CENTRED)
        sheet.row_dimensions[row].height = paper.LINE_HEIGHT + 2
    return row + 1


def _put_contents(sheet: Worksheet, book: Workbook, row: int) -> None:
    names = [name for name in book.sheetnames if name != COVER_SHEET]
    paper.put(sheet, row, 1, "目录", paper.MARK)
    row += 1
    for number, name in enumerate(names, 1):
        paper.put_across(sheet, row, 1, len(_WIDTHS), f"{number}．{name}", paper.LINE)
        sheet.cell(row, 1).hyperlink = Hyperlink(ref="", location=f"'{name}'!A1")
        sheet.cell(row, 1).style = paper.LINE
        row += 1
