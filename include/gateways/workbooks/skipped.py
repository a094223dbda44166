"""Rows of a table that are none: totals, repeated headers, column numbers, notes and signatures below."""

from __future__ import annotations

import re
from collections.abc import Sequence

from include.domain.forms import Sheet
from include.domain.values import Cell, is_blank, normalise, shown
from include.gateways.workbooks.locate import Found, Spot, value_at

_TOTAL = re.compile(r"(本页|本年|本单位)?(合计|小计|总计|累计|共计)[:：]?")
_FOOT = re.compile(
    r"(填表说明|填报说明|说明|注|备注|注意事项|单位负责人|主要负责人|负责人|审核人|复核人|填表人|填报人|制表人|经办人"
    r"|填报单位|填报时间|填报日期|填表日期|联系电话)(\(.*?\)|\d{1,2})?[:.、]"
)
_ORDINALS = ("甲", "乙", "丙", "丁", "戊")
_FEW = 4
_LONGEST_HEADER = 60


def is_to_skip(sheet: Sheet, found: Found, number: int, cells: Sequence[Cell]) -> bool:
    """Whether a row below the header holds nothing somebody reports."""
    spots = _spots(sheet, found)
    filled = [spot for spot in spots if not is_blank(value_at(cells, spot.column))]
    if not filled and not found.grid.scan.errors:
        return True
    if not filled:
        return not any(found.grid.address(number, spot.column) in found.grid.scan.errors for spot in spots)
    if is_total(sheet, found, cells) or (len(filled) < _FEW and _FOOT.match(_lead(cells))):
        return True
    if number == found.header_row + 1 and _numbers_columns(cells):
        return True
    return len(filled) > 2 and all(_repeats_header(sheet, found, cells, spot) for spot in filled)


def is_total(sheet: Sheet, found: Found, cells: Sequence[Cell]) -> bool:
    """合计, 小计 and the like."""
    return any(_TOTAL.fullmatch(word) for word in leads(sheet, found, cells))


def _spots(sheet: Sheet, found: Found) -> list[Spot]:
    counters = {column.field for column in sheet.columns if column.counter}
    return [spot for field, spot in found.spots.items() if field not in counters]


def leads(sheet: Sheet, found: Found, cells: Sequence[Cell]) -> tuple[str, ...]:
    """The first words of a row, with and without the running number before them."""
    own = sorted(spot.column for spot in _spots(sheet, found))
    filled = (value_at(cells, place) for place in own)
    return _lead(cells), _bare(next((cell for cell in filled if not is_blank(cell)), None))


def _lead(cells: Sequence[Cell]) -> str:
    return _bare(next((cell for cell in cells if not is_blank(cell)), None))


def _bare(cell: Cell) -> str:
    return "".join(normalise(shown(cell)).split())


def _numbers_columns(cells: Sequence[Cell]) -> bool:
    """A line under the header that numbers the columns: 甲 乙 1 2 3."""
    words = [word for cell in cells if (word := _bare(cell)).strip("()")]
    digits = [word.strip("()") for word in words if word not in _ORDINALS]
    return len(words) > _FEW and digits == [str(order) for order in range(1, len(digits) + 1)]


def _repeats_header(sheet: Sheet, found: Found, cells: Sequence[Cell], spot: Spot) -> bool:
    cell = value_at(cells, spot.column)
    if not isinstance(cell, str) or len(cell) > _LONGEST_HEADER:
        return False
    return any(found.spots.get(column.field) is spot and column.is_called(cell) for column in sheet.columns)
