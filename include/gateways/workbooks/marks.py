"""Colouring bad cells of a sender's workbook, saying beside their row what is wrong, and taking all of it back.

What a marked cell looked like before is kept in the workbook itself, on a hidden sheet, so that marking and
unmarking leave the sender's layout as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import CellCoordinatesException
from openpyxl.worksheet.worksheet import Worksheet

from include.domain.forms import Form
from include.domain.model import Severity
from include.domain.returns import Finding
from include.gateways.workbooks import style
from include.gateways.workbooks.package import clean, harmless

AUTHOR = "督办校验"
MARKS = "_duban_marks"
OPINION = "校验意见"
"""Header of the last column of a marked table. It is no column of any form, so the reader passes it over."""

WORDS = {Severity.ERROR: "须改正", Severity.WARNING: "请核对", Severity.INFO: "提示"}
ERROR_FILL = PatternFill("solid", fgColor="FFC7CE")
WARNING_FILL = PatternFill("solid", fgColor="FFEB9C")
_FILLS = ("FFC7CE", "FFEB9C")
_OPENINGS = tuple(f"【{word}】" for word in WORDS.values())
_MOST_SHOWN = 5
_OPINION_WIDTH = 50
_LOOK_FOR_HEADERS = 40
_GROWS_BY_ITSELF = -1  # stands for a row without a height of its own
_TALLEST = 400  # points; Excel takes 409


def mark(workbook: Workbook, form: Form, placed: Iterable[tuple[Finding, str]]) -> None:
    """Colour and comment every cell a finding names; ``placed`` has each finding with its sheet's title here."""
    marks = workbook.create_sheet(MARKS)
    marks.sheet_state = "veryHidden"
    by_cell: dict[tuple[str, str], list[Finding]] = {}
    for finding, title in placed:
        if finding.cell and title in workbook.sheetnames:
            by_cell.setdefault((title, finding.cell), []).append(finding)
    for (title, address), findings in by_cell.items():
        cell = cell_at(workbook[title], address)
        if cell is not None:
            _keep(marks, title, cell)
            colour(cell, form, findings)


def colour(cell: Cell, form: Form, findings: Sequence[Finding]) -> None:
    """Show in the cell what is wrong with it."""
    cell.fill = fill_of(findings)
    cell.comment = _comment(form, findings)


def fill_of(findings: Iterable[Finding]) -> PatternFill:
    """Red when anything has to be corrected, yellow otherwise."""
    is_error = any(finding.severity is Severity.ERROR for finding in findings)
    return ERROR_FILL if is_error else WARNING_FILL


def opine(workbook: Workbook, title: str, header_row: int, column: int, lines: Mapping[int, str]) -> None:
    """Write what is wrong with its rows (Excel row → sentence) in a column of its own beside a table."""
    sheet = workbook[title]
    head = cell_at(sheet, f"{get_column_letter(column)}{header_row}")
    if head is None:
        return
    say(style.paint(head, font=style.BOLD, fill=style.HEADER_FILL, alignment=style.CENTRE), OPINION)
    head.protection = style.LOCKED
    sheet.column_dimensions[get_column_letter(column)].width = _OPINION_WIDTH
    for row, line in lines.items():
        cell = cell_at(sheet, f"{get_column_letter(column)}{row}")
        if cell is not None:
            say(style.paint(cell, font=style.BODY, fill=WARNING_FILL), line)
            cell.protection = style.LOCKED
            _make_room(workbook[MARKS], sheet, row, line)


def unmark(workbook: Workbook) -> None:
    """Take away every mark of an earlier round."""
    commented = [
        cell
        for sheet in workbook.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell, Cell) and cell.comment is not None and _is_ours(cell.comment)
    ]
    for cell in commented:
        cell.comment = None
    fills: dict[tuple[str, str], PatternFill] = {}
    if MARKS in workbook.sheetnames:
        fills = _restore(workbook)
        del workbook[MARKS]
    for cell in commented:
        # A mark that moved with its row: the cell looks like the others of its column.
        if _is_marked(cell):
            cell.fill = copy(fills.get((cell.parent.title, cell.column_letter), PatternFill()))
    for sheet in workbook.worksheets:
        _take_back_opinions(sheet)


def cell_at(sheet: Worksheet, address: str) -> Cell | None:
    """The cell, or the one into which it is merged; None for an address that is none."""
    try:
        cell = sheet[address]
    except (ValueError, IndexError, CellCoordinatesException):
        return None
    if isinstance(cell, MergedCell):
        merged = next(area for area in sheet.merged_cells.ranges if address in area)
        cell = sheet.cell(merged.min_row, merged.min_col)
    return cell if isinstance(cell, Cell) else None


