"""The zip around a workbook: the same bytes every time, and places filled in without rebuilding it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from include.domain.values import normalise

EPOCH = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_PLACE = re.compile(rb"\{\{([a-z.]+)\}\}")
_NO_TIME = datetime(2000, 1, 1)  # noqa: DTZ001 - openpyxl wants it naive; it stands for "no time at all"


def place(name: str) -> str:
    """What stands in a cell until ``Template.filled`` puts the unit's own words there."""
    return "{{" + name + "}}"


def saved(workbook: Workbook) -> bytes:
    """The workbook's file without a trace of when it was made."""
    return _zipped(_members(workbook))


@dataclass(frozen=True, slots=True)
class Template:
    """A workbook built once, with places to fill in for each unit."""

    members: Mapping[str, bytes]

    @classmethod
    def of(cls, workbook: Workbook) -> Template:
        return cls(_members(workbook))

    def filled(self, words: Mapping[str, str]) -> bytes:
        """A file with every place filled. Raise KeyError for a place without words."""
        xml = {name: escape(clean(word)).encode() for name, word in words.items()}
        return _zipped(
            {
                name: _PLACE.sub(lambda match: xml[match[1].decode()], content)
                for name, content in self.members.items()
            }
        )


def clean(text: str) -> str:
    """Text without the control characters XML cannot hold."""
    return ILLEGAL_CHARACTERS_RE.sub("", text)


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula, however it is copied or exported (CWE-1236)."""
    plain = clean(text)
    return f"'{plain}" if normalise(plain)[:1] in set("=+-@") else plain


def _members(workbook: Workbook) -> dict[str, bytes]:
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
