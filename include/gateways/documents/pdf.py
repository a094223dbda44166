"""Pages for reading: the .docx put through LibreOffice, where it is installed."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

from include.domain.errors import TryAgain

SECONDS = 120

_NORMAL_SIZE = re.compile(rb'<w:sz w:val="32"/>')
"""3号 of the default style, on which the others stand; the first in the file."""


def as_pdf(document: bytes) -> bytes | None:
    """None where LibreOffice is not installed. Raise TryAgain when it fails or takes too long.

    Every call has a profile of its own: LibreOffice refuses a second start on the same one.
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
                command, check=True, capture_output=True, timeout=SECONDS, env=_environment(folder)
            )
            return source.with_suffix(".pdf").read_bytes()
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


def _environment(folder: str) -> dict[str, str]:
    """A fixed moment for the dates inside the PDF, and a home that exists for any account."""
    return os.environ | {"HOME": folder, "SOURCE_DATE_EPOCH": "0"}
