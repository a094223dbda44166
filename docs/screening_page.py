"""The page of the reference that describes the screening rules and the lists a bureau may provide."""

from __future__ import annotations

from collections.abc import Sequence

from include.domain.screening import Parameter, Rule
from include.screening.lists import LISTS, BureauList, Column, wanted

INTRODUCTION = """# 筛查规则和清单

`python -m include.cli screen run 数据` 或 `screen_settlements` 流程按下列规则筛查结算数据，命中的登记为疑点线索；
疑点不等于违规，须逐条核查。费用按政策范围内金额计，已退费、已冲减的不算。

规则所用的本局清单放在 `DUBAN_SETTLEMENT_LISTS` 所指的目录（命令行为 `--lists`），一个清单一个 CSV 文件（UTF-8 编码，第一行为列名），
文件名为清单名加 `.csv`。缺少必需清单的规则不运行；填写有误的清单整个拒收并写明原因，不影响不用它的规则。
"""


def screening_page(rules: Sequence[Rule]) -> str:
    """Markdown: the rules by number, then the lists by name."""
    parts = [
        INTRODUCTION,
        "## 规则",
        "",
        "| 编号 | 名称 | 结果 | 应用场景 | 必需清单 |",
        "|---|---|---|---|---|",
    ]
    for rule in rules:
        needed = "、".join(f"`{name}`" for name in rule.inputs)
        parts.append(f"| {rule.number} | {rule.title} | {rule.result} | {rule.scene} | {needed} |")
    for rule in rules:
        parts += _rule(rule)
    parts += ["", "## 清单", ""]
    for name, each in sorted(LISTS.items()):
        parts += _list(name, each)
    return "\n".join(parts)


def _rule(rule: Rule) -> list[str]:
    used = [name for name, each in LISTS.items() if rule.number in each.rules]
    also = "、".join(f"`{name}`" for name in used if name not in rule.inputs)
    lines = [
        "",
        f"### {rule.number} {rule.title}",
        "",
        f"- 版本：{rule.version}，自 {rule.effective_from} 起执行",
        f"- 依据：{rule.basis}",
        f"- 逻辑：{rule.logic}",
        f"- 时间区间：{rule.interval}",
    ]
    if also:
        lines.append(f"- 可用清单：{also}")
    lines += ["- 排除或注意：", *(f"  - {each}" for each in rule.caveats)]
    if rule.parameters:
        lines += ["", "| 参数 | 名称 | 默认 | 可调范围 |", "|---|---|---|---|"]
        lines += [_parameter(each) for each in rule.parameters]
    return lines


def _parameter(each: Parameter) -> str:
    return (
        f"| `{each.name}` | {each.title} | {each.default}{each.unit} | {each.least}—{each.most}{each.unit} |"
    )


def _list(name: str, each: BureauList) -> list[str]:
    users = "、".join(each.rules)
    either = f"列 {'、'.join(f'`{column}`' for column in each.either)} 至少要有一个。" if each.either else ""
    rows = [_column(column) for column in each.columns]
    return [
        f"### `{name}` {each.title}",
        "",
        f"用于 {users}。{either}",
        "",
        "| 列 | 说明 | 填写 | 可空 |",
        "|---|---|---|---|",
        *rows,
        "",
    ]


def _column(column: Column) -> str:
    return f"| `{column.name}` | {column.title} | {wanted(column)} | {'' if column.is_required else '可空'} |"
