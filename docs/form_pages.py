"""Pages of the reference that describe the forms: one per form file, and a list of them."""

from __future__ import annotations

from collections.abc import Mapping

from include.domain.form_rules import EachInList, Rule
from include.domain.forms import Column, ColumnType, Form, Layout, Sheet
from include.gateways.workbooks.instructions import format_words

_FEW_OPTIONS = 8


def form_pages(forms: Mapping[str, Form]) -> dict[str, str]:
    """File name below docs/reference → page."""
    pages = {f"forms/{key}.md": _page(form) for key, form in sorted(forms.items())}
    return {"forms.md": _list(forms), **pages}


def _list(forms: Mapping[str, Form]) -> str:
    rows = [
        f"| [{form.title}](forms/{key}.md) | `{key}` | {form.version} | {_sender(form)} | {form.purpose} |"
        for key, form in sorted(forms.items())
    ]
    return "\n".join(
        ["# 报送表和台账", "", "| 名称 | 表 | 版本 | 谁填 | 说明 |", "|---|---|---|---|---|", *rows, ""]
    )


def _page(form: Form) -> str:
    parts = [
        f"# {form.title}",
        "",
        form.purpose,
        "",
        f"- 表：`{form.key}`，版本 {form.version}{_accepted(form)}",
        f"- 使用期间：{_form_days(form)}",
        f"- 谁填：{_sender(form)}",
    ]
    if form.zero_return:
        parts.append(f"- 没有问题怎么报：{form.zero_return}")
    for sheet in form.sheets:
        parts += ["", f"## 工作表“{sheet.title}”", "", *_sheet(form, sheet)]
    parts += ["", "## 规则", "", *_rules(form)]
    for name, choices in sorted(form.lists.items()):
        parts += ["", f"## 清单 `{name}`", "", "| 代码 | 名称 | 也认作 |", "|---|---|---|"]
        parts += [
            _row(f"`{choice.code}`", choice.label, "；".join(choice.aliases) or "—") for choice in choices
        ]
    return "\n".join([*parts, ""])


def _sheet(form: Form, sheet: Sheet) -> list[str]:
    if sheet.layout is Layout.SUMMARY:
        return [f"{sheet.note or ''}汇总栏目：{'、'.join(figure.header for figure in sheet.figures)}。"]
    note = "可以不报。" if sheet.optional else ""
    return [
        *([f"{note}{sheet.note or ''}", ""] if note or sheet.note else []),
        "| 栏目 | 字段 | 必填 | 格式 | 可选值 | 说明 |",
        "|---|---|---|---|---|---|",
        *(
            _row(
                column.label,
                f"`{column.field}`",
                "系统已填" if column.locked else "必填" if column.required else "选填",
                format_words(column),
                _options(form, column),
                column.help or "—",
            )
            for column in sheet.columns
        ),
    ]


def _options(form: Form, column: Column) -> str:
    if column.type is ColumnType.YES_NO:
        return "是；否"
    if column.type is not ColumnType.CHOICE:
        lists = [r.choice_list for r in form.rules if isinstance(r, EachInList) and r.field == column.field]
        return f"清单 `{lists[0]}`，可多项" if lists else "—"
    options = form.options(column)
    if column.choice_list is not None and len(options) > _FEW_OPTIONS:
        return f"清单 `{column.choice_list}`（{len(options)}项）"
    return "；".join(options)


def _rules(form: Form) -> list[str]:
    if not form.rules:
        return ["没有栏目之间的规则。"]
    return [
        "“须改正”的退回重报；“请核对”的收下，请填报人核对或说明；“告知”的只作提示。",
        "",
        "| 规则 | 工作表 | 要求 | 不符时 | 生效日期 |",
        "|---|---|---|---|---|",
        *(
            _row(f"`{r.key}`", form.sheet(r.sheet).title, r.text, r.severity.zh, _rule_days(form, r))
            for r in form.rules
        ),
    ]


def _sender(form: Form) -> str:
    if form.identified:
        return "各单位在下发的专用表上填写后报送"
    return f"办公室维护，用 `python -m include.cli {form.importing}` 导入，不下发各单位"


def _accepted(form: Form) -> str:
    return f"（{'、'.join(form.accepted_versions)} 版仍可报送）" if form.accepted_versions else ""


def _form_days(form: Form) -> str:
    until = f"，到 {form.effective_until} 止" if form.effective_until else ""
    return f"自 {form.effective_from} 起{until}" if form.effective_from else f"长期{until}"


def _rule_days(form: Form, rule: Rule) -> str:
    start, end = rule.since or form.effective_from, rule.until or form.effective_until
    return f"{start or '长期'}{f' 至 {end}' if end else ''}"


def _row(*cells: str) -> str:
    inside = (cell.replace("|", r"\|") for cell in cells)
    return f"| {' | '.join(inside)} |"
