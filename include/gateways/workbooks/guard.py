"""What came in, by content, and whether it may be opened at all.

A workbook of 150 KB can make a reader ask for 10 GB and abort the process, so nothing is opened before it
was looked at here: sizes, kind, and the raw XML of every sheet.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from xml.etree import ElementTree

from include.gateways.workbooks import archives, kinds, legacy_errors, sheet_xml
from include.gateways.workbooks.refusals import DAMAGED, ENCRYPTED, MACROS, ODD, Refused
from include.gateways.workbooks.sheet_xml import Scan

LARGEST_FILE = 20 * 1024 * 1024
LARGEST_CONTENT = 100 * 1024 * 1024
MOST_MEMBERS = 2000

_ODF = {"content.xml", "mimetype"}
_ODF_ERROR = re.compile(rb"""value-type=["']error["']""")
_ENCODING = re.compile(rb"""^<\?xml[^>]*encoding=["'](?!utf-8)""", re.IGNORECASE)
_NOT_A_WORKBOOK = "文件不是Excel工作簿，请在下发的Excel专用表（.xlsx）上填写后报送"
_DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    ElementTree.ParseError,
    KeyError,
    OSError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Inspection:
    """``is_legacy`` means xls, xlsb or ods; ``trimmed`` is what to read in place of parts that claim too much."""

    scans: Mapping[str, Scan] = field(default_factory=dict)
    is_legacy: bool = False
    errors: Sequence[Mapping[str, str]] = ()
    """What error cells of a legacy workbook show, by address, for each sheet."""
    trimmed: Mapping[str, bytes] = field(default_factory=dict)
    carries: tuple[str, ...] = ()
    """What is in the file besides cells and is not opened: links to other files, embedded files."""


def inspect(content: bytes) -> Inspection:
    """Look at a workbook without opening it. Raise Refused for what must not or cannot be opened."""
    if not content:
        raise Refused("file.empty", "文件是空的（0字节），可能没有上传完整，请检查原文件后重新报送")
    if len(content) > LARGEST_FILE:
        size = len(content) / 1024 / 1024
        raise Refused(
            "file.too_large", f"文件有{size:.1f}MB，超过20MB上限，请删除图片和无关工作表后重新保存报送"
        )
    if content.startswith(kinds.OLE):
        return _inspect_compound(content)
    if not content.startswith(kinds.ZIP):
        raise _not_a_package(content)
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            return _inspect_package(package, content)
    except _DAMAGES as broken:
        raise Refused("file.damaged", DAMAGED) from broken


def _not_a_package(content: bytes) -> Refused:
    if kinds.is_scan(content):
        return Refused(
            "file.not_workbook", "这是扫描件或图片，不是Excel表格，请另外报送填好的Excel表格（.xlsx）"
        )
    if archive := kinds.foreign_archive(content):
        return Refused(
            "file.archive",
            f"文件是{archive}格式的压缩包，系统不能解压，请直接报送其中的Excel专用表，或改用ZIP格式压缩",
        )
    text = kinds.as_text(content)
    if text is not None and not text.strip("\0\r\n\t "):
        return Refused("file.empty", "文件里只有空白，没有任何内容，请检查原文件后重新报送")
    if text is not None and "<workbook" in text.lower():
        return Refused(
            "file.xml_2003",
            "文件实际是XML表格2003格式，请用Excel或WPS打开，另存为“Excel工作簿(.xlsx)”后报送",
        )
    if text is not None and kinds.is_markup_table(text):
        return Refused(
            "file.html",
            "文件实际是网页格式（只是扩展名为Excel），请用Excel或WPS打开，另存为“Excel工作簿(.xlsx)”后报送",
        )
    if text is not None and kinds.is_delimited(text):
        return Refused(
            "file.csv",
            "文件实际是文本格式（CSV），不是Excel工作簿，请在下发的Excel专用表（.xlsx）上填写后报送",
        )
    return Refused("file.not_workbook", _NOT_A_WORKBOOK)


def _inspect_compound(content: bytes) -> Inspection:
    names = kinds.streams(content)
    if not names:
        raise Refused(
            "file.damaged",
            "文件是旧版Office格式且已损坏，无法打开，请在电脑上打开原文件，另存为“Excel工作簿(.xlsx)”后报送",
        )
    if "EncryptedPackage" in names:
        raise Refused("file.encrypted", ENCRYPTED)
    if "WordDocument" in names:
        raise Refused("file.not_workbook", "文件是Word文档（.doc），不是Excel工作簿，请报送填好的Excel专用表")
    if not names & {"Workbook", "Book"}:
        raise Refused("file.not_workbook", "文件是旧版Office格式，但里面没有工作簿，请报送填好的Excel专用表")
    if "_VBA_PROJECT_CUR" in names:
        raise Refused("file.macros", MACROS)
    return Inspection(is_legacy=True, errors=legacy_errors.in_xls(content))


def _inspect_package(package: zipfile.ZipFile, content: bytes) -> Inspection:
    if archives.is_archive(content):
        raise _archive(content)
    members = package.infolist()
    names = [member.filename for member in members]
    _refuse_by_directory(members)
    if "xl/workbook.xml" not in names:
        return _inspect_other(package, names)
    _refuse_by_names(names)
    # A directory can lie about sizes; whatever a reader may open is therefore unpacked here once.
    if package.testzip() is not None:
        raise Refused("file.damaged", DAMAGED)
    if b"macroEnabled" in package.read("[Content_Types].xml"):
        raise Refused("file.macros", MACROS)
    lengths = _string_lengths(package, names)
    scans, trimmed, text = {}, {}, 0
    for title, path in _sheet_paths(package, names).items():
        whole = _plain(package.read(path))
        xml = sheet_xml.without_empty_tail(whole)
        scans[title] = sheet_xml.scan(xml)
        text += sheet_xml.text_size(xml, lengths)
        less = _trimmed(xml, title)
        if less is not whole:
            trimmed[path] = less
    if text > sheet_xml.MOST_TEXT:
        raise Refused(
            "file.bomb",
            "表格里有特别长的文字被大量重复，超出可处理的范围，请删除无关文字后另存为新文件再报送",
        )
    return Inspection(scans, trimmed=trimmed, carries=_carried(names))


def _archive(content: bytes) -> Refused:
    """Why files have to be taken out of it first, or cannot be."""
    try:
        archives.files_in(content)
    except Refused as refused:
        return refused
    return Refused(
        "file.archive",
        "文件是压缩包；系统只解压最外一层，压缩包里的压缩包不再解压，请直接报送其中的Excel专用表（.xlsx）",
    )


def _inspect_other(package: zipfile.ZipFile, names: Sequence[str]) -> Inspection:
    """An office package that is no xlsx: xlsb and ods are read, anything else is told what it is."""
    if "xl/workbook.bin" in names:
        _refuse_by_names(names)
        return Inspection(is_legacy=True, errors=legacy_errors.in_xlsb(package))
    if set(names) >= _ODF:
        return _inspect_odf(package, names)
    if any(name.startswith("word/") for name in names):
        raise Refused(
            "file.not_workbook", "文件是Word文档，不是Excel工作簿，请报送填好的Excel专用表（.xlsx）"
        )
    raise Refused(
        "file.part_missing",
        "文件不完整，缺少工作簿的主要部分，请用Excel或WPS打开原文件，另存为新文件后报送",
    )


def _inspect_odf(package: zipfile.ZipFile, names: Sequence[str]) -> Inspection:
    if b"spreadsheet" not in package.read("mimetype"):
        raise Refused("file.not_workbook", "文件是ODF文档，不是电子表格，请报送填好的Excel专用表（.xlsx）")
    if any(name.startswith("Basic/") and not name.endswith("script-lc.xml") for name in names):
        raise Refused("file.macros", MACROS)
    manifest = package.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    if b"encryption-data" in manifest:
        raise Refused("file.encrypted", ENCRYPTED)
    content = _plain(package.read("content.xml"))
    errors = legacy_errors.in_ods(content) if _ODF_ERROR.search(content) else []
    return Inspection(is_legacy=True, errors=errors)


def _refuse_by_directory(members: Sequence[zipfile.ZipInfo]) -> None:
    if any(member.flag_bits & 1 for member in members):
        raise Refused("file.encrypted", ENCRYPTED)
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > LARGEST_CONTENT:
        raise Refused(
            "file.bomb",
            "文件解压后的内容异常大，无法处理，请删除无关内容（如成片的空白格式），另存为新文件后报送",
        )


def _refuse_by_names(names: Sequence[str]) -> None:
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused("file.macros", MACROS)
    if len({name.lower() for name in names}) < len(names):
        raise Refused(
            "file.doubled_parts",
            "文件内部有重名的部分，无法确定以哪个为准，请用Excel或WPS打开后另存为新文件再报送",
        )


def _string_lengths(package: zipfile.ZipFile, names: Iterable[str]) -> list[int]:
    """Of the shared strings, wherever the package keeps them."""
    parts = [name for name in names if name.lower().endswith("sharedstrings.xml")]
    return [length for part in parts for length in sheet_xml.string_lengths(_plain(package.read(part)))]


def _sheet_paths(package: zipfile.ZipFile, names: Sequence[str]) -> dict[str, str]:
    """Where each sheet's XML is, by title. Raise Refused for a sheet whose XML is not in the file."""
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
        if target is None:
            continue
        title = sheet.get("name", "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if path not in names:
            raise Refused(
                "file.part_missing",
                f"文件不完整，工作表“{title[:31]}”的内容不在文件里，请用Excel或WPS打开原文件，另存为新文件后报送",
            )
        paths[title] = path
    return paths


def _trimmed(xml: bytes, title: str) -> bytes:
    """The sheet within the columns and rows that are read. Raise Refused when more than that is filled in."""
    less = sheet_xml.trimmed(xml)
    if less is xml:
        return xml
    if sheet_xml.is_too_long(xml):
        raise Refused(
            "file.too_long",
            f"工作表“{title[:31]}”在第{sheet_xml.LAST_ROW}行以下还有内容，超出可处理的范围，"
            "请删除表格下方多余的内容，数据确实过多的请分成几个文件报送",
        )
    if sheet_xml.is_wide(less):
        raise Refused(
            "file.bomb",
            f"工作表“{title[:31]}”的单元格异常多，无法处理，请用Excel或WPS打开后另存为新文件再报送",
        )
    return less


def _carried(names: Sequence[str]) -> tuple[str, ...]:
    folders: Mapping[str, Callable[[str], bool]] = {
        "指向其他文件的链接": lambda name: name.startswith("xl/externalLinks/externalLink"),
        "嵌入的文件或控件": lambda name: name.startswith(("xl/embeddings/", "xl/activeX/")),
    }
    return tuple(words for words, is_one in folders.items() if any(map(is_one, names)))


def _xml(content: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(_plain(content))  # noqa: S314 - no document type, so no entities to expand


def _plain(xml: bytes) -> bytes:
    """XML as spreadsheet programs write it: UTF-8 and no document type. Raise Refused for any other."""
    is_odd = b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or b"\0" in xml[:200] or _ENCODING.match(xml)
    if is_odd or not sheet_xml.is_utf_8(xml):
        raise Refused("file.odd_xml", ODD)
    return xml
