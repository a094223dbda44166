"""What the commands print: JSON for programs, sentences and aligned lists for people."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel
from rich.cells import cell_len

from include.domain.returns import Finding

_PIECES = re.compile(r"[“‘（《〈「]*(?:[\x21-\x7e]+|.)")
_NOT_FIRST = frozenset("，。、；：？！）》〉”’」…")
_HANGING = 4
"""Columns kept free for punctuation that may not begin a line."""


def print_json(value: Any) -> None:
    typer.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))


def heading(text: str) -> None:
    typer.secho(text, bold=True)


def say(text: str, *, lead: str = "") -> None:
    """A paragraph behind its lead; on a terminal wrapped beside it, in a pipe left whole to be searched."""
    room = _room()
    for line in text.splitlines() or [""]:
        for part in [line] if room is None else wrapped(line, room - cell_len(lead)):
            typer.echo((lead + part).rstrip())
            lead = " " * cell_len(lead)


def listed(rows: Sequence[Sequence[object]], *, indent: int = 2) -> None:
    """Rows in columns as wide as their contents (a Chinese character is two wide); the last one wraps."""
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        before = (
            cell + " " * (width - cell_len(cell) + 2) for cell, width in zip(row[:-1], widths, strict=False)
        )
        say(row[-1], lead=" " * indent + "".join(before))


def findings(found: Sequence[Finding]) -> None:
    """Every finding: how grave, where, what stands there, what to write instead."""
    for number, finding in enumerate(found, start=1):
        header = f" {finding.header}" if finding.header else ""
        value = f"，填写“{finding.value}”" if finding.value else ""
        say(f"{finding.severity.zh}：{finding.place}{header}{value} [{finding.rule}]", lead=f"{number:>4}. ")
        say(finding.message, lead=" " * 6)


def _room() -> int | None:
    """Columns of the terminal; None when the output goes elsewhere."""
    return shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else None


def wrapped(text: str, width: int) -> Iterator[str]:
    """Lines of at most that many columns; no number is cut, and punctuation stays with its words."""
    line, used = "", 0
    for piece in _PIECES.findall(text):
        size = cell_len(piece)
        if line and used + size > width - _HANGING and piece not in _NOT_FIRST:
            yield line
            line, used = "", 0
        line, used = line + piece, used + size
    yield line


def finding_facts(finding: Finding) -> dict[str, str]:
    """A finding as JSON has it."""
    return {
        "severity": finding.severity.value,
        "sheet": finding.sheet,
        "cell": finding.cell,
        "header": finding.header,
        "value": finding.value,
        "rule": finding.rule,
        "sentence": finding.message,
    }


def plain(value: Any) -> Any:
    """Anything of ours as JSON knows it."""
    if isinstance(value, Finding):
        return finding_facts(value)
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, Decimal | date | Path):
        return str(value)
    return value
