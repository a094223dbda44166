"""Pages for reading: the .docx put through LibreOffice, where it is installed."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

from docx import Document as opened  # noqa: N813 - a function in spite of its name

from include.domain.errors import TryAgain

SECONDS = 120

_MADE = re.compile(rb"(/CreationDate\(D:)\d{14}")
_MARKS = re.compile(rb"/ID\s*\[[^\]]*\]|/DocChecksum\s*/\w+")
_MARK = re.compile(rb"[0-9A-F]{32}")
_NORMAL_SIZE = re.compile(rb'<w:sz w:val="32"/>')
"""3号 of the default style, on which the others stand; the first in the file."""


def as_pdf(document: bytes) -> bytes | None:
    """None where LibreOffice is not installed. Raise TryAgain when it fails or takes too long.

    The same document gives the same bytes on one machine. Every call has a profile of its own: LibreOffice
    refuses a second start on the same one.
    """
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        return None
    with TemporaryDirectory(prefix="duban-pdf-") as folder:
        source = Path(folder) / "document.docx"
        source.write_bytes(_spaced_by_type(document))
        command = [
            office,
            f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}",
            "--headless",
            "--norestore",
            "--convert-to",
            "pdf:writer_pdf_Export",
            "--outdir",
            folder,
            str(source),
        ]
        try:
            subprocess.run(  # noqa: S603 - a program found on the PATH, on a file written here
                command, check=True, capture_output=True, timeout=SECONDS, env=os.environ | {"HOME": folder}
            )
            return _of_content(source.with_suffix(".pdf").read_bytes(), document)
        except (subprocess.SubprocessError, FileNotFoundError) as fault:
            raise TryAgain("书面报告未能转换为 PDF，稍后将自动重试；可先使用 Word 文件") from fault


def _spaced_by_type(document: bytes) -> bytes:
    """The same pages where the type itself is closer: 28 characters stay on a line.

    LibreOffice gives a character that is wider than its cell of the grid two cells (Word draws it closer).
    """
    changed = io.BytesIO()
    with ZipFile(io.BytesIO(document)) as source, ZipFile(changed, "w", ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "word/document.xml":
                content = content.replace(b'w:type="linesAndChars"', b'w:type="lines"')
            elif entry.filename == "word/styles.xml":
                content = _NORMAL_SIZE.sub(rb'<w:spacing w:val="-5"/>\g<0>', content, count=1)
            target.writestr(entry, content)
    return changed.getvalue()


def _of_content(pdf: bytes, document: bytes) -> bytes:
    """The same pages with the document's own day, and marks out of its content instead of the hour.

    Every replacement is as long as what it replaces: a PDF finds its parts by their places.
    """
    day = opened(io.BytesIO(document)).core_properties.created
    mark = hashlib.sha256(document).hexdigest().upper()[:32].encode()
    if day is not None:
        pdf = _MADE.sub(rb"\g<1>" + f"{day:%Y%m%d}000000".encode(), pdf)
    return _MARKS.sub(lambda found: _MARK.sub(mark, found.group()), pdf)
