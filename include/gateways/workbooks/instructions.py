"""The 填表说明 sheet, generated from the form: what to fill in, how, and where it goes.

A form that is issued to units (``identified``) is sent back by mail; any other is a ledger that the office imports.
"""

from __future__ import annotations

from datetime import date

from openpyxl.worksheet.worksheet import Worksheet

from include.domain.campaign import Campaign, Phase
from include.domain.form_rules import RequiredIf, Rule
from include.domain.forms import Column, ColumnType, Form, Prefill, Sheet
from include.domain.model import Severity
from include.gateways.workbooks import style

INSTRUCTIONS = "填表说明"
_WIDTHS = (18, 26, 12, 30, 32, 46, 26)
HEADERS = ("工作表", "栏目", "必填", "格式", "可选值", "说明", "示例")
RULE_HEADERS = ("工作表", "核对要求", "不符时怎样处理", "执行期间")
_RULE_PLACES = ((1, 1), (2, 5), (6, 6), (7, 7))
"""First and last column of each rule header: the rules share the columns of the table above them."""
_FEW_OPTIONS = 15
_WINDOW = frozenset({Prefill.WINDOW_START, Prefill.WINDOW_END})

_FORMATS = {
    ColumnType.DATE: "日期，写到日，如 2024-05-03",
    ColumnType.CHOICE: "从下拉列表中选一项",
    ColumnType.YES_NO: "选“是”或“否”",
    ColumnType.INSTITUTION_CODE: "12位编码：1位字母加11位数字",
    ColumnType.USCC: "18位统一社会信用代码",
    ColumnType.REGION: "6位行政区划代码",
    ColumnType.PHONE: "一个手机号，或带区号的座机",
    ColumnType.EMAIL: "一个邮箱地址",
}


_EXAMPLES = {
    ColumnType.DATE: "2024-05-03",
    ColumnType.YES_NO: "是",
    ColumnType.MONEY: "12600.00",
    ColumnType.COUNT: "12",
}
_CHECKS = "三、填写时请核对"


def format_words(column: Column) -> str:
    """How a column is to be written."""
    if column.type is ColumnType.MONEY:
        return f"金额，以{column.unit}为单位，最多到分"
    if column.type is ColumnType.COUNT:
        return f"整数，单位：{column.unit}" if column.unit else "整数"
    if column.type is not ColumnType.TEXT:
        return _FORMATS[column.type]
    if column.pattern_text:
        return column.pattern_text
    if column.max_length is None:
        return "文字"
    if column.min_length is None:
        return f"文字，不超过{column.max_length}字"
    return f"文字，{column.min_length}至{column.max_length}字"


def example_of(form: Form, column: Column) -> str:
    """A value that would be accepted: the form's own example, else a plain one of its type."""
    if column.example or column.locked:
        return column.example or ""
    if column.type is ColumnType.CHOICE:
        return form.options(column)[0]
    return _EXAMPLES.get(column.type, "")


