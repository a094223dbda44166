"""The rows behind the numbers, a sheet per ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from openpyxl import Workbook

from include.domain.indicators import Source
from include.gateways.statistics_workbooks import case_lists, inspection_lists, paper, screening_lists
from include.gateways.statistics_workbooks.compilation import Compilation
from include.gateways.statistics_workbooks.detail_list import List
from include.gateways.statistics_workbooks.drill_down import SHEETS
from include.gateways.statistics_workbooks.list_sheets import ListColumn, put_block, start_list
from include.gateways.statistics_workbooks.row_blocks import Row

MOST_ITEMS = 100_000
"""Rows a list has at most: more make a workbook that office machines no longer open."""


def add_detail_sheets(book: Workbook, edition: Compilation, sources: Iterable[Source]) -> None:
    """A sheet for each of the sources, in the order of the ledgers."""
    wanted = set(sources)
    for source, made in LISTS.items():
        if source in wanted:
            _add(book, edition, made(edition))


def _add(book: Workbook, edition: Compilation, of: List) -> None:
    columns = [ListColumn("序号", paper.CENTRED, 8), *(ListColumn(*column) for column in of.columns)]
    sheet, row = start_list(book, edition, SHEETS[of.source], of.title, columns, unit_line=of.unit_line)
    listed: list[Row] = [(number, *cells) for number, cells in enumerate(of.rows[:MOST_ITEMS], 1)]
    row = put_block(sheet, edition, row, columns, listed)
    if of.sums:
        for number, column in enumerate(columns, 1):
            total = _total(of, number - 2) if column.title in of.sums else "合计" if number == 3 else "—"
            style = column.style if not isinstance(total, str) else paper.CENTRED
            paper.put(sheet, row, number, total, style + paper.BOLD)
        row += 1
    paper.put_note(sheet, row, len(columns), _about(len(of.rows), of.title))


def _total(of: List, column: int) -> paper.Value:
    return sum((cells[column] for cells in of.rows), Decimal(0))  # type: ignore[misc]


def _about(count: int, title: str) -> str:
    if count > MOST_ITEMS:
        return (
            f"注：{title}共{count:,}条，本表列出前{MOST_ITEMS:,}条，其余{count - MOST_ITEMS:,}条未列出；"
            "合计行及各统计表包含全部记录。"
        )
    return f"注：共{count:,}条。" if count else "没有记录。"


LISTS: dict[Source, Callable[[Compilation], List]] = {
    Source.UNITS: inspection_lists.units,
    Source.ITEMS: inspection_lists.items,
    Source.ROSTER: inspection_lists.roster,
    Source.INSPECTIONS: inspection_lists.inspections,
    Source.PROBLEMS: inspection_lists.problems,
    Source.REFUNDS: case_lists.refunds,
    Source.CASES: case_lists.cases,
    Source.CLUES: case_lists.clues,
    Source.TIPS: case_lists.tips,
    Source.REFERRALS: case_lists.referrals,
    Source.BLACKLISTINGS: case_lists.blacklistings,
    Source.SCREENINGS: screening_lists.screenings,
}
