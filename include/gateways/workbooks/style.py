"""How our workbooks look: one set of fonts, fills and borders for every sheet."""

from __future__ import annotations

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

BODY = Font(name="宋体", size=11)
BOLD = Font(name="宋体", size=11, bold=True)
SMALL = Font(name="宋体", size=10, color="595959")
TITLE = Font(name="黑体", size=16, bold=True)
REQUIRED = Font(name="宋体", size=11, bold=True, color="C00000")
LINK = Font(name="宋体", size=11, color="0563C1", underline="single")
WARNING = Font(name="宋体", size=11, bold=True, color="9C5700")

HEADER_FILL = PatternFill("solid", fgColor="DCE6F1")
LOCKED_FILL = PatternFill("solid", fgColor="EDEDED")
INPUT_FILL = PatternFill("solid", fgColor="FFFDF0")

_LINE = Side(style="thin", color="A6A6A6")
BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)

CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
RIGHT = Alignment(horizontal="right", vertical="center", indent=1)
HINT = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
OPEN = Protection(locked=False)
LOCKED = Protection(locked=True)

A4 = 9
PAGE_WIDTH = 210  # characters that stay readable across A4 landscape
LINE = 15  # points of a line at 11 points
_PADDING = 2  # characters of a column that its text cannot use


def paint(
    cell: Cell | MergedCell,
    *,
    font: Font = BODY,
    fill: PatternFill | None = None,
    border: Border | None = BOX,
    alignment: Alignment = LEFT,
) -> Cell:
    """Style one cell of our own sheets and hand it back."""
    assert isinstance(cell, Cell)  # painted before it is merged
    cell.font, cell.alignment = font, alignment
    if fill is not None:
        cell.fill = fill
    if border is not None:
        cell.border = border
    return cell


def heading(sheet: Worksheet, title: str, note: str | None, columns: int, *, first: int = 1) -> None:
    """Title and note above a sheet's content, across its width, from the column ``first`` on."""
    last = max(first, min(columns, 12))
    for row, words, font, least in ((1, title, TITLE, 30), (2, note or "", SMALL, 20)):
        paint(sheet.cell(row, first, words), font=font, border=None)
        across = sum(
            sheet.column_dimensions[get_column_letter(number)].width for number in range(first, last + 1)
        )
        sheet.row_dimensions[row].height = max(least, height(lines(words, across)))
        sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=last)


def columns_of(text: str) -> int:
    """Columns of a cell a text takes: two per Chinese character, as in GB 18030 it takes two bytes."""
    return len(text.encode("gb18030", errors="replace"))


def lines(text: str, width: float) -> int:
    """Lines a text takes in a column so many characters wide."""
    usable = max(int(width) - _PADDING, 1)
    return sum(max(-(-columns_of(part) // usable), 1) for part in text.split("\n"))


def height(lines: int) -> int:
    """Points of a row with so many lines."""
    return LINE * lines + 5


def protect(sheet: Worksheet) -> None:
    """Locked but for the input cells; widths, row heights and extra rows stay in the clerk's hands."""
    sheet.protection.sheet = True
    for allowed in ("formatColumns", "formatRows", "insertRows", "deleteRows", "sort", "autoFilter"):
        setattr(sheet.protection, allowed, False)


def pages_across(width: float) -> int:
    """How many A4 pages side by side a sheet of so many characters needs to stay readable."""
    return max(1, -(-int(width) // PAGE_WIDTH))


def for_print(
    sheet: Worksheet, *, landscape: bool, header_row: int | None = None, pages_wide: int = 1, about: int = 1
) -> None:
    """A4, as many pages wide as can be read, page numbers at the foot; headers and the first ``about`` columns repeated."""
    sheet.page_setup.paperSize = A4
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth = pages_wide
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom, sheet.page_margins.footer = 0.6, 0.8, 0.35
    sheet.oddFooter.left.text = "&A"  # type: ignore[union-attr]  # the sheet's title, for pages torn apart
    sheet.oddFooter.center.text = "第 &P 页 共 &N 页"  # type: ignore[union-attr]
    sheet.HeaderFooter.scaleWithDoc = False
    sheet.print_options.horizontalCentered = True
    if header_row is not None:
        sheet.print_title_rows = f"{header_row}:{header_row}"
        if pages_wide > 1:
            sheet.print_title_cols = f"A:{get_column_letter(about)}"