def explain(sheet: Worksheet, form: Form, campaign: Campaign, phase: Phase) -> None:
    """Write the sheet. Everything in it follows from the form, the campaign and the phase."""
    for letter, width in zip("ABCDEFG", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    where = f"{campaign.title} · {phase.title}" if form.identified else campaign.title
    style.heading(sheet, f"{form.title}填表说明", f"{where}（表格版本 {form.version}{_in_use(form)}）", 7)
    if form.identified:
        row = _paragraphs(sheet, 4, "一、报什么、怎么报", how_to_report(form, campaign, phase))
    else:
        row = _paragraphs(sheet, 4, "一、登记什么、怎样导入", how_to_import(form, campaign))
    row = _table(sheet, row + 1, form)
    if form.rules:
        row = _rules(sheet, row + 1, form)
    for title, options in _long_lists(form):
        row = _paragraphs(
            sheet, row + 1, f"附：“{title}”可选值（共{len(options)}项）", ["；".join(options) + "。"]
        )
    style.for_print(sheet, landscape=True)
    style.protect(sheet)


def how_to_report(form: Form, campaign: Campaign, phase: Phase) -> list[str]:
    """Line by line, for a form that is issued to units."""
    owed = next((owed for owed in phase.returns if owed.form == form.key), None)
    lines = [
        form.purpose,
        f"报送时限：{phase.due:%Y年%m月%d日}（通知原文：{phase.due_text}）。",
        f"报送方式：填好后保存为 .xlsx 文件，直接回复下发本表的邮件，以附件发给{campaign.lead.name}。"
        "本表为本单位专用，请勿转给其他单位使用，也不要把内容复制到其他表格里报送。",
    ]
    if campaign.data_window is not None and _asks_for_window(form):
        lines.append(f"数据期间：{campaign.data_window.text.rstrip('。')}。")
    if owed is not None and owed.stamped_scan:
        lines.append(
            "须同时报送自查报告（书面报告）的盖章扫描件，PDF、JPG、PNG 均可，"
            "文件名请写“机构编码_机构名称_自查报告_盖章”。"
        )
    if form.zero_return:
        lines.append(f"没有问题怎么报：{form.zero_return}")
    return [
        *lines,
        _how_to_fill_in(form),
        _no_persons(form),
        "收到退回邮件的，按其中“退回说明”逐条改正后，用附带标记的原表重新报送即可，不必重填。",
    ]


def how_to_import(form: Form, campaign: Campaign) -> list[str]:
    """Line by line, for a ledger of the office."""
    command = f"python -m include.cli {form.importing} 文件名.xlsx --campaign {campaign.id}"
    return [
        form.purpose,
        f"本表由{campaign.lead.name}（专项行动办公室）登记，不下发各单位，也不通过邮件报送。",
        "请始终在同一份台账上接着登记，不要删除或重排已登记的行；情况有变化的，在原来的行里修改。",
        f"先试导入：填好后保存为 .xlsx 文件，在系统所在的机器上运行“{command} --dry-run”，"
        "只检查、不登记，并逐条列出问题所在的单元格和改法。",
        f"再正式导入：改正后去掉末尾的 --dry-run，运行“{command}”。",
        _how_to_fill_in(form),
        _no_persons(form),
    ]


def _how_to_fill_in(form: Form) -> str:
    is_locked = any(column.locked for sheet in form.filled_sheets for column in sheet.columns)
    only = "只填浅黄色格，灰色格和表头请勿改动" if is_locked else "只填浅黄色格，表头请勿改动"
    return (
        f"填写方法：{only}；带 * 的栏目必填，“视情况”的栏目按“{_CHECKS}”填写；金额一律填数字，不写“元”“万元”；没有内容的选填栏目留空；"
        "预留行不够时在下方接着填。从其他表格复制时请用“选择性粘贴”中的“数值”，以免带入公式。"
        "请用 Excel 或 WPS 填写并保存。"
    )


def _no_persons(form: Form) -> str:
    sealed = "、".join(f"“{sheet.title}”" for sheet in form.sheets if sheet.confidential)
    where = f"除{sealed}外，表内" if sealed else "表内"
    return f"{where}不得出现患者和参保人的姓名、身份证号等个人信息。"


def _asks_for_window(form: Form) -> bool:
    return any(column.prefill in _WINDOW for sheet in form.filled_sheets for column in sheet.columns)


def _in_use(form: Form) -> str:
    words = _days(form.effective_from, form.effective_until)
    return f"，自{words}使用" if form.effective_from else f"，使用{words}" if words else ""


def _days(first: date | None, last: date | None) -> str:
    """A period in words; nothing when it has neither beginning nor end."""
    start = f"{first:%Y年%-m月%-d日}起" if first else ""
    end = f"至{last:%Y年%-m月%-d日}止" if last else ""
    return f"{start}{end}"


def _rules(sheet: Worksheet, row: int, form: Form) -> int:
    """What a return is held to, what comes of a breach, and from when to when."""
    _title(sheet, row, _CHECKS)
    row += 1
    _rule_row(sheet, row, RULE_HEADERS, is_header=True)
    for words in rules_of(form):
        row += 1
        _rule_row(sheet, row, words)
    return row + 1


def rules_of(form: Form) -> list[tuple[str, ...]]:
    """By ``RULE_HEADERS`` what a return is held to."""
    return [
        (form.sheet(rule.sheet).title, rule.text, _outcome(form, rule), _rule_days(rule))
        for rule in form.rules
    ]


def _outcome(form: Form, rule: Rule) -> str:
    if rule.severity is Severity.WARNING:
        return "请核对：给出提示，不影响" + ("受理" if form.identified else "导入")
    if rule.severity is Severity.INFO:
        return "告知：只作提醒，不需改表"
    return "须改正：" + ("退回，改正后重新报送" if form.identified else "改正后才能导入")


def _rule_days(rule: Rule) -> str:
    return _days(rule.since, rule.until) or "与本表相同"


def _rule_row(sheet: Worksheet, row: int, words: tuple[str, ...], *, is_header: bool = False) -> None:
    lines = 1
    for (first, last), word in zip(_RULE_PLACES, words, strict=True):
        for number in range(first, last + 1):
            style.paint(
                sheet.cell(row, number),
                font=style.BOLD if is_header else style.BODY,
                fill=style.HEADER_FILL if is_header else None,
                alignment=style.CENTRE if is_header else style.LEFT,
            )
        cell = sheet.cell(row, first, word)
        cell.data_type = "s"
        if last > first:
            sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=last)
        lines = max(lines, style.lines(word, sum(_WIDTHS[first - 1 : last])))
    sheet.row_dimensions[row].height = style.height(lines)


