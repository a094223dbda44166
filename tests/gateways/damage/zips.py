"""Zips that no honest program writes, entry by entry."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """``size`` is what the directory claims; ``name`` is bytes, in whatever encoding."""

    name: bytes
    packed: bytes
    size: int
    crc: int = 0
    flags: int = 0


def entry(name: str | bytes, content: bytes, *, flags: int = 0) -> Entry:
    raw = name if isinstance(name, bytes) else name.encode()
    return Entry(raw, _deflated(content), len(content), zlib.crc32(content), flags)


def zip_of(*entries: Entry) -> bytes:
    body, directory = b"", b""
    for each in entries:
        facts = struct.pack(
            "<HHHHIIIH", each.flags, 8, 0, 33, each.crc, len(each.packed), each.size, len(each.name)
        )
        directory += b"PK\1\2" + struct.pack("<HH", 20, 20) + facts
        directory += struct.pack("<HHHHII", 0, 0, 0, 0, 0, len(body)) + each.name
        body += b"PK\3\4" + struct.pack("<H", 20) + facts + struct.pack("<H", 0) + each.name + each.packed
    count = len(entries)
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + b"PK\5\6" + end


def zeros(name: str, megabytes: int) -> Entry:
    """A member of nothing but zero bytes, packed without ever being held unpacked."""
    packer, chunk, crc, packed = zlib.compressobj(9, wbits=-15), bytes(2**20), 0, []
    for _ in range(megabytes):
        packed.append(packer.compress(chunk))
        crc = zlib.crc32(chunk, crc)
    return Entry(name.encode(), b"".join(packed) + packer.flush(), megabytes * 2**20, crc)


def _deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(6, wbits=-15)
    return packer.compress(content) + packer.flush()
