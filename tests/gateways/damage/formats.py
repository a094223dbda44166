"""The same cells in the formats offices use: xls (MS-XLS), xlsb (MS-XLSB), ods (ODF 1.2), other xlsx spellings."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import load_workbook

Sheets = Mapping[str, Sequence[Sequence[Any]]]
ERROR = object()
"""A cell that shows #REF!."""
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def cells_of(xlsx: bytes) -> dict[str, list[list[Any]]]:
    """What the sheets of a workbook hold; days as text, for formats without styles."""
    workbook = load_workbook(BytesIO(xlsx))
    return {
        sheet.title: [
            [f"{cell:%Y-%m-%d}" if isinstance(cell, date) else cell for cell in row]
            for row in sheet.iter_rows(values_only=True)
        ]
        for sheet in workbook.worksheets
    }


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return buffer.getvalue()


def members_of(data: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def prefixed(xlsx: bytes) -> bytes:
    """Sheets whose elements carry a prefix, as some exporters write them."""
    return zipped(
        {
            name: re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", content).replace(b"xmlns=", b"xmlns:x=")
            if name.startswith("xl/worksheets/sheet")
            else content
            for name, content in members_of(xlsx).items()
        }
    )


def strict(xlsx: bytes) -> bytes:
    """ISO/IEC 29500 Strict instead of Transitional."""
    return zipped(
        {
            name: content.replace(
                SPREADSHEET.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main"
            ).replace(RELATIONS.encode(), b"http://purl.oclc.org/ooxml/officeDocument/relationships")
            for name, content in members_of(xlsx).items()
        }
    )


def xls(sheets: Sheets) -> bytes:
    return compound({"Workbook": biff8(sheets)})


def biff8(sheets: Sheets, *, before_sheets: bytes = b"") -> bytes:
    parts = [_biff_sheet(rows) for rows in sheets.values()]
    names = [title.encode("utf-16-le") for title in sheets]
    head = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0x7CC, 0, 0)) + before_sheets
    size = len(head) + sum(4 + 8 + len(name) for name in names) + 4
    bounds = b""
    for name, part in zip(names, parts, strict=True):
        bounds += _record(0x85, struct.pack("<IBBBB", size, 0, 0, len(name) // 2, 1) + name)
        size += len(part)
    return head + bounds + _record(0x0A) + b"".join(parts)


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file (MS-CFB) of streams, each filled up to whole sectors, at least eight."""
    free, end, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    blocks = [content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0") for content in streams.values()]
    directories = -(-(1 + len(streams)) // 4)
    sectors = directories + sum(len(block) // 512 for block in blocks)
    fats = next(number for number in range(1, 110) if number * 128 >= sectors + number)
    chain = [fat] * fats + [*range(fats + 1, fats + directories), end]
    starts = []
    for block in blocks:
        starts.append(len(chain))
        chain += [*range(len(chain) + 1, len(chain) + len(block) // 512), end]
    chain += [free] * (fats * 128 - len(chain))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack(
        "<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, fats, fats, 0, 4096, end, 0, end, 0, 0
    )
    header += struct.pack("<109I", *range(fats), *([free] * (109 - fats)))[: 512 - len(header)]
    entries = [("Root Entry", 5, 1 if streams else free, free, end, 0)]
    for order, (name, block) in enumerate(zip(streams, blocks, strict=True), start=1):
        right = order + 1 if order < len(streams) else free
        entries.append((name, 2, free, right, starts[order - 1], len(block)))
    directory = b""
    for name, kind, child, right, start, size in entries:
        coded = (name + "\0").encode("utf-16-le")
        directory += coded.ljust(64, b"\0") + struct.pack("<HBBIII", len(coded), kind, 1, free, right, child)
        directory += bytes(36) + struct.pack("<IQ", start, size)
    return (
        header
        + struct.pack(f"<{len(chain)}I", *chain)
        + directory.ljust(directories * 512, b"\0")
        + b"".join(blocks)
    )


def _biff_sheet(rows: Sequence[Sequence[Any]]) -> bytes:
    found = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0x7CC, 0, 0))
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            place = struct.pack("<HHH", row, column, 0)
            if cell is ERROR:
                found += _record(0x205, place + b"\x17\x01")
            elif isinstance(cell, (int, float)):
                found += _record(0x203, place + struct.pack("<d", cell))
            elif cell is not None:
                coded = str(cell).encode("utf-16-le")
                found += _record(0x204, place + struct.pack("<HB", len(coded) // 2, 1) + coded)
    return found + _record(0x0A)


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def xlsb(sheets: Sheets) -> bytes:
    relation = (
        '<Relationship Id="rId{0}" Type="' + RELATIONS + '/worksheet" Target="worksheets/sheet{0}.bin"/>'
    )
    numbers = range(1, len(sheets) + 1)
    bundle = b"".join(
        _binary(156, struct.pack("<II", 0, number) + _wide(f"rId{number}") + _wide(title))
        for number, title in zip(numbers, sheets, strict=True)
    )
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.bin": _binary(131) + _binary(143) + bundle + _binary(144) + _binary(132),
            "xl/_rels/workbook.bin.rels": (
                '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                + "".join(relation.format(number) for number in numbers)
                + "</Relationships>"
            ),
        }
        | {
            f"xl/worksheets/sheet{number}.bin": _binary_sheet(rows)
            for number, rows in zip(numbers, sheets.values(), strict=True)
        }
    )


def _binary_sheet(rows: Sequence[Sequence[Any]]) -> bytes:
    width = max((len(row) for row in rows), default=1)
    found = _binary(129) + _binary(148, struct.pack("<IIII", 0, max(len(rows) - 1, 0), 0, width - 1))
    found += _binary(145)
    for row, cells in enumerate(rows):
        found += _binary(0, struct.pack("<I", row) + bytes(13))
        for column, cell in enumerate(cells):
            place = struct.pack("<II", column, 0)
            if cell is ERROR:
                found += _binary(3, place + b"\x17")
            elif isinstance(cell, (int, float)):
                found += _binary(5, place + struct.pack("<d", cell))
            elif cell is not None:
                found += _binary(6, place + _wide(str(cell)))
    return found + _binary(146) + _binary(130)


def _binary(kind: int, data: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, coded = len(data), b""
    while True:
        size, low = size >> 7, size & 0x7F
        coded += bytes([low | (0x80 if size else 0)])
        if not size:
            return head + coded + data


def _wide(text: str) -> bytes:
    coded = text.encode("utf-16-le")
    return struct.pack("<I", len(coded) // 2) + coded


def ods(sheets: Sheets, **extra: bytes) -> bytes:
    tables = "".join(
        f'<table:table table:name="{escape(title)}">{"".join(map(_ods_row, rows))}</table:table>'
        for title, rows in sheets.items()
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": (
                f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} '
                'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
                f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
                "</office:document-content>"
            ),
            "META-INF/manifest.xml": extra.get("manifest", b"<manifest/>"),
        }
    )


def _ods_row(cells: Sequence[Any]) -> str:
    return f"<table:table-row>{''.join(map(_ods_cell, cells))}</table:table-row>"


def _ods_cell(cell: Any) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if cell is ERROR:
        kind, words = 'office:value-type="string" calcext:value-type="error"', "#REF!"
    elif isinstance(cell, (int, float)):
        kind, words = f'office:value-type="float" office:value="{cell}"', str(cell)
    else:
        kind, words = 'office:value-type="string"', escape(str(cell))
    return f"<table:table-cell {kind}><text:p>{words}</text:p></table:table-cell>"
