"""A workbook built once and then filled in for each unit by splicing bytes into its zip.

What no unit changes is compressed once. A deflate stream may be put together from pieces that were compressed
apart, if each ends on a byte and refers to nothing before its own beginning (RFC 1951, 3.2.4; zlib calls the way to
get there a flush); the CRC runs over the whole. So a member costs what its changed bytes cost.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import groupby, pairwise
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.utils import column_index_from_string

from include.domain.returns import Value
from include.gateways.workbooks.package import clean, members_of
from include.gateways.workbooks.style import height, lines

Cells = Mapping[int, Mapping[int, Value]]
"""What to write into a sheet: Excel row → column number (from one) → value. None leaves a cell as it is."""

_PLACE = re.compile(rb"\{\{([a-z.]+)\}\}")
_ROW = re.compile(rb'<row r="(\d+)"[^>]*>.*?</row>', re.DOTALL)
_CELL = re.compile(rb'<c r="([A-Z]+)\d+"(?: s="(\d+)")?[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
_FIXED_HEIGHT = re.compile(rb'(<row [^>]*?) customHeight="1"')
_HEIGHT = re.compile(rb' ht="([\d.]+)"')
_DIMENSION = re.compile(rb'(<dimension ref="[A-Z]+\d+:[A-Z]+)\d+"')
_DAY_ZERO = date(1899, 12, 30)
_END = b"\x03\x00"  # an empty last block
_LONGEST_STORED = 512  # bytes that are not worth a compressor of their own
_LEVEL = 6

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_CLOSING = struct.Struct("<4s4H2LH")
_VERSION, _DEFLATED, _DAY_OF_DOS = 20, 8, 0x21  # 1980-01-01, the first day a zip knows


@dataclass(frozen=True, slots=True)
class _Piece:
    """Bytes of a member as they are, and as deflate blocks that end on a byte."""

    raw: bytes
    packed: bytes


@dataclass(frozen=True, slots=True)
class _Entry:
    """A member ready to be written: CRC and size of its content, and the content compressed."""

    name: bytes
    crc: int
    size: int
    packed: bytes

    @classmethod
    def of(cls, name: bytes, pieces: Iterable[_Piece]) -> _Entry:
        crc, size, packed = 0, 0, []
        for piece in pieces:
            crc = zlib.crc32(piece.raw, crc)
            size += len(piece.raw)
            packed.append(piece.packed)
        return cls(name, crc, size, b"".join((*packed, _END)))


@dataclass(slots=True)
class _Sheet:
    """One member cut at its rows: part 0 is what stands before the first, the last what stands behind."""

    name: bytes
    parts: Sequence[bytes]
    numbers: Sequence[int]
    has_places: bool
    widths: Mapping[int, float] = field(default_factory=dict)
    _runs: dict[tuple[int, int], list[_Piece | str]] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, content: bytes, widths: Mapping[int, float]) -> _Sheet:
        # A height that is not fixed is what a row starts with; it grows with what is typed into it.
        content = _FIXED_HEIGHT.sub(rb"\1", content)
        rows = list(_ROW.finditer(content)) if name.startswith("xl/worksheets/") else []
        if not rows:
            return cls(name.encode(), (content,), (), bool(_PLACE.search(content)))
        parts = (content[: rows[0].start()], *(row[0] for row in rows), content[rows[-1].end() :])
        assert b"".join(parts) == content, "rows of a sheet follow each other"
        numbers = [int(row[1]) for row in rows]
        return cls(name.encode(), parts, numbers, bool(_PLACE.search(content)), widths)

    def filled(self, words: Mapping[str, bytes], cells: Cells) -> _Entry:
        return _Entry.of(self.name, self._pieces(words, cells))

    def _pieces(self, words: Mapping[str, bytes], cells: Cells) -> Iterator[_Piece]:
        beyond = [number for number in sorted(cells) if number > max(self.numbers, default=0)]
        done = 0
        if beyond:
            yield _piece(_DIMENSION.sub(rb'\g<1>%d"' % beyond[-1], _replaced(self.parts[0], words)))
            done = 1
        for together, touched in groupby(enumerate(self.numbers, start=1), key=lambda row: row[1] in cells):
            rows = list(touched)
            if together:
                yield from self._untouched(done, rows[0][0], words)
                yield _piece(
                    b"".join(
                        _row(_replaced(self.parts[at], words), n, cells[n], self.widths) for at, n in rows
                    )
                )
                done = rows[-1][0] + 1
        if beyond:
            yield from self._untouched(done, len(self.parts) - 1, words)
            model = self.parts[-2]
            yield _piece(
                b"".join(_row(model, number, cells[number], self.widths, empty=True) for number in beyond)
            )
            done = len(self.parts) - 1
        yield from self._untouched(done, len(self.parts), words)

    def _untouched(self, first: int, last: int, words: Mapping[str, bytes]) -> Iterator[_Piece]:
        """Parts as they were built, compressed when first asked for; only their places are new."""
        if first == last:
            return
        if (first, last) not in self._runs:
            self._runs[first, last] = list(_cut(b"".join(self.parts[first:last])))
        for each in self._runs[first, last]:
            yield _piece(words[each]) if isinstance(each, str) else each


class Template:
    """A workbook built once, with places to fill in for each unit."""

    def __init__(
        self,
        members: Mapping[str, bytes],
        sheets: Mapping[str, str],
        widths: Mapping[str, Mapping[int, float]],
    ) -> None:
        self._sheets = {
            name: _Sheet.of(name, content, widths.get(name, {})) for name, content in members.items()
        }
        self._members = sheets
        self._fixed = {
            name: sheet.filled({}, {}) for name, sheet in self._sheets.items() if not sheet.has_places
        }

    @classmethod
    def of(cls, workbook: Workbook) -> Template:
        members = members_of(workbook)
        sheets = {sheet.title: sheet.path.lstrip("/") for sheet in workbook.worksheets}
        widths = {
            sheets[sheet.title]: {
                column_index_from_string(letter): facts.width
                for letter, facts in sheet.column_dimensions.items()
            }
            for sheet in workbook.worksheets
        }
        return cls(members, sheets, widths)

    def filled(self, words: Mapping[str, str], cells: Mapping[str, Cells] | None = None) -> bytes:
        """A file with every place filled, and values written into cells (by sheet title).

        Raise KeyError for a place without words or a title without a sheet.
        """
        xml = {name: escape(clean(word)).encode() for name, word in words.items()}
        written = {self._members[title]: rows for title, rows in (cells or {}).items() if rows}
        return _zipped(
            self._fixed[name]
            if name in self._fixed and name not in written
            else sheet.filled(xml, written.get(name, {}))
            for name, sheet in self._sheets.items()
        )


def _cut(content: bytes) -> Iterator[_Piece | str]:
    """Compressed bytes and the names of the places between them."""
    marks = [0, *(edge for match in _PLACE.finditer(content) for edge in match.span()), len(content)]
    for order, (start, end) in enumerate(pairwise(marks)):
        if order % 2:
            yield content[start + 2 : end - 2].decode()
        elif start < end:
            yield _piece(content[start:end])


def _piece(raw: bytes) -> _Piece:
    if len(raw) <= _LONGEST_STORED:
        return _Piece(raw, b"\x00" + struct.pack("<HH", len(raw), len(raw) ^ 0xFFFF) + raw)
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return _Piece(raw, deflate.compress(raw) + deflate.flush(zlib.Z_FULL_FLUSH))


def _replaced(content: bytes, words: Mapping[str, bytes]) -> bytes:
    if b"{{" not in content:
        return content
    return _PLACE.sub(lambda match: words[match[1].decode()], content)


def _row(
    model: bytes,
    number: int,
    values: Mapping[int, Value],
    widths: Mapping[int, float],
    *,
    empty: bool = False,
) -> bytes:
    """The row with these values in the styles it has, high enough for them. ``empty`` takes no others over."""
    start, cells = _cells(model)
    start = _as_high_as(start, values, widths)
    written = []
    for column, letter, style, as_it_was in cells:
        value = values.get(column)
        if value is not None:
            written.append(_cell(b'<c r="%s%d"%s' % (letter, number, style), value))
        else:
            written.append(b'<c r="%s%d"%s/>' % (letter, number, style) if empty else as_it_was)
    return b'<row r="%d"%s>%s</row>' % (number, start, b"".join(written))


def _as_high_as(start: bytes, values: Mapping[int, Value], widths: Mapping[int, float]) -> bytes:
    """A row's attributes with the height its longest text needs: not every program works that out by itself."""
    needed = max(
        (lines(value, widths[column]) for column, value in values.items() if isinstance(value, str)),
        default=1,
    )
    had = _HEIGHT.search(start)
    if needed == 1 or (had and float(had[1]) >= height(needed)):
        return start
    return _HEIGHT.sub(b"", start) + b' ht="%d"' % height(needed)


