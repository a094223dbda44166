"""Where a workbook in an old or rare format (xls, xlsb, ods) shows errors: readers take such cells for empty ones.

Sheets come in the order of the workbook, each as what its error cells show, by address.
"""

from __future__ import annotations

import re
import struct
import zipfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from xml.etree import ElementTree

import olefile
from openpyxl.utils import get_column_letter

from include.gateways.workbooks.refusals import DAMAGED, ENCRYPTED, Refused

Errors = Mapping[str, str]

# Records of MS-XLS 2.4 and MS-XLSB 2.3.
_FILEPASS, _BOUNDSHEET, _FORMULA, _BOOLERR = 0x2F, 0x85, 0x06, 0x205
_BEGINNINGS = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")
_ROW, _BUNDLE_SHEET, _ERROR_CELLS = 0, 156, frozenset({3, 11})
_SHOWN = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^<>]*>")
_ATTRIBUTE = re.compile(rb"""\s(Id|Target)=["']([^"'<>]*)["']""")


def in_xls(content: bytes) -> list[Errors]:
    """Raise Refused for a password, or for what is no workbook after all."""
    with olefile.OleFileIO(BytesIO(content)) as ole:
        stream = ole.openstream("Workbook" if ole.exists("Workbook") else "Book").read()
    if stream[:2] not in _BEGINNINGS:
        raise Refused("file.damaged", DAMAGED)
    starts: list[int] = []
    found: list[tuple[int, str, str]] = []
    for kind, place, size in _records(stream):
        if kind == _FILEPASS:
            raise Refused("file.encrypted", ENCRYPTED)
        data = stream[place : place + min(size, 14)]
        if kind == _BOUNDSHEET and len(data) >= 4:
            starts.append(struct.unpack_from("<I", data)[0])
        elif (code := _code(kind, data)) is not None:
            row, column = struct.unpack_from("<HH", data)
            found.append((place, _address(row, column), _shown(code)))
    return _by_sheet(starts, found)


def in_xlsb(package: zipfile.ZipFile) -> list[Errors]:
    """Raise KeyError for a sheet that is not in the package."""
    relations = (dict(_ATTRIBUTE.findall(each)) for each in _relations(package))
    targets = {each[b"Id"]: each[b"Target"].decode() for each in relations if len(each) == 2}
    book = package.read("xl/workbook.bin")
    keys = [_wide(book, place + 8) for kind, place in _binary_records(book) if kind == _BUNDLE_SHEET]
    return [_in_binary(package.read(_path(targets[key]))) for key in keys]


def in_ods(content: bytes) -> list[Errors]:
    """From the document's ``content.xml``, which was seen to be plain XML."""
    sheets: list[Errors] = []
    errors: dict[str, str] = {}
    row = column = 0
    for event, element in ElementTree.iterparse(BytesIO(content), events=("start", "end")):  # noqa: S314
        match event, element.tag.rpartition("}")[2]:
            case "start", "table":
                errors, row = {}, 0
                sheets.append(errors)
            case "start", "table-row":
                column = 0
            case "end", "table-cell" | "covered-table-cell":
                if "error" in _attributes(element, "value-type"):
                    errors[_address(row, column)] = "".join(element.itertext())[:20]
                column += _repeated(element, "number-columns-repeated")
            case "end", "table-row":
                row += _repeated(element, "number-rows-repeated")
                element.clear()
    return sheets


def _code(kind: int, data: bytes) -> int | None:
    """The error a record of a cell carries, if it does."""
    if kind == _BOOLERR and data[7:8] == b"\1":
        return data[6]
    if kind == _FORMULA and data[6:7] == b"\2" and data[12:14] == b"\xff\xff":
        return data[8]
    return None


def _by_sheet(starts: list[int], found: Iterable[tuple[int, str, str]]) -> list[Errors]:
    """Each error with the sheet whose part of the stream it stands in."""
    sheets: list[dict[str, str]] = [{} for _ in starts or [0]]
    order = sorted(range(len(starts)), key=lambda number: starts[number]) or [0]
    edges = [starts[number] for number in order] if starts else [0]
    for place, address, words in found:
        sheets[order[max(bisect_right(edges, place) - 1, 0)]][address] = words
    return list(sheets)


def _in_binary(part: bytes) -> Errors:
    errors, row = {}, 0
    for kind, place in _binary_records(part):
        if kind == _ROW:
            row = _number(part, place, 4)
        elif kind in _ERROR_CELLS:
            errors[_address(row, _number(part, place, 4))] = _shown(_number(part, place + 8, 1))
    return errors


def _relations(package: zipfile.ZipFile) -> list[bytes]:
    return _RELATION.findall(package.read("xl/_rels/workbook.bin.rels"))


def _path(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _attributes(element: ElementTree.Element, name: str) -> list[str]:
    """Of any namespace: office and calcext both have a value-type."""
    return [value for key, value in element.attrib.items() if key.rpartition("}")[2] == name]


def _repeated(element: ElementTree.Element, name: str) -> int:
    return int(next(iter(_attributes(element, name)), "1"))


def _address(row: int, column: int) -> str:
    return f"{get_column_letter(min(column, 16_383) + 1)}{row + 1}"


def _shown(code: int) -> str:
    return _SHOWN.get(code, "#N/A")


def _records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, place of the data and size of each BIFF record."""
    place = 0
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        yield kind, place + 4, min(size, len(stream) - place - 4)
        place += 4 + size


def _binary_records(part: bytes) -> Iterator[tuple[int, int]]:
    """Kind and place of the data of each BIFF12 record."""
    place = 0
    while place < len(part):
        kind, place = _variable(part, place, most_bytes=2)
        size, place = _variable(part, place, most_bytes=4)
        yield kind, place
        place += size


def _variable(part: bytes, place: int, *, most_bytes: int) -> tuple[int, int]:
    """A number in groups of seven bits, and the place behind it."""
    number = 0
    for order in range(most_bytes):
        byte = part[place] if place < len(part) else 0
        number |= (byte & 0x7F) << (7 * order)
        place += 1
        if not byte & 0x80:
            break
    return number, place


def _number(part: bytes, place: int, size: int) -> int:
    return int.from_bytes(part[place : place + size], "little")


def _wide(part: bytes, place: int) -> bytes:
    """An XLWideString as ASCII: the key of a relation holds nothing else."""
    length = min(_number(part, place, 4), 255)
    return part[place + 4 : place + 4 + 2 * length].decode("utf-16-le").encode()
