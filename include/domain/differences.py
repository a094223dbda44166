"""What changed from one edition of a report to another: indicator, last, now, change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from include.domain.groups import TOTAL, member_zh
from include.domain.indicators import figure_lines
from include.domain.letters import ChangeLine, FigureLine
from include.domain.reports import Figure, Scope

SHOWN = 10
"""Differences that a mail and the top of a page show."""


def differences(before: Sequence[Figure], after: Sequence[Figure]) -> tuple[ChangeLine, ...]:
    """Every figure that differs, the most important first: totals before their parts, then the larger share of change."""
    last = {_identity(figure): figure for figure in before}
    now = {_identity(figure): figure for figure in after}
    changed = [
        (last.get(key), now.get(key))
        for key in dict.fromkeys([*now, *last])
        if key not in last or key not in now or last[key].value != now[key].value
    ]
    changed.sort(key=lambda pair: _weight(*pair), reverse=True)
    return tuple(line for pair in changed if (line := _line(*pair)) is not None)


def _identity(figure: Figure) -> tuple[str, str, str, Scope]:
    return figure.indicator, figure.dimension, figure.member, figure.scope


def _weight(last: Figure | None, now: Figure | None) -> tuple[bool, Decimal]:
    one = now or last
    assert one is not None
    old, new = (each.value if each else Decimal(0) for each in (last, now))
    return not one.dimension, abs(new - old) / max(abs(old), abs(new), Decimal(1))


def _line(last: Figure | None, now: Figure | None) -> ChangeLine | None:
    """None for an indicator that is printed nowhere."""
    one = now or last
    assert one is not None
    delta = (now.value if now else Decimal(0)) - (last.value if last else Decimal(0))
    printed = _printed(replace(one, value=delta))
    if printed is None:
        return None
    part = f"：{member_zh(one.dimension, one.member)}" if one.dimension else ""
    scope = "本期" if one.scope is Scope.THIS else ""
    return ChangeLine(
        title=f"{scope}{printed.title}{part}（{printed.unit}）",
        last=_value(last),
        now=_value(now),
        change=f"+{printed.value}" if delta > 0 else printed.value,
    )


def _value(figure: Figure | None) -> str:
    printed = _printed(figure) if figure else None
    return printed.value if printed else ""


def _printed(figure: Figure) -> FigureLine | None:
    """As every page prints the total of that indicator."""
    lines = figure_lines([replace(figure, dimension=TOTAL, member="", scope=Scope.CUMULATIVE)])
    return lines[0] if lines else None
