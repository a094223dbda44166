"""A clerk with openpyxl: finds a workbook's cells by the words of their headers and writes into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from include.domain.forms import bare_header

Cell = str | int | Decimal | date | None
Answers = Mapping[str, Cell]


def filled(workbook: bytes, cover: Answers, items: Sequence[Answers] = ()) -> bytes:
    book = load_workbook(BytesIO(workbook))
    _fill_card(book["封面"], cover)
    if items:
        _fill_table(book["自查问题明细"], items)
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


def _fill_card(sheet: Worksheet, answers: Answers) -> None:
    """A card has its headers in the first column and the answers beside them."""
    open_questions = dict(answers)
    for header, answer in sheet.iter_rows(max_col=2):
        if (name := bare_header(str(header.value or ""))) in open_questions:
            answer.value = open_questions.pop(name)
    assert not open_questions, f"the cover does not ask for {list(open_questions)}"


def _fill_table(sheet: Worksheet, items: Sequence[Answers]) -> None:
    for row in sheet.iter_rows():
        columns = {bare_header(str(cell.value)): cell.column for cell in row if cell.value}
        if {"序号", "整改状态"} <= columns.keys():
            break
    else:
        raise LookupError("no headers")
    for number, item in enumerate(items, start=row[0].row + 1):
        for header, answer in item.items():
            sheet.cell(number, columns[header]).value = answer