def _table(sheet: Worksheet, row: int, form: Form) -> int:
    _title(sheet, row, "二、逐栏说明")
    row += 1
    for number, words in enumerate(HEADERS, start=1):
        style.paint(
            sheet.cell(row, number, words), font=style.BOLD, fill=style.HEADER_FILL, alignment=style.CENTRE
        )
    for words in columns_of(form):
        row += 1
        _describe(sheet, row, words)
    return row + 1


def columns_of(form: Form) -> list[tuple[str, ...]]:
    """By ``HEADERS`` how each column is to be filled in."""
    return [
        (
            spec.title,
            column.label,
            _demanded(form, spec, column),
            format_words(column),
            _options_words(form, column),
            column.help or "",
            example_of(form, column),
        )
        for spec in form.filled_sheets
        for column in spec.columns
    ]


def _describe(sheet: Worksheet, row: int, words: tuple[str, ...]) -> None:
    for number, word in enumerate(words, start=1):
        cell = style.paint(sheet.cell(row, number), font=style.REQUIRED if word == "必填" else style.BODY)
        cell.value = word
        cell.data_type = "s"
    lines = max(style.lines(word, width) for word, width in zip(words, _WIDTHS, strict=True))
    sheet.row_dimensions[row].height = style.height(lines)


def _demanded(form: Form, spec: Sheet, column: Column) -> str:
    if column.locked:
        return "系统已填"
    if column.required:
        return "必填"
    rules = (rule for rule in form.rules_of(spec) if isinstance(rule, RequiredIf))
    return "视情况" if any(rule.field == column.field for rule in rules) else "选填"


def _options_words(form: Form, column: Column) -> str:
    if column.type is ColumnType.YES_NO:
        return "是；否"
    if column.type is not ColumnType.CHOICE:
        return ""
    options = form.options(column)
    if len(options) > _FEW_OPTIONS:
        return f"共{len(options)}项，见下拉列表和本页末尾"
    return "；".join(options)


def _long_lists(form: Form) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (column.header, form.options(column))
        for spec in form.filled_sheets
        for column in spec.columns
        if column.type is ColumnType.CHOICE and len(form.options(column)) > _FEW_OPTIONS
    ]


def _paragraphs(sheet: Worksheet, row: int, title: str, lines: list[str]) -> int:
    """Numbered lines below a title; return the next free row."""
    _title(sheet, row, title)
    for number, line in enumerate(lines, start=1):
        row += 1
        sheet.cell(row, 1, f"{number}. {line}" if len(lines) > 1 else line)
        style.paint(sheet.cell(row, 1), border=None)
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(_WIDTHS))
        sheet.row_dimensions[row].height = style.height(style.lines(line, sum(_WIDTHS)))
    return row + 1


def _title(sheet: Worksheet, row: int, words: str) -> None:
    style.paint(sheet.cell(row, 1, words), font=style.BOLD, border=None)
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(_WIDTHS))
    sheet.row_dimensions[row].height = 22
