"""A return that somebody of the office hands in for a unit: laid into the inbox, and from there on like any other."""

from __future__ import annotations

import re
from datetime import date
from pathlib import PurePosixPath

from include.domain.campaign import Campaign
from include.domain.errors import GiveUp
from include.domain.returns import UNFINISHED
from include.domain.units import Unit
from include.steps import look
from include.steps.look import Look
from include.steps.ports import Gateways

LARGEST = 20 * 1024 * 1024
"""Bytes of one file; a larger workbook would not be opened anyway."""
LONGEST_NAME = 240
"""Bytes of a file name: what a disk takes, less what a draft beside it needs."""
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f<>:\"|?*]")


def named(name: str, unit: Unit | None) -> str:
    """The name under which it is laid down: without folders, and with the unit's code where one was named.

    Raise GiveUp for a name that is none, or too long.
    """
    bare = _UNWRITABLE.sub("", PurePosixPath(name.replace("\\", "/")).name).strip().lstrip(".~$")
    if not bare:
        raise GiveUp("文件没有名称，请重新选择文件。")
    if bare.lower().endswith(UNFINISHED):
        raise GiveUp(f"“{bare}”是没有下载完整的临时文件，请选择完整的文件再上传。")
    if unit is not None and unit.code not in bare.upper():
        bare = f"{unit.code}_{bare}"
    if len(bare.encode()) > LONGEST_NAME:
        raise GiveUp("文件名过长，请改短到80个汉字以内再上传。")
    return bare


def at_first(campaign: Campaign, name: str, content: bytes, *, on: date, using: Gateways) -> list[Look]:
    """What the intake would say to it; nothing is entered. Raise GiveUp for what cannot be handed in."""
    _check(content)
    return look.at_files(campaign, [(name, content)], on=on, using=using)


def file(campaign: Campaign, name: str, content: bytes, *, by: str, using: Gateways) -> None:
    """Lay it into the campaign's inbox, once however often it is handed in. Raise GiveUp for what cannot be."""
    _check(content)
    using.inbox.lay(campaign.id, name, content, by=by)


def _check(content: bytes) -> None:
    if not content:
        raise GiveUp("文件是空的（0字节），请检查原文件后重新上传。")
    if len(content) > LARGEST:
        raise GiveUp(f"文件超过{LARGEST // 1024 // 1024}MB，请删除图片和无关工作表后重新保存再上传。")
