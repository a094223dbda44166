"""Reading a returned workbook: which form, whose, which rows. Whatever is wrong becomes a finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from openpyxl.utils import get_column_letter

from include.domain.forms import Column, ColumnType, Form, Layout, Sheet
from include.domain.returns import Finding, Identity, Reading, Row, Value
from include.domain.rows import parsed
from include.domain.values import Cell, Unreadable, is_blank, shown
from include.gateways.workbooks import corrections, guard, identity, remarks
from include.gateways.workbooks.grids import MOST_ROWS, Grid, grids
from include.gateways.workbooks.locate import Found, Spot, find_sheets, likeness, nearest, value_at
from include.gateways.workbooks.refusals import Refused
from include.gateways.workbooks.skipped import is_to_skip

_ENOUGH_OF_A_FORM = 0.4
_MOST_KNOWN = 20_000
_UNCOMPUTED = "是没有计算结果的公式，请用Excel或WPS打开后保存再报"


def read(content: bytes, forms: Mapping[str, Form], *, most_rows: int = MOST_ROWS) -> Reading:
    """What a file says. Never raises for a bad file: the reason is among the findings."""
    try:
        inspection = guard.inspect(content)
        sheets = grids(content, inspection, most_rows=most_rows)
    except Refused as refused:
        return Reading(None, {}, (Finding(refused.rule, str(refused)),))
    origin = corrections.Origin.on(sheets)
    whose = _identity(sheets) or (origin.identity if origin else None)
    form, found = _recognised(sheets, forms, whose)
    if form is None:
        return Reading(whose, {}, (_unknown(sheets, forms),))
    findings = [
        *_about_identity(form, whose, sheets),
        *_about_structure(form, found, sheets),
        *remarks.about_sheets(form, found, sheets),
        *remarks.about_file(inspection),
    ]
    rows = {}
    for sheet in form.filled_sheets:
        if sheet.key in found:
            rows[sheet.key] = list(rows_of(form, sheet, found[sheet.key]))
            findings += remarks.about_rows(sheet, found[sheet.key], rows[sheet.key])
    return corrections.corrected(form, Reading(whose, rows, tuple(findings)), sheets, rows_of)


def _identity(sheets: Sequence[Grid]) -> Identity | None:
    hidden = next((grid for grid in sheets if grid.title == identity.SHEET), None)
    return identity.parse(cells for _, cells in hidden.rows) if hidden is not None else None


def _recognised(
    sheets: Sequence[Grid], forms: Mapping[str, Form], whose: Identity | None
) -> tuple[Form | None, dict[str, Found]]:
    """The form the identity names, else the one whose sheets and headers are most alike."""
    if whose is not None and whose.form in forms:
        form = forms[whose.form]
        return form, find_sheets(form, sheets)
    found = {key: find_sheets(form, sheets) for key, form in forms.items()}
    alike = {key: likeness(forms[key], found[key]) for key in forms}
    best = max(alike, key=lambda key: alike[key], default=None)
    if best is None or alike[best][0] < _ENOUGH_OF_A_FORM:
        return None, {}
    return forms[best], found[best]


def _unknown(sheets: Sequence[Grid], forms: Mapping[str, Form]) -> Finding:
    seen = "、".join(f"“{grid.title}”" for grid in sheets if grid.is_visible)[:200]
    if not seen:
        what = "工作表全部被隐藏" if sheets else "没有数据表，只有图表"
        return Finding("form.unknown", f"文件中{what}，读不到填报内容，请在下发的专用表上填写后报送")
    # What the office keeps for itself is no answer to a unit, unless nothing else was looked for.
    issued = [form for form in forms.values() if form.identified]
    known = "、".join(f"《{form.title}》" for form in issued or forms.values())
    where = "在下发的专用表上填写后报送" if issued else "在该表上填写后重新导入"
    return Finding(
        "form.unknown",
        f"没有认出这是哪种报送表：文件中的工作表是{seen}，可{'报送' if issued else '导入'}的有{known}，请{where}",
    )


def _about_identity(form: Form, whose: Identity | None, sheets: Sequence[Grid]) -> Iterator[Finding]:
    if not form.identified:
        return
    if whose is None:
        is_damaged = any(grid.title == identity.SHEET for grid in sheets)
        why = "标识不完整" if is_damaged else "找不到标识，可能是另建的表格，或把内容复制到了新文件"
        yield Finding(
            "identity.missing",
            f"这不是下发给本单位的专用表（{why}），请把内容填到邮件所附的本单位专用表中，直接保存后报送",
        )
    elif whose.form_version not in form.versions:
        yield Finding(
            "form.version",
            f"所用《{form.title}》的版本是“{whose.form_version}”，现行版本是“{form.version}”，请使用最近一次邮件所附的专用表填报",
        )


def _about_structure(form: Form, found: Mapping[str, Found], sheets: Sequence[Grid]) -> Iterator[Finding]:
    for sheet in form.filled_sheets:
        if sheet.key in found:
            yield from _about_columns(sheet, found[sheet.key])
        elif not sheet.optional:
            seen = "、".join(f"“{grid.title}”" for grid in sheets if grid.is_visible)
            yield Finding(
                "sheet.missing",
                f"缺少工作表“{sheet.title}”（文件中现有{seen}），请在下发的专用表上填写，不要删除或改名",
            )


def _about_columns(sheet: Sheet, found: Found) -> Iterator[Finding]:
    for column in sheet.columns:
        if column.required and column.field not in found.spots:
            like = nearest(column, found)
            hint = f"，最接近的是“{like}”" if like else ""
            yield Finding(
                "column.missing",
                f"工作表“{found.grid.title}”缺少栏目“{column.label}”{hint}，请按下发的专用表恢复栏目名后报送",
                sheet=found.grid.title,
                header=column.label,
                value=like or "",
            )
    for header in found.doubled:
        yield Finding(
            "column.doubled",
            f"工作表“{found.grid.title}”有两列都叫“{header}”，无法确定以哪列为准，请保留一列",
            sheet=found.grid.title,
            header=header,
        )


class Addresses(Mapping[str, str]):
    """The cells of one table row by field; most are never asked for, and a row of thirty would cost 3 KB."""

    __slots__ = ("_letters", "_number")

    def __init__(self, letters: Mapping[str, str], number: int) -> None:
        self._letters = letters
        self._number = number

    def __getitem__(self, field: str) -> str:
        return f"{self._letters[field]}{self._number}"

    def __iter__(self) -> Iterator[str]:
        return iter(self._letters)

    def __len__(self) -> int:
        return len(self._letters)


def rows_of(form: Form, sheet: Sheet, found: Found) -> Iterator[Row]:
    """The filled rows of a sheet; a card is one row."""
    if sheet.layout is Layout.CARD:
        yield _card_row(form, sheet, found)
        return
    order, known = 0, dict[tuple[str, str], Value]()
    letters = {
        column.field: get_column_letter(found.spots[column.field].column + 1)
        for column in sheet.columns
        if column.field in found.spots
    }
    for number, cells in found.grid.rows:
        if number > found.header_row > 0 and not is_to_skip(sheet, found, number, cells):
            order += 1
            written = {field: value_at(cells, spot.column) for field, spot in found.spots.items()}
            yield _row(form, sheet, found, number, written, Addresses(letters, number), order, known)


def _card_row(form: Form, sheet: Sheet, found: Found) -> Row:
    lines = dict(found.grid.rows)
    written = {
        field: spot.inline if spot.inline is not None else value_at(lines[spot.row], spot.column)
        for field, spot in found.spots.items()
    }
    addresses = {
        column.field: found.grid.address(spot.row, spot.column)
        for column in sheet.columns
        if (spot := found.spots.get(column.field)) is not None
    }
    number = min((spot.row for spot in found.spots.values()), default=1)
    return _row(form, sheet, found, number, written, addresses, 1, {})


def _row(
    form: Form,
    sheet: Sheet,
    found: Found,
    number: int,
    written: Mapping[str, Cell],
    addresses: Mapping[str, str],
    order: int,
    known: dict[tuple[str, str], Value],
) -> Row:
    row_values: dict[str, Value] = {}
    raw: dict[str, str] = {}
    problems: dict[str, str] = {}
    says_more = bool(found.grid.scan.errors or found.grid.scan.uncomputed)
    for column in sheet.columns:
        field = column.field
        row_values[field] = None
        spot = found.spots.get(field)
        if spot is None:
            continue
        cell = written[field]
        if (cell is None or cell == "") and not (says_more and found.grid.scan.says_more(addresses[field])):
            raw[field] = ""  # most cells of a row: nothing to parse
        else:
            address = addresses[field]
            raw[field] = found.grid.scan.errors.get(address, shown(cell))
            try:
                row_values[field] = _value(form, column, cell, spot, found.grid, address, known)
            except Unreadable as wrong:
                problems[field] = str(wrong)
        if column.counter and row_values[field] is None and field not in problems:
            row_values[field] = order
    return Row(number, row_values, raw, addresses, problems)


def _value(
    form: Form,
    column: Column,
    cell: Cell,
    spot: Spot,
    grid: Grid,
    address: str,
    known: dict[tuple[str, str], Value],
) -> Value:
    """What a cell says; ``known`` is what the same words said in this column before (most columns repeat few)."""
    if address in grid.scan.errors:
        raise Unreadable(f"显示为公式错误 {grid.scan.errors[address]}，请改为实际内容")
    if address in grid.scan.uncomputed:
        if column.counter:
            return None
        raise Unreadable(_UNCOMPUTED)
    words = (column.field, cell) if isinstance(cell, str) else None
    if words is not None and words in known:
        return known[words]
    if is_blank(cell) and not (column.type is ColumnType.YES_NO and shown(cell)):
        return None
    value = parsed(form, column, cell, spot.unit)
    if words is not None and len(known) < _MOST_KNOWN:
        known[words] = value
    return value
