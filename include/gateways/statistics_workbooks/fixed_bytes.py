"""A saved workbook without the moment of saving: the same content gives the same bytes."""

from __future__ import annotations

import io
import re
from datetime import date
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook

_CORE = "docProps/core.xml"
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def saved(book: Workbook, *, on: date) -> bytes:
    """The workbook as .xlsx, every date inside it the start of ``on``.

    openpyxl stamps the hour of saving on the properties and on each zip entry; both are rewritten.
    """
    raw, fixed = io.BytesIO(), io.BytesIO()
    book.save(raw)
    stamp = f"{on.isoformat()}T00:00:00Z".encode()
    with ZipFile(raw) as source, ZipFile(fixed, "w", ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == _CORE:
                content = _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            again = ZipInfo(entry.filename, (on.year, on.month, on.day, 0, 0, 0))
            again.compress_type = ZIP_DEFLATED
            target.writestr(again, content)
    return fixed.getvalue()
