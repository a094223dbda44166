"""Finding a form in a workbook as people return it: renamed sheets, title rows, moved and extra columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache

from include.domain.forms import Column, Form, Layout, Sheet, bare_header, unit_in_header
from include.domain.values import Cell, normalise, same_name
from include.gateways.workbooks.grids import Grid
from include.gateways.workbooks.instructions import INSTRUCTIONS

RETURNED_SHEET = "退回说明"
CORRECTIONS_SHEET = "仅错误行"
_LOOK_FOR_HEADERS = 40
OWN_SHEETS = frozenset({INSTRUCTIONS, RETURNED_SHEET, CORRECTIONS_SHEET})
_LONGEST_HEADER = 200
_UNIT_LINE = re.compile(r"\(?(?:金额|计量)?单位:(?:人民币)?(元|万元)\)?")
_LABEL_WITH_VALUE = re.compile(r"^\s*([^:：]{2,30})\s*[:：]\s*(\S.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a column is: for a table its number (from zero), for a card also the row of its value."""

    column: int
    row: int = 0
    unit: str | None = None
    inline: str | None = None
    """The value when label and value share one cell (填报单位：某某医院)."""


@dataclass(frozen=True, slots=True)
class Found:
    """A sheet of the form as found in the workbook."""

    grid: Grid
    spots: Mapping[str, Spot]
    doubled: tuple[str, ...] = ()
    header_row: int = 0
    headers: tuple[str, ...] = ()


def find_sheets(form: Form, grids: Sequence[Grid]) -> dict[str, Found]:
    """By sheet key: by title or alias first, then whatever remaining visible sheet has its columns."""
    found: dict[str, Found] = {}
    taken: set[str] = set()
    for sheet in form.filled_sheets:
        grid = next((grid for grid in grids if _is_titled(sheet, grid)), None)
        if grid is not None:
            found[sheet.key] = find_columns(sheet, grid)
            taken.add(grid.title)
    for sheet in form.filled_sheets:
        if sheet.key in found:
            continue
        rest = [grid for grid in grids if grid.is_visible and grid.title not in taken | OWN_SHEETS]
        candidates = [find_columns(sheet, grid) for grid in rest]
        best = max(candidates, key=lambda each: len(each.spots), default=None)
        if best is not None and _is_enough(sheet, best):
            found[sheet.key] = best
            taken.add(best.grid.title)
    return found


def likeness(form: Form, found: Mapping[str, Found]) -> tuple[float, int]:
    """How much of the form's required sheets was found: share of columns, then their number."""
    wanted = sum(len(sheet.columns) for sheet in form.filled_sheets if not sheet.optional)
    seen = sum(
        len(found[sheet.key].spots)
        for sheet in form.filled_sheets
        if not sheet.optional and sheet.key in found
    )
    return seen / max(wanted, 1), seen


def nearest(column: Column, found: Found) -> str | None:
    """The header seen that is most like a missing one."""
    scored = [
        (SequenceMatcher(None, _bare(name), _bare(header)).ratio(), header)
        for header in found.headers
        for name in (column.header, *column.aliases)
    ]
    ratio, header = max(scored, default=(0.0, ""))
    return header if ratio >= 0.5 else None


def _is_enough(sheet: Sheet, found: Found) -> bool:
    """Whether a sheet under another title is this one: half of the columns, or all that are required."""
    required = [column.field for column in sheet.columns if column.required]
    is_complete = len(required) > 2 and all(field in found.spots for field in required)
    return is_complete or len(found.spots) * 2 >= len(sheet.columns)


def _is_titled(sheet: Sheet, grid: Grid) -> bool:
    return any(same_name(grid.title, name) for name in (sheet.title, *sheet.aliases))


def find_columns(sheet: Sheet, grid: Grid) -> Found:
    """Where each column of the sheet is in this grid."""
    names = {
        _bare(name): column.field for column in sheet.columns for name in (column.header, *column.aliases)
    }
    return _in_card(grid, names) if sheet.layout is Layout.CARD else _in_table(grid, names)


def _in_table(grid: Grid, names: Mapping[str, str]) -> Found:
    """The row, or the two rows one above the other, in which most columns are named."""
    best, everything = Found(grid, {}), len(set(names.values()))
    above: tuple[int, Sequence[Cell]] = (0, ())
    for number, cells in grid.rows[:_LOOK_FOR_HEADERS]:
        single = _named(grid, number, [_words(cell) for cell in cells], names)
        best = max(best, single, key=lambda found: len(found.spots))
        if above[0] == number - 1 and best.spots:
            double = _named(grid, number, _joined(above[1], cells, names), names)
            best = max(best, double, key=lambda found: len(found.spots))
        if len(best.spots) == everything:
            break
        above = (number, cells)
    unit = _unit_above(grid, best.header_row)
    if unit is None:
        return best
    return replace(
        best, spots={field: replace(spot, unit=spot.unit or unit) for field, spot in best.spots.items()}
    )


def _named(grid: Grid, number: int, headers: Sequence[str], names: Mapping[str, str]) -> Found:
    spots: dict[str, Spot] = {}
    doubled, others = [], []
    for place, header in enumerate(headers):
        if not header:
            continue
        field = names.get(_bare(header))
        if field is None:
            others.append(header)
        elif field in spots:
            doubled.append(header)
        else:
            spots[field] = Spot(place, number, unit_in_header(header))
    return Found(grid, spots, tuple(doubled), number, tuple(others))


def _joined(upper: Sequence[Cell], lower: Sequence[Cell], names: Mapping[str, str]) -> list[str]:
    """Headers in two lines: a group over its columns, and headers merged downwards beside it."""
    headers, group = [], ""
    for place in range(max(len(upper), len(lower))):
        own, under = _words(value_at(upper, place)), _words(value_at(lower, place))
        group = own or (group if under else "")
        whole = f"{group}{under}"
        headers.append(whole if not under or _bare(whole) in names else under)
    return headers


def _words(cell: Cell) -> str:
    return normalise(cell) if isinstance(cell, str) and len(cell) < _LONGEST_HEADER else ""


def _unit_above(grid: Grid, header_row: int) -> str | None:
    """元 or 万元 from a line over the table (单位：万元)."""
    for number, cells in grid.rows[:_LOOK_FOR_HEADERS]:
        if number >= header_row:
            break
        for cell in cells:
            if match := _UNIT_LINE.fullmatch(re.sub(r"\s+", "", _words(cell))):
                return match[1]
    return None


def _in_card(grid: Grid, names: Mapping[str, str]) -> Found:
    spots: dict[str, Spot] = {}
    others: list[str] = []
    for number, place, text in _texts(grid):
        field = names.get(_bare(text))
        value = None
        if field is None and (match := _LABEL_WITH_VALUE.match(text)):
            field, value = names.get(_bare(match[1])), match[2]
        if field is None:
            others.append(normalise(text)[:30])
        elif field not in spots:
            right = place + 1
            while (number - 1, right) in grid.merged:
                right += 1
            spots[field] = Spot(place if value else right, number, unit_in_header(text), value)
    return Found(grid, spots, headers=tuple(others))


def _texts(grid: Grid) -> Iterator[tuple[int, int, str]]:
    for number, cells in grid.rows:
        for place, cell in enumerate(cells):
            if isinstance(cell, str) and cell.strip() and len(cell) < _LONGEST_HEADER:
                yield number, place, cell


@lru_cache(maxsize=4096)
def _bare(header: str) -> str:
    return bare_header(header)


def value_at(cells: Sequence[Cell], place: int) -> Cell:
    """A cell of a row that may be shorter than the sheet is wide."""
    return cells[place] if place < len(cells) else None