def say(cell: Cell, words: str) -> None:
    """Write words as words: nothing a sender typed may become a formula in our sheet."""
    cell.value = harmless(words)
    cell.data_type = "s"


def lines_of(text: str, width: float) -> int:
    """Lines a text takes in a cell so many characters wide; a Chinese character takes two."""
    wide = sum(2 if ord(character) > 0x2E7F else 1 for character in text)
    return max(1, -(-wide // max(int(width) - 2, 1)))


def _keep(marks: Worksheet, title: str, cell: Cell) -> None:
    # The fill is kept as a fill: every spreadsheet program preserves that, theme colours included.
    kept = _remember(marks, title, cell.coordinate)
    kept.fill = copy(cell.fill)
    if cell.comment is not None:
        for column, words in ((3, cell.comment.text), (4, cell.comment.author or "")):
            said = marks.cell(kept.row, column, clean(words))
            said.data_type = "s"


def _make_room(marks: Worksheet, sheet: Worksheet, row: int, text: str) -> None:
    height = sheet.row_dimensions[row].height
    wanted = 16 * sum(lines_of(line, _OPINION_WIDTH) for line in text.split("\n")) + 4
    if height is None or height < wanted:
        kept = _remember(marks, sheet.title, str(row))
        marks.cell(kept.row, 5, height or _GROWS_BY_ITSELF)
        sheet.row_dimensions[row].height = min(wanted, _TALLEST)


def _remember(marks: Worksheet, title: str, address: str) -> Cell:
    row = marks.max_row + 1 if marks["A1"].value else 1
    said = marks.cell(row, 1, title)
    said.data_type = "s"
    marks.cell(row, 2, address).data_type = "s"
    return said


def _restore(workbook: Workbook) -> dict[tuple[str, str], PatternFill]:
    """Put back fills, comments and heights; return the fills by sheet and column."""
    fills: dict[tuple[str, str], PatternFill] = {}
    for kept in workbook[MARKS].iter_rows(max_col=5):
        title, address, text, author, height = (each.value for each in kept)
        if title not in workbook.sheetnames:
            continue
        sheet = workbook[str(title)]
        if height is not None:
            was = float(str(height))
            sheet.row_dimensions[int(str(address))].height = None if was == _GROWS_BY_ITSELF else was
            continue
        cell = cell_at(sheet, str(address))
        if cell is None:
            continue
        fills.setdefault((sheet.title, cell.column_letter), kept[0].fill)
        if _is_marked(cell):
            cell.fill = copy(kept[0].fill)
        if text and cell.comment is None:
            cell.comment = Comment(str(text), str(author or ""))
    return fills


def _take_back_opinions(sheet: Worksheet) -> None:
    for row in sheet.iter_rows(max_row=_LOOK_FOR_HEADERS):
        for head in row:
            if head.value == OPINION:
                for number in range(head.row, sheet.max_row + 1):
                    cell = sheet.cell(number, head.column)
                    if isinstance(cell, Cell):
                        cell.value = None
                        cell.style = "Normal"
                del sheet.column_dimensions[get_column_letter(head.column)]


def _is_ours(comment: Comment) -> bool:
    # LibreOffice may lose the author of a comment, never its words.
    return comment.author == AUTHOR or str(comment.text).strip().startswith(_OPENINGS)


def _is_marked(cell: Cell) -> bool:
    colour_of = cell.fill.fgColor
    return cell.fill.fill_type == "solid" and colour_of.type == "rgb" and colour_of.rgb[-6:] in _FILLS


def _comment(form: Form, findings: Sequence[Finding]) -> Comment:
    lines = []
    for finding in findings[:_MOST_SHOWN]:
        lines += [
            f"【{WORDS[finding.severity]}】",
            f"规则：{_rule(form, finding)}",
            f"填写内容：{finding.value or '（空）'}",
            f"应如何改正：{finding.message}",
        ]
    comment = Comment(clean("\n".join(lines)), AUTHOR)
    comment.width, comment.height = 380, 30 + 20 * sum(lines_of(line, 52) for line in lines)
    return comment


def _rule(form: Form, finding: Finding) -> str:
    """The rule's words from the instructions, and its key; checks of a single column have no words there."""
    rule = max(
        (rule for rule in form.rules if f"{finding.rule}.".startswith(f"{rule.key}.")),
        key=lambda rule: len(rule.key),
        default=None,
    )
    return f"{rule.text}（{rule.key}）" if rule else finding.rule
