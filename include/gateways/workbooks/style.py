"""How our workbooks look: one set of fonts, fills and borders for every sheet."""

from __future__ import annotations

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
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
RIGHT = Alignment(horizontal="right", vertical="center")
OPEN = Protection(locked=False)
LOCKED = Protection(locked=True)

A4 = 9


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


def heading(sheet: Worksheet, title: str, note: str | None, columns: int) -> None:
    """Title and note above a sheet's content, across its width."""
    across = min(columns, 12)
    sheet["A1"] = title
    paint(sheet["A1"], font=TITLE, border=None, alignment=LEFT)
    sheet.row_dimensions[1].height = 30
    sheet["A2"] = note or ""
    paint(sheet["A2"], font=SMALL, border=None)
    sheet.row_dimensions[2].height = 20
    for row in (1, 2):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=across)


def protect(sheet: Worksheet) -> None:
    """Locked but for the input cells; widths, row heights and extra rows stay in the clerk's hands."""
    sheet.protection.sheet = True
    for allowed in ("formatColumns", "formatRows", "insertRows", "deleteRows", "sort", "autoFilter"):
        setattr(sheet.protection, allowed, False)


def for_print(
    sheet: Worksheet, *, landscape: bool, header_row: int | None = None, pages_wide: int = 1
) -> None:
    """A4, as many pages wide as can be read, page numbers at the foot, headers and row numbers repeated."""
    sheet.page_setup.paperSize = A4
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth = pages_wide
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom, sheet.page_margins.footer = 0.6, 0.8, 0.35
    sheet.oddFooter.center.text = "第 &P 页 共 &N 页"  # type: ignore[union-attr]
    sheet.print_options.horizontalCentered = True
    if header_row is not None:
        sheet.print_title_rows = f"{header_row}:{header_row}"
        if pages_wide > 1:
            sheet.print_title_cols = "A:A"
