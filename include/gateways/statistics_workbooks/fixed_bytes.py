"""A saved workbook without the moment of saving: the same content gives the same bytes."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import date
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook

from include.gateways.statistics_workbooks.row_blocks import RowBlock, spliced

_CORE = "docProps/core.xml"
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
_FAST = 1
"""Of lists: a third larger than at the usual level, and three times as fast."""


def saved(book: Workbook, *, on: date, blocks: Mapping[str, RowBlock] | None = None) -> bytes:
    """The workbook as .xlsx, every date inside it the start of ``on``; ``blocks`` are spliced into their sheets.

    openpyxl stamps the hour of saving on the properties and on each zip entry; both are rewritten.
    """
    raw, fixed = io.BytesIO(), io.BytesIO()
    book.save(raw)
    long_lists = {
        f"xl/worksheets/sheet{number}.xml": blocks[sheet.title]
        for number, sheet in enumerate(book.worksheets, 1)
        if blocks and sheet.title in blocks
    }
    stamp = f"{on.isoformat()}T00:00:00Z".encode()
    with ZipFile(raw) as source, ZipFile(fixed, "w", ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == _CORE:
                content = _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            again = ZipInfo(entry.filename, (on.year, on.month, on.day, 0, 0, 0))
            again.compress_type = ZIP_DEFLATED
            if entry.filename not in long_lists:
                target.writestr(again, content)
                continue
            again._compresslevel = _FAST  # type: ignore[attr-defined]
            with target.open(again, "w") as member:
                for piece in spliced(content, long_lists[entry.filename]):
                    member.write(piece)
    return fixed.getvalue()
