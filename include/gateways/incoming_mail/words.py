"""Text out of headers and bodies whose label lies, and file names however they were packed.

Chinese mail programs write GBK and call it GB2312, raw bytes where none are allowed, encoded words inside
``filename=``, characters cut in two between encoded words, and names split over continuations.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from email.message import Message
from email.policy import Compat32
from urllib.parse import unquote_to_bytes

_GB = {"gb2312", "gbk", "gb18030", "x-gbk", "cp936", "ms936", "gb_2312-80", "euc-cn", "936", "chinese"}
_SAY_NOTHING = {
    "",
    "us-ascii",
    "ascii",
    "iso-8859-1",
    "latin-1",
    "windows-1252",
    "cp1252",
    "unknown-8bit",
    "x-unknown",
}
_SEVEN_BIT = {"utf-7", "hz-gb-2312", "hz", "iso-2022-jp", "iso-2022-cn", "utf-16", "utf-16le", "utf-16be"}
_SHORT = 6
"""Bytes up to which GBK can pass for UTF-8 by chance (the well-known 联通)."""

_WORD = re.compile(r"=\?([^?\s*]+)(?:\*[^?]*)?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(=\?)")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")


class Lenient(Compat32):
    """Headers with raw bytes in them as text; the standard library gives them up as unknown-8bit."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, _recovered(value)


def decoded(raw: bytes, charset: str | None) -> str:
    """The text in those bytes. What is valid UTF-8 is UTF-8, whatever its label; GB2312 means GB 18030."""
    label = (charset or "").strip().strip("\"'").lower()
    order = ["utf-8-sig", "gb18030", "big5"]
    if label in _SEVEN_BIT or (label in _GB and sum(byte > 127 for byte in raw) <= _SHORT):
        order.insert(0, "gb18030" if label in _GB else label)
    elif label not in _SAY_NOTHING and label not in _GB and not label.startswith("utf"):
        order.insert(1, label)
    for encoding in order:
        try:
            return raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("gb18030" if label in _GB else "utf-8", errors="replace")


def header_text(value: str) -> str:
    """A header's value with its encoded words decoded (RFC 2047) and its line ends gone."""
    unfolded = _BETWEEN_WORDS.sub(r"\1\2", value)
    return " ".join("".join(_pieces(unfolded)).split())


def file_name(part: Message) -> str:
    """The name the sender's program gave the part, or an empty text."""
    stated = [part.get_param("filename", header="content-disposition"), part.get_param("name")]
    names = [name for name in (_name(value) for value in stated if value) if name]
    return next((name for name in names if _is_whole(name)), names[0] if names else "")


def _name(value: str | tuple[str | None, str | None, str]) -> str:
    if isinstance(value, tuple):
        charset, _, packed = value
        try:
            text = decoded(packed.encode("latin-1"), charset)
        except UnicodeEncodeError:
            text = packed  # raw bytes where percent signs belong: recovered with the header
    else:
        text = value
    text = header_text(text)
    if _PERCENT.search(text) and text.isascii():
        plain = decoded(unquote_to_bytes(text), None)
        text = text if plain.isascii() or "\ufffd" in plain else plain
    return text.strip().strip('"').strip()


def _is_whole(name: str) -> bool:
    return "\ufffd" not in name and "?" not in name


def _recovered(value: str) -> str:
    """The standard library carries raw bytes along as surrogates."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return decoded(value.encode("utf-8", "surrogateescape"), None)
    return value


def _pieces(value: str) -> Iterator[str]:
    """Plain text and decoded words. Adjacent words are joined first: a character may be cut between them."""
    position, pending, charset = 0, b"", ""
    for word in _WORD.finditer(value):
        between = value[position : word.start()]
        own_charset = word.group(1).lower()
        if pending and (between or own_charset != charset):
            yield decoded(pending, charset)
            pending = b""
        yield between
        charset, pending = own_charset, pending + _unpacked(word.group(2), word.group(3))
        position = word.end()
    if pending:
        yield decoded(pending, charset)
    yield value[position:]


def _unpacked(encoding: str, text: str) -> bytes:
    if encoding in "qQ":
        return quopri.decodestring(text.replace("_", " ").encode("utf-8", "replace"))
    letters = re.sub(r"[^A-Za-z0-9+/]", "", text)
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4))
    except binascii.Error:
        return base64.b64decode(letters[:-1])  # one letter too many: cut off by a program that counts badly
