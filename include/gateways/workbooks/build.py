"""The fill-in workbook of a form: sheets, drop-downs, hints, locked identity, computed summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from include.domain.campaign import Campaign, Phase
from include.domain.forms import NUMBERS, Column, ColumnType, Form, Layout, Prefill, Sheet
from include.domain.returns import Identity, Value
from include.gateways.workbooks import identity, style
from include.gateways.workbooks.instructions import INSTRUCTIONS, explain, format_words
from include.gateways.workbooks.package import place
from include.gateways.workbooks.patch import Cells, Template

OPTIONS = "选项"
TABLE_HEADER_ROW = 3
CARD_HEADER_ROW = 3
LAST_ROW = 5000
_UNIT = ["unit_code", "unit_name"]
"""Drop-downs and formulas reach this far; a longer table is still read and checked."""

_NUMBER_FORMATS = {ColumnType.MONEY: "#,##0.00", ColumnType.COUNT: "0", ColumnType.DATE: "yyyy-mm-dd"}
_LEAST_WIDTHS = {ColumnType.MONEY: 16, ColumnType.DATE: 12}  # 12,345,678.90 and 2024-05-03 are not cut
_CARD_WIDTHS = (24, 46, 60)
_LEAST_CARD_HEIGHT = 28
_INLINE_LIST = 200  # Excel takes 255 characters of an in-line list


@dataclass(frozen=True, slots=True)
class _Draft:
    workbook: Workbook
    form: Form
    known: Mapping[Prefill, str | date | None]
    lists: Mapping[tuple[str, ...], str]


def template(form: Form, campaign: Campaign, phase: Phase) -> Template:
    """The form's workbook with places for unit and token, everything else in its final state."""
    words = {name: place(name) for name in ("unit.code", "unit.name", "token")}
    return Template.of(drawn(form, campaign, phase, words))


def drawn(form: Form, campaign: Campaign, phase: Phase, words: Mapping[str, str]) -> Workbook:
    """The form's workbook for the unit and token that ``words`` name (unit.code, unit.name, token)."""
    workbook = Workbook()
    del workbook[workbook.sheetnames[0]]
    workbook.properties.creator = campaign.lead.name
    workbook.properties.title = form.title
    explain(workbook.create_sheet(INSTRUCTIONS), form, campaign, phase)
    _draw(workbook, form, _known(form, campaign, words))
    if form.identified:
        identity.write(
            workbook,
            Identity(campaign.id, phase.key, form.key, form.version, words["unit.code"], words["token"]),
        )
    return workbook


def blank(form: Form) -> Workbook:
    """The form's sheets alone, with nothing known filled in."""
    workbook = Workbook()
    del workbook[workbook.sheetnames[0]]
    _draw(workbook, form, {})
    return workbook


def cells_of(form: Form, rows: Mapping[str, Sequence[Mapping[str, Value]]]) -> dict[str, Cells]:
    """Where values by sheet key and field belong: by sheet title, row and column.

    Raise KeyError for a sheet or field the form does not have.
    """
    return {form.sheet(key).title: _cells(form.sheet(key), lines) for key, lines in rows.items()}


def _cells(spec: Sheet, lines: Sequence[Mapping[str, Value]]) -> Cells:
    for field in {field for line in lines for field in line}:
        spec.column(field)
    if spec.layout is Layout.CARD:
        return {
            row: {2: shown_as(column, line[column.field])}
            for line in lines
            for row, column in enumerate(spec.columns, start=CARD_HEADER_ROW + 1)
            if column.field in line
        }
    return {
        TABLE_HEADER_ROW + order: {
            number: shown_as(column, line.get(column.field, order if column.counter else None))
            for number, column in enumerate(spec.columns, start=1)
        }
        for order, line in enumerate(lines, start=1)
    }


def address_of(spec: Sheet, field: str, order: int = 0) -> str:
    """Where the form's workbook has a field: of a card, or of a table's row (counted from zero)."""
    number = [column.field for column in spec.columns].index(field)
    if spec.layout is Layout.CARD:
        return f"B{CARD_HEADER_ROW + 1 + number}"
    return f"{get_column_letter(number + 1)}{TABLE_HEADER_ROW + 1 + order}"


def shown_as(column: Column, value: Value) -> Value:
    """A value as the column's cells hold it: an amount in the column's own unit, not always 元."""
    if column.unit == "万元" and isinstance(value, Decimal):
        return value / 10_000
    return value


def _draw(workbook: Workbook, form: Form, known: Mapping[Prefill, str | date | None]) -> None:
    for sheet in form.sheets:
        workbook.create_sheet(sheet.title)
    draft = _Draft(workbook, form, known, _write_options(workbook, form))
    for sheet in form.sheets:
        _BUILDERS[sheet.layout](draft, sheet)
    workbook.security = WorkbookProtection(lockStructure=True)
    workbook.calculation.fullCalcOnLoad = True


