"""Reads a workbook from stdin and writes its sheets to stdout as JSON; started by ``legacy``.

A script of its own: it may be killed for its use of memory or time, and imports nothing of the project.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import timedelta
from io import BytesIO
from itertools import islice
from typing import Any

from python_calamine import CalamineWorkbook, SheetVisibleEnum

MEMORY = 1024**3
SECONDS = 20


def main(most_rows: int) -> None:
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_CPU, SECONDS)
    workbook = CalamineWorkbook.from_filelike(BytesIO(sys.stdin.buffer.read()))
    sheets = [
        {
            "title": facts.name,
            "is_visible": facts.visible == SheetVisibleEnum.Visible,
            "rows": _filled(
                workbook.get_sheet_by_name(facts.name).to_python(skip_empty_area=False), most_rows
            ),
        }
        for facts in workbook.sheets_metadata
    ]
    json.dump(sheets, sys.stdout, default=_tagged)


def _filled(rows: list[list[Any]], most: int) -> list[tuple[int, list[Any]]]:
    filled = ((number, row) for number, row in enumerate(rows, start=1) if any(cell != "" for cell in row))
    return list(islice(filled, most + 1))


def _tagged(value: Any) -> dict[str, Any]:
    seconds_or_text = value.total_seconds() if isinstance(value, timedelta) else value.isoformat()
    return {type(value).__name__: seconds_or_text}


def _limit(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]))
    except BaseException as broken:  # a panic in the reader is no Exception
        sys.stderr.write(type(broken).__name__)
        sys.exit(1)
