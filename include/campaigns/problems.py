"""What is wrong with a file of facts: where, what was found, what to write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

Place = tuple[str | int, ...]
"""The way down to a field: ``("phases", 1, "due")``."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong. ``field`` is the path as in the YAML (``phases[1].due``), empty for the whole file."""

    field: str
    sentence: str
    line: int | None = None
    column: int | None = None
    """Line and column in the file, from 1; the column only where the YAML itself cannot be read."""

    def __str__(self) -> str:
        line = f"第 {self.line} 行" if self.line else ""
        if self.column:
            line += f"第 {self.column} 列"
        where = f"{self.field}（{line}）" if self.field and line else self.field or line
        return f"{where}：{self.sentence}" if where else self.sentence


class CampaignError(Exception):
    """A file of facts that cannot be used, with everything found wrong in it at once."""

    def __init__(self, file: Path, problems: tuple[Problem, ...]) -> None:
        super().__init__(file, problems)
        self.file = file
        self.problems = problems

    def __str__(self) -> str:
        lines = (f"  {number}. {problem}" for number, problem in enumerate(self.problems, 1))
        return "\n".join([f"{self.file} 有 {len(self.problems)} 处需要改正：", *lines])


def field_path(place: Place) -> str:
    """``("phases", 1, "due")`` as ``phases[1].due``; a finding about a mapping's key is at the key."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place if part != "[key]")
    return "".join(parts).removeprefix(".")


def shown(value: object) -> str:
    """The value as an office wrote it, cut to a length a sentence can carry."""
    text = " ".join(str(value).split())
    return text if len(text) <= 40 else text[:39] + "…"