def _known(form: Form, campaign: Campaign, words: Mapping[str, str]) -> dict[Prefill, str | date | None]:
    window = campaign.data_window
    return {
        Prefill.UNIT_CODE: words["unit.code"],
        Prefill.UNIT_NAME: words["unit.name"],
        Prefill.CAMPAIGN_TITLE: campaign.title,
        Prefill.WINDOW_START: window.start if window else None,
        Prefill.WINDOW_END: window.end if window else None,
        Prefill.FORM_VERSION: form.version,
    }


def _write_options(workbook: Workbook, form: Form) -> dict[tuple[str, ...], str]:
    """Put long lists on a hidden sheet; return where each is."""
    wanted = {
        form.options(column): None
        for sheet in form.filled_sheets
        for column in sheet.columns
        if column.type is ColumnType.CHOICE and len(_inline(form.options(column))) > _INLINE_LIST
    }
    if not wanted:
        return {}
    sheet = workbook.create_sheet(OPTIONS)
    sheet.sheet_state = "hidden"
    places = {}
    for number, options in enumerate(wanted, start=1):
        for row, label in enumerate(options, start=1):
            sheet.cell(row, number, label)
        letter = get_column_letter(number)
        places[options] = f"{quote_sheetname(OPTIONS)}!${letter}$1:${letter}${len(options)}"
    style.protect(sheet)
    return places


def _card(draft: _Draft, spec: Sheet) -> None:
    sheet = draft.workbook[spec.title]
    for number, (words, width) in enumerate(
        zip(("栏目", "填写内容", "填写说明"), _CARD_WIDTHS, strict=True), start=1
    ):
        style.paint(
            sheet.cell(CARD_HEADER_ROW, number, words),
            font=style.BOLD,
            fill=style.HEADER_FILL,
            alignment=style.CENTRE,
        )
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.row_dimensions[CARD_HEADER_ROW].height = 24
    style.heading(sheet, _card_title(draft.form, spec), spec.note, 3)
    for row, column in enumerate(spec.columns, start=CARD_HEADER_ROW + 1):
        label = sheet.cell(row, 1, _starred(column))
        style.paint(label, font=style.REQUIRED if column.required else style.BOLD, fill=style.HEADER_FILL)
        _input(draft, sheet, row, 2, column)
        hint = column.help or format_words(column)
        if column.example and not column.locked:
            hint += f"（例：{column.example}）"
        style.paint(sheet.cell(row, 3, hint), font=style.SMALL, alignment=style.HINT)
        needed = style.height(style.lines(hint, _CARD_WIDTHS[2]))
        sheet.row_dimensions[row].height = max(_LEAST_CARD_HEIGHT, needed)
        _validate(draft, sheet, column, f"B{row}")
    sheet.freeze_panes = f"A{CARD_HEADER_ROW + 1}"
    style.for_print(sheet, landscape=True, header_row=CARD_HEADER_ROW)
    style.protect(sheet)


def _card_title(form: Form, spec: Sheet) -> str:
    """The form's title; a second card says which one it is."""
    return form.title if spec == form.cards[0] else f"{form.title}：{spec.title}"


def _table(draft: _Draft, spec: Sheet) -> None:
    sheet = draft.workbook[spec.title]
    _headers(sheet, [(_broken(column), _width(column), column.required) for column in spec.columns])
    first = TABLE_HEADER_ROW + 1
    pages_wide = style.pages_across(sum(_width(column) for column in spec.columns))
    # What a row is about is repeated on every page across; a title there would be repeated too, cut off.
    about = 2 if [column.field for column in spec.columns[:2]] == _UNIT else 1
    style.heading(sheet, spec.title, spec.note, len(spec.columns), first=1 if pages_wide == 1 else about + 1)
    for number, column in enumerate(spec.columns, start=1):
        letter = get_column_letter(number)
        # The whole column is open, so rows beyond the prepared ones can be filled in too.
        sheet.column_dimensions[letter].protection = style.OPEN
        sheet.column_dimensions[letter].number_format = _number_format(column)
        for row in range(first, first + spec.rows):
            _input(draft, sheet, row, number, column)
            if column.counter:
                sheet.cell(row, number).value = row - TABLE_HEADER_ROW
        _validate(draft, sheet, column, f"{letter}{first}:{letter}{LAST_ROW}")
    for row in (1, 2):
        for number in range(1, len(spec.columns) + 1):
            sheet.cell(row, number).protection = style.LOCKED
    sheet.freeze_panes = sheet.cell(first, about + 1)
    style.for_print(sheet, landscape=True, header_row=TABLE_HEADER_ROW, pages_wide=pages_wide, about=about)
    style.protect(sheet)


