"""What lies in a backup: every file with its SHA-256, and what the ledger in it looks like."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import BaseModel, ValidationError

from include.domain.errors import GiveUp
from include.gateways.ledger.picture import Picture

NAME = "manifest.json"
NAMED_AT_MOST = 5
"""Files named in a sentence; more would not be read."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an office keeps what is backed up. ``airflow_url`` is empty where Airflow's database is not asked for."""

    ledger_url: str
    archive: str
    campaigns: Path
    access: Path
    airflow_url: str = ""


class File(BaseModel, frozen=True):
    sha256: str
    size: int


class Manifest(BaseModel, frozen=True):
    """``damaged`` are originals (SHA-256) whose bytes no longer fit their name, in the archive and in the backup before."""

    format: Literal[1] = 1
    made_at: datetime
    ledger: str
    picture: Picture
    airflow: str | None
    damaged: tuple[str, ...]
    files: dict[str, File]

    def below(self, folder: str) -> list[PurePosixPath]:
        """The files of one folder, by their paths in the backup."""
        paths = (PurePosixPath(name) for name in self.files)
        return [path for path in paths if path.parts[0] == folder]


def read(folder: Path) -> Manifest:
    """Raise GiveUp when the folder is no finished backup."""
    file = folder / NAME
    try:
        return Manifest.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        raise GiveUp(f"“{folder}”不是一份完整的备份：其中没有清单 {NAME}，请选择另一份") from None
    except ValidationError:
        raise GiveUp(f"备份清单“{file}”已损坏或不是本程序的格式，请选择另一份备份") from None


def verified(folder: Path) -> Manifest:
    """The manifest, once every file it names is there with its hash. Raise GiveUp, naming those that are not."""
    manifest = read(folder)
    wrong = [name for name, file in manifest.files.items() if _digest_of(folder / name) != file.sha256]
    if wrong:
        named = "、".join(wrong[:NAMED_AT_MOST]) + ("等" if len(wrong) > NAMED_AT_MOST else "")
        raise GiveUp(
            f"备份“{folder}”有{len(wrong)}个文件缺失或与清单的校验值不符：{named}；没有改动任何数据，请选择另一份备份"
        )
    return manifest


def described(file: Path) -> File:
    return File(sha256=digest(file), size=file.stat().st_size)


def digest(file: Path) -> str:
    """SHA-256 of a file of any size. Raise OSError when it cannot be read."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _digest_of(file: Path) -> str | None:
    return digest(file) if file.is_file() else None
