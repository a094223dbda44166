"""Mails a mail program has exported: a folder of .eml files, one of them, or a mailbox file (.mbox)."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from pathlib import Path

from include.domain.errors import GiveUp


def exported(place: Path) -> Iterator[bytes]:
    """Each mail as it is, one read at a time. Raise GiveUp for a place where there is none."""
    if place.suffix.lower() == ".mbox" and place.is_file():
        box = mailbox.mbox(place, create=False)
        try:
            yield from (box.get_bytes(key) for key in box.iterkeys())
        finally:
            box.close()
        return
    files = [place] if place.is_file() else sorted(place.rglob("*.[eE][mM][lL]"))
    if not files:
        raise GiveUp(
            f"“{place}”中没有邮件，请从邮箱“已发送”导出为 .eml 文件（放在一个文件夹里）或 .mbox 文件"
        )
    for file in files:
        yield file.read_bytes()