def _summary(draft: _Draft, spec: Sheet) -> None:
    """Rows by group, computed from the filled table; the total counts every row, grouped or not."""
    sheet = draft.workbook[spec.title]
    source = draft.form.sheet(str(spec.source))
    group = source.column(str(spec.group_by))
    figures = [(f"{figure.header}\n（{figure.unit}）", 22, False) for figure in spec.figures]
    _headers(sheet, [(group.header, 60, False), *figures])
    style.heading(sheet, spec.title, spec.note, len(spec.figures) + 1)
    labels = draft.form.options(group)
    total_row = TABLE_HEADER_ROW + 1
    for row, label in enumerate(("合计", *labels), start=total_row):
        font = style.BOLD if row == total_row else style.BODY
        style.paint(sheet.cell(row, 1, label), font=font)
        for number, figure in enumerate(spec.figures, start=2):
            counted = _range(source, figure.sum_of or group.field)
            if row == total_row:
                formula = f"=SUM({counted})" if figure.sum_of else f"=COUNTA({counted})"
            elif figure.sum_of:
                formula = f"=SUMIF({_range(source, group.field)},$A{row},{counted})"
            else:
                formula = f"=COUNTIF({counted},$A{row})"
            cell = style.paint(sheet.cell(row, number, formula), font=font, alignment=style.RIGHT)
            cell.number_format = "#,##0.00" if figure.unit == "元" else "#,##0"
    sheet.freeze_panes = f"B{total_row}"
    style.for_print(sheet, landscape=True, header_row=TABLE_HEADER_ROW)
    style.protect(sheet)


_BUILDERS = {Layout.CARD: _card, Layout.TABLE: _table, Layout.SUMMARY: _summary}


def _headers(sheet: Worksheet, headers: Sequence[tuple[str, int, bool]]) -> None:
    for number, (words, width, required) in enumerate(headers, start=1):
        style.paint(
            sheet.cell(TABLE_HEADER_ROW, number, words),
            font=style.REQUIRED if required else style.BOLD,
            fill=style.HEADER_FILL,
            alignment=style.CENTRE,
        ).protection = style.LOCKED
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.row_dimensions[TABLE_HEADER_ROW].height = 46


def _input(draft: _Draft, sheet: Worksheet, row: int, number: int, column: Column) -> None:
    known = draft.known.get(column.prefill) if column.prefill else None
    cell = sheet.cell(row, number)
    style.paint(
        cell,
        fill=style.LOCKED_FILL if column.locked else style.INPUT_FILL,
        alignment=style.CENTRE if column.counter else style.RIGHT if column.type in NUMBERS else style.LEFT,
    )
    cell.number_format = _number_format(column)
    if known is not None:
        cell.value = known
    if not column.locked:
        cell.protection = style.OPEN


def _number_format(column: Column) -> str:
    """Codes and words as text, so that Excel eats neither leading zeros nor digits after the fifteenth."""
    return _NUMBER_FORMATS.get(column.type, "@")


def _validate(draft: _Draft, sheet: Worksheet, column: Column, cells: str) -> None:
    if column.locked:
        return
    rule = _validation(draft, column)
    rule.promptTitle = column.header[:32]
    prompt = "；".join(
        part for part in ("必填" if column.required else "", column.help or "", format_words(column)) if part
    )
    rule.prompt = prompt[:250]
    rule.showInputMessage = True
    if rule.type is not None:
        rule.errorTitle, rule.error, rule.showErrorMessage = (
            column.header[:32],
            format_words(column)[:220],
            True,
        )
    rule.allow_blank = True
    rule.add(cells)
    sheet.add_data_validation(rule)


def _validation(draft: _Draft, column: Column) -> DataValidation:
    if column.type is ColumnType.YES_NO:
        return DataValidation(type="list", formula1=_inline(("是", "否")))
    if column.type is ColumnType.CHOICE:
        options = draft.form.options(column)
        return DataValidation(type="list", formula1=draft.lists.get(options, _inline(options)))
    if column.type is ColumnType.DATE:
        return DataValidation(
            type="date", operator="between", formula1="DATE(1990,1,1)", formula2="DATE(2099,12,31)"
        )
    if column.type in NUMBERS:
        kind = "whole" if column.type is ColumnType.COUNT else "decimal"
        least = column.least if column.least is not None else Decimal(0)
        most = column.max if column.max is not None else Decimal(10**12)
        return DataValidation(type=kind, operator="between", formula1=str(least), formula2=str(most))
    if column.max_length is not None:
        return DataValidation(type="textLength", operator="lessThanOrEqual", formula1=str(column.max_length))
    return DataValidation()


def _inline(options: tuple[str, ...]) -> str:
    return '"' + ",".join(options) + '"'


def _starred(column: Column) -> str:
    return f"*{column.label}" if column.required else column.label


def _broken(column: Column) -> str:
    """The header in as many lines as it needs; its unit stays in one piece."""
    header = _starred(column)
    if column.unit is None or style.lines(header, _width(column)) == 1:
        return header
    return (
        header.removesuffix(f"（{column.unit}）") + f"\n（{column.unit}）"
        if header.endswith("）")
        else header
    )


def _width(column: Column) -> int:
    return max(column.width, _LEAST_WIDTHS.get(column.type, 0))


def _range(sheet: Sheet, field: str) -> str:
    number = next(n for n, column in enumerate(sheet.columns, start=1) if column.field == field)
    letter = get_column_letter(number)
    return f"{quote_sheetname(sheet.title)}!${letter}${TABLE_HEADER_ROW + 1}:${letter}${LAST_ROW}"
