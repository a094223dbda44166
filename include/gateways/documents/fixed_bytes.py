"""A saved document without the moment of saving: the same content gives the same bytes."""

from __future__ import annotations

import io
from datetime import date, datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx.document import Document


def saved(document: Document, *, title: str, by: str, on: date) -> bytes:
    """The document as .docx; every date inside it is the start of ``on``."""
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = title, by, by
    properties.subject = properties.keywords = properties.comments = properties.category = ""
    properties.created = properties.modified = datetime(on.year, on.month, on.day)  # noqa: DTZ001 - stored without zone
    properties.revision = 1
    raw, fixed = io.BytesIO(), io.BytesIO()
    document.save(raw)
    with ZipFile(raw) as source, ZipFile(fixed, "w", ZIP_DEFLATED) as target:
        for entry in sorted(
            source.infolist(), key=lambda each: (each.filename != "[Content_Types].xml", each.filename)
        ):
            again = ZipInfo(entry.filename, (on.year, on.month, on.day, 0, 0, 0))
            again.compress_type = ZIP_DEFLATED
            target.writestr(again, source.read(entry))
    return fixed.getvalue()
