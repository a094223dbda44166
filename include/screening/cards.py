"""What rule files say of themselves, read as text: a form that lists parameters need not import an engine."""

from __future__ import annotations

import ast
from decimal import Decimal
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def parameters() -> dict[str, str]:
    """“S05.days” → the rule, its parameter, default and bounds in words; by number of the rule."""
    return {key: words for file in sorted(FOLDER.glob("s[0-9][0-9]_*.py")) for key, words in _of(file)}


def _of(file: Path) -> list[tuple[str, str]]:
    calls = [
        each for each in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(each, ast.Call)
    ]
    [rule] = [each for each in calls if _name(each) == "Rule"]
    said = {each.arg: each.value.value for each in rule.keywords if isinstance(each.value, ast.Constant)}
    found = []
    for each in ast.walk(rule):
        if isinstance(each, ast.Call) and _name(each) == "Parameter":
            name, title, default, least, most, unit = (_constant(arg) for arg in each.args)
            found.append(
                (
                    f"{said['number']}.{name}",
                    f"{said['number']} {said['title']}：{title}（默认{default}{unit}，可调{least}至{most}{unit}）",
                )
            )
    return found


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _constant(node: ast.expr) -> object:
    """A string, or the number in ``Decimal(…)``."""
    if isinstance(node, ast.Call):
        return f"{Decimal(str(_constant(node.args[0]))):f}"
    assert isinstance(node, ast.Constant)
    return node.value
