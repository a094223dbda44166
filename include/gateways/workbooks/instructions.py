"""The 填表说明 sheet, generated from the form: what to fill in, how, and where to send it."""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from include.domain.campaign import Campaign, Phase
from include.domain.forms import Column, ColumnType, Form, Sheet
from include.domain.model import Severity
from include.gateways.workbooks import style

INSTRUCTIONS = "填表说明"
_WIDTHS = (18, 26, 12, 30, 32, 46, 26)
_HEADERS = ("工作表", "栏目", "必填", "格式", "可选值", "说明", "示例")
_FEW_OPTIONS = 15
_CHARACTERS_ACROSS = 84  # Chinese characters that fit across the sheet

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


def explain(sheet: Worksheet, form: Form, campaign: Campaign, phase: Phase) -> None:
    """Write the sheet. Everything in it follows from the form, the campaign and the phase."""
    for letter, width in zip("ABCDEFG", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    style.heading(
        sheet, f"{form.title}填表说明", f"{campaign.title} · {phase.title}（表格版本 {form.version}）", 7
    )
    row = _paragraphs(sheet, 4, "一、报什么、怎么报", _how_to_report(form, campaign, phase))
    row = _table(sheet, row + 1, form)
    row = _paragraphs(sheet, row + 1, "三、填报时请核对", _demands(form))
    for title, options in _long_lists(form):
        row = _paragraphs(
            sheet, row + 1, f"附：“{title}”可选值（共{len(options)}项）", ["；".join(options) + "。"]
        )
    style.for_print(sheet, landscape=True)
    style.protect(sheet)


def _how_to_report(form: Form, campaign: Campaign, phase: Phase) -> list[str]:
    owed = next((owed for owed in phase.returns if owed.form == form.key), None)
    lines = [
        form.purpose,
        f"报送时限：{phase.due:%Y年%m月%d日}（通知原文：{phase.due_text}）。",
        f"报送方式：填好后保存为 .xlsx 文件，直接回复下发本表的邮件，以附件发给{campaign.lead.name}。"
        "本表为本单位专用，请勿转给其他单位使用，也不要把内容复制到其他表格里报送。",
    ]
    if owed is not None and owed.stamped_scan:
        lines.append(
            "须同时报送自查报告（书面报告）的盖章扫描件，PDF、JPG、PNG 均可，"
            "文件名请写“机构编码_机构名称_自查报告_盖章”。"
        )
    if form.zero_return:
        lines.append(f"没有问题怎么报：{form.zero_return}")
    lines.append(
        "填写方法：只填浅黄色格，灰色格和表头请勿改动；带 * 的栏目必填；金额一律填数字，不写“元”“万元”；"
        "没有内容的选填栏目留空；预留行不够时在下方接着填。请用 Excel 或 WPS 填写并保存。"
    )
    lines.append("表内不得出现患者和参保人的姓名、身份证号等个人信息。")
    lines.append("收到退回邮件的，按其中“退回说明”逐条改正后，用附带标记的原表重新报送即可，不必重填。")
    return lines


def _demands(form: Form) -> list[str]:
    return [
        f"{form.sheet(rule.sheet).title}：{rule.text}"
        + ("（不符的会提示核对，不退回）" if rule.severity is Severity.WARNING else "")
        for rule in form.rules
    ]


def _table(sheet: Worksheet, row: int, form: Form) -> int:
    _title(sheet, row, "二、逐栏说明")
    row += 1
    for number, words in enumerate(_HEADERS, start=1):
        style.paint(
            sheet.cell(row, number, words), font=style.BOLD, fill=style.HEADER_FILL, alignment=style.CENTRE
        )
    for spec in form.filled_sheets:
        for column in spec.columns:
            row += 1
            _describe(sheet, row, form, spec, column)
    return row + 1


def _describe(sheet: Worksheet, row: int, form: Form, spec: Sheet, column: Column) -> None:
    prefilled = "系统已填" if column.locked else "必填" if column.required else "选填"
    words = (
        spec.title,
        column.label,
        prefilled,
        format_words(column),
        _options_words(form, column),
        column.help or "",
        column.example or "",
    )
    for number, word in enumerate(words, start=1):
        cell = style.paint(sheet.cell(row, number), font=style.REQUIRED if word == "必填" else style.BODY)
        cell.value = word
        cell.data_type = "s"
    lines = max(-(-_width(word) // int(width - 2)) for word, width in zip(words, _WIDTHS, strict=True))
    sheet.row_dimensions[row].height = 16 * max(lines, 1) + 4


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
        sheet.row_dimensions[row].height = 17 * -(-len(line) // _CHARACTERS_ACROSS) + 3
    return row + 1


def _title(sheet: Worksheet, row: int, words: str) -> None:
    style.paint(sheet.cell(row, 1, words), font=style.BOLD, border=None)
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(_WIDTHS))
    sheet.row_dimensions[row].height = 22


def _width(text: str) -> int:
    """Columns of an 11-point cell a text takes: two per Chinese character."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
