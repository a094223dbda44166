"""What every check of a form asks for, as one Chinese sentence: for waivers and for the validation pages."""

from __future__ import annotations

from include.domain.forms import Column, ColumnType, Form, Sheet
from include.gateways.quality_checks import Check, checks_of

_READABLE = {
    ColumnType.MONEY: "须是数字（单位：元）",
    ColumnType.COUNT: "须是整数",
    ColumnType.DATE: "须是日期，如 2024-05-31",
    ColumnType.YES_NO: "须填“是”或“否”",
    ColumnType.INSTITUTION_CODE: "须是机构编码",
    ColumnType.USCC: "须是18位统一社会信用代码",
    ColumnType.REGION: "须是6位行政区划代码",
    ColumnType.PHONE: "须是一个电话号码",
    ColumnType.EMAIL: "须是一个邮箱地址",
}


def rules_of(form: Form) -> dict[str, str]:
    """Key of every check → what it asks for, in the order of sheets and columns."""
    return {
        check.key: f"{sheet.title}：{asked_by(sheet, check)}"
        for sheet in form.filled_sheets
        for check in checks_of(form, sheet)
    }


def asked_by(sheet: Sheet, check: Check) -> str:
    """The sentence of one check."""
    if check.rule is not None:
        return check.rule.text.rstrip("。")
    column = sheet.column(check.field)
    return f"“{column.label}”{_asked_of(column, check)}"


def _asked_of(column: Column, check: Check) -> str:
    match check.key.rpartition(".")[2]:
        case "readable":
            return _READABLE.get(column.type, "须能识别")
        case "required":
            return "必填"
        case "range":
            return _between(column.least, column.max)
        case "length":
            return _between(column.min_length, column.max_length, "字数")
        case "pattern":
            return f"格式应为{column.pattern_text}"
        case _:
            return "须是下拉列表中的一项"


def _between(least: object, most: object, what: str = "") -> str:
    if least is not None and most is not None:
        return f"{what}应在{least}至{most}之间"
    return f"{what}不能大于{most}" if least is None else f"{what}不能小于{least}"
