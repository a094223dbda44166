"""The zip around a workbook: the same bytes every time, and nothing in it that could be taken for a formula."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from include.domain.values import normalise

EPOCH = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_NO_TIME = datetime(2000, 1, 1)  # noqa: DTZ001 - openpyxl wants it naive; it stands for "no time at all"


def place(name: str) -> str:
    """What stands in a cell until a template is filled with the unit's own words."""
    return "{{" + name + "}}"


def saved(workbook: Workbook) -> bytes:
    """The workbook's file without a trace of when it was made."""
    return _zipped(members_of(workbook))


def clean(text: str) -> str:
    """Text without the control characters XML cannot hold."""
    return ILLEGAL_CHARACTERS_RE.sub("", text)


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula, however it is copied or exported (CWE-1236)."""
    plain = clean(text)
    return f"'{plain}" if normalise(plain)[:1] in set("=+-@") else plain


def members_of(workbook: Workbook) -> dict[str, bytes]:
    """The package's members by name, without a trace of when it was made."""
    workbook.properties.created = _NO_TIME
    buffer = BytesIO()
    workbook.save(buffer)
    with zipfile.ZipFile(buffer) as package:
        members = {name: package.read(name) for name in package.namelist()}
    core = "docProps/core.xml"
    members[core] = _MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z", members[core])
    return members


def _zipped(members: Mapping[str, bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, content in members.items():
            package.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
