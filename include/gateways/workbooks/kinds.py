"""What a file is, by its content: names and extensions are not believed."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

import olefile

from include.domain.returns import FileKind

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK"
_OTHER_ARCHIVES = {b"Rar!\x1a\x07": "RAR", b"7z\xbc\xaf\x27\x1c": "7Z", b"\x1f\x8b\x08": "GZ"}
_IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_DELIMITED = re.compile(r"^[^\n]*[,\t;][^\n]*(\r?\n|$)")
_MARKUP = ("<html", "<table", "<!doctype html", "<meta", "mso-application", "<workbook")


def file_kind(content: bytes) -> FileKind:
    """What claims to be a table or an archive of tables, a stamped scan (PDF, JPEG, PNG), or neither."""
    if is_scan(content):
        return FileKind.SCAN
    if content.startswith(OLE):
        return FileKind.OTHER if "WordDocument" in streams(content) else FileKind.WORKBOOK
    if content.startswith(ZIP):
        return FileKind.OTHER if _is_other_document(content) else FileKind.WORKBOOK
    if foreign_archive(content):
        return FileKind.WORKBOOK
    text = as_text(content)
    if text is None:
        return FileKind.OTHER
    return FileKind.WORKBOOK if is_markup_table(text) or is_delimited(text) else FileKind.OTHER


def is_scan(content: bytes) -> bool:
    return b"%PDF-" in content[:1024] or content.startswith(_IMAGES)


def foreign_archive(content: bytes) -> str | None:
    """The name of an archive format that is not opened (RAR, 7Z, GZ)."""
    return next((name for magic, name in _OTHER_ARCHIVES.items() if content.startswith(magic)), None)


def streams(content: bytes) -> frozenset[str]:
    """Names of the streams and storages in a compound file (MS-CFB); none for a damaged one."""
    try:
        with olefile.OleFileIO(BytesIO(content)) as ole:
            return frozenset(name for entry in ole.listdir(storages=True) for name in entry)
    except Exception:  # a damaged compound file fails in many ways and means the same to its sender
        return frozenset()


def as_text(content: bytes) -> str | None:
    """The beginning as text in one of the encodings Chinese offices use, or None for binary content."""
    head = content[:4000]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="ignore")
    if b"\0" in head:
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return head.decode(encoding)
        except UnicodeDecodeError as wrong:
            if wrong.start >= len(head) - 4:
                return head[: wrong.start].decode(encoding)
    return None


def is_markup_table(text: str) -> bool:
    start = text.lstrip().lower()
    return start.startswith("<") and any(mark in start for mark in _MARKUP)


def is_delimited(text: str) -> bool:
    return bool(_DELIMITED.match(text)) and not text.lstrip().startswith(("<", "{", "["))


def _is_other_document(content: bytes) -> bool:
    """A Word or PowerPoint document, by its folders; a zip cut short is judged by what is left of it."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return b"xl/" not in content and b"word/" in content
    return any(name.startswith(("word/", "ppt/")) for name in names)
