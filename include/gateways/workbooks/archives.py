"""The files in a zip somebody sent, one level deep, under names that can do no harm."""

from __future__ import annotations

import re
import unicodedata
import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO

from include.gateways.workbooks.refusals import Refused

MOST_FILES = 500
MOST_CONTENT = 150 * 1024 * 1024
MOST_RATIO = 100
SMALL = 20 * 1024 * 1024
"""Up to this a high ratio is no danger."""

_UTF8, _ENCRYPTED = 0x800, 0x1
_SYSTEM_FILE = re.compile(r"(^|/)(__MACOSX/|\._|~\$|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_DRIVE = re.compile(r"^[A-Za-z]:")
_DOCUMENT_PART = re.compile(r"(xl|word|ppt)/|content\.xml$|\[Content_Types\]\.xml$")
_LONGEST_PART = 120


def unpacked(name: str, content: bytes) -> list[tuple[str, bytes]]:
    """The files in a zip, named ``x.zip/inner.xlsx``; of a document, or a zip not to be opened, itself."""
    if not is_archive(content):
        return [(name, content)]
    try:
        return [(f"{name}/{inner}", inside) for inner, inside in files_in(content)]
    except Refused:
        return [(name, content)]


def packed(files: Sequence[tuple[str, bytes]]) -> bytes:
    """A zip of named files. Same arguments, same bytes."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content)  # of 1980-01-01: a zip knows no earlier day
    return buffer.getvalue()


def is_archive(content: bytes) -> bool:
    """Whether it is a zip of files, and not a document that is a zip by its format (xlsx, ods, docx)."""
    if not content.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            return not any(_DOCUMENT_PART.match(name) for name in package.namelist())
    # NotImplementedError is how zipfile says that it does not know a compression.
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return False


def files_in(content: bytes) -> list[tuple[str, bytes]]:
    """Name and content of each file. Raise Refused for what must not or cannot be unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not _is_left_out(member)]
            _refuse_by_directory(members, len(content))
            return [(safe_name(_decoded(member)), archive.read(member)) for member in members]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as broken:
        raise Refused(
            "archive.damaged", "压缩包已损坏或没有传完整，无法解压，请在电脑上确认能正常解压后重新压缩报送"
        ) from broken


def safe_name(name: str) -> str:
    """A relative name that means nothing to any file system: no way up, no root, no drive, no device."""
    plain = "".join(letter for letter in _DRIVE.sub("", name) if unicodedata.category(letter) != "Cf")
    parts = [_safe_part(part) for part in re.split(r"[/\\]+", plain)]
    return "/".join(part for part in parts if part) or "未命名"


def _safe_part(part: str) -> str:
    bare = _FORBIDDEN.sub("_", part).strip(" .")
    bare = f"_{bare}" if _DEVICE.fullmatch(bare) else bare
    if len(bare) <= _LONGEST_PART:
        return bare
    stem, dot, extension = bare.rpartition(".")
    return f"{stem[:100]}.{extension[:10]}" if dot else bare[:_LONGEST_PART]


def _is_left_out(member: zipfile.ZipInfo) -> bool:
    return member.is_dir() or bool(_SYSTEM_FILE.search(member.filename))


def _refuse_by_directory(members: list[zipfile.ZipInfo], size: int) -> None:
    if not members:
        raise Refused("archive.empty", "压缩包里没有文件，请把填好的Excel专用表（.xlsx）放入后重新压缩报送")
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise Refused("archive.encrypted", "压缩包设置了解压密码，无法解压，请去掉密码重新压缩后报送")
    if len(members) > MOST_FILES:
        raise Refused(
            "archive.too_many",
            f"压缩包里有{len(members)}个文件，超过{MOST_FILES}个上限，请分成几个压缩包报送",
        )
    unpacked = sum(member.file_size for member in members)
    if unpacked > MOST_CONTENT or (unpacked > SMALL and unpacked > size * MOST_RATIO):
        raise Refused(
            "archive.bomb",
            f"压缩包解压后有{unpacked / 1024 / 1024:.0f}MB，异常大，未予解压，请只压缩需要报送的文件，或分几次报送",
        )


def _decoded(member: zipfile.ZipInfo) -> str:
    """Windows writes names in GBK without saying so; zipfile then takes them for CP437."""
    if member.flag_bits & _UTF8:
        return member.filename
    try:
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return member.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename
