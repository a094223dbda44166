"""What happened on which day, in Chinese, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

WEEKDAYS = "一二三四五六日"


class Heading(StrEnum):
    PHASE = "阶段"
    ROSTER = "名册"
    MAIL = "邮件"
    RETURNS = "收件"
    INSPECTIONS = "检查"
    REGISTERS = "台账"
    MILESTONES = "节点"
    REPORTS = "报告"
    FAULTS = "未办成"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened; ``facts`` are its figures, for programs."""

    heading: Heading
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The day and its lines, one below the other."""
        listed = "\n".join(f"  {line.heading}  {line.text}" for line in self.lines)
        return f"{self.on} 星期{WEEKDAYS[self.on.weekday()]}\n{listed}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "on": self.on.isoformat(),
            "lines": [
                {"heading": line.heading.value, "text": line.text, "facts": dict(line.facts)}
                for line in self.lines
            ],
        }


def counted(counts: Mapping[str, int], unit: str = "") -> str:
    """“启动通知134份、被拒收3份”; what is zero is left out."""
    return "、".join(f"{name}{number}{unit}" for name, number in counts.items() if number)


def text_of(days: Iterable[Day]) -> str:
    return "\n".join(day.text for day in days)
