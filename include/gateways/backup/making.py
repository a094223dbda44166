"""Make a backup while the office goes on working: whole, or not there at all."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from include.domain.errors import GiveUp
from include.gateways.archive import Archive
from include.gateways.backup import databases
from include.gateways.backup.manifest import NAME, File, Manifest, Place, described, digest
from include.gateways.ledger.picture import Picture, picture
from include.gateways.ledger.versions import refuse_newer

ARCHIVE, CAMPAIGNS, ACCESS = "archive", "campaigns", "access.yaml"
_FACTS = "campaign.yaml"
_PRIVATE = 0o700


def make(place: Place, folder: Path, *, at: datetime) -> Manifest:
    """Copy everything into that folder, which must be new or empty; return what is in it.

    The ledger comes first: what it refers to was in the archive before, so the archive copied later has it.
    Raise GiveUp when the folder is not empty or something cannot be copied; then nothing is left behind.
    """
    if folder.exists() and any(folder.iterdir()):
        raise GiveUp(f"文件夹“{folder}”不是空的，请为每一份备份写一个新文件夹")
    draft = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=_PRIVATE)
    try:
        manifest = _filled(place, draft, _before(folder), at)
        _write(draft / NAME, manifest.model_dump_json(indent=1))
        draft.replace(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return manifest


def prune(parent: Path, *, keep: int) -> list[Path]:
    """Delete the oldest finished backups in the folder until only so many are left; return those deleted."""
    old = _finished(parent)[:-keep] if keep else []
    for each in old:
        shutil.rmtree(each)
    return old


def _filled(place: Place, draft: Path, before: Path | None, at: datetime) -> Manifest:
    ledger = databases.file_name("ledger", place.ledger_url)
    seen = databases.dump(place.ledger_url, draft / ledger, _look)
    airflow = None
    if place.airflow_url:
        airflow = databases.file_name("airflow", place.airflow_url)
        databases.dump(place.airflow_url, draft / airflow, lambda _: None)
    originals, damaged = _originals(place.archive, draft, before)
    _settings(place, draft)
    others = (path for path in draft.rglob("*") if path.is_file() and path.parts[len(draft.parts)] != ARCHIVE)
    files = {path.relative_to(draft).as_posix(): described(path) for path in others} | originals
    return Manifest(
        made_at=at, ledger=ledger, picture=seen, airflow=airflow, damaged=tuple(damaged), files=files
    )


def _look(connection: Connection) -> Picture:
    refuse_newer(connection)
    return picture(connection)


def _originals(archive: str, draft: Path, before: Path | None) -> tuple[dict[str, File], list[str]]:
    """The archive's files by their place in the backup, and the names of those that are damaged.

    What the backup before holds unharmed is linked, not copied: originals never change, and an office has many.
    """
    files: dict[str, File] = {}
    damaged: list[str] = []
    kept = Archive(archive)
    for name in kept.names():
        place = f"{ARCHIVE}/{name[:2]}/{name}"
        target = draft / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if not _linked(before and before / place, target, name):
            try:
                target.write_bytes(kept.get(name))
            except ValueError:
                damaged.append(name)
                continue
            _to_disk(target)
        files[place] = File(sha256=name, size=target.stat().st_size)
    return files, damaged


def _linked(source: Path | None, target: Path, name: str) -> bool:
    if source is None or not source.is_file() or digest(source) != name:
        return False
    try:
        target.hardlink_to(source)
    except OSError:  # a file system without links, or too many of them
        return False
    return True


def _settings(place: Place, draft: Path) -> None:
    """The campaign folders and the access file, where there are any."""
    for facts in place.campaigns.glob(f"[!.]*/{_FACTS}"):
        shutil.copytree(
            facts.parent, draft / CAMPAIGNS / facts.parent.name, ignore=shutil.ignore_patterns(".*")
        )
    if place.access.is_file():
        shutil.copyfile(place.access, draft / ACCESS)


def _before(folder: Path) -> Path | None:
    """The newest finished backup beside this one."""
    return next(reversed(_finished(folder.parent)), None)


def _finished(parent: Path) -> list[Path]:
    """Oldest first, by their names: they begin with the day."""
    return sorted(file.parent for file in parent.glob(f"[!.]*/{NAME}"))


def _write(file: Path, words: str) -> None:
    file.write_text(words, encoding="utf-8")
    _to_disk(file)


def _to_disk(file: Path) -> None:
    with file.open("rb") as written:
        os.fsync(written.fileno())