@lru_cache(maxsize=4096)
def _cells(row: bytes) -> tuple[bytes, Sequence[tuple[int, bytes, bytes, bytes]]]:
    """A row's own attributes; its cells' column number, letter, style and XML."""
    start = row[: row.index(b">")].split(b'"', 2)[2]
    return start, tuple(
        (
            column_index_from_string(cell[1].decode()),
            cell[1],
            b' s="%s"' % cell[2] if cell[2] else b"",
            cell[0],
        )
        for cell in _CELL.finditer(row)
    )


def _cell(start: bytes, value: Value) -> bytes:
    if isinstance(value, bool):
        value = "是" if value else "否"
    if isinstance(value, date):
        value = (value - _DAY_ZERO).days
    if not isinstance(value, str):
        return b"%s><v>%s</v></c>" % (start, str(value).encode())
    text = clean(value)
    kept = b' xml:space="preserve"' if text != text.strip() or "\n" in text else b""
    return b'%s t="inlineStr"><is><t%s>%s</t></is></c>' % (start, kept, escape(text).encode())


def _zipped(entries: Iterable[_Entry]) -> bytes:
    """The zip (APPNOTE 6.3, 4.3): members, their directory, its end."""
    content, directory, offset, count = [], [], 0, 0
    for entry in entries:
        facts = (_DEFLATED, 0, _DAY_OF_DOS, entry.crc, len(entry.packed), entry.size, len(entry.name), 0)
        local = _LOCAL.pack(b"PK\x03\x04", _VERSION, 0, *facts) + entry.name
        content += [local, entry.packed]
        directory.append(
            _CENTRAL.pack(b"PK\x01\x02", _VERSION, _VERSION, 0, *facts, 0, 0, 0, 0, offset) + entry.name
        )
        offset += len(local) + len(entry.packed)
        count += 1
    listed = b"".join(directory)
    closing = _CLOSING.pack(b"PK\x05\x06", 0, 0, count, count, len(listed), offset, 0)
    return b"".join((*content, listed, closing))
