"""What came in, by content, and whether it may be opened at all.

A workbook of 150 KB can make a reader ask for 10 GB and abort the process, so nothing is opened before it
was looked at here: sizes, kind, and the raw XML of every sheet.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from xml.etree import ElementTree

import olefile

from include.domain.returns import FileKind

LARGEST_FILE = 20 * 1024 * 1024
LARGEST_CONTENT = 150 * 1024 * 1024
MOST_MEMBERS = 2000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK"
_FAR_COLUMN = re.compile(rb"""<(?:\w+:)?c\b[^>]*\br=["'](?:A[P-Z]|[B-Z][A-Z]|[A-Z]{3})\d""")
_FAR_ROW = re.compile(rb"""<(?:\w+:)?(?:row|c)\b[^>]*\br=["'][A-Z]*\d{5,}["']""")
_ERROR_CELL = re.compile(
    rb"""<(?:\w+:)?c\b(?=[^>]*\bt=["']e["'])[^>]*\br=["']([A-Z]+\d+)["'][^>]*>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<""",
    re.DOTALL,
)
_FORMULA_CELL = re.compile(
    rb"""<(?:\w+:)?c\b[^>]*\br=["']([A-Z]+\d+)["'][^>]*>\s*<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)"""
    rb"""\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"""
)
_DELIMITED = re.compile(r"^[^\n]*[,\t;][^\n]*(\r?\n|$)")


