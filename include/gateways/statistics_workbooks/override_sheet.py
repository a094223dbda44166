"""人工调整: every figure a person's note replaced, with what the ledgers gave, and every other note."""

from __future__ import annotations

from openpyxl import Workbook

from include.domain.groups import DIMENSIONS_ZH, member_zh
from include.domain.indicators import BY_KEY
from include.domain.reports import FigureNote
from include.gateways.statistics_workbooks import paper
from include.gateways.statistics_workbooks.compilation import Compilation
from include.gateways.statistics_workbooks.list_sheets import ListColumn, start_list

OVERRIDES_SHEET = "人工调整"

_COLUMNS = (
    ListColumn("序号", paper.CENTRED, 6),
    ListColumn("指标", paper.WORDS, 22),
    ListColumn("分组", paper.CENTRED, 18),
    ListColumn("成员", paper.WORDS, 24),
    ListColumn("口径", paper.CENTRED, 8),
    ListColumn("单位", paper.CENTRED, 8),
    ListColumn("台账计算数", paper.MONEY, 18),
    ListColumn("印出的数", paper.MONEY, 18),
    ListColumn("说明", paper.WORDS, 44),
    ListColumn("登记岗位", paper.CENTRED, 18),
)


def add_overrides_sheet(book: Workbook, edition: Compilation) -> None:
    """Always there, so that a reader sees that nothing was adjusted."""
    sheet, row = start_list(book, edition, OVERRIDES_SHEET, "人工调整和说明登记表", _COLUMNS)
    figures = {(each.indicator, each.dimension, each.member, each.scope): each for each in edition.figures}
    notes = edition.snapshot.notes
    for number, note in enumerate(notes, 1):
        figure = figures.get((note.indicator, note.dimension, note.member, note.scope))
        for column, value in enumerate(
            _cells(number, note, figure and figure.computed, figure and figure.value), 1
        ):
            listed = _COLUMNS[column - 1]
            style = paper.CENTRED if isinstance(value, str) and listed.style == paper.MONEY else listed.style
            paper.put(sheet, row, column, value, style)
            if listed.style == paper.MONEY and _is_count(note):
                sheet.cell(row, column).number_format = "#,##0"
        sheet.row_dimensions[row].height = 2 + paper.height_for(note.note, _COLUMNS[8].width)
        row += 1
    changed = len(edition.overridden)
    paper.put_note(
        sheet,
        row,
        len(_COLUMNS),
        f"注：共{len(notes)}条，其中调整数值{changed}项。"
        if notes
        else "各统计表的数值均由台账计算，没有人工调整。",
    )


def _is_count(note: FigureNote) -> bool:
    return note.indicator in BY_KEY and BY_KEY[note.indicator].unit not in ("元", "%")


def _cells(number: int, note: FigureNote, computed: object, value: object) -> tuple[paper.Value, ...]:
    indicator = BY_KEY.get(note.indicator)
    return (
        number,
        indicator.title if indicator else note.indicator,
        DIMENSIONS_ZH.get(note.dimension, note.dimension),
        member_zh(note.dimension, note.member),
        note.scope.zh,
        indicator.unit if indicator else "",
        computed if computed is not None else value if value is not None else "—",  # type: ignore[return-value]
        value if computed is not None else "未调整",
        note.note,
        note.by,
    )
