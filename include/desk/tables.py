"""A table as data: the page prints it, and whoever wants it in Excel gets the same columns and rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, Literal
from urllib.parse import quote

from fastapi import Request, Response
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

Kind = Literal["words", "count", "money", "share", "figure", "day", "moment"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE_SIZE = 50
MOST_ROWS = 100_000
"""Rows of one exported workbook at most; what is left out is said in its last line."""

_FORMATS: Mapping[Kind, str] = {
    "words": "@",
    "count": "#,##0",
    "money": "#,##0.00",
    "share": '0.0"%"',
    "figure": "General",
    "day": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
}
_WIDTHS: Mapping[Kind, float] = {
    "words": 26,
    "count": 11,
    "money": 18,
    "share": 11,
    "figure": 18,
    "day": 13,
    "moment": 18,
}


@dataclass(frozen=True, slots=True)
class Column:
    """``link`` names the key of a row that holds an address, ``outside`` the desk when it is one of Airflow's own.

    ``help`` is said when pointed at.
    """

    key: str
    title: str
    kind: Kind = "words"
    link: str = ""
    outside: bool = False
    help: str = ""
    width: float = 0

    @property
    def is_number(self) -> bool:
        return self.kind in ("count", "money", "share", "figure")


@dataclass(frozen=True, slots=True)
class Table:
    """``rows`` by column key; a row's ``tone`` (``bad``, ``warn``, ``good``, ``total``) colours it.

    ``total`` is how many rows there are in all when ``rows`` are only one page of them.
    """

    key: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    total: int | None = None
    empty: str = "没有记录。"
    note: str = ""

    @property
    def count(self) -> int:
        return len(self.rows) if self.total is None else self.total


@dataclass(frozen=True, slots=True)
class Paging:
    """One page of a list; the first is number 1."""

    number: int = 1
    size: int = PAGE_SIZE

    @classmethod
    def of(cls, request: Request) -> Paging:
        """The page asked for; all rows at once when a workbook is asked for."""
        if is_export(request):
            return cls(1, MOST_ROWS)
        asked = request.query_params.get("page", "1")
        return cls(max(1, int(asked)) if asked.isdecimal() and len(asked) < 8 else 1)

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    def last(self, total: int) -> int:
        return max(1, -(-total // self.size))

    def total(self, shown: int, count: Callable[[], int]) -> int:
        """How many rows there are in all when this page has ``shown``; counted only where its end does not tell."""
        if 0 < shown < self.size or (self.number == 1 and not shown):
            return self.offset + shown
        return count()


def is_export(request: Request) -> bool:
    return "xlsx" in request.query_params


def export(request: Request, tables: Sequence[Table], *, about: str) -> Response | None:
    """The workbook of the table that ``?xlsx=key`` asks for, or None when a page is asked for."""
    wanted = request.query_params.get("xlsx")
    for table in tables:
        if table.key == wanted:
            name = quote(f"{table.title}.xlsx")
            headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
            return Response(workbook(table, about=about), media_type=XLSX, headers=headers)
    return None


def workbook(table: Table, *, about: str) -> bytes:
    """One sheet: title, a line saying what and as of when, the head, the rows. No text becomes a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.title[:31])
    for number, column in enumerate(table.columns, 1):
        width = column.width or _WIDTHS[column.kind]
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A4"
    pen = _Pen(sheet)
    sheet.append([pen.cell(table.title, font=_TITLE)])
    sheet.append([pen.cell(about, font=_SMALL)])
    sheet.append([pen.cell(each.title, font=_HEAD, fill=_FILL, alignment=_CENTRED) for each in table.columns])
    for row in table.rows:
        sheet.append([pen.value(row.get(each.key), each.kind) for each in table.columns])
    if table.count > len(table.rows):
        sheet.append(
            [pen.cell(f"共{table.count:,}条，本表列出前{len(table.rows):,}条；请缩小范围后再导出。")]
        )
    content = BytesIO()
    book.save(content)
    return content.getvalue()


_TITLE = Font(name="SimHei", size=14, bold=True)
_SMALL = Font(name="SimSun", size=10, color="595959")
_HEAD = Font(name="SimHei", size=11, color="FFFFFF")
_FILL = PatternFill("solid", fgColor="1F4E79")
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_WRAPPED = Alignment(vertical="top", wrap_text=True)


@dataclass(frozen=True, slots=True)
class _Pen:
    sheet: Any
    wrapped: Alignment = field(default=_WRAPPED)

    def cell(self, value: Any, **style: Any) -> Any:
        cell = WriteOnlyCell(self.sheet, value=value)
        if isinstance(value, str):
            cell.data_type = "s"
        for name, each in style.items():
            setattr(cell, name, each)
        return cell

    def value(self, value: Any, kind: Kind) -> Any:
        if isinstance(value, datetime):
            value = value.replace(tzinfo=None)
        elif value is not None and not isinstance(value, (int, float, Decimal, date)):
            value = str(value)
        return self.cell(value, number_format=_FORMATS[kind], alignment=self.wrapped)