class Refused(Exception):
    """The file is not opened; the message is the Chinese sentence for its sender."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Scan:
    """What the raw XML of one sheet says that a reader would swallow: cells without a usable value."""

    errors: Mapping[str, str] = field(default_factory=dict)
    uncomputed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Inspection:
    """``is_wide`` means a dense reader could run out of memory."""

    is_wide: bool
    scans: Mapping[str, Scan]


def file_kind(content: bytes) -> FileKind:
    """By magic bytes: what claims to be a table, a stamped scan (PDF, JPEG, PNG), or neither."""
    if b"%PDF-" in content[:1024] or content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return FileKind.SCAN
    if content.startswith(_OLE):
        return FileKind.OTHER if "WordDocument" in _streams(content) else FileKind.WORKBOOK
    if content.startswith(_ZIP):
        names = _names(content)
        is_table = any(name.startswith("xl/") for name in names) or "content.xml" in names
        return FileKind.WORKBOOK if is_table or (not names and b"xl/" in content) else FileKind.OTHER
    text = _as_text(content)
    if text is None:
        return FileKind.OTHER
    return FileKind.WORKBOOK if _is_markup_table(text) or _is_delimited(text) else FileKind.OTHER


def inspect(content: bytes) -> Inspection:
    """Look at a workbook without opening it. Raise Refused for what must not or cannot be opened."""
    if not content:
        raise Refused("file.empty", "文件是空的（0字节），可能没有上传完整，请检查原文件后重新报送")
    if len(content) > LARGEST_FILE:
        size = len(content) / 1024 / 1024
        raise Refused(
            "file.too_large", f"文件有{size:.1f}MB，超过20MB上限，请删除图片和无关工作表后重新保存报送"
        )
    if not content.startswith(_ZIP):
        raise _not_a_package(content)
    try:
        return _inspect_package(content)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        ElementTree.ParseError,
        KeyError,
    ) as broken:
        raise Refused(
            "file.damaged", "文件已损坏或没有传完整，无法打开，请在电脑上确认能正常打开后重新保存并报送"
        ) from broken


def _not_a_package(content: bytes) -> Refused:
    if content.startswith(_OLE):
        return _ole(_streams(content))
    if file_kind(content) is FileKind.SCAN:
        return Refused(
            "file.not_workbook", "这是扫描件或图片，不是Excel表格，请另外报送填好的Excel表格（.xlsx）"
        )
    text = _as_text(content)
    if text is not None and _is_markup_table(text):
        return Refused(
            "file.html",
            "文件实际是网页格式（只是扩展名为Excel），请用Excel或WPS打开，另存为“Excel工作簿(.xlsx)”后报送",
        )
    if text is not None and _is_delimited(text):
        return Refused(
            "file.csv",
            "文件实际是文本格式（CSV），不是Excel工作簿，请在下发的Excel专用表（.xlsx）上填写后报送",
        )
    return Refused("file.not_workbook", "文件不是Excel工作簿，请在下发的Excel专用表（.xlsx）上填写后报送")


def _ole(streams: frozenset[str]) -> Refused:
    if "EncryptedPackage" in streams:
        return Refused("file.encrypted", "文件设置了打开密码，无法读取，请取消打开密码后重新保存并报送")
    if streams & {"Workbook", "Book"}:
        return Refused(
            "file.xls", "文件是旧版Excel格式（.xls），请用Excel或WPS打开，另存为“Excel工作簿(.xlsx)”后报送"
        )
    return Refused("file.not_workbook", "文件不是Excel工作簿，请在下发的Excel专用表（.xlsx）上填写后报送")


def _inspect_package(content: bytes) -> Inspection:
    with zipfile.ZipFile(BytesIO(content)) as package:
        members = package.infolist()
        _refuse_by_directory(members)
        names = [member.filename for member in members]
        _refuse_by_names(names)
        if b"macroEnabled" in package.read("[Content_Types].xml"):
            raise _macros()
        is_wide, scans = False, {}
        for title, path in _sheet_paths(package).items():
            if path not in names:
                continue
            xml = package.read(path)
            is_wide = is_wide or bool(_FAR_COLUMN.search(xml) or _FAR_ROW.search(xml))
            scans[title] = _scan(xml)
    return Inspection(is_wide, scans)


def _refuse_by_directory(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > LARGEST_CONTENT:
        raise Refused(
            "file.bomb",
            "文件解压后的内容异常大，无法处理，请删除无关内容（如成片的空白格式），另存为新文件后报送",
        )
    if any(member.flag_bits & 1 for member in members):
        raise Refused("file.encrypted", "文件设置了打开密码，无法读取，请取消打开密码后重新保存并报送")


def _refuse_by_names(names: list[str]) -> None:
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise _macros()
    if "xl/workbook.bin" in names:
        raise Refused("file.xlsb", "文件是二进制工作簿（.xlsb），请另存为“Excel工作簿(.xlsx)”后报送")
    if "content.xml" in names:
        raise Refused("file.ods", "文件是ODS格式，请另存为“Excel工作簿(.xlsx)”后报送")
    if any(name.startswith("word/") for name in names):
        raise Refused(
            "file.not_workbook", "文件是Word文档，不是Excel工作簿，请报送填好的Excel专用表（.xlsx）"
        )
    if "xl/workbook.xml" not in names:
        raise Refused(
            "file.archive", "文件是压缩包，不是Excel工作簿，请解压后直接报送其中的Excel专用表（.xlsx）"
        )


def _macros() -> Refused:
    return Refused("file.macros", "文件含有宏，出于安全不予打开，请另存为不含宏的“Excel工作簿(.xlsx)”后报送")


def _sheet_paths(package: zipfile.ZipFile) -> dict[str, str]:
    """Where each sheet's XML is, by title."""
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in _xml(package.read("xl/_rels/workbook.xml.rels"))
        if relation.get("Type", "").endswith("/worksheet")
    }
    paths = {}
    for sheet in _xml(package.read("xl/workbook.xml")).iter():
        if not sheet.tag.endswith("}sheet"):
            continue
        key = next((value for name, value in sheet.attrib.items() if name.endswith("}id")), "")
        target = targets.get(key)
        if target is not None:
            paths[sheet.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return paths


def _xml(content: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Refused("file.damaged", "文件结构异常，无法打开，请用Excel或WPS打开后另存为新文件再报送")
    return ElementTree.fromstring(content)  # noqa: S314 - no document type, so no entities to expand


def _scan(xml: bytes) -> Scan:
    errors: dict[str, str] = {}
    if b't="e"' in xml or b"t='e'" in xml:
        errors = {cell.decode(): shown.decode() for cell, shown in _ERROR_CELL.findall(xml)}
    if b"<f" not in xml and b":f" not in xml:
        return Scan(errors)
    return Scan(errors, frozenset(cell.decode() for cell in _FORMULA_CELL.findall(xml)))


def _streams(content: bytes) -> frozenset[str]:
    try:
        with olefile.OleFileIO(BytesIO(content)) as ole:
            return frozenset(entry[-1] for entry in ole.listdir())
    except Exception:  # a damaged compound file fails in many ways and means the same to its sender
        return frozenset()


def _names(content: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            return package.namelist()
    except zipfile.BadZipFile:
        return []


def _as_text(content: bytes) -> str | None:
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


def _is_markup_table(text: str) -> bool:
    start = text.lstrip().lower()
    return start.startswith("<") and any(
        mark in start
        for mark in ("<html", "<table", "<!doctype html", "<meta", "mso-application", "<workbook")
    )


def _is_delimited(text: str) -> bool:
    return bool(_DELIMITED.match(text)) and not text.lstrip().startswith(("<", "{", "["))
