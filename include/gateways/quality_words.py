"""The Chinese sentence of a finding: what was written, and what to write instead."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from include.domain import codes
from include.domain.form_rules import AddsUp, CodeFitsKind, Numbered, RowsIf, Rule, SumOf, UniqueInSheet
from include.domain.forms import Column, Form, Sheet
from include.domain.returns import CheckContext
from include.gateways.quality_checks import Check
from include.gateways.quality_frames import Placed, sum_of_parts

_MOST_OPTIONS = 8


def sentence(form: Form, sheet: Sheet, check: Check, where: Placed) -> str:
    """The sentence for one failed check of one row."""
    column = sheet.column(check.field)
    if check.rule is None:
        return _of_column(form, column, check, where)
    words: dict[str, object] = {field.field: where.row.raw.get(field.field, "") for field in sheet.columns}
    words |= _of_context(where.source.context)
    words |= {
        "header": column.label,
        "value": where.row.raw.get(check.field, ""),
        "row": where.row.number,
        "rows": _other_rows(check.rule, where),
        "total": _total(check.rule, where),
    }
    return check.rule.message.format_map(words)


def _of_column(form: Form, column: Column, check: Check, where: Placed) -> str:
    value = where.row.raw.get(column.field, "")
    match check.key.rpartition(".")[2]:
        case "readable":
            return f"“{column.label}”{where.row.problems[column.field]}"
        case "required":
            example = f"，如“{column.example}”" if column.example else ""
            return f"“{column.label}”必填，现为空白，请填写{column.help or ''}{example}"
        case "range":
            return f"“{column.label}”填写的是“{value}”，{_range_words(column)}"
        case "length":
            return f"“{column.label}”{_length_words(column, where)}"
        case "pattern":
            return f"“{column.label}”填写的是“{value}”，格式应为{column.pattern_text}"
        case _:
            options = form.options(column)
            listed = "、".join(options[:_MOST_OPTIONS]) + ("等" if len(options) > _MOST_OPTIONS else "")
            return f"“{column.label}”填写的是“{value}”，不在可选范围内，请从下拉列表中选择：{listed}"


def _range_words(column: Column) -> str:
    if column.least is not None and column.max is not None:
        return f"应在{column.least}至{column.max}之间，请核对后填写"
    if column.max is not None:
        return f"不能大于{column.max}，请核对后填写"
    if column.least == 0:
        return "不能为负数，请核对后填写"
    return f"不能小于{column.least}，请核对后填写"


def _length_words(column: Column, where: Placed) -> str:
    length = len(str(where.row.values[column.field]))
    if column.min_length is not None and length < column.min_length:
        return f"只写了{length}个字，至少写{column.min_length}个字，请写具体"
    return f"写了{length}个字，最多{column.max_length}个字，请精简"


def _of_context(context: CheckContext) -> dict[str, str]:
    return {
        "unit_code": context.unit_code,
        "unit_name": context.unit_name,
        "campaign_start": _day(context.campaign_start),
        "window_start": _day(context.window_start) if context.window_start else "不限",
        "window_end": _day(context.window_end or context.on),
        "on": _day(context.on),
    }


def _other_rows(rule: Rule, where: Placed) -> str:
    """Excel rows of the same file with the same value."""
    if not isinstance(rule, UniqueInSheet):
        return ""
    value = where.row.values[rule.field]
    same = (
        row.number
        for row in where.source.rows(rule.sheet)
        if row.number != where.row.number and row.values[rule.field] == value
    )
    return "、".join(str(number) for number in same)


def _total(rule: Rule, where: Placed) -> str:
    """The number (or letter) the rule compares with."""
    match rule:
        case SumOf():
            return _amount(sum_of_parts(rule, where.row))
        case AddsUp():
            return _amount(where.source.sums_of(rule)[where.row.values[rule.by]])
        case RowsIf():
            return str(len(where.source.rows(rule.table)))
        case Numbered():
            return str(where.order + 1)
        case CodeFitsKind():
            kind = where.row.values[rule.kind_field]
            return next(letter for letter, each in codes.KIND_BY_LETTER.items() if each.zh == kind)
    return ""


def _amount(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:.2f}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
