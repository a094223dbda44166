"""A built document read back: its paragraphs, and the numbers in its text."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from zipfile import ZipFile

import docx
from docx.document import Document

NUMBER = re.compile(r"(\d+(?:\.\d+)?)(家次|例次|人次|个百分点|万元|元|%|家|个(?!月|阶段)|件|条|例|人)")


def opened(content: bytes) -> Document:
    return docx.Document(io.BytesIO(content))


def texts(content: bytes) -> list[str]:
    return [paragraph.text for paragraph in opened(content).paragraphs]


def whole_text(content: bytes) -> str:
    """Every word of the document: body, table and footers."""
    document = opened(content)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*texts(content), *cells])


def numbers(text: str) -> list[tuple[Decimal, str]]:
    return [(Decimal(digits), unit) for digits, unit in NUMBER.findall(text)]


def part(content: bytes, name: str) -> str:
    with ZipFile(io.BytesIO(content)) as package:
        return package.read(name).decode()
