"""Workbooks older or rarer than xlsx (xls, et, xlsb, ods), read in a process of their own.

calamine asks for the whole rectangle of a sheet at once, and of these formats the extent is not known
beforehand; a process that runs out of its memory takes nothing else with it.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import olefile

from include.domain.values import Cell
from include.gateways.workbooks.refusals import DAMAGED, ENCRYPTED, Refused

_SCRIPT = Path(__file__).with_name("legacy_reader.py")
_SECONDS = 30
_KINDS: Mapping[str, Callable[[Any], Cell]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda seconds: timedelta(seconds=seconds),
}

# Records of MS-XLS 2.4 and MS-XLSB 2.3.
_FILEPASS, _FORMULA, _BOOLERR = 0x2F, 0x06, 0x205
_BEGINNINGS = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")
_BINARY_ERRORS = frozenset({3, 11})


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


def look_at_xls(content: bytes) -> None:
    """Raise Refused for a password or for error cells, which readers take for empty ones."""
    with olefile.OleFileIO(BytesIO(content)) as ole:
        stream = ole.openstream("Workbook" if ole.exists("Workbook") else "Book").read()
    if stream[:2] not in _BEGINNINGS:
        raise Refused("file.damaged", DAMAGED)
    for kind, place, size in _records(stream):
        if kind == _FILEPASS:
            raise Refused("file.encrypted", ENCRYPTED)
        data = stream[place : place + min(size, 14)]
        if (kind == _BOOLERR and data[7:8] == b"\1") or (
            kind == _FORMULA and data[6:7] == b"\2" and data[12:14] == b"\xff\xff"
        ):
            raise has_errors("XLS")


def look_at_xlsb(package: zipfile.ZipFile) -> None:
    """Raise Refused for error cells."""
    parts = [
        name for name in package.namelist() if name.startswith("xl/worksheets/") and name.endswith(".bin")
    ]
    if any(not _BINARY_ERRORS.isdisjoint(_binary_kinds(package.read(part))) for part in parts):
        raise has_errors("XLSB")


def has_errors(name: str) -> Refused:
    """Of error cells in a format whose readers do not tell where they are."""
    return Refused(
        "file.error_cells",
        f"文件是{name}格式，其中有显示为错误的单元格（如 #REF!、#DIV/0!），无法确定应填的内容，"
        "请改为实际内容后另存为“Excel工作簿(.xlsx)”再报送",
    )


def _too_much() -> Refused:
    return Refused(
        "file.bomb",
        "文件是旧版或其他格式的工作簿，内容铺得过大，无法处理，请删除无关内容后另存为“Excel工作簿(.xlsx)”报送",
    )


def _cell(tagged: dict[str, Any]) -> Any:
    if len(tagged) == 1 and (kind := next(iter(tagged))) in _KINDS:
        return _KINDS[kind](tagged[kind])
    return tagged


def _records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, place of the data and size of each BIFF record."""
    place = 0
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        yield kind, place + 4, min(size, len(stream) - place - 4)
        place += 4 + size


def _binary_kinds(part: bytes) -> Iterator[int]:
    """The kind of each BIFF12 record."""
    place = 0
    while place < len(part):
        kind, place = _variable(part, place, most_bytes=2)
        size, place = _variable(part, place, most_bytes=4)
        yield kind
        place += size


def _variable(part: bytes, place: int, *, most_bytes: int) -> tuple[int, int]:
    number = 0
    for order in range(most_bytes):
        byte = part[place] if place < len(part) else 0
        number |= (byte & 0x7F) << (7 * order)
        place += 1
        if not byte & 0x80:
            break
    return number, place
