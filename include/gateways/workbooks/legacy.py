"""Workbooks older or rarer than xlsx (xls, et, xlsb, ods), read in a process of their own.

calamine asks for the whole rectangle of a sheet at once, and of these formats the extent is not known
beforehand; a process that runs out of its memory takes nothing else with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from include.domain.values import Cell
from include.gateways.workbooks.refusals import DAMAGED, Refused

_SCRIPT = Path(__file__).with_name("legacy_reader.py")
_SECONDS = 30
_KINDS: Mapping[str, Callable[[Any], Cell]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda seconds: timedelta(seconds=seconds),
}


def sheets(content: bytes, *, most_rows: int) -> list[dict[str, Any]]:
    """Title, visibility and the rows that are not empty, ``[number, cells]``. Raise Refused."""
    try:
        done = subprocess.run(  # noqa: S603 - our own script, its input on stdin
            [sys.executable, "-P", str(_SCRIPT), str(most_rows)],
            input=content,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
    except subprocess.TimeoutExpired as slow:
        raise _too_much() from slow
    if done.returncode < 0 or done.stderr.endswith(b"MemoryError"):
        raise _too_much()
    if done.returncode:
        raise Refused("file.damaged", DAMAGED)
    return list(json.loads(done.stdout, object_hook=_cell))


def _too_much() -> Refused:
    return Refused(
        "file.bomb",
        "文件是旧版或其他格式的工作簿，内容铺得过大，无法处理，请删除无关内容后另存为“Excel工作簿(.xlsx)”报送",
    )


def _cell(tagged: dict[str, Any]) -> Any:
    if len(tagged) == 1 and (kind := next(iter(tagged))) in _KINDS:
        return _KINDS[kind](tagged[kind])
    return tagged
